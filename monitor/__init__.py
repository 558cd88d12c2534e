"""The program: storage, pipeline, alerts, evidence, schedule and command line.

It runs the two libraries, `connectors` and `detectors`; `api` is a door into it.
"""

from importlib.metadata import PackageNotFoundError, version

try:
    __version__ = version("leakwatch")
except PackageNotFoundError:  # run from a tree that was never installed
    __version__ = "0+unknown"
