"""Which printed numbers a careful person can still read in the picture, found by looking at its pixels.

The place of each mark is turned upright in the page as drawn and in the picture as posted, and the strokes
of the two are correlated piece by piece: what is hidden, smeared, drowned in noise or too small disagrees.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import cv2
import numpy as np
import numpy.typing as npt

from benchmarks.synth.optics import Floats
from benchmarks.synth.scenes import Mark, Picture, visible

SMALLEST = 9.0
"""Pixels: digits less high than this are not held to be readable."""
SMALLEST_WORD = 7.5
"""Pixels: a name or a date is read from less than a number, since a letter may be guessed and a digit not."""
AGREEMENT = 0.45
"""The least correlation of strokes, over the worst piece of the mark, at which digits can be told apart.

Set by eye on pictures of every capture."""
_DIGIT_SHARE = 0.62
"""Height of a digit as a share of its line box, in most faces."""
_TALL, _PIECE = 30, 26


@dataclass(frozen=True, slots=True)
class Reading:
    """A mark in the posted picture: the height of its digits in pixels, and how well its strokes are seen."""

    mark: Mark
    height: float
    agreement: float

    @property
    def legible(self) -> bool:
        """Whether a careful person can read it."""
        return self.height >= SMALLEST and self.agreement >= AGREEMENT


def readings(drawn: Picture, taken: Picture, kinds: frozenset[str]) -> list[Reading]:
    """How the marks of these kinds that are in the frame of `taken` can be read, beside the page as drawn."""
    printed: dict[tuple[str, str], list[Mark]] = {}
    for mark in drawn.marks:
        printed.setdefault((mark.kind, mark.text), []).append(mark)
    found = []
    for mark in visible(taken).marks:
        if mark.kind in kinds and (mark.kind, mark.text) in printed:
            originals = printed[mark.kind, mark.text]
            agreement = max(_agreement(drawn.pixels, one, taken.pixels, mark) for one in originals)
            found.append(Reading(mark, _height(mark), agreement))
    return found


def can_be_read(drawn: Picture, taken: Picture) -> bool:
    """Whether anything that identifies somebody is in the frame, large enough and not hidden.

    So is a page without marks.
    """
    seen = readings(drawn, taken, frozenset(mark.kind for mark in drawn.marks))
    return not drawn.marks or any(r.height >= SMALLEST_WORD and r.agreement >= AGREEMENT for r in seen)


def _height(mark: Mark) -> float:
    quad = np.asarray(mark.quad)
    sides = np.linalg.norm(quad[3] - quad[0]), np.linalg.norm(quad[2] - quad[1])
    return float(min(sides)) * _DIGIT_SHARE


def _agreement(page: npt.NDArray[np.uint8], print_: Mark, seen: npt.NDArray[np.uint8], mark: Mark) -> float:
    quad = np.asarray(print_.quad)
    wide = round(
        float(np.linalg.norm(quad[1] - quad[0]) / max(1.0, np.linalg.norm(quad[3] - quad[0]))) * _TALL
    )
    one, other = (_strokes(pixels, m, wide) for pixels, m in ((page, print_), (seen, mark)))
    return min(_correlation(a, b) for a, b in zip(_pieces(one), _pieces(other), strict=True))


def _strokes(pixels: npt.NDArray[np.uint8], mark: Mark, wide: int) -> Floats:
    """The mark's place upright, without what changes slowly across it: light, shadow, tint."""
    corners = np.array([[0, 0], [wide, 0], [wide, _TALL], [0, _TALL]], np.float32)
    turn = cv2.getPerspectiveTransform(np.asarray(mark.quad, np.float32), corners)
    flat = cv2.warpPerspective(pixels, turn, (wide, _TALL), flags=cv2.INTER_AREA)
    grey = cv2.cvtColor(flat, cv2.COLOR_RGB2GRAY).astype(np.float32)
    return np.asarray(cv2.GaussianBlur(grey, (0, 0), 0.7) - cv2.GaussianBlur(grey, (0, 0), 3.5), np.float32)


def _pieces(strokes: Floats) -> Iterator[Floats]:
    wide = strokes.shape[1]
    count = max(1, round(wide / _PIECE))
    for part in range(count):
        yield strokes[:, wide * part // count : wide * (part + 1) // count]


def _correlation(one: Floats, other: Floats, slack: int = 2) -> float:
    """The best normalised correlation within a few pixels of shift."""
    core = one[slack:-slack, slack:-slack]
    if min(core.shape) < 2 or core.std() < 1e-3:
        return 1.0
    if other.std() < 1e-3:
        return 0.0
    return float(cv2.matchTemplate(other, np.ascontiguousarray(core), cv2.TM_CCOEFF_NORMED).max())
