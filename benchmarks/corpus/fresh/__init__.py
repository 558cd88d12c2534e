"""Pages and posts by yet another author, who saw neither the detectors nor the other layouts."""
