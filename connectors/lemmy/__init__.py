"""Lemmy, and servers that speak its API: versions 3 (0.19) and 4 (1.0)."""
