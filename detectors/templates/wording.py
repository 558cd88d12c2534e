"""Whether every word that was read on a picture stands where the template has print: then nobody wrote it."""

from __future__ import annotations

import cv2
import numpy as np

from detectors.base import Box, Content
from detectors.local_features import Grey, Matrix, reduction

_INK = 8.0
"""Grey levels' standard deviation from which the template has print in a word's place."""
_SURE, _LETTERS = 0.5, 2
_INNER = 0.2
"""Of a word's box, this share is left out on each side: rules and borders stand there."""


def words_are_print(content: Content, raster: Grey, matrix: Matrix) -> bool:
    """Whether a template's `raster` has print under each word; `matrix` lays the reduced picture over it."""
    assert content.pixels is not None
    scale = content.scale * reduction(content.pixels)
    words = [
        word.box
        for word in content.text.words
        if word.confidence >= _SURE and sum(map(str.isalnum, word.text)) >= _LETTERS
    ]
    return all(_has_ink(raster, _laid(box, scale, matrix)) for box in words)


def _laid(box: Box, scale: float, matrix: Matrix) -> tuple[int, int, int, int]:
    """The inner part of a word's box in the template: left, top, right, bottom."""
    left, right = box.x + _INNER * box.width, box.x + (1 - _INNER) * box.width
    top, bottom = box.y + _INNER * box.height, box.y + (1 - _INNER) * box.height
    corners = np.array([[[x * scale, y * scale]] for x in (left, right) for y in (top, bottom)], np.float64)
    places = cv2.perspectiveTransform(corners, matrix).reshape(-1, 2)
    (x1, y1), (x2, y2) = np.floor(places.min(axis=0)), np.ceil(places.max(axis=0))
    return int(x1), int(y1), int(x2), int(y2)


def _has_ink(raster: Grey, place: tuple[int, int, int, int]) -> bool:
    left, top, right, bottom = place
    under = raster[max(0, top) : max(0, bottom), max(0, left) : max(0, right)]
    return under.size > 0 and float(under.std()) > _INK
