"""Pages and posts of words by two more authors, written without sight of the detectors: a second exam."""
