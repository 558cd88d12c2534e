"""Detectors: pure code that reads content and yields findings.

A library: values in, findings out. It knows nothing of storage, settings, clocks or platforms.
`detectors.base` is the port; `detectors.examine` runs the set over one piece of content.
"""
