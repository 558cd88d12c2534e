"""GitHub gists: the public stream of them, and those of accounts."""
