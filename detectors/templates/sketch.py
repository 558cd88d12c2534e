"""A page's sketch: the few features that tell later whether it showed a template registered after it.

Form: four bytes "LWS1", height, width and count (2 bytes each, little endian), descriptors (count x 32),
points (count x 2 unsigned 16-bit numbers, sixteenths of a pixel).
"""

from __future__ import annotations

import struct

import numpy as np

from detectors.local_features import Features, Grey, align, dark_on_light, extract
from detectors.templates.base import Template
from detectors.templates.packing import pack_points, unpack_points

MAGIC = b"LWS1"
FEATURES = 600
_HEAD = struct.Struct("<4sHHH")


def sketch_of(grey: Grey) -> bytes:
    """The sketch of a page, from its reduced picture (`detectors.local_features.reduced`)."""
    copy = dark_on_light(grey)
    features = extract(copy, FEATURES)
    head = _HEAD.pack(MAGIC, *copy.shape, len(features))
    return head + features.descriptors.tobytes() + pack_points(features).tobytes()


def inliers_of(sketch: bytes, template: Template) -> int:
    """How many of a sketch's features lie on a template together; 0 when none sanely do.

    Raises ValueError when the bytes are no sketch.
    """
    if len(sketch) < _HEAD.size or sketch[:4] != MAGIC:
        raise ValueError("These bytes are no page's sketch.")
    _, height, width, count = _HEAD.unpack_from(sketch)
    descriptors = np.frombuffer(sketch, np.uint8, 32 * count, _HEAD.size).reshape(count, 32)
    points = np.frombuffer(sketch, np.uint16, 2 * count, _HEAD.size + 32 * count).reshape(count, 2)
    found = align(Features(unpack_points(points), descriptors), template.features, (height, width))
    return found.inliers if found else 0
