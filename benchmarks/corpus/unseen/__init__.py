"""Layouts by authors who knew nothing of the detectors, dealt into the splits `validation` and `test`."""
