"""Light on a scene: where the lamp is, how it falls off, and what stands in its way."""

from __future__ import annotations

from dataclasses import dataclass
from random import Random

import cv2
import numpy as np
import numpy.typing as npt

from benchmarks.synth.optics import Floats


@dataclass(frozen=True, slots=True)
class Light:
    """A lamp. `towards` points at it from the table; `cast` is the colour left after white balance (RGB)."""

    towards: tuple[float, float, float] = (-0.35, -0.5, 0.8)
    cast: tuple[float, float, float] = (1.0, 1.0, 1.0)
    falloff: float = 0.35
    """How much darker the far corner is, 0 to 1."""
    exposure: float = 1.0
    shadow: str | None = None
    """Whose shadow falls in: "phone" (hands and phone from below) or "head" (a soft mass), or None."""

    @property
    def slant(self) -> tuple[float, float]:
        """How far along the ground a shadow moves for each centimetre of height."""
        x, y, z = self.towards
        return (-x / z, -y / z)


def illumination(light: Light, size: tuple[int, int], rng: Random) -> Floats:
    """Light reaching each pixel, without the scene's own relief, as (height, width, 1)."""
    width, height = size
    x, y = np.meshgrid(
        np.linspace(-1, 1, width, dtype=np.float32), np.linspace(-1, 1, height, dtype=np.float32)
    )
    lx, ly, _ = light.towards
    norm = max(1e-6, float(np.hypot(lx, ly)))
    along = (x * lx + y * ly) / norm
    field = 1 + light.falloff * (0.55 * along - 0.28 * (x * x + y * y - 0.6))
    if light.shadow:
        field = field * _shadow(light.shadow, size, rng)
    return np.clip(field, 0.12, None)[..., None].astype(np.float32)


def _shadow(kind: str, size: tuple[int, int], rng: Random) -> Floats:
    width, height = size
    mask = np.zeros((height // 4, width // 4), np.float32)
    wide, tall = mask.shape[1], mask.shape[0]
    middle = wide * rng.uniform(0.42, 0.72)
    if kind == "phone":
        _phone_and_hands(mask, middle, wide, tall, rng)
    else:
        cv2.ellipse(mask, (round(middle), tall), (round(wide * 0.34), round(tall * 0.46)), 8, 0, 360, 1.0, -1)
        cv2.ellipse(
            mask,
            (round(middle), round(tall * 1.1)),
            (round(wide * 0.7), round(tall * 0.3)),
            0,
            0,
            360,
            1.0,
            -1,
        )
    soft = cv2.GaussianBlur(mask, (0, 0), wide * (0.022 if kind == "phone" else 0.06))
    deep = cv2.GaussianBlur(mask, (0, 0), wide * (0.006 if kind == "phone" else 0.028))
    full = cv2.resize(0.55 * soft + 0.45 * deep, (width, height), interpolation=cv2.INTER_LINEAR)
    return np.asarray(1 - 0.32 * full, np.float32)


def _phone_and_hands(mask: Floats, middle: float, wide: int, tall: int, rng: Random) -> None:
    top = tall * rng.uniform(0.62, 0.74)
    half = wide * 0.15
    tilt = rng.uniform(-6, 6)
    phone = cv2.boxPoints(((middle, top + tall * 0.16), (half * 2, tall * 0.34), tilt))
    cv2.fillPoly(mask, [np.rint(phone).astype(np.int32)], (1.0,))
    for side in (-1, 1):
        grip = (round(middle + side * half * 1.05), round(top + tall * 0.2))
        cv2.ellipse(mask, grip, (round(half * 0.55), round(half * 1.0)), side * 14.0, 0, 360, (1.0,), -1)
        elbow = (round(middle + side * half * 1.9), tall + 20)
        cv2.line(mask, grip, elbow, (1.0,), round(half * 0.95))


def darken(scene: Floats, polygon: npt.NDArray[np.int32], softness: float, depth: float) -> Floats:
    """A soft shadow of a polygon on a picture."""
    mask = np.zeros(scene.shape[:2], np.float32)
    cv2.fillPoly(mask, [polygon], (1.0,))
    soft = cv2.GaussianBlur(mask, (0, 0), softness)
    return np.asarray(scene * (1 - depth * soft[..., None]), np.float32)
