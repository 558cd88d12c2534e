"""Bands of text on a picture: their sides, the strips cut from them, the boxes of their words."""

from __future__ import annotations

import cv2
import numpy as np

from detectors.base import Box, Pixels
from detectors.ocr.turning import Points

CROP_HEIGHT = 48
"""The recogniser's input height, pixels."""


def sides(quads: Points) -> tuple[Points, Points]:
    """Each band's length along its text, and its thickness, in pixels."""
    return (
        np.linalg.norm(quads[:, 1] - quads[:, 0], axis=1),
        np.linalg.norm(quads[:, 3] - quads[:, 0], axis=1),
    )


def thickness(quads: Points) -> Points:
    """Each band's shorter side, in pixels, whichever way its text runs."""
    return np.minimum(*sides(quads))


def lie_on_their_side(quads: Points) -> bool:
    """Whether most of the bands' length runs up or down."""
    across, down = sides(quads)
    tall, wide = down >= 1.5 * across, across >= 1.5 * down
    return float(down[tall].sum()) > float(across[wide].sum())


def cut(picture: Pixels, quad: Points) -> Pixels:
    """The band as a level strip at the recogniser's height or less."""
    across, down = (int(side[0]) for side in sides(quad[None]))
    across, down = max(across, 4), max(down, 4)
    corners = np.array([[0, 0], [across, 0], [across, down], [0, down]], np.float32)
    matrix = cv2.getPerspectiveTransform(quad.astype(np.float32), corners)
    strip = cv2.warpPerspective(
        picture, matrix, (across, down), flags=cv2.INTER_CUBIC, borderMode=cv2.BORDER_REPLICATE
    )
    if down <= CROP_HEIGHT:
        return strip.astype(np.uint8)
    across = max(4, round(across * CROP_HEIGHT / down))
    return cv2.resize(strip, (across, CROP_HEIGHT), interpolation=cv2.INTER_AREA).astype(np.uint8)


def span_box(quad: Points, start: float, end: float) -> Box:
    """The upright box round the part of a band between two shares of its length."""
    top, bottom = quad[1] - quad[0], quad[2] - quad[3]
    corners = np.stack(
        [quad[0] + top * start, quad[0] + top * end, quad[3] + bottom * start, quad[3] + bottom * end]
    )
    left, upper = np.floor(np.maximum(corners.min(axis=0), 0)).astype(int)
    right, lower = np.ceil(corners.max(axis=0)).astype(int)
    return Box(int(left), int(upper), int(right - left), int(lower - upper))
