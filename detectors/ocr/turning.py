"""Quarter turns of pictures and of places on them, as `numpy.rot90` makes them (anticlockwise)."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import numpy.typing as npt

from detectors.base import Box, TextLayer

Points = npt.NDArray[np.float32]
"""Points (x, y) along the last axis."""


def turned_points(points: Points, turns: int, size: tuple[int, int]) -> Points:
    """Where `points` of a picture of `size` (width, height) lie after `turns` quarter turns."""
    width, height = size
    for _ in range(turns % 4):
        points = np.stack([points[..., 1], width - points[..., 0]], axis=-1)
        width, height = height, width
    return points


def turned_quads(quads: Points, turns: int, size: tuple[int, int]) -> Points:
    """Quads (n, 4, 2) after the turn, each again starting at its top left corner."""
    return np.roll(turned_points(quads, turns, size), -turns, axis=1)


def turned_box(box: Box, turns: int, size: tuple[int, int]) -> Box:
    """A box after the turn."""
    corners = np.array([[box.x, box.y], [box.x + box.width, box.y + box.height]], np.float32)
    moved = turned_points(corners, turns, size)
    left, top = (int(value) for value in moved.min(axis=0))
    right, bottom = (int(value) for value in moved.max(axis=0))
    return Box(left, top, right - left, bottom - top)


def turned_back(layer: TextLayer, turns: int, size: tuple[int, int]) -> TextLayer:
    """A layer read from a picture that was turned; `size` is the size before turning."""
    if turns % 4 == 0:
        return layer
    seen = size if turns % 2 == 0 else (size[1], size[0])
    words = tuple(replace(word, box=turned_box(word.box, -turns % 4, seen)) for word in layer.words)
    return replace(layer, words=words)
