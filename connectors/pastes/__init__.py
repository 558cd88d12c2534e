"""Paste sites: a list of what is new, and the text of each."""
