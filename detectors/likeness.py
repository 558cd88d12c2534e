"""Is this the same page? Two pictures, laid over each other by their features and compared tile by tile.

Two patients' letters on one template align perfectly, and most of their tiles agree; what tells them apart
is that some tiles do not. A copy of one picture, recompressed, cropped or photographed, has no tile that
disagrees. So "same" asks for that, and whatever stands between is for a person to decide.

Two things would make letters to many patients one, and are asked for too: every quarter of a tile agrees (in
a whole tile a rule or a coloured band outweighs the name beside it), and nothing that names the known patient
is cut off (the rest of such a letter is everybody's).
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
from detectors.local_features import Features, Grey, Matrix, align, extract, reduced, reduction, warp

Mask = npt.NDArray[np.bool_]
Verdict = Literal["same", "possible", "different"]

FEATURES = 1500
TILE = 40
"""Pixels of a tile's side, in a picture of 0.9 megapixels: two or three lines of print."""
SHIFT = 3
"""Pixels by which a tile may sit beside its place: paper is not flat, and no alignment is exact."""
BLUR = 1.0
"""Both pictures are softened by this much, since one copy is sharper than the other."""
SAME, POSSIBLE = 0.955, 0.88
"""The 10th percentile of the tiles' correlation from which pages are the same; the share of agreeing tiles
from which they may be."""
AGREES = 0.9
MIN_TILES, MIN_SHARE, MIN_SCALE = 30, 0.6, 0.55
"""Fewer tiles, a smaller part of either picture, or print reduced further than this never makes "same"."""
_GOOD_INLIERS = 60
_DARK = 128.0
_PRINT, _FLAT = 8.0, 3.0
"""Standard deviation of grey levels above which a tile holds print, and below which it is empty."""


@dataclass(frozen=True, slots=True)
class Likeness:
    """How alike two pages are.

    `score` is the 10th percentile of correlation (-1 to 1) over `tiles` textured tiles that both show;
    `agreeing` is the share of tiles that agree, `hidden` of those that lie under the largest block that does
    not (a sticker, a caption), `shared` the smaller of the parts of either picture that are compared, `scale`
    how much smaller one shows the print. `quarter` is the least correlation of a quarter of a tile; `named`
    says whether all of what names somebody on the known page is compared.
    """

    score: float
    tiles: int
    agreeing: float
    hidden: float
    shared: float
    scale: float
    inliers: int
    quarter: float = 1.0
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
        return self.tiles >= MIN_TILES and self.quarter >= AGREES and shown


@dataclass(frozen=True, slots=True)
class _Grid:
    """The correlation of each tile, NaN where there is nothing to compare, the least of a quarter, and which
    pixels lie in a tile that both pictures show."""

    tiles: npt.NDArray[np.float64]
    quarter: float
    done: Mask


def likeness(first: Pixels, second: Pixels, named: Sequence[Box] = ()) -> Likeness | None:
    """Compare two upright pictures; None when no part of one is found in the other.

    `named` are the places of the second, known picture that name somebody, in its pixels.
    """
    stored = reduced(second)
    naming = _naming(named, second, stored)
    known = extract(stored, FEATURES)
    best: Likeness | None = None
    for grey in _readings(reduced(first), stored):
        found = _laid(grey, extract(grey, FEATURES), stored, known, naming)
        if found and (best is None or found.inliers > best.inliers):
            best = found
        if best and best.inliers >= _GOOD_INLIERS:
            break
    return best


def _naming(named: Sequence[Box], pixels: Pixels, grey: Grey) -> Mask:
    """Which pixels of a reduced picture lie in one of these places of the picture, its very edge left out."""
    scale, mask = reduction(pixels), np.zeros(grey.shape, bool)
    for box in named:
        bottom, right = math.ceil((box.y + box.height) * scale), math.ceil((box.x + box.width) * scale)
        mask[max(0, int(box.y * scale)) : bottom, max(0, int(box.x * scale)) : right] = True
    mask[:SHIFT] = mask[-SHIFT:] = False
    mask[:, :SHIFT] = mask[:, -SHIFT:] = False
    return mask


def _readings(grey: Grey, other: Grey) -> Iterator[Grey]:
    """The picture as it is; inverted where either is dark (a dark mode); mirrored, as by a selfie camera."""
    yield grey
    if min(float(grey.mean()), float(other.mean())) < _DARK:
        yield (255 - grey).astype(np.uint8)
    yield np.ascontiguousarray(grey[:, ::-1])


