"""A page's sketch: the few features that tell later whether it showed a template registered after it.

Form: four bytes "LWS2", height, width and count (2 bytes each, little endian), descriptors (count x 16),
points (count x 2 unsigned 16-bit numbers, sixteenths of a pixel). In the older form "LWS1" descriptors have
32 bytes, of which the first half counts.
"""

from __future__ import annotations

import struct

import numpy as np

from detectors.local_features import Features, Grey, PageFeatures
from detectors.templates.bank import TemplateBank
from detectors.templates.base import Template
from detectors.templates.corners import PICTURE_SIZES, WIDTH, halved
from detectors.templates.laying import lay
from detectors.templates.packing import pack_points, unpack_points

MAGIC = b"LWS2"
_WIDTHS = {MAGIC: WIDTH, b"LWS1": 32}
_HEAD = struct.Struct("<4sHHH")


def sketch_of(grey: Grey, found: PageFeatures) -> bytes:
    """The sketch of a page, from its reduced picture and its features (`detectors.local_features`)."""
    features = halved(found.of_first(PICTURE_SIZES))
    head = _HEAD.pack(MAGIC, *grey.shape, len(features))
    return head + features.descriptors.tobytes() + pack_points(features).tobytes()


def inliers_of(sketch: bytes, template: Template) -> int:
    """How many of a sketch's features lie on a template together; 0 when none sanely do.

    Raises ValueError when the bytes are no sketch.
    """
    return _inliers(*_opened(sketch), template)


def likely_in(sketch: bytes, bank: TemplateBank, count: int) -> dict[int, int]:
    """The same of the `count` templates of a bank that a sketch speaks most for, by number.

    Raises ValueError when the bytes are no sketch.
    """
    features, shape = _opened(sketch)
    return {n: _inliers(features, shape, bank.template(n)) for n in bank.candidates(features, count)}


def _inliers(features: Features, shape: tuple[int, int], template: Template) -> int:
    found = lay(features, template.features, shape)
    return found.inliers if found else 0


def _opened(sketch: bytes) -> tuple[Features, tuple[int, int]]:
    bytes_each = _WIDTHS.get(sketch[:4])
    if len(sketch) < _HEAD.size or bytes_each is None:
        raise ValueError("These bytes are no page's sketch.")
    _, height, width, count = _HEAD.unpack_from(sketch)
    end = _HEAD.size + bytes_each * count
    descriptors = np.frombuffer(sketch, np.uint8, bytes_each * count, _HEAD.size).reshape(count, bytes_each)
    points = np.frombuffer(sketch, np.uint16, 2 * count, end).reshape(count, 2)
    return halved(Features(unpack_points(points), descriptors)), (height, width)
