"""Measurements of leakwatch on posts whose truth is known: `leakwatch benchmark`."""