def _laid(first: Grey, found: Features, second: Grey, known: Features, naming: Mask) -> Likeness | None:
    """The comparison on the grid of whichever picture shows the print smaller."""
    alignment = align(found, known, first.shape[:2])
    if alignment is None:
        return None
    matrix = alignment.matrix
    scale = float(np.sqrt(abs(np.linalg.det(matrix[:2, :2]))))
    named = bool(warp(first, matrix, second.shape[:2])[1][naming].all())
    if scale > 1:
        first, second, scale = second, first, 1 / scale
        matrix = _inverse(matrix)
        naming = warp(naming.astype(np.uint8), matrix, second.shape[:2])[0] > 0
    softened = cv2.GaussianBlur(first, (0, 0), 0.5 / scale) if scale < 0.9 else first
    laid, cover = warp(softened.astype(np.uint8), matrix, second.shape[:2])
    compared = _correlations(laid, second, cover)
    grid = compared.tiles
    seen = ~np.isnan(grid)
    if not seen.any():
        return None
    shared = min(
        _share(cover, second),
        _share(warp(np.ones_like(second), _inverse(matrix), first.shape[:2])[1], first),
    )
    agrees = grid[seen] >= AGREES
    score, hidden = float(np.percentile(grid[seen], 10)), _largest_block(grid)
    return Likeness(
        round(score, 4),
        int(seen.sum()),
        round(float(agrees.mean()), 4),
        round(hidden, 4),
        round(shared, 3),
        round(scale, 3),
        alignment.inliers,
        round(compared.quarter, 4),
        named and bool(compared.done[naming].all()),
    )


def _inverse(matrix: Matrix) -> Matrix:
    return np.linalg.inv(matrix).astype(np.float64)


def _correlations(first: Grey, second: Grey, cover: Mask) -> _Grid:
    """Each tile's best correlation within `SHIFT`; NaN for tiles without print or not in both pictures."""
    soft = [cv2.GaussianBlur(each, (0, 0), BLUR).astype(np.uint8) for each in (first, second)]
    rows, columns = (_starts(side) for side in second.shape[:2])
    grid, quarter, done = np.full((len(rows), len(columns)), np.nan), 1.0, np.zeros_like(cover)
    for row, column in np.ndindex(grid.shape):
        top, left = rows[row], columns[column]
        wide = np.s_[top - SHIFT : top + TILE + SHIFT, left - SHIFT : left + TILE + SHIFT]
        if cover[wide].all():
            done[top : top + TILE, left : left + TILE] = True
            tile = soft[1][top : top + TILE, left : left + TILE]
            grid[row, column], least = _tile(soft[0][wide], tile)
            quarter = min(quarter, least)
    return _Grid(grid, quarter, done)


def _starts(side: int) -> list[int]:
    """Where tiles begin along a side; the last ends with the side, so that no edge is passed over."""
    last = side - SHIFT - TILE
    whole = list(range(SHIFT, last + 1, TILE))
    return whole if not whole or whole[-1] == last else [*whole, last]


def _tile(window: npt.NDArray[np.uint8], tile: npt.NDArray[np.uint8]) -> tuple[float, float]:
    """The correlation of a tile with its place in a window that is `SHIFT` wider on each side, and the least
    of its quarters there."""
    inner = window[SHIFT:-SHIFT, SHIFT:-SHIFT]
    less, more = sorted((float(inner.std()), float(tile.std())))
    if more < _PRINT or (less < _FLAT and more < 2 * _PRINT):
        return float("nan"), 1.0
    if less < _FLAT:
        return 0.0, 0.0
    _, best, _, (left, top) = cv2.minMaxLoc(cv2.matchTemplate(window, tile, cv2.TM_CCOEFF_NORMED))
    return float(best), _least_quarter(window[top : top + TILE, left : left + TILE], tile)


def _least_quarter(first: npt.NDArray[np.uint8], second: npt.NDArray[np.uint8]) -> float:
    """The least correlation of quarters of two tiles that lie over each other; those without print agree."""
    one, other = (_quarters(each) for each in (first, second))
    spread = np.maximum(one.std(axis=1), 1), np.maximum(other.std(axis=1), 1)
    apart = [each - each.mean(axis=1, keepdims=True) for each in (one, other)]
    correlation = (apart[0] * apart[1]).mean(axis=1) / (spread[0] * spread[1])
    return float(np.where(np.maximum(*spread) >= _PRINT, correlation, 1.0).min())


def _quarters(tile: npt.NDArray[np.uint8]) -> npt.NDArray[np.float64]:
    half = TILE // 2
    return tile.reshape(2, half, 2, half).swapaxes(1, 2).reshape(4, half * half).astype(np.float64)


def _share(cover: Mask, grey: Grey) -> float:
    """The part of a picture's textured tiles that `cover` leaves to compare."""
    rows, columns = grey.shape[0] // TILE, grey.shape[1] // TILE
    shape = (rows, TILE, columns, TILE)
    cut = np.s_[: rows * TILE, : columns * TILE]
    textured = grey[cut].reshape(shape).std(axis=(1, 3)) >= _PRINT
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
