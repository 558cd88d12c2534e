"""A template as bytes: a JSON header and three arrays, one after the other.

Form: four bytes "LWT1", the header's length (4 bytes, little endian), the header, descriptors (n x 32),
points (n x 2 unsigned 16-bit numbers, sixteenths of a pixel), the WebP picture.
"""

from __future__ import annotations

import json
import struct

import numpy as np

from detectors.local_features import Features
from detectors.templates.base import Template, TemplateFacts

MAGIC = b"LWT1"
POINT_SCALE = 16
_DAMAGED = "A stored template is incomplete or damaged: register it again."


def pack(template: Template) -> bytes:
    """The bytes that `unpack` takes."""
    features = template.features
    header = json.dumps({"facts": template.facts.to_json(), "features": len(features)}).encode()
    return b"".join(
        (
            MAGIC,
            struct.pack("<I", len(header)),
            header,
            features.descriptors.tobytes(),
            pack_points(features).tobytes(),
            template.picture,
        )
    )


def unpack(data: bytes) -> Template:
    """The template in `data`. Raises ValueError when it does not fit."""
    if data[:4] != MAGIC or len(data) < 8:
        raise ValueError(_DAMAGED)
    start = 8 + struct.unpack_from("<I", data, 4)[0]
    try:
        header = json.loads(data[8:start])
        count = int(header["features"])
        facts = TemplateFacts.from_json(header["facts"])
        descriptors = np.frombuffer(data, np.uint8, 32 * count, start).reshape(count, 32)
        points = np.frombuffer(data, np.uint16, 2 * count, start + 32 * count).reshape(count, 2)
    except (KeyError, TypeError, ValueError) as error:
        raise ValueError(_DAMAGED) from error
    return Template(facts, Features(unpack_points(points), descriptors), data[start + 36 * count :])


def pack_points(features: Features) -> np.ndarray[tuple[int, int], np.dtype[np.uint16]]:
    """Places as sixteenths of a pixel; a raster is never wider than 4,095 pixels."""
    return np.clip(np.rint(features.points * POINT_SCALE), 0, 0xFFFF).astype(np.uint16).reshape(-1, 2)


def unpack_points(
    points: np.ndarray[tuple[int, int], np.dtype[np.uint16]],
) -> np.ndarray[tuple[int, int], np.dtype[np.float32]]:
    """The places that `pack_points` packed."""
    return points.astype(np.float32) / np.float32(POINT_SCALE)
