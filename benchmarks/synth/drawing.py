"""Things drawn by rule: Code 128 bars, signatures, a landscape, a chest film."""

from __future__ import annotations

from dataclasses import dataclass
from random import Random

import cv2
import numpy as np

from benchmarks.synth.lens import Raster, to_bytes
from benchmarks.synth.optics import Floats

# Widths of bars and spaces of Code 128 values 0 to 106 (ISO/IEC 15417, table 1).
_WIDTHS = [
    "212222",
    "222122",
    "222221",
    "121223",
    "121322",
    "131222",
    "122213",
    "122312",
    "132212",
    "221213",
    "221312",
    "231212",
    "112232",
    "122132",
    "122231",
    "113222",
    "123122",
    "123221",
    "223211",
    "221132",
    "221231",
    "213212",
    "223112",
    "312131",
    "311222",
    "321122",
    "321221",
    "312212",
    "322112",
    "322211",
    "212123",
    "212321",
    "232121",
    "111323",
    "131123",
    "131321",
    "112313",
    "132113",
    "132311",
    "211313",
    "231113",
    "231311",
    "112133",
    "112331",
    "132131",
    "113123",
    "113321",
    "133121",
    "313121",
    "211331",
    "231131",
    "213113",
    "213311",
    "213131",
    "311123",
    "311321",
    "331121",
    "312113",
    "312311",
    "332111",
    "314111",
    "221411",
    "431111",
    "111224",
    "111422",
    "121124",
    "121421",
    "141122",
    "141221",
    "112214",
    "112412",
    "122114",
    "122411",
    "142112",
    "142211",
    "241211",
    "221114",
    "413111",
    "241112",
    "134111",
    "111242",
    "121142",
    "121241",
    "114212",
    "124112",
    "124211",
    "411212",
    "421112",
    "421211",
    "212141",
    "214121",
    "412121",
    "111143",
    "111341",
    "131141",
    "114113",
    "114311",
    "411113",
    "411311",
    "113141",
    "114131",
    "311141",
    "411131",
    "211412",
    "211214",
    "211232",
    "2331112",
]
_START_B, _STOP = 104, 106


@dataclass(frozen=True, slots=True)
class Bars:
    """Black bars (left edge, width) in modules, with the quiet zones, and the whole width."""

    bars: tuple[tuple[int, int], ...]
    width: int


def code128(text: str) -> Bars:
    """Printable ASCII as Code 128, set B."""
    values = [_START_B, *(ord(c) - 32 for c in text)]
    check = (values[0] + sum(i * v for i, v in enumerate(values[1:], 1))) % 103
    at, bars = 10, []
    for value in (*values, check, _STOP):
        for index, wide in enumerate(map(int, _WIDTHS[value])):
            if index % 2 == 0:
                bars.append((at, wide))
            at += wide
    return Bars(tuple(bars), at + 10)


def qr(text: str) -> Raster:
    """A QR code, one pixel a module."""
    code = cv2.QRCodeEncoder.create().encode(text)
    return np.asarray(cv2.cvtColor(code, cv2.COLOR_GRAY2RGB), np.uint8)


def scribble(rng: Random) -> str:
    """An SVG path like a hurried signature in a 150 x 50 box."""
    x, y = rng.uniform(4, 12), rng.uniform(26, 36)
    path = [f"M{x:.1f} {y:.1f}"]
    for step in range(rng.randint(8, 12)):
        reach = 22 if step in (0, 4) else rng.uniform(6, 13)
        lead, trail = x + rng.uniform(-7, 3), x + reach + rng.uniform(0, 6)
        x += rng.uniform(6, 12)
        y = 30 + rng.uniform(-5, 5)
        path.append(f"C{lead:.1f} {y - reach:.1f} {trail:.1f} {y - reach * 0.8:.1f} {x:.1f} {y:.1f}")
    path.append(f"q{rng.uniform(6, 12):.1f} {rng.uniform(4, 12):.1f} {148 - x:.1f} {rng.uniform(-12, 2):.1f}")
    return " ".join(path)


