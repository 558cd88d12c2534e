"""What things lie on: procedural textures, as sRGB rasters at `DENSITY` pixels a centimetre."""

from __future__ import annotations

from collections.abc import Callable

import cv2
import numpy as np

from benchmarks.synth.lens import Raster
from benchmarks.synth.optics import Floats

DENSITY = 22
SIDE = 90
"""Every surface is a square of this many centimetres."""


def _noise(rng: np.random.Generator, across: float, down: float) -> Floats:
    """Smooth noise, mean 0, deviation 1, with features of about these sizes in centimetres."""
    side = SIDE * DENSITY
    small = (max(2, round(SIDE / down)), max(2, round(SIDE / across)))
    grain = rng.normal(0, 1, small).astype(np.float32)
    wide = cv2.resize(grain, (side, side), interpolation=cv2.INTER_CUBIC)
    return np.asarray((wide - wide.mean()) / (wide.std() + 1e-6), np.float32)


def _paint(base: tuple[int, int, int], shade: Floats) -> Raster:
    colour = np.array(base, np.float32) * shade[..., None]
    return np.clip(colour, 0, 255).astype(np.uint8)


def _grid() -> tuple[Floats, Floats]:
    axis = np.arange(SIDE * DENSITY, dtype=np.float32) / DENSITY
    x, y = np.meshgrid(axis, axis)
    return x, y


def _planks(rng: np.random.Generator, base: tuple[int, int, int], width: float, contrast: float) -> Raster:
    _, y = _grid()
    board = np.floor(y / width).astype(int)
    tone = rng.normal(1, 0.055, board.max() + 1)[board].astype(np.float32)
    rings = np.sin((y * 2.2 + 1.7 * _noise(rng, 26, 5)) * 2.4 + tone * 60)
    fibre = _noise(rng, 5, 0.09) + 0.6 * _noise(rng, 14, 0.3)
    shade = tone * (1 + contrast * (0.05 * rings + 0.05 * fibre + 0.03 * _noise(rng, 20, 6)))
    gap = np.abs((y % width) - width / 2) > width / 2 - 0.05
    return _paint(base, np.where(gap, shade * 0.55, shade).astype(np.float32))


def oak(rng: np.random.Generator) -> Raster:
    """A kitchen table in pale oak."""
    return _planks(rng, (176, 134, 92), 11.5, 1.0)


def walnut(rng: np.random.Generator) -> Raster:
    """A dark desk."""
    return _planks(rng, (96, 66, 48), 30.0, 1.3)


def counter(rng: np.random.Generator) -> Raster:
    """A ward counter: pale speckled laminate."""
    fleck = _noise(rng, 0.12, 0.12)
    speck = np.where(fleck > 2.1, 0.82, np.where(fleck < -2.2, 1.08, 1.0)).astype(np.float32)
    shade = speck * (1 + 0.012 * _noise(rng, 0.3, 0.3) + 0.02 * _noise(rng, 30, 30))
    return _paint((196, 199, 198), shade.astype(np.float32))


def granite(rng: np.random.Generator) -> Raster:
    """A dark worktop with light grains."""
    fleck = 0.6 * _noise(rng, 0.16, 0.16) + 0.5 * _noise(rng, 0.5, 0.5)
    return _paint((62, 62, 66), np.clip(1 + 0.34 * fleck, 0.4, 2.6).astype(np.float32))


