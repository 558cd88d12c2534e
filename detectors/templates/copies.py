"""The grey copies of a picture that templates are laid over: the whole, and what stands in it, closer.

An app's screenshot is mostly the app: bars, bubbles, empty ground. Cut to what stands on the ground and
brought to nearly twice the pixels, the page in it shows its print as large as the template does. Small
pictures are enlarged, for a template's features are of print as large as on the template or larger.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass

import cv2
import numpy as np

from detectors.base import Box, Pixels
from detectors.insets import inset_of
from detectors.local_features import MOSTLY_DARK, Grey, Matrix, reduced, reduction

CLOSER_AREA = 1_600_000
LEAST_AREA, CLOSER_LEAST_AREA = 400_000, 900_000
"""Pixels to which a smaller picture, or what stands in it, is enlarged."""
_SEEN_SIDE = 512
_OFF_GROUND = 16
"""Grey levels by which a pixel differs from the ground that an app puts a picture on."""
_GAP = 25
"""Pixels (of `_SEEN_SIDE`) of ground between two parts of one page."""
_LEAST = 0.03
"""What stands on the ground covers this share of the picture, or the whole picture is taken."""
_MARGIN = 4


@dataclass(frozen=True, eq=False)
class Copy:
    """A grey copy, and the matrix that takes the first look's pixels into its own."""

    grey: Grey
    matrix: Matrix


def whole(grey: Grey) -> tuple[Copy, ...]:
    """The reduced picture, also inverted if mostly dark (dark mode, or a dim photograph)."""
    large = _enlarged(grey, LEAST_AREA)
    scale = large.shape[1] / grey.shape[1]
    return tuple(Copy(each, np.diag((scale, scale, 1.0))) for each in _polarities(large))


def closer(pixels: Pixels, grey: Grey, box: Box) -> tuple[Copy, ...]:
    """The same of a box of the picture, larger; `grey` is the reduced picture."""
    first = reduction(pixels)
    cut = np.ascontiguousarray(pixels[box.y : box.y + box.height, box.x : box.x + box.width])
    near = _enlarged(reduced(cut, CLOSER_AREA), CLOSER_LEAST_AREA)
    scale = near.shape[1] / cut.shape[1]
    matrix = np.array([[scale / first, 0, -scale * box.x], [0, scale / first, -scale * box.y], [0, 0, 1.0]])
    return tuple(Copy(each, matrix) for each in _polarities(near))


def content_box(pixels: Pixels, grey: Grey) -> Box:
    """What stands on an app's ground, in the picture's pixels; the whole where the ground is not even."""
    inset = inset_of(pixels)
    if inset is not None:
        return inset
    found, scale = _standing(grey), reduction(pixels)
    left, top = (math.floor(at / scale) for at in found[:2])
    right, bottom = (math.ceil(at / scale) for at in (found.x + found.width, found.y + found.height))
    height, width = pixels.shape[:2]
    return Box(left, top, min(right, width) - left, min(bottom, height) - top)


def _standing(grey: Grey) -> Box:
    """The largest part of a picture that stands on an even ground; the whole where the ground is not even."""
    height, width = grey.shape
    scale = min(1.0, _SEEN_SIDE / max(height, width))
    small = cv2.resize(grey, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA).astype(np.int16)
    ground = np.median(np.concatenate((small[0], small[-1], small[:, 0], small[:, -1])))
    stands = (np.abs(small - ground) > _OFF_GROUND).astype(np.uint8)
    framed = cv2.copyMakeBorder(stands, *(_GAP,) * 4, cv2.BORDER_CONSTANT)
    closed = cv2.morphologyEx(framed, cv2.MORPH_CLOSE, np.ones((_GAP, _GAP), np.uint8))
    _, _, stats, _ = cv2.connectedComponentsWithStats(closed[_GAP:-_GAP, _GAP:-_GAP])
    x, y, w, h, _ = max(stats[1:].tolist(), key=lambda each: each[2] * each[3], default=(0, 0, 0, 0, 0))
    if w * h < _LEAST * small.size:
        return Box(0, 0, width, height)
    left, top = (max(0, math.floor((at - _MARGIN) / scale)) for at in (x, y))
    right = min(width, math.ceil((x + w + _MARGIN) / scale))
    bottom = min(height, math.ceil((y + h + _MARGIN) / scale))
    return Box(left, top, right - left, bottom - top)


def _enlarged(grey: Grey, least: int) -> Grey:
    scale = math.sqrt(least / grey.size)
    if scale <= 1:
        return grey
    return cv2.resize(grey, None, fx=scale, fy=scale, interpolation=cv2.INTER_CUBIC).astype(np.uint8)


def _polarities(copy: Grey) -> Iterator[Grey]:
    if float(copy.mean()) < MOSTLY_DARK:
        yield (255 - copy).astype(np.uint8)
    yield copy
