"""From a text detector's map of probabilities to bands: differentiable binarisation's last step.

Liao et al., "Real-time Scene Text Detection with Differentiable Binarization" (AAAI 2020), section 3.4: the
network draws each band shrunk, and the band's rectangle is grown again by area x ratio / perimeter. Contours
are taken as their smallest rectangles, so growing is moving four sides; no polygon library is needed.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import cv2
import numpy as np
import numpy.typing as npt

from detectors.ocr.bands import thickness
from detectors.ocr.turning import Points

Map = npt.NDArray[np.float32]
"""The probability that each pixel of a copy is text, shape (height, width)."""

_IS_TEXT = 0.3
"""Probability from which a pixel is part of a band."""
_FAINT = 0.3
"""Mean probability from which a band counts; the network's usual 0.5 loses dim and small text."""
_HINT = 0.1
"""Probability from which a pixel may be text."""
_GROWTH = 1.6
_LEAST_SIDE = 3.0
"""A band whose shorter side is under this many pixels of the copy, before it grows, is noise."""
_MOST = 1000
_BRIDGE = np.ones((2, 2), np.uint8)
"""Bands that all but touch are one: the mask is grown by a pixel."""


def bands_on(soft: Map, size: tuple[int, int]) -> Points:
    """The bands, corners clockwise from the top left, in whole pixels of a picture of `size` (w, h)."""
    mask = cv2.dilate((soft > _IS_TEXT).astype(np.uint8), _BRIDGE)
    contours, _ = cv2.findContours(mask, cv2.RETR_LIST, cv2.CHAIN_APPROX_SIMPLE)
    found = [quad for contour in contours[:_MOST] if (quad := _band(soft, contour)) is not None]
    if not found:
        return np.zeros((0, 4, 2), np.float32)
    edge = np.array(size, np.float32)
    factor = edge / np.array(soft.shape[::-1], np.float32)
    quads: Points = np.clip(np.round(np.stack(found) * factor), 0, edge - 1).astype(np.float32)
    return quads[thickness(quads) > _LEAST_SIDE]


def text_share(soft: Map) -> float:
    """The share of the copy that may be text at all, however faint."""
    return float(np.count_nonzero(soft > _HINT)) / soft.size


def _band(soft: Map, contour: Any) -> Points | None:
    """A contour's rectangle, grown; None for noise."""
    centre, (across, down), angle = cv2.minAreaRect(contour)
    if min(across, down) < _LEAST_SIDE:
        return None
    if _mean_inside(soft, _corners(centre, across, down, angle)) < _FAINT:
        return None
    grown = _GROWTH * across * down / (across + down)
    return _from_top_left(_corners(centre, across + grown, down + grown, angle))


def _corners(centre: Sequence[float], across: float, down: float, angle: float) -> Points:
    return cv2.boxPoints((centre, (across, down), angle)).astype(np.float32)


def _mean_inside(soft: Map, quad: Points) -> float:
    """The mean probability in a rectangle."""
    edge = np.array(soft.shape[::-1]) - 1
    left, top = np.clip(np.floor(quad.min(axis=0)).astype(int), 0, edge)
    right, bottom = np.clip(np.ceil(quad.max(axis=0)).astype(int), 0, edge)
    mask = np.zeros((bottom - top + 1, right - left + 1), np.uint8)
    cv2.fillPoly(mask, [(quad - (left, top)).astype(np.int32)], 1)
    return float(cv2.mean(soft[top : bottom + 1, left : right + 1], mask)[0])


def _from_top_left(quad: Points) -> Points:
    """The corners clockwise, the upper of the two leftmost first."""
    by_x = quad[np.argsort(quad[:, 0], kind="stable")]
    left, right = (side[np.argsort(side[:, 1], kind="stable")] for side in (by_x[:2], by_x[2:]))
    return np.stack([left[0], right[0], right[1], left[1]])
