"""Two pages laid over each other, compared tile by tile.

A regular grid of tiles tells how much of a page agrees. Along the rim of what both show (a crop's edge runs
through tiles) further tiles are placed, so that all print that both show is compared. In a whole tile a rule
or a coloured band outweighs the name beside it, so its quarters are compared too; and where something names
somebody, windows of a letter's size.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

import cv2
import numpy as np
import numpy.typing as npt

from detectors.local_features import Grey

Mask = npt.NDArray[np.bool_]
Place = tuple[slice, slice]
"""Rows and columns."""

TILE = 40
"""Pixels of a tile's side, in a picture of 0.9 megapixels: two or three lines of print."""
SHIFT = 3
"""Pixels by which a tile may sit beside its place: paper is not flat, and no alignment is exact."""
LETTER = 8
"""Pixels of the windows that slide over what names somebody: a digit of small print."""
PRINT, FLAT = 8.0, 3.0
"""Standard deviation of grey levels above which a tile holds print, and below which it is empty."""
_BLUR = 1.0
"""Both pictures are softened by this much, since one copy is sharper than the other."""
_FINE = 9
_WIDE = TILE + 2 * SHIFT


@dataclass(slots=True)
class Compared:
    """What tiles say: the correlation of each of the grid (NaN where there is nothing to compare), the least
    of any tile or quarter of one, the least of a letter's window in a named place; which pixels were
    compared, and which hold print on the second page."""

    grid: npt.NDArray[np.float64]
    done: Mask
    printed: Mask
    quarter: float = 1.0
    letter: float = 1.0


@dataclass(frozen=True, slots=True)
class _Pages:
    """The softened pages; where the upper left corner of a tile may be; which pixels name somebody."""

    first: Grey
    second: Grey
    corners: Mask
    naming: Mask = field(repr=False)


def compare(first: Grey, second: Grey, cover: Mask, named: Sequence[Place]) -> Compared:
    """Two pages of one shape, of which the first shows what `cover` says; the second names somebody there."""
    soft = [cv2.GaussianBlur(each, (0, 0), _BLUR).astype(np.uint8) for each in (first, second)]
    naming = np.zeros_like(cover)
    for place in named:
        naming[place] = True
    pages = _Pages(soft[0], soft[1], _corners(cover), naming)
    rows, columns = (_starts(side) for side in cover.shape)
    printed = _printed(second)
    compared = Compared(np.full((len(rows), len(columns)), np.nan), np.zeros_like(cover), printed)
    for row, column in np.ndindex(compared.grid.shape):
        if pages.corners[rows[row], columns[column]]:
            compared.grid[row, column] = _tile(pages, compared, rows[row], columns[column])
    for top, left in _rim(pages.corners, compared.done, printed | (_printed(first) & cover)):
        _tile(pages, compared, top, left)
    return compared


def _starts(side: int) -> list[int]:
    """Where tiles begin along a side; the last ends with the side, so that no edge is passed over."""
    last = side - SHIFT - TILE
    whole = list(range(SHIFT, last + 1, TILE))
    return whole if not whole or whole[-1] == last else [*whole, last]


def _corners(cover: Mask) -> Mask:
    """Where a tile's upper left corner may be: the tile and `SHIFT` round it are covered."""
    room = cv2.erode(
        np.pad(cover, ((0, _WIDE), (0, _WIDE))).astype(np.uint8),
        np.ones((_WIDE, _WIDE), np.uint8),
        anchor=(0, 0),
        borderType=cv2.BORDER_CONSTANT,
        borderValue=0,
    )
    corners = np.zeros_like(cover)
    corners[SHIFT:, SHIFT:] = room[: cover.shape[0] - SHIFT, : cover.shape[1] - SHIFT] > 0
    return corners


