"""Tumblr: tags and blogs."""
