"""Is this the same page? Two pictures, laid over each other by their features and compared tile by tile.

Two patients' letters on one template align perfectly, and most of their tiles agree; what tells them apart
is that some tiles do not. A copy of one picture, recompressed, cropped or photographed, has no tile that
disagrees. So "same" asks for that, and whatever stands between is for a person to decide.

Three things would make letters to many patients one, and are asked for too: every quarter of a tile agrees
(in a whole tile a rule or a coloured band outweighs the name beside it); where something names the known
patient every letter agrees; and what names them is not cut off (the rest of such a letter is everybody's).
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

import cv2
import numpy as np
import numpy.typing as npt

from detectors.base import Box, Pixels
from detectors.laid_pages import PRINT, SHIFT, TILE, Compared, Mask, Place, compare
from detectors.local_features import (
    Features,
    Grey,
    Matrix,
    align,
    cover,
    extract,
    reduced,
    reduction,
    refine,
    warp,
)

Verdict = Literal["same", "possible", "different"]
_Place = tuple[float, float, float, float]
"""Left, top, width and height in pixels of a reduced picture."""

FEATURES = 1500
SAME, POSSIBLE = 0.955, 0.88
"""The 10th percentile of the tiles' correlation from which pages are the same; the share of agreeing tiles
from which they may be."""
AGREES = 0.9
LETTER_AGREES = 0.65
"""Of a letter's window. The same letters reached .78 in edited copies (.61 photographed), numbers with two
other digits .52 in print reduced to half."""
MIN_TILES, MIN_SHARE, MIN_SCALE = 30, 0.6, 0.55
"""Fewer tiles, a smaller part of either picture, or print reduced further than this never makes "same"."""
MOST_OF_A_PLACE, ANY_PLACE = 0.9, 0.5
"""Parts of a place that names somebody: one is compared by so much at least, every one by so much."""
ALL_PRINT = 0.995
_GOOD_INLIERS = 60
_DARK = 128.0
_RIM = 2 * SHIFT
"""Pixels along a page's edge that no tile need reach."""


@dataclass(frozen=True, slots=True)
class Likeness:
    """How alike two pages are.

    `score` is the 10th percentile of correlation (-1 to 1) over `tiles` textured tiles that both show;
    `agreeing` is the share of tiles that agree, `hidden` of those that lie under the largest block that does
    not (a sticker, a caption), `shared` the smaller of the parts of either picture that are compared, `scale`
    how much smaller one shows the print. `quarter` is the least correlation of a tile or a quarter of one,
    `letter` of a letter's window where somebody is named; `named` says whether enough of what names somebody
    on the known page is compared.
    """

    score: float
    tiles: int
    agreeing: float
    hidden: float
    shared: float
    scale: float
    inliers: int
    quarter: float = 1.0
    letter: float = 1.0
    named: bool = True

    @property
    def verdict(self) -> Verdict:
        """Same, possible (for a person to decide), or different."""
        if self.score >= SAME and self.agreeing == 1 and self._enough:
            return "same"
        if self.tiles >= MIN_TILES // 2 and self.agreeing >= POSSIBLE:
            return "possible"
        covered = self.agreeing + self.hidden
        return (
            "possible" if self.tiles >= MIN_TILES and self.hidden <= 0.4 and covered >= 0.995 else "different"
        )

    @property
    def _enough(self) -> bool:
        shown = self.shared >= MIN_SHARE and self.scale >= MIN_SCALE and self.named
        agrees = self.quarter >= AGREES and self.letter >= LETTER_AGREES
        return self.tiles >= MIN_TILES and agrees and shown


def likeness(first: Pixels, second: Pixels, named: Sequence[Box] | None = ()) -> Likeness | None:
    """Compare two upright pictures; None when no part of one is found in the other.

    `named` are the places of the second, known picture that name somebody, in its pixels; None if somebody is
    named and nobody knows where: all of its print must be compared then.
    """
    stored = reduced(second)
    scale = reduction(second)
    places = None if named is None else [_scaled(box, scale) for box in named]
    known = extract(stored, FEATURES)
    best: Likeness | None = None
    for grey in _readings(reduced(first), stored):
        found = _aligned(grey, extract(grey, FEATURES), stored, known, places)
        if found and (best is None or found.inliers > best.inliers):
            best = found
        if best and best.inliers >= _GOOD_INLIERS:
            break
    return best


def _readings(grey: Grey, other: Grey) -> Iterator[Grey]:
    """The picture as it is; inverted where either is dark (a dark mode); mirrored, as by a selfie camera."""
    yield grey
    if min(float(grey.mean()), float(other.mean())) < _DARK:
        yield (255 - grey).astype(np.uint8)
    yield np.ascontiguousarray(grey[:, ::-1])


