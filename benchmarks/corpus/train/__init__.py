"""Layouts to train on."""