def _rim(corners: Mask, done: Mask, printed: Mask) -> Iterator[tuple[int, int]]:
    """Corners of further tiles for the print that the grid's tiles left out and that a tile can reach."""
    reached = cv2.dilate(
        corners.astype(np.uint8), np.ones((TILE, TILE), np.uint8), anchor=(TILE - 1, TILE - 1)
    )
    left_out = (reached > 0) & printed & ~done
    while left_out.any():
        row, column = divmod(int(left_out.argmax()), left_out.shape[1])
        above, before = max(0, row - TILE + 1), max(0, column - TILE + 1)
        downs, rights = np.nonzero(corners[above : row + 1, before : column + 1])
        farthest = int((downs + rights).argmax())
        yield above + int(downs[farthest]), before + int(rights[farthest])
        left_out &= ~done


def _printed(grey: Grey) -> Mask:
    """Which pixels lie in or beside print."""
    return _spread(grey.astype(np.float32), _FINE) >= PRINT


def _spread(grey: npt.NDArray[np.float32], side: int) -> npt.NDArray[np.float32]:
    """The standard deviation in the window round each pixel."""
    mean, square = (cv2.boxFilter(each, -1, (side, side)) for each in (grey, grey * grey))
    return np.sqrt(np.maximum(square - mean * mean, 0)).astype(np.float32)


def _tile(pages: _Pages, compared: Compared, top: int, left: int) -> float:
    """The best correlation of a tile within `SHIFT` of its place; NaN where neither page has print.

    Its quarters and letters are compared where it fits best.
    """
    tile = pages.second[top : top + TILE, left : left + TILE]
    window = pages.first[top - SHIFT : top + TILE + SHIFT, left - SHIFT : left + TILE + SHIFT]
    compared.done[top : top + TILE, left : left + TILE] = True
    less, more = sorted(_deviation(each) for each in (window[SHIFT:-SHIFT, SHIFT:-SHIFT], tile))
    if more < PRINT or (less < FLAT and more < 2 * PRINT):
        return float("nan")
    if less < FLAT:
        compared.quarter = 0.0
        return 0.0
    _, best, _, (right, down) = cv2.minMaxLoc(cv2.matchTemplate(window, tile, cv2.TM_CCOEFF_NORMED))
    fitting = window[down : down + TILE, right : right + TILE]
    compared.quarter = min(compared.quarter, _least_quarter(fitting, tile))
    naming = pages.naming[top : top + TILE, left : left + TILE]
    if naming.any():
        compared.letter = min(compared.letter, _least_letter(fitting, tile, naming))
    return float(best)


def _deviation(grey: Grey) -> float:
    return float(cv2.meanStdDev(grey)[1][0, 0])


def _least_quarter(first: Grey, second: Grey) -> float:
    """The least correlation of quarters of two tiles that lie over each other; those without print agree."""
    one, other = (_quarters(each) for each in (first, second))
    spread = np.maximum(one.std(axis=1), 1), np.maximum(other.std(axis=1), 1)
    apart = [each - each.mean(axis=1, keepdims=True) for each in (one, other)]
    correlation = (apart[0] * apart[1]).mean(axis=1) / (spread[0] * spread[1])
    return float(np.where(np.maximum(*spread) >= PRINT, correlation, 1.0).min())


def _quarters(tile: Grey) -> npt.NDArray[np.float64]:
    half = TILE // 2
    return tile.reshape(2, half, 2, half).swapaxes(1, 2).reshape(4, half * half).astype(np.float64)


def _least_letter(first: Grey, second: Grey, naming: Mask) -> float:
    """The least correlation of windows of `LETTER` pixels round what names somebody, whole in the tile."""
    one, other = first.astype(np.float32), second.astype(np.float32)
    side = (LETTER, LETTER)
    means = [cv2.boxFilter(each, -1, side) for each in (one, other, one * other)]
    spreads = [np.maximum(_spread(each, LETTER), 1) for each in (one, other)]
    correlation = (means[2] - means[0] * means[1]) / (spreads[0] * spreads[1])
    inside = np.zeros_like(naming)
    inside[LETTER // 2 : -(LETTER // 2), LETTER // 2 : -(LETTER // 2)] = True
    telling = naming & inside & (np.maximum(*spreads) >= PRINT)
    return float(correlation[telling].min()) if telling.any() else 1.0
