"""Views of a picture in which a document may stand square: as it is, without its borders, rectified."""

from __future__ import annotations

from collections.abc import Iterator

import cv2
import numpy as np
import numpy.typing as npt

from detectors.base import Pixels

_WORKING_SIDE = 800
_BORDER_TOLERANCE = 12
_MIN_SHARE, _MAX_SHARE = 0.15, 0.97
"""A page found on a picture covers this much of it: less is a label, more is the picture itself."""


def document_views(pixels: Pixels) -> Iterator[tuple[str, Pixels]]:
    """The picture itself ("whole"), then "trimmed" and "page" where these differ from it."""
    whole = _at_most(pixels, _WORKING_SIDE)
    yield "whole", whole
    trimmed = trim(whole)
    if trimmed.shape != whole.shape:
        yield "trimmed", trimmed
    page = find_page(whole)
    if page is not None:
        yield "page", page


def _at_most(pixels: Pixels, side: int) -> Pixels:
    scale = side / max(pixels.shape[:2])
    if scale >= 1:
        return pixels
    return cv2.resize(pixels, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA).astype(np.uint8)


def trim(pixels: Pixels) -> Pixels:
    """Without the rows and columns at its edges that hold one flat colour (letterboxing, app bars)."""
    grey = cv2.cvtColor(pixels, cv2.COLOR_RGB2GRAY)
    rows = np.flatnonzero(np.ptp(grey, axis=1) > _BORDER_TOLERANCE)
    columns = np.flatnonzero(np.ptp(grey, axis=0) > _BORDER_TOLERANCE)
    if not len(rows) or not len(columns):
        return pixels
    return pixels[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]


def find_page(pixels: Pixels) -> Pixels | None:
    """The largest bright four-sided area, straightened; None when there is none."""
    grey = cv2.GaussianBlur(cv2.cvtColor(pixels, cv2.COLOR_RGB2GRAY), (5, 5), 0)
    _, bright = cv2.threshold(grey, 0, 255, cv2.THRESH_BINARY | cv2.THRESH_OTSU)
    bright = cv2.morphologyEx(bright, cv2.MORPH_CLOSE, np.ones((15, 15), np.uint8))
    contours, _ = cv2.findContours(bright, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_SIMPLE)
    largest = max(contours, key=cv2.contourArea, default=None)
    if largest is None:
        return None
    hull = cv2.convexHull(largest)
    corners = cv2.approxPolyDP(hull, 0.03 * cv2.arcLength(hull, True), True)
    share = cv2.contourArea(corners) / float(grey.size)
    if len(corners) != 4 or not _MIN_SHARE <= share <= _MAX_SHARE:
        return None
    return _straightened(pixels, corners.reshape(4, 2).astype(np.float32))


def _straightened(pixels: Pixels, corners: npt.NDArray[np.float32]) -> Pixels | None:
    """The quad as an upright rectangle with its own mean side lengths."""
    by_sum, by_difference = corners.sum(axis=1), np.diff(corners, axis=1).ravel()
    quad = corners[[by_sum.argmin(), by_difference.argmin(), by_sum.argmax(), by_difference.argmax()]]
    sides = np.linalg.norm(quad - np.roll(quad, -1, axis=0), axis=1)
    width, height = round((sides[0] + sides[2]) / 2), round((sides[1] + sides[3]) / 2)
    if min(width, height) < 64:
        return None
    target = np.array([[0, 0], [width, 0], [width, height], [0, height]], np.float32)
    matrix = cv2.getPerspectiveTransform(quad, target)
    return cv2.warpPerspective(pixels, matrix, (width, height)).astype(np.uint8)
