"""Connectors: one module per platform, each turning a platform's own answers into posts.

A library: it knows nothing of storage, settings, clocks or detectors. `connectors.base` is the port;
`connectors.registry` is the table of what exists.
"""
