"""Imageboards: 4chan, and boards that run vichan or its kin and give the same JSON."""
