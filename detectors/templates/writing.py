"""What people wrote on a filled sample: where it does not show what another sample of the form shows.

Stricter than a picture is compared with a template, for what is taken for print is kept: a hospital number
and another have most of their shape in common. So cells of half a tile are compared, by a measure that the
samples themselves give (print on two scans agrees better than on two photographs), and what stands beside
writing goes with it.
"""

from __future__ import annotations

import cv2
import numpy as np
import numpy.typing as npt

from detectors.local_features import Grey
from detectors.templates.tiles import TILE

CELL = TILE // 2
_INK, _TEXTURE = 5.0, 12.0
"""Grey levels' standard deviation from which a cell may hold writing, and certainly holds print."""
_SHIFT = 3
"""Pixels that print of one sample may be off on another."""
_WORSE, _LEAST, _MOST = 0.1, 0.6, 0.9
"""Print correlates no worse than the median of the page less this, within these bounds."""
_BESIDE = np.ones((1, 7), np.uint8)
"""The cells of a line around writing, of which those with ink go with it."""

Mask = npt.NDArray[np.bool_]


def written_tiles(raster: Grey, laid: Grey) -> Mask:
    """The tiles (rows, columns) of a sample that another one, laid over it, does not show alike."""
    rows, columns = raster.shape[0] // TILE, raster.shape[1] // TILE
    first, other = (page[: rows * TILE, : columns * TILE] for page in (raster, laid))
    spreads = _spread(first), _spread(other)
    inked = np.maximum(*spreads) > _INK
    alike = _alike(first, other, inked)
    usual = float(np.median(alike[spreads[0] > _TEXTURE])) if (spreads[0] > _TEXTURE).any() else _MOST
    differs = inked & (alike < np.clip(usual - _WORSE, _LEAST, _MOST))
    beside = cv2.dilate(differs.astype(np.uint8), _BESIDE).astype(bool) & inked
    written: Mask = (differs | beside).reshape(rows, 2, columns, 2).any(axis=(1, 3))
    return written


def _spread(page: Grey) -> npt.NDArray[np.float64]:
    rows, columns = page.shape[0] // CELL, page.shape[1] // CELL
    cells = page.reshape(rows, CELL, columns, CELL).astype(np.float64)
    return np.asarray(cells.std(axis=(1, 3)))


def _alike(first: Grey, other: Grey, inked: Mask) -> npt.NDArray[np.float64]:
    """Each inked cell's best correlation, from either page to the other, with a few pixels' shift."""
    found = np.ones(inked.shape)
    around = [np.pad(page, _SHIFT, mode="edge") for page in (first, other)]
    for row, column in np.argwhere(inked).tolist():
        y, x = row * CELL, column * CELL
        cells = (first[y : y + CELL, x : x + CELL], other[y : y + CELL, x : x + CELL])
        wide = [page[y : y + CELL + 2 * _SHIFT, x : x + CELL + 2 * _SHIFT] for page in around]
        found[row, column] = min(_best(wide[1], cells[0]), _best(wide[0], cells[1]))
    return found


def _best(around: Grey, cell: Grey) -> float:
    if float(cell.std()) < _INK / 2:  # blank here: it is alike where the other is blank too
        return 1.0 if float(around.std()) < _INK else 0.0
    return float(cv2.matchTemplate(around, cell, cv2.TM_CCOEFF_NORMED).max())
