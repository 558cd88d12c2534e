"""Rasters that stand inside held-out pages: an ultrasound fan, a film, a view, a table top."""

from __future__ import annotations

from random import Random

import cv2
import numpy as np

from benchmarks.synth import drawing
from benchmarks.synth.lens import Raster
from benchmarks.synth.surfaces import SURFACES

_SKIES = (drawing.SUNSET, drawing.DAWN, ((0.30, 0.52, 0.80), (0.72, 0.82, 0.90), (0.95, 0.95, 0.90)),
          ((0.34, 0.36, 0.40), (0.55, 0.56, 0.58), (0.74, 0.72, 0.70)))  # fmt: skip


def ultrasound(rng: Random) -> tuple[Raster]:
    """A grey sector of speckle with a dark sac and a bright shape in it, as an obstetric scan shows."""
    tall, wide = 680, 640
    noise = np.random.default_rng(rng.randrange(2**31))
    y, x = np.mgrid[0:tall, 0:wide].astype(np.float32)
    dx, dy = x - wide / 2, y + 60
    radius, angle = np.hypot(dx, dy), np.arctan2(dx, dy)
    grain = cv2.GaussianBlur(noise.normal(0, 1, (tall, wide)).astype(np.float32), (0, 0), 1.6) * 3
    cx, cy = wide / 2 + rng.uniform(-60, 60), tall * rng.uniform(0.5, 0.6)
    tilt = rng.uniform(-0.7, 0.7)
    u, v = (
        (x - cx) * np.cos(tilt) + (y - cy) * np.sin(tilt),
        (y - cy) * np.cos(tilt) - (x - cx) * np.sin(tilt),
    )
    sac = 1 / (1 + np.exp(-(1 - (u / 170) ** 2 - (v / 110) ** 2) * 8))
    body = np.exp(-(((u - 30) / 70) ** 2 + ((v + 8) / 34) ** 4))
    head = np.exp(-((np.hypot(u + 62, v - 4) - 36) ** 2) / 40) + 0.4 * (np.hypot(u + 62, v - 4) < 34)
    tone = (0.34 + 0.10 * grain) * (1 - 0.85 * sac) + 0.62 * np.maximum(body, head) * (0.8 + 0.22 * grain)
    tone = tone * np.exp(-radius / 900) * 1.5
    tone = tone * ((radius > 90) & (radius < 710) & (np.abs(angle) < 0.62))
    grey = (np.clip(tone, 0, 1) ** 1.1 * 255).astype(np.uint8)
    return (np.repeat(grey[..., None], 3, axis=2),)


def film(rng: Random) -> tuple[Raster]:
    """A chest film."""
    return (drawing.chest_film(rng.randrange(2**31)),)


def view(rng: Random) -> tuple[Raster]:
    """A landscape under one of four skies."""
    wide, tall = rng.choice(((1200, 900), (900, 1200), (1200, 1200)))
    return (drawing.landscape(rng.randrange(2**31), wide, tall, rng.choice(_SKIES)),)


def table(rng: Random) -> tuple[Raster]:
    """A piece of a table, a blanket or a wall."""
    kind = rng.choice([name for name in SURFACES if name != "bezel"])
    whole = SURFACES[kind](np.random.default_rng(rng.randrange(2**31)))
    left, top = rng.randint(0, 800), rng.randint(0, 1000)
    return (np.ascontiguousarray(whole[top : top + 900, left : left + 1100]),)
