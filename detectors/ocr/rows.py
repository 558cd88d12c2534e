"""Pieces of text found anywhere on a picture, put into visual rows and reading order.

A label and its value often stand in different columns, so engines return them as separate pieces. Both
engines here hand their pieces to `in_rows`, which joins what stands on one visual row, allowing for a
tilted or slightly curled page.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from detectors.base import TextLayer, Word

_MAX_HEIGHT_RATIO = 2.5
"""A heading and small print beside it are not one row."""
_TELLING = 6.0
"""A piece shorter than this many heights says nothing about direction: one tall letter sways it."""


@dataclass(frozen=True, slots=True)
class Piece:
    """Words read together, left to right, and the band they stand in.

    `left` and `right` are the middles of the band's short sides (x, y); `height` is its thickness. All
    in pixels. The words' own line numbers are ignored.
    """

    left: tuple[float, float]
    right: tuple[float, float]
    height: float
    words: tuple[Word, ...]

    @property
    def angle(self) -> float:
        """The direction of reading, in radians; 0 is level, positive runs downhill."""
        return math.atan2(self.right[1] - self.left[1], self.right[0] - self.left[0])

    @property
    def length(self) -> float:
        """The distance from left to right, in pixels."""
        return math.dist(self.left, self.right)


def in_rows(pieces: Sequence[Piece]) -> TextLayer:
    """The pieces' words in reading order; words of one visual row carry the same line number."""
    if not pieces:
        return TextLayer("ocr")
    tilt = page_tilt(pieces)
    level = sorted((_levelled(piece, tilt) for piece in pieces), key=lambda placed: placed.start)
    rows: list[list[_Placed]] = []
    for placed in level:
        row = _row_for(placed, rows)
        if row is None:
            rows.append([placed])
        else:
            row.append(placed)
    rows.sort(key=lambda row: min(placed.middle for placed in row))
    words = [
        Word(word.text, word.box, word.confidence, number)
        for number, row in enumerate(rows)
        for placed in row
        for word in placed.piece.words
    ]
    return TextLayer("ocr", tuple(words))


def page_tilt(pieces: Sequence[Piece]) -> float:
    """The median direction of the pieces (radians), weighted by length; short ones only if all are."""
    telling = [piece for piece in pieces if piece.length > _TELLING * piece.height] or pieces
    angles = np.array([piece.angle for piece in telling])
    weights = np.array([piece.length for piece in telling]) + 1e-6
    order = np.argsort(angles)
    total = np.cumsum(weights[order])
    return float(angles[order][np.searchsorted(total, total[-1] / 2)])


@dataclass(frozen=True, slots=True)
class _Placed:
    """A piece on the levelled page: from `start` to `end`, its middle at `middle`, rising by `slope`."""

    piece: Piece
    start: float
    end: float
    middle: float
    slope: float


def _levelled(piece: Piece, tilt: float) -> _Placed:
    cos, sin = math.cos(tilt), math.sin(tilt)
    start = piece.left[0] * cos + piece.left[1] * sin
    end = piece.right[0] * cos + piece.right[1] * sin
    middle = -(piece.left[0] + piece.right[0]) / 2 * sin + (piece.left[1] + piece.right[1]) / 2 * cos
    slope = math.tan(piece.angle - tilt) if piece.length > _TELLING * piece.height else 0.0
    return _Placed(piece, start, end, middle, max(-0.2, min(0.2, slope)))


def _row_for(placed: _Placed, rows: Sequence[list[_Placed]]) -> list[_Placed] | None:
    """The row whose rightmost piece, carried on, meets this piece best; None when none does."""
    best: list[_Placed] | None = None
    best_miss = 0.5
    for row in rows:
        miss = _miss(row[-1], placed)
        if miss < best_miss:
            best, best_miss = row, miss
    return best


def _miss(before: _Placed, after: _Placed) -> float:
    """How far `after` lies off the line of `before`, in heights of the smaller one; inf if no row."""
    small, large = sorted((before.piece.height, after.piece.height))
    overlap = before.end - after.start
    if large > _MAX_HEIGHT_RATIO * small or overlap > 0.5 * min(
        before.end - before.start, after.end - after.start
    ):
        return math.inf
    run = (after.start + after.end - before.start - before.end) / 2
    expected = before.middle + run * (before.slope + after.slope) / 2
    level = abs(after.middle - before.middle)
    return min(abs(after.middle - expected), level) / max(small, 1.0)
