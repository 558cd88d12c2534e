"""What happens to a picture before it is posted: scans, faxes, pens, crops, turns, and being saved again."""

from __future__ import annotations

from random import Random

import cv2
import numpy as np
import numpy.typing as npt

from benchmarks.synth.browser import Browser
from benchmarks.synth.lens import recompress
from benchmarks.synth.scenes import Mark, Picture, cropped, moved, scanned
from benchmarks.synth.shots import Shot

_INKS = ((12, 12, 12), (190, 20, 30), (20, 50, 170), (255, 255, 255), (40, 160, 70), (250, 210, 30))


def resized(picture: Picture, long_side: int) -> Picture:
    """The whole picture, its longer side at most so long."""
    tall, wide = picture.pixels.shape[:2]
    return cropped(picture, (0, 0, wide, tall), long_side)


def scan(_browser: Browser, page: Picture, seed: int) -> Picture:
    """A flatbed scan, a little turned; one in four grey."""
    rng = Random(f"scan/{seed}")
    tall, wide = page.pixels.shape[:2]
    width = round(wide * rng.uniform(900, 1800) / max(wide, tall))
    taken = scanned(page, width, rng.gauss(0, 0.8), seed)
    if rng.random() < 0.25:
        return Picture(np.repeat(_grey(taken)[..., None], 3, 2), taken.marks)
    return taken


def _grey(picture: Picture) -> npt.NDArray[np.uint8]:
    return np.asarray(cv2.cvtColor(picture.pixels, cv2.COLOR_RGB2GRAY), np.uint8)


def fax(_browser: Browser, page: Picture, seed: int) -> Picture:
    """A fax or a tired photocopy: black or white, streaked, specked."""
    rng, noise = Random(f"fax/{seed}"), np.random.default_rng(seed)
    taken = scanned(page, round(page.pixels.shape[1] * rng.uniform(0.55, 0.95)), rng.gauss(0, 1.2), seed)
    grey = _grey(taken).astype(np.float32) + noise.normal(0, rng.uniform(4, 22), taken.pixels.shape[:2])
    hard = 1 / (1 + np.exp(-(grey - rng.uniform(120, 190)) / rng.uniform(4, 30))) * 250
    for _ in range(rng.randint(0, 4)):
        at = rng.randrange(hard.shape[1] - 3)
        hard[:, at : at + rng.randint(1, 3)] *= rng.uniform(0.2, 0.9)
    hard[noise.random(hard.shape) < 0.0008] = 20
    return Picture(np.repeat(hard.astype(np.uint8)[..., None], 3, 2), taken.marks)


def scribbled(take: Shot) -> Shot:
    """The picture with some of what identifies boxed out, struck through or covered; not all, and not well."""

    def taken(browser: Browser, page: Picture, seed: int) -> Picture:
        picture = take(browser, page, seed)
        rng, pixels = Random(f"scribble/{seed}"), picture.pixels.copy()
        ink = rng.choice(_INKS)
        hide = rng.choice((_box, _box, _strokes, _blot))
        marks = [m for m in picture.marks if rng.random() < 0.6]
        for mark in marks or [_anywhere(rng, pixels.shape) for _ in range(rng.randint(1, 4))]:
            hide(rng, pixels, np.asarray(mark.quad), ink)
        return Picture(pixels, picture.marks)

    return taken


def _anywhere(rng: Random, shape: tuple[int, ...]) -> Mark:
    x, y = rng.uniform(0.1, 0.7) * shape[1], rng.uniform(0.1, 0.9) * shape[0]
    w, h = shape[1] * rng.uniform(0.08, 0.3), shape[0] * rng.uniform(0.012, 0.03)
    return Mark("", "", ((x, y), (x + w, y), (x + w, y + h), (x, y + h)))


Quad = npt.NDArray[np.float64]
Pixels = npt.NDArray[np.uint8]
Ink = tuple[int, int, int]


def _box(rng: Random, pixels: Pixels, quad: Quad, ink: Ink) -> None:
    """A filled box, sometimes too short for what it should hide."""
    middle, reach = quad.mean(0), rng.choice((1.15, 1.1, 0.75, 0.5))
    corners = middle + (quad - middle) * (reach, 1.3)
    cv2.fillPoly(pixels, [np.rint(corners).astype(np.int32)], ink)


