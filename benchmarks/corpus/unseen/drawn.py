"""Rasters that stand inside the unseen pages: a view, a table top, a retina, a jaw, a scan."""

from __future__ import annotations

from collections.abc import Callable
from random import Random

import cv2
import numpy as np
import numpy.typing as npt

from benchmarks.synth import drawing
from benchmarks.synth.lens import Raster
from benchmarks.synth.surfaces import SURFACES

_SKIES = (((0.15, 0.20, 0.42), (0.85, 0.45, 0.40), (0.98, 0.80, 0.55)),
          ((0.22, 0.45, 0.75), (0.60, 0.78, 0.90), (0.96, 0.96, 0.92)),
          ((0.45, 0.47, 0.52), (0.66, 0.67, 0.68), (0.83, 0.82, 0.80)))  # fmt: skip


def view(rng: Random) -> Raster:
    """A landscape."""
    return drawing.landscape(rng.randrange(2**31), 1100, 1100, rng.choice(_SKIES))


def ground(rng: Random) -> Raster:
    """A piece of a table, a blanket or a wall."""
    kind = rng.choice([name for name in SURFACES if name != "bezel"])
    whole = SURFACES[kind](np.random.default_rng(rng.randrange(2**31)))
    left, top = rng.randint(0, 700), rng.randint(0, 900)
    return np.ascontiguousarray(whole[top : top + 1000, left : left + 1000])


def retina(rng: Random) -> Raster:
    """The back of an eye: an orange disc, the bright nerve head, branching vessels."""
    side = 720
    y, x = np.mgrid[0:side, 0:side].astype(np.float32) - side / 2
    radius = np.hypot(x, y)
    noise = np.random.default_rng(rng.randrange(2**31)).normal(0, 1, (side, side)).astype(np.float32)
    tone = 0.75 - 0.25 * (radius / 330) ** 2 + 0.05 * cv2.GaussianBlur(noise, (0, 0), 9) * 9
    at = rng.choice((-1, 1)) * rng.randint(110, 150)
    head = np.exp(-(((x - at) / 42) ** 2 + (y / 48) ** 2))
    picture = np.stack([tone * 0.86 + head * 0.5, tone * 0.40 + head * 0.6, tone * 0.16 + head * 0.35], -1)
    vessels = np.zeros((side, side), np.float32)
    for up in (-1, 1):
        for bend in (-1.1, -0.4, 0.4, 1.1):
            _branch(rng, vessels, (side / 2 + at, side / 2), up * 1.57 + bend * 0.5, bend, 7.5)
    picture -= cv2.GaussianBlur(vessels, (0, 0), 1.5)[..., None] * np.array([0.35, 0.27, 0.1], np.float32)
    picture *= (radius < 335)[..., None]
    return (np.clip(picture, 0, 1) * 255).astype(np.uint8)


def _branch(
    rng: Random,
    vessels: npt.NDArray[np.float32],
    at: tuple[float, float],
    angle: float,
    bend: float,
    wide: float,
) -> None:
    x, y = at
    for step in range(46):
        angle += bend * 0.025 + rng.uniform(-0.16, 0.16)
        to = (x + 9 * np.cos(angle), y + 9 * np.sin(angle))
        cv2.line(
            vessels, (int(x), int(y)), (int(to[0]), int(to[1])), (1.0,), max(1, round(wide)), cv2.LINE_AA
        )
        (x, y), wide = to, wide * 0.975
        if wide > 3 and step % 14 == 13:
            _branch(rng, vessels, (x, y), angle + rng.choice((-0.6, 0.6)), -bend, wide * 0.6)


def jaw(rng: Random) -> Raster:
    """A panoramic film of the teeth, roughly: two arches of bright crowns with roots over grey bone."""
    tall, wide = 420, 860
    noise = np.random.default_rng(rng.randrange(2**31)).normal(0, 1, (tall, wide)).astype(np.float32)
    y, x = np.mgrid[0:tall, 0:wide].astype(np.float32)
    bow = 40 * ((x - wide / 2) / (wide / 2)) ** 2
    grey = 0.30 + 0.25 * np.exp(-(((y - 215 + bow) / 120) ** 2)) + cv2.GaussianBlur(noise, (0, 0), 5) * 0.5
    for arch, way in ((190, -1), (238, 1)):
        for tooth in range(14):
            if rng.random() < 0.08:
                continue
            centre = 150 + tooth * 43 + rng.uniform(-3, 3)
            lift = 40 * ((centre - wide / 2) / (wide / 2)) ** 2
            near = np.s_[:, round(centre) - 30 : round(centre) + 30]
            u, v = x[near] - centre, y[near] - arch + lift
            crown = np.exp(-((u / 17) ** 4 + (v / 20) ** 4))
            root = np.exp(-((u / 10) ** 4 + ((v - way * 48) / 44) ** 4))
            grey[near] = np.maximum(grey[near], 0.85 * crown + 0.2 * grey[near])
            grey[near] = np.maximum(grey[near], 0.62 * root + 0.3 * grey[near])
    grey += cv2.GaussianBlur(noise, (0, 0), 1.2) * 0.04
    return np.repeat((np.clip(grey, 0, 1) * 235).astype(np.uint8)[..., None], 3, axis=2)


def film(rng: Random) -> Raster:
    """A chest film."""
    return drawing.chest_film(rng.randrange(2**31))


PICTURES: dict[str, Callable[[Random], Raster]] = {
    "view": view, "ground": ground, "retina": retina, "jaw": jaw, "film": film,
}  # fmt: skip
"""The names under which entries of `content/` ask for a raster."""
