"""The program: storage, pipeline, alerts, evidence, schedule and command line.

It runs the two libraries, `connectors` and `detectors`; `api` is a door into it.
"""