def _strokes(rng: Random, pixels: Pixels, quad: Quad, ink: Ink) -> None:
    """A finger's zigzag in an editor's pen."""
    left, right = (quad[0] + quad[3]) / 2, (quad[1] + quad[2]) / 2
    height = float(np.linalg.norm(quad[3] - quad[0]))
    passes = rng.randint(2, 9)
    points = [left + (right - left) * (i / passes) + (rng.gauss(0, 3), (-1) ** i * height * rng.uniform(0.2, 0.6))
              for i in range(passes + 1)]  # fmt: skip
    line = np.rint(np.array(points)).astype(np.int32)
    thick = max(2, round(height * rng.uniform(0.15, 0.6)))
    cv2.polylines(pixels, [line], False, ink, thick, cv2.LINE_AA)


def _blot(rng: Random, pixels: Pixels, quad: Quad, ink: Ink) -> None:
    """Blur or mosaic over the place."""
    low, high = np.floor(quad.min(0)).astype(int), np.ceil(quad.max(0)).astype(int)
    part = pixels[max(0, low[1]) : high[1], max(0, low[0]) : high[0]]
    if part.size == 0:
        return
    cells = max(1, part.shape[1] // rng.randint(4, 14)), max(1, part.shape[0] // rng.randint(4, 14))
    small = cv2.resize(part, cells, interpolation=cv2.INTER_AREA)
    part[:] = cv2.resize(small, part.shape[1::-1], interpolation=cv2.INTER_NEAREST).reshape(part.shape)


def low_res(take: Shot) -> Shot:
    """Saved small, and once more by the next who passed it on."""

    def taken(browser: Browser, page: Picture, seed: int) -> Picture:
        rng = Random(f"low/{seed}")
        picture = resized(take(browser, page, seed), rng.randint(460, 900))
        pixels = recompress(picture.pixels, rng.randint(28, 60))
        side = round(max(pixels.shape) * rng.uniform(0.85, 1.4))
        scale = side / max(pixels.shape)
        size = round(pixels.shape[1] * scale), round(pixels.shape[0] * scale)
        again = np.asarray(cv2.resize(pixels, size, interpolation=cv2.INTER_LINEAR), np.uint8)
        marks = moved(picture.marks, np.array([[scale, 0, 0], [0, scale, 0]]))
        return Picture(recompress(again, rng.randint(25, 55)), marks)

    return taken


def turned(take: Shot) -> Shot:
    """Posted lying on its side or upside down, as a phone held flat often saves it."""

    def taken(browser: Browser, page: Picture, seed: int) -> Picture:
        picture = take(browser, page, seed)
        tall, wide = picture.pixels.shape[:2]
        quarters = Random(f"turn/{seed}").choice((1, 1, 3, 3, 2))
        maps = {
            1: [[0, 1, 0], [-1, 0, wide]],
            2: [[-1, 0, wide], [0, -1, tall]],
            3: [[0, -1, tall], [1, 0, 0]],
        }
        pixels = np.ascontiguousarray(np.rot90(picture.pixels, quarters))
        return Picture(pixels, moved(picture.marks, np.array(maps[quarters], np.float64)))

    return taken


def cropped_through(take: Shot) -> Shot:
    """A part of the picture, cut without care through lines and edges, but with somebody's mark in it."""

    def taken(browser: Browser, page: Picture, seed: int) -> Picture:
        picture, rng = take(browser, page, seed), Random(f"crop/{seed}")
        tall, wide = picture.pixels.shape[:2]
        w, h = round(wide * rng.uniform(0.5, 0.9)), round(tall * rng.uniform(0.3, 0.7))
        x, y = rng.random() * wide, rng.random() * tall
        if picture.marks:
            x, y = np.mean(rng.choice(picture.marks).quad, axis=0)
        left = round(min(max(0, x - w * rng.uniform(0.25, 0.75)), wide - w))
        top = round(min(max(0, y - h * rng.uniform(0.15, 0.85)), tall - h))
        return cropped(picture, (left, top, left + w, top + h), rng.randint(800, 1400))

    return taken
