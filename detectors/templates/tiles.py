"""Tiles: do the small squares of a template's print stand where the laid picture shows them?

Features can agree by chance or by a shared table; tiles ask of every part of the print. A tile agrees when
its normalised correlation with the picture, at the best of a few pixels' shift, is above `AGREEING`.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
import numpy.typing as npt

from detectors.base import Box
from detectors.local_features import Grey, Matrix

TILE = 32
AGREEING = 0.70
_TEXTURE = 12.0
"""Grey levels' standard deviation from which a tile holds print."""
_BLANK = 3.0
_WRITING = 14.0
_SMALL = TILE // 2
"""A tile's side in the halved pictures that are compared: the kept print is no sharper."""
_SHIFT = 2
"""Pixels of these that a curled or creased page may be off."""
_FLAT = 3.0

Mask = npt.NDArray[np.bool_]
Places = npt.NDArray[np.intp]


@dataclass(frozen=True, slots=True)
class TileEvidence:
    """Which printed tiles of a template lie inside the picture, and which of them agree, as places."""

    seen: tuple[Box, ...]
    agreeing: tuple[Box, ...]

    @property
    def share(self) -> float:
        """The part of those in the picture that agrees, 0 to 1."""
        return len(self.agreeing) / max(len(self.seen), 1)


@dataclass(frozen=True, slots=True)
class TileGrid:
    """A page's tiles as (column, row): those with print, and those with none."""

    printed: Places
    blank: Places


def tile_grid(raster: Grey) -> TileGrid:
    """The tiles of a page."""
    spread = _spread(raster)
    return TileGrid(np.argwhere((spread > _TEXTURE).T), np.argwhere((spread < _BLANK).T))


def boxes_of(places: Places) -> tuple[Box, ...]:
    """The tiles as boxes, in pixels."""
    return tuple(Box(x * TILE, y * TILE, TILE, TILE) for x, y in places.tolist())


def covered_tiles(matrix: Matrix, shape: tuple[int, int], raster: tuple[int, int]) -> Mask:
    """The tiles of a raster that lie wholly inside a picture of `shape` that `matrix` lays over it.

    Both shapes are (height, width); the mask's is (rows, columns).
    """
    rows, columns = raster[0] // TILE, raster[1] // TILE
    back = np.linalg.inv(matrix)
    corners = np.stack(np.meshgrid(np.arange(columns + 1), np.arange(rows + 1)), axis=-1) * TILE
    x, y, depth = np.moveaxis(corners @ back[:, :2].T + back[:, 2], -1, 0)
    middle = matrix @ (shape[1] / 2, shape[0] / 2, 1.0)
    ahead = depth * (back[2] @ (middle / middle[2])) > 0  # and not behind the camera
    depth = np.where(depth == 0, 1.0, depth)
    within = ahead & (x / depth >= 0) & (x / depth <= shape[1]) & (y / depth >= 0) & (y / depth <= shape[0])
    return np.asarray(within[:-1, :-1] & within[:-1, 1:] & within[1:, :-1] & within[1:, 1:], bool)


def compare_tiles(raster: Grey, grid: TileGrid, laid: Grey, covered: Mask) -> TileEvidence:
    """Compare a template's print with a picture laid over it, where tiles are `covered`."""
    raster, laid = _halved(raster), _halved(laid)
    spread = _spread(laid, _SMALL)
    square = _correlation(raster, laid, spread)
    seen = [(x, y) for x, y in grid.printed.tolist() if covered[y, x]]
    agreeing = [
        (x, y)
        for x, y in seen
        if square[y, x] > AGREEING or (spread[y, x] > _FLAT and _agrees(raster, laid, x, y))
    ]
    return TileEvidence(boxes_of(np.array(seen, int)), boxes_of(np.array(agreeing, int)))


def _correlation(raster: Grey, laid: Grey, spread: npt.NDArray[np.float32]) -> npt.NDArray[np.float32]:
    """Each tile's correlation where it stands, without any shift, shape (rows, columns)."""
    first, second = _cells(raster, _SMALL), _cells(laid, _SMALL)
    shared = _means(first * second, _SMALL) - _means(first, _SMALL) * _means(second, _SMALL)
    found: npt.NDArray[np.float32] = shared / np.maximum(_spread(raster, _SMALL) * spread, 1.0)
    return found


def added_ink(grid: TileGrid, laid: Grey, covered: Mask) -> float:
    """The share of a template's blank tiles that hold print on the picture: what somebody filled in."""
    if not len(grid.blank):
        return 0.0
    x, y = grid.blank.T
    spread = _spread(laid)[y, x][covered[y, x]]
    return float((spread > _WRITING).mean()) if len(spread) else 0.0


def _agrees(raster: Grey, laid: Grey, column: int, row: int) -> bool:
    y, x = row * _SMALL, column * _SMALL
    around = laid[max(0, y - _SHIFT) : y + _SMALL + _SHIFT, max(0, x - _SHIFT) : x + _SMALL + _SHIFT]
    tile = raster[y : y + _SMALL, x : x + _SMALL]
    return float(cv2.matchTemplate(around, tile, cv2.TM_CCOEFF_NORMED).max()) > AGREEING


def _halved(raster: Grey) -> Grey:
    return cv2.resize(raster, None, fx=0.5, fy=0.5, interpolation=cv2.INTER_AREA).astype(np.uint8)


def _spread(raster: Grey, tile: int = TILE) -> npt.NDArray[np.float32]:
    """The standard deviation of each tile, shape (rows, columns)."""
    cells = _cells(raster, tile)
    mean = _means(cells, tile)
    return np.sqrt(np.maximum(_means(cells * cells, tile) - mean * mean, 0)).astype(np.float32)


def _cells(raster: Grey, tile: int) -> npt.NDArray[np.float32]:
    rows, columns = raster.shape[0] // tile, raster.shape[1] // tile
    return raster[: rows * tile, : columns * tile].astype(np.float32)


def _means(cells: npt.NDArray[np.float32], tile: int) -> npt.NDArray[np.float32]:
    size = (cells.shape[1] // tile, cells.shape[0] // tile)
    return cv2.resize(cells, size, interpolation=cv2.INTER_AREA).astype(np.float32)


def inside(box: Box, area: Box) -> bool:
    """Whether a tile's middle lies in an area."""
    x, y = box.x + box.width / 2, box.y + box.height / 2
    return area.x <= x <= area.x + area.width and area.y <= y <= area.y + area.height
