"""A template as bytes: a JSON header and three arrays, one after the other.

Form: four bytes "LWT2", the header's length (4 bytes, little endian), the header, descriptors (n x 16),
points (n x 2 unsigned 16-bit numbers, sixteenths of a pixel), the WebP picture. Of the older form "LWT1",
whose features were others (n x 32), only header and picture count: features are taken from the picture again.
"""

from __future__ import annotations

import json
import struct

import numpy as np

from detectors.local_features import Features
from detectors.templates.base import Template, TemplateFacts, picture_of
from detectors.templates.corners import WIDTH, of_page

MAGIC = b"LWT2"
_WIDTHS = {MAGIC: WIDTH, b"LWT1": 32}
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
    width = _WIDTHS.get(data[:4])
    if width is None or len(data) < 8:
        raise ValueError(_DAMAGED)
    start = 8 + struct.unpack_from("<I", data, 4)[0]
    try:
        header = json.loads(data[8:start])
        count = int(header["features"])
        facts = TemplateFacts.from_json(header["facts"])
        descriptors = np.frombuffer(data, np.uint8, width * count, start).reshape(count, width)
        points = np.frombuffer(data, np.uint16, 2 * count, start + width * count).reshape(count, 2)
    except (KeyError, TypeError, ValueError) as error:
        raise ValueError(_DAMAGED) from error
    kept = Template(facts, Features(unpack_points(points), descriptors), data[start + (width + 4) * count :])
    return kept if data[:4] == MAGIC else _anew(kept)


def _anew(kept: Template) -> Template:
    """A template of the older form, with features as they are taken now."""
    return Template(kept.facts, of_page(kept.raster), picture_of(kept.raster))


def pack_points(features: Features) -> np.ndarray[tuple[int, int], np.dtype[np.uint16]]:
    """Places as sixteenths of a pixel; a raster is never wider than 4,095 pixels."""
    return np.clip(np.rint(features.points * POINT_SCALE), 0, 0xFFFF).astype(np.uint16).reshape(-1, 2)


def unpack_points(
    points: np.ndarray[tuple[int, int], np.dtype[np.uint16]],
) -> np.ndarray[tuple[int, int], np.dtype[np.float32]]:
    """The places that `pack_points` packed."""
    return points.astype(np.float32) / np.float32(POINT_SCALE)