def _fractal(noise: np.random.Generator, wide: int, tall: int, first: int, octaves: int) -> Floats:
    total = np.zeros((tall, wide), np.float32)
    for octave in range(octaves):
        cells = first * 2**octave
        grain = noise.normal(0, 1, (max(2, cells * tall // wide), cells)).astype(np.float32)
        wave = np.asarray(cv2.resize(grain, (wide, tall), interpolation=cv2.INTER_CUBIC), np.float32)
        total += wave / 1.8**octave
    return np.asarray((total - total.min()) / (np.ptp(total) + 1e-6), np.float32)


def _ridge(noise: np.random.Generator, wide: int, base: float, rough: float) -> Floats:
    line = np.zeros(wide, np.float32)
    for octave in range(7):
        points = noise.normal(0, 1, 5 * 2**octave).astype(np.float32)[None]
        line += cv2.resize(points, (wide, 1), interpolation=cv2.INTER_CUBIC)[0] / 2.05**octave
    return np.asarray(base + rough * line, np.float32)


SUNSET = ((0.10, 0.16, 0.36), (0.95, 0.42, 0.20), (1.0, 0.80, 0.42))
DAWN = ((0.20, 0.38, 0.62), (0.78, 0.70, 0.66), (1.0, 0.88, 0.70))


def landscape(
    seed: int, wide: int, tall: int, sky: tuple[tuple[float, float, float], ...] = SUNSET
) -> Raster:
    """Hills in haze over a lake at a low sun: sky, clouds, ridges, and the water that mirrors them."""
    noise = np.random.default_rng(seed)
    shore = round(tall * 0.70)
    scene = _sky(noise, wide, shore, sky)
    haze = (0.55 * np.array(sky[1], np.float32) + 0.4 * np.array(sky[2], np.float32)) ** 1.9
    for layer in range(5):
        near = layer / 4
        top = _ridge(noise, wide, shore * (0.62 + 0.30 * near), shore * (0.035 - 0.012 * near))
        colour = haze * (1 - near) ** 1.5 * 0.85 + np.array([0.012, 0.02, 0.022]) * (0.4 + near)
        scene = _hill(scene, top, colour.astype(np.float32), noise)
    water = _water(scene[::-1][: tall - shore], noise)
    whole = np.concatenate([scene, water])
    grain = noise.normal(0, 0.006, whole.shape).astype(np.float32)
    return to_bytes(cv2.GaussianBlur(whole, (0, 0), 0.8) + grain)


def _sky(
    noise: np.random.Generator, wide: int, tall: int, sky: tuple[tuple[float, float, float], ...]
) -> Floats:
    y = np.linspace(0, 1, tall, dtype=np.float32)[:, None, None]
    high, warm, low = (np.array(c, np.float32) ** 1.6 for c in sky)
    scene = np.where(y < 0.62, high + (warm - high) * (y / 0.62), warm + (low - warm) * ((y - 0.62) / 0.38))
    scene = np.repeat(scene.astype(np.float32), wide, axis=1)
    cloud = np.clip(_fractal(noise, wide, tall, 3, 6) * 1.9 - 0.95, 0, 1)[..., None]
    scene = scene * (1 - 0.75 * cloud) + (warm * 0.9 + low * 0.35) * cloud * (0.35 + 0.65 * y)
    px, py = np.meshgrid(np.arange(wide), np.arange(tall))
    away = np.hypot(px - wide * 0.63, py - tall * 0.66) / wide
    glow = np.exp(-((away / 0.13) ** 2)) * 0.8 + np.clip((0.034 - away) / 0.004, 0, 1)
    return np.asarray(scene + glow[..., None] * low, np.float32)


def _hill(scene: Floats, top: Floats, colour: Floats, noise: np.random.Generator) -> Floats:
    rows = np.arange(scene.shape[0], dtype=np.float32)[:, None]
    jag = top + noise.normal(0, 0.5, top.shape)
    cover = np.clip(rows - jag[None], 0, 1)[..., None]
    mist = np.clip((rows - top[None]) / scene.shape[0], 0, 1)[..., None]
    return np.asarray(scene * (1 - cover) + (colour * (1 + 1.2 * mist)) * cover, np.float32)


def _water(mirror: Floats, noise: np.random.Generator) -> Floats:
    tall, wide = mirror.shape[:2]
    grain = noise.normal(0, 1, (tall // 2, wide // 24)).astype(np.float32)
    ripple = cv2.resize(grain, (wide, tall), interpolation=cv2.INTER_CUBIC)
    depth = np.linspace(0.4, 1, tall, dtype=np.float32)[:, None]
    x, y = np.meshgrid(np.arange(wide, dtype=np.float32), np.arange(tall, dtype=np.float32))
    seen = cv2.remap(mirror, x, y + ripple * 11 * depth, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REFLECT_101)
    return np.asarray(seen * (0.78 + 0.05 * ripple * depth)[..., None], np.float32)


def chest_film(seed: int, wide: int = 505, tall: int = 720) -> Raster:
    """Something that reads as a chest radiograph on a screen: ribs, lungs, heart, spine, a shadow."""
    noise = np.random.default_rng(seed)
    y, x = np.mgrid[-1.15 : 1.15 : tall * 1j, -1 : 1 : wide * 1j].astype(np.float32)
    film = 0.52 * np.exp(-((np.abs(x) / 0.98) ** 8)) * np.exp(-(((y - 0.1) / 1.2) ** 10))
    for side in (-1.0, 1.0):
        lung = ((x - side * 0.42) / (0.33 + 0.05 * y)) ** 2 + ((y + 0.02) / 0.72) ** 2
        film -= 0.40 / (1 + np.exp(np.clip((lung - 1) * 7, -60, 60)))
        for rib in range(9):
            arc = y + 0.72 - rib * 0.155 + 0.42 * (np.abs(x) - 0.32) ** 2 - 0.20 * np.abs(x)
            inside = (side * x > 0.06) & (np.abs(x) < 0.86)
            film += 0.075 * np.exp(-((arc / 0.030) ** 2)) * inside
        collar = y + 0.80 + 0.10 * np.abs(x) + 0.04 * np.sin(np.abs(x) * 5)
        film += 0.17 * np.exp(-((collar / 0.032) ** 2)) * ((side * x > 0.05) & (np.abs(x) < 0.82))
    film += 0.30 * np.exp(-((((x - 0.13) / 0.27) ** 2 + ((y - 0.26) / 0.27) ** 2) ** 2))
    film += 0.26 * np.exp(-((x / 0.085) ** 4)) * (1 + 0.12 * np.sin(y * 38))
    film += 0.34 / (1 + np.exp(-(y - 0.62 - 0.10 * x * x * 3 + 0.06 * np.cos(x * 7)) * 22))
    film += 0.20 * np.exp(-(((x - 0.47) / 0.085) ** 2 + ((y + 0.36) / 0.075) ** 2))
    vessels = np.asarray(_fractal(noise, wide, tall, 7, 5) - 0.5, np.float32)
    film = film + 0.09 * vessels * np.exp(-(((np.abs(x) - 0.3) / 0.32) ** 2))
    film = cv2.GaussianBlur(film + noise.normal(0, 0.012, film.shape), (0, 0), 1.1)
    return np.repeat((np.clip(film, 0.0, 0.94) ** 1.15 * 255).astype(np.uint8)[..., None], 3, axis=2)
