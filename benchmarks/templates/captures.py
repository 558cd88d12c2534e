"""The ways a form gets into a posted picture, by the benchmark's names; drawn anew from each seed."""

from __future__ import annotations

from random import Random

import cv2
import numpy as np

from benchmarks.corpus import photos, screens
from benchmarks.corpus.captures import either
from benchmarks.corpus.damage import resized
from benchmarks.synth.browser import Browser
from benchmarks.synth.lens import recompress
from benchmarks.synth.scenes import Picture
from benchmarks.synth.shots import Shot


def _small(long_side: int, quality: int) -> Shot:
    def taken(_browser: Browser, page: Picture, _seed: int) -> Picture:
        return Picture(recompress(resized(page, long_side).pixels, quality))

    return taken


def part(page: Picture, box: tuple[float, float, float, float]) -> Picture:
    """A part, given as shares of the page: left, top, right, bottom."""
    tall, wide = page.pixels.shape[:2]
    left, top, right, bottom = box
    rows, columns = (
        slice(round(top * tall), round(bottom * tall)),
        slice(round(left * wide), round(right * wide)),
    )
    return Picture(np.ascontiguousarray(page.pixels[rows, columns]))


def _crop(kept: float) -> Shot:
    def taken(_browser: Browser, page: Picture, seed: int) -> Picture:
        rng = Random(f"crop/{kept}/{seed}")
        x, y = rng.uniform(0, 1 - kept), rng.uniform(0, 1 - kept)
        return resized(part(page, (x, y, x + kept, y + kept)), rng.randint(900, 1280))

    return taken


def _turned(_browser: Browser, page: Picture, seed: int) -> Picture:
    """A few degrees askew on an even ground."""
    rng = Random(f"rot/{seed}")
    tall, wide = page.pixels.shape[:2]
    matrix = cv2.getRotationMatrix2D((wide / 2, tall / 2), rng.choice((-1, 1)) * rng.uniform(3, 12), 0.85)
    ground = tuple(rng.randint(40, 220) for _ in range(3))
    return Picture(
        np.asarray(cv2.warpAffine(page.pixels, matrix, (wide, tall), borderValue=ground), np.uint8)
    )


def _overlaid(_browser: Browser, page: Picture, seed: int) -> Picture:
    """With bars and words of an editor over it."""
    rng, pixels = Random(f"overlay/{seed}"), page.pixels.copy()
    tall, wide = pixels.shape[:2]
    for _ in range(3):
        x, y = rng.randint(0, wide // 2), rng.randint(0, tall - tall // 10)
        cv2.rectangle(
            pixels, (x, y), (x + wide // 3, y + tall // 25), rng.choice(((0, 0, 0), (230, 30, 90))), -1
        )
        cv2.putText(pixels, rng.choice(screens.SAYS).encode("ascii", "ignore").decode(), (x, y + tall // 12),
                    cv2.FONT_HERSHEY_SIMPLEX, wide / 700, (230, 40, 40), 4)  # fmt: skip
    return Picture(pixels)


CAPTURES: dict[str, Shot] = {
    "clean": lambda _browser, page, _seed: page,
    "jpeg720": _small(720, 55),
    "jpeg540": _small(540, 45),
    "rot": _turned,
    "rot90": lambda _browser, page, _seed: Picture(np.ascontiguousarray(np.rot90(page.pixels))),
    "top": lambda _browser, page, _seed: part(page, (0, 0, 1, 0.5)),
    "photo_mild": photos.photo(photos.EASY),
    "overlay": _overlaid,
    "photo_hard": photos.photo(photos.HARD),
    "dark": lambda _browser, page, _seed: Picture((255 - page.pixels).astype(np.uint8)),
    "moire": photos.screen_photo,
    "ui": either(screens.app_post, screens.chat, screens.gallery, screens.viewer),
    "crop_s": _crop(0.7),
    "crop_l": _crop(0.45),
    "photo_close": photos.photo(photos.CLOSE),
    "body": lambda _browser, page, _seed: part(page, (0, 0.36, 1, 1)),
}
"""The benchmark's names of captures -> how the picture is taken."""