def _aligned(
    first: Grey, found: Features, second: Grey, known: Features, named: Sequence[_Place] | None
) -> Likeness | None:
    """The pages laid over each other by the features that are alone of their kind, then by all that fit."""
    rough = align(found, known, first.shape[:2])
    if rough is None:
        return None
    closer = refine(found, known, rough, first.shape[:2]) or rough
    return _laid(first, second, closer.matrix, rough.inliers, named)


def _laid(
    first: Grey, second: Grey, matrix: Matrix, inliers: int, named: Sequence[_Place] | None
) -> Likeness | None:
    """The comparison in the known page's places, at the size of whichever picture shows the print smaller.

    The grid begins at the known page's own edge, so that a frame round a copy takes no tile of it away.
    """
    scale = float(np.sqrt(abs(np.linalg.det(matrix[:2, :2]))))
    if scale > 1:
        less = 1 / scale
        second = cv2.resize(second, None, fx=less, fy=less, interpolation=cv2.INTER_AREA).astype(np.uint8)
        matrix = np.diag([less, less, 1]) @ matrix
        named = named and [_scaled(place, less) for place in named]
        scale = less
    elif scale < 0.9:
        first = cv2.GaussianBlur(first, (0, 0), 0.5 / scale).astype(np.uint8)
    laid, covered = warp(first, matrix, second.shape[:2]), cover(first.shape[:2], matrix, second.shape[:2])
    places = _within(named, second.shape[:2])
    compared = compare(laid, second, covered, places or ())
    seen = ~np.isnan(compared.grid)
    if not seen.any():
        return None
    back = cover(second.shape[:2], np.linalg.inv(matrix).astype(np.float64), first.shape[:2])
    return Likeness(
        score=round(float(np.percentile(compared.grid[seen], 10)), 4),
        tiles=int(seen.sum()),
        agreeing=round(float((compared.grid[seen] >= AGREES).mean()), 4),
        hidden=round(_largest_block(compared.grid), 4),
        shared=round(min(_share(covered, second), _share(back, first)), 3),
        scale=round(scale, 3),
        inliers=inliers,
        quarter=round(compared.quarter, 4),
        letter=round(compared.letter, 4),
        named=_names(compared, places),
    )


def _scaled(box: Box | _Place, scale: float) -> _Place:
    left, top, width, height = box
    return left * scale, top * scale, width * scale, height * scale


def _within(named: Sequence[_Place] | None, shape: tuple[int, int]) -> list[Place] | None:
    """The pixels of these places, a page's very edge left out; None if unknown, or if nothing is left."""
    if not named:
        return None if named is None else []
    found = []
    for left, top, width, height in named:
        rows = slice(max(_RIM, int(top)), min(shape[0] - _RIM, math.ceil(top + height)))
        columns = slice(max(_RIM, int(left)), min(shape[1] - _RIM, math.ceil(left + width)))
        if rows.start < rows.stop and columns.start < columns.stop:
            found.append((rows, columns))
    return found or None


def _names(compared: Compared, named: Sequence[Place] | None) -> bool:
    """Whether what names somebody was compared: one place nearly whole, and of every place a good part.

    Where nobody knows the places, hardly any print may be left out, since it might be a name.
    """
    if named is None:
        inner = np.s_[_RIM:-_RIM, _RIM:-_RIM]
        printed = compared.printed[inner]
        return bool(compared.done[inner][printed].mean() >= ALL_PRINT) if printed.any() else False
    parts = [float(compared.done[place].mean()) for place in named]
    return not parts or (max(parts) >= MOST_OF_A_PLACE and min(parts) >= ANY_PLACE)


def _share(cover: Mask, grey: Grey) -> float:
    """The part of a picture's textured tiles that `cover` leaves to compare."""
    rows, columns = grey.shape[0] // TILE, grey.shape[1] // TILE
    shape = (rows, TILE, columns, TILE)
    cut = np.s_[: rows * TILE, : columns * TILE]
    textured = grey[cut].reshape(shape).std(axis=(1, 3)) >= PRINT
    covered = cover[cut].reshape(shape).mean(axis=(1, 3)) >= 0.5
    return float((textured & covered).sum() / max(int(textured.sum()), 1))


def _largest_block(grid: npt.NDArray[np.float64]) -> float:
    """The part of the tiles that disagree and lie in the rectangle round their largest connected block."""
    bad = (np.nan_to_num(grid, nan=1.0) < AGREES).astype(np.uint8)
    count, _, stats, _ = cv2.connectedComponentsWithStats(bad, connectivity=8)
    if count < 2:
        return 0.0
    left, top, width, height, _ = stats[1 + int(np.argmax(stats[1:, cv2.CC_STAT_AREA]))]
    return float(bad[top : top + height, left : left + width].sum() / np.count_nonzero(~np.isnan(grid)))
