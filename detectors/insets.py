"""A picture that stands in a screenshot: the photograph in a chat, a feed or a mail.

Its print is far smaller than the app's, so that a look at the whole screen may not find it at all. An app
puts pictures, bubbles and bars on an even ground, one under the other, with rows of bare ground between them.
"""

from __future__ import annotations

from collections.abc import Iterator

import cv2
import numpy as np
import numpy.typing as npt

from detectors.base import Box, Pixels

_TALL = 1.3
"""A phone's screen is this much taller than wide, or more."""
_COLUMNS = 200
"""The width of the copy that is looked at; it keeps all rows, for the gaps may be thin."""
_OFF_GROUND = 12
"""Grey levels by which a pixel differs from the ground."""
_BARE = 0.02
"""The share of a row that may differ from the ground where nothing stands."""
_SHARE = (0.06, 0.75)
"""The share of the screen that the picture takes: less holds no legible page, more is the screen itself."""
_WIDEST, _TALLEST = 0.35, 0.08
"""Least share of the screen's width and of its height."""
_FILLED = 0.75
"""A picture fills its rectangle; a column of bubbles or a paragraph does not."""

_Mask = npt.NDArray[np.bool_]


def inset_of(picture: Pixels) -> Box | None:
    """Where the largest picture on a phone's screen stands, in its pixels. The order of colours is any."""
    height, width = picture.shape[:2]
    if height < _TALL * width:
        return None
    copy = cv2.resize(picture, (_COLUMNS, height), interpolation=cv2.INTER_AREA).astype(np.uint8)
    grey = cv2.cvtColor(copy, cv2.COLOR_BGR2GRAY).astype(np.int16)
    stands = np.abs(grey - np.median(grey[:, [0, -1]])) > _OFF_GROUND
    boxes = [box for top, bottom in _blocks(stands) if (box := _picture(stands, top, bottom, width))]
    return max(boxes, key=lambda box: box.width * box.height, default=None)


def _blocks(stands: _Mask) -> Iterator[tuple[int, int]]:
    """First row and the row after the last of each block that has bare ground above it and below."""
    filled = (stands.mean(axis=1) > _BARE).astype(np.int8)
    steps = np.diff(filled)
    tops, bottoms = (np.nonzero(steps == step)[0] + 1 for step in (1, -1))
    if filled[0]:  # the first block begins with the screen
        bottoms = bottoms[1:]
    for top, bottom in zip(tops, bottoms, strict=False):  # the last may end with it
        yield int(top), int(bottom)


def _picture(stands: _Mask, top: int, bottom: int, width: int) -> Box | None:
    """The block as a box, if a picture fills it."""
    block = stands[top:bottom]
    columns = np.nonzero(block.mean(axis=0) > 0.5)[0]
    if not len(columns) or len(block) < _TALLEST * len(stands):
        return None
    left, right = int(columns[0]), int(columns[-1]) + 1
    share = (right - left) * len(block) / stands.size
    if right - left < _WIDEST * _COLUMNS or not _SHARE[0] <= share <= _SHARE[1]:
        return None
    if block[:, left:right].mean() < _FILLED:
        return None
    scale = width / _COLUMNS
    return Box(round(left * scale), top, round((right - left) * scale), bottom - top)