def denim(rng: np.random.Generator) -> Raster:
    """Two knees in jeans, the gap between them, one seam."""
    x, y = _grid()
    twill = np.sin((x + y * 1.6) * 2 * np.pi / 0.17) * 0.05
    wear = 0.10 * _noise(rng, 9, 14) + 0.06 * _noise(rng, 0.12, 1.1) + 0.05 * _noise(rng, 0.1, 0.1)
    middle = SIDE / 2 + 0.06 * (y - SIDE / 2)
    knee = 1 - (np.abs(np.abs(x - middle) - 10.5) / 12.0) ** 2
    shade = (0.52 + 0.5 * np.clip(knee, 0.0, 1)) * (1 + twill + wear)
    seam = np.abs(np.abs(x - middle) - 17.2)
    shade = np.where(seam < 0.12, shade * 0.6, shade)
    stitched = (np.abs(seam - 0.5) < 0.05) & ((y % 0.5) < 0.32)
    picture = _paint((72, 92, 128), shade.astype(np.float32))
    picture[stitched] = (168, 130, 84)
    return picture


def seat(rng: np.random.Generator) -> Raster:
    """A passenger seat: woven charcoal, bolsters, stitched panels."""
    x, y = _grid()
    weave = 0.09 * np.sin(x * 2 * np.pi / 0.22) * np.sin(y * 2 * np.pi / 0.22)
    centre = np.abs(x - SIDE / 2)
    bolster = np.where(centre > 21, 0.62 + 0.5 * np.exp(-((centre - 27) ** 2) / 18), 1.0)
    rib = 1 - 0.28 * np.exp(-(((y - 4) % 15 - 7.5) ** 2) / 0.25)
    shade = bolster * np.where(centre > 21, 1.0, rib) * (1 + weave + 0.06 * _noise(rng, 0.15, 0.15))
    shade = shade * (1 + 0.05 * _noise(rng, 18, 18))
    stitched = (np.abs(centre - 20.7) < 0.06) & ((y % 0.55) < 0.36)
    picture = _paint((66, 67, 71), shade.astype(np.float32))
    picture[stitched] = (150, 150, 150)
    return picture


def cotton(rng: np.random.Generator) -> Raster:
    """A hospital blanket: pale blue cellular weave with soft creases."""
    x, y = _grid()
    cells = 0.05 * (np.sin(x * 2 * np.pi / 0.42) * np.sin(y * 2 * np.pi / 0.42))
    lump = 1.3 * _noise(rng, 11, 7) + 0.7 * _noise(rng, 4.5, 9)
    slope = cv2.Sobel(lump, cv2.CV_32F, 1, 1, ksize=5)
    fold = np.clip(cv2.GaussianBlur(slope, (0, 0), 14) * 0.9, -0.2, 0.14) + 0.03 * lump
    shade = 1 + cells + fold + 0.025 * _noise(rng, 0.08, 0.08)
    return _paint((176, 196, 208), shade.astype(np.float32))


def bezel(rng: np.random.Generator) -> Raster:
    """The dark plastic round a screen."""
    return _paint((26, 27, 29), (1 + 0.03 * _noise(rng, 0.08, 0.08)).astype(np.float32))


def cardboard(rng: np.random.Generator) -> Raster:
    """A parcel: brown board with faint flutes and a strip of tape."""
    x, _ = _grid()
    flute = 0.018 * np.sin(x * 2 * np.pi / 0.55)
    shade = 1 + flute + 0.03 * _noise(rng, 0.1, 0.5) + 0.035 * _noise(rng, 12, 16)
    tape = np.abs(x - SIDE / 2 - 8.2) < 2.4
    shade = np.where(tape, shade * 0.9 + 0.02 * np.sin(x * 9), shade)
    return _paint((178, 140, 100), shade.astype(np.float32))


def plaster(rng: np.random.Generator) -> Raster:
    """A corridor's painted wall."""
    bumps = cv2.Sobel(_noise(rng, 0.35, 0.35), cv2.CV_32F, 0, 1, ksize=3)
    shade = 1 + 0.012 * bumps + 0.02 * _noise(rng, 25, 25)
    return _paint((214, 214, 204), shade.astype(np.float32))


SURFACES: dict[str, Callable[[np.random.Generator], Raster]] = {
    made.__name__: made
    for made in (oak, walnut, counter, granite, denim, seat, cotton, bezel, cardboard, plaster)
}
