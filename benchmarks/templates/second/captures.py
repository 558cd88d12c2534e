"""The benchmark's captures for the second set: the same names, drawn from wider and harder ranges."""

from __future__ import annotations

from random import Random

import cv2
import numpy as np

from benchmarks.corpus import damage, photos, screens
from benchmarks.corpus.captures import either
from benchmarks.corpus.damage import resized
from benchmarks.corpus.photos import Style
from benchmarks.synth.browser import Browser
from benchmarks.synth.lens import Raster, recompress
from benchmarks.synth.scenes import Mark, Picture
from benchmarks.synth.shots import Shot
from benchmarks.synth.surfaces import SURFACES
from benchmarks.templates.captures import part
from benchmarks.templates.second.apps import edited, in_app

SISTER_CAPTURES = ("clean", "photo_mild", "ui", "crop_s", "moire")
TIMES = dict.fromkeys(("crop_l", "photo_close", "ui", "crop_s", "moire", "photo_hard"), 2)
_MILD = Style((0.74, 0.97), (3, 17), (-9, 9), (0.4, 0.85), (0, 0.8), (0.007, 0.017), (0.85, 1.18), (0.2, 0.5),
              0.7, 0.4, 0.3, (1100, 1800))  # fmt: skip
_HARD = Style((0.7, 1.0), (15, 35), (-17, 17), (0.7, 1.4), (1, 4), (0.016, 0.034), (0.55, 1.22), (0.5, 0.95),
              1.2, 0.8, 0.5, (1150, 1600))  # fmt: skip
_CLOSE = Style((1.3, 1.65), (10, 29), (-16, 16), (0.5, 1.2), (0, 1.8), (0.008, 0.022), (0.8, 1.2), (0.2, 0.6),
               0.9, 0.3, 0.15, (950, 1400), near_a_mark=True)  # fmt: skip


def _passed_on(longest: int, qualities: tuple[int, int]) -> Shot:
    """Shrunk, and saved once more by each of two messengers."""

    def taken(_browser: Browser, page: Picture, seed: int) -> Picture:
        rng = Random(f"passed/{longest}/{seed}")
        pixels = resized(page, longest).pixels
        for _ in range(2):
            pixels = recompress(pixels, rng.randint(*qualities))
        return Picture(pixels)

    return taken


def _clean(browser: Browser, page: Picture, seed: int) -> Picture:
    rng = Random(f"clean/{seed}")
    return rng.choice((damage.scan, screens.screenshot))(browser, page, seed)


def _ink(pixels: Raster) -> float:
    """How much is printed there: the share of pixels beside an edge."""
    grey = cv2.cvtColor(pixels, cv2.COLOR_RGB2GRAY)
    return float((np.abs(cv2.Laplacian(grey, cv2.CV_16S)) > 40).mean())


def _printed_part(rng: Random, page: Picture, wide: float, tall: float) -> tuple[float, float, float, float]:
    """A part of that share of the sides that is not emptier than the page, if one is soon found.

    Nobody could tell a form by its margin.
    """
    least, best = 0.9 * _ink(page.pixels), (-1.0, (0.0, 0.0, wide, tall))
    for _ in range(12):
        x, y = rng.uniform(0, 1 - wide), rng.uniform(0, 1 - tall)
        box = (x, y, x + wide, y + tall)
        ink = _ink(part(page, box).pixels)
        if ink >= least:
            return box
        best = max(best, (ink, box))
    return best[1]


def _crop(low: float, high: float) -> Shot:
    """A part of the page, its sides cut unevenly, often a little askew and saved again."""

    def taken(browser: Browser, page: Picture, seed: int) -> Picture:
        rng = Random(f"crop/{low}/{seed}")
        seen = _tilted(page, rng.uniform(-2.5, 2.5)) if rng.random() < 0.5 else page
        box = _printed_part(rng, seen, rng.uniform(low, high), rng.uniform(low, high))
        cut = resized(part(seen, box), rng.randint(720, 1280))
        return Picture(recompress(cut.pixels, rng.randint(45, 85)))

    return taken


def _tilted(page: Picture, degrees: float, scale: float = 1.0, ground: Raster | None = None) -> Picture:
    """The page turned about its middle on a ground of its own size, or on its own edge's colour."""
    tall, wide = page.pixels.shape[:2]
    matrix = cv2.getRotationMatrix2D((wide / 2, tall / 2), degrees, scale)
    if ground is None:
        mode = {"borderMode": cv2.BORDER_REPLICATE}
        return Picture(np.asarray(cv2.warpAffine(page.pixels, matrix, (wide, tall), **mode), np.uint8))  # type: ignore[call-overload]
    cover = cv2.warpAffine(np.full((tall, wide), 255, np.uint8), matrix, (wide, tall))[..., None] / 255.0
    turned = cv2.warpAffine(page.pixels, matrix, (wide, tall), flags=cv2.INTER_AREA)
    return Picture(np.rint(turned * cover + ground * (1 - cover)).astype(np.uint8))


def _askew(_browser: Browser, page: Picture, seed: int) -> Picture:
    """Turned a few degrees on a table or on a blur of itself."""
    rng = Random(f"askew/{seed}")
    tall, wide = page.pixels.shape[:2]
    if rng.random() < 0.5:
        ground = cv2.GaussianBlur(page.pixels, (0, 0), 30)
    else:
        made = SURFACES[rng.choice(sorted(SURFACES))](np.random.default_rng(seed))
        ground = cv2.resize(made[: tall // 2, : wide // 2], (wide, tall))
    turn = rng.choice((-1, 1)) * rng.uniform(3, 14)
    return resized(
        _tilted(page, turn, rng.uniform(0.72, 0.95), np.asarray(ground, np.uint8)), rng.randint(900, 1500)
    )


def _on_its_side(browser: Browser, page: Picture, seed: int) -> Picture:
    rng = Random(f"side/{seed}")
    seen = photos.photo(_MILD)(browser, page, seed) if rng.random() < 0.5 else page
    return Picture(np.ascontiguousarray(np.rot90(seen.pixels, rng.choice((1, 3)))))


def _dark_mode(_browser: Browser, page: Picture, seed: int) -> Picture:
    """As a reader shows it at night: lightness turned round, hues kept, black not quite black, sometimes warm."""
    rng = Random(f"night/{seed}")
    hls = cv2.cvtColor(page.pixels, cv2.COLOR_RGB2HLS)
    low, high = rng.uniform(8, 36), rng.uniform(200, 250)
    hls[..., 1] = np.rint(low + (255.0 - hls[..., 1]) / 255 * (high - low)).astype(np.uint8)
    shown = cv2.cvtColor(hls, cv2.COLOR_HLS2RGB) * np.array(rng.choice(((1, 1, 1), (1, 0.93, 0.8))))
    return resized(Picture(np.rint(shown).astype(np.uint8)), rng.randint(1000, 1700))


def _hard_photo(browser: Browser, page: Picture, seed: int) -> Picture:
    taken = photos.photo(_HARD)(browser, page, seed)
    return Picture(recompress(taken.pixels, Random(f"saved/{seed}").randint(38, 65)))


def _close_photo(browser: Browser, page: Picture, seed: int) -> Picture:
    """About half of the page from near, aimed where something is printed."""
    left, top, right, bottom = _printed_part(Random(f"aim/{seed}"), page, 0.56, 0.56)
    tall, wide = page.pixels.shape[:2]
    at = ((left + right) / 2 * wide, (top + bottom) / 2 * tall)
    return photos.photo(_CLOSE)(browser, Picture(page.pixels, (Mark("", "", (at,) * 4),)), seed)


def _off_a_screen(browser: Browser, page: Picture, seed: int) -> Picture:
    """A monitor or phone photographed, the page alone on it or in a window, with a lamp in the glass and bands."""
    rng = Random(f"off/{seed}")
    shown = screens.viewer(browser, page, seed) if rng.random() < 0.35 else page
    taken = photos.screen_photo(browser, shown, seed).pixels.astype(np.float32)
    tall, wide = taken.shape[:2]
    y, x = np.mgrid[0:tall, 0:wide].astype(np.float32)
    bands = 1 + rng.uniform(0, 0.06) * np.sin(2 * np.pi * y / tall * rng.uniform(3, 11) + rng.uniform(0, 6))
    cx, cy = rng.uniform(0, wide), rng.uniform(0, tall)
    near = ((x - cx) / (wide * rng.uniform(0.06, 0.2))) ** 2 + (
        (y - cy) / (tall * rng.uniform(0.05, 0.16))
    ) ** 2
    glare = rng.choice((0, 60, 130)) * np.exp(-near)
    lit = np.clip(taken * bands[..., None] + glare[..., None], 0, 255)
    return Picture(recompress(np.rint(lit).astype(np.uint8), rng.randint(50, 80)))


def _strip(top: tuple[float, float], bottom: tuple[float, float]) -> Shot:
    def taken(_browser: Browser, page: Picture, seed: int) -> Picture:
        rng = Random(f"strip/{seed}")
        return resized(part(page, (0, rng.uniform(*top), 1, rng.uniform(*bottom))), rng.randint(900, 1400))

    return taken


CAPTURES: dict[str, Shot] = {
    "clean": _clean,
    "jpeg720": _passed_on(720, (38, 60)),
    "jpeg540": _passed_on(540, (32, 50)),
    "rot": _askew,
    "rot90": _on_its_side,
    "top": _strip((0, 0), (0.36, 0.55)),
    "photo_mild": photos.photo(_MILD),
    "overlay": edited,
    "photo_hard": _hard_photo,
    "dark": _dark_mode,
    "moire": _off_a_screen,
    "ui": either(in_app, lambda b, p, s: in_app(b, photos.photo(_MILD)(b, p, s), s)),
    "crop_s": _crop(0.6, 0.8),
    "crop_l": _crop(0.4, 0.52),
    "photo_close": _close_photo,
    "body": _strip((0.3, 0.4), (0.92, 1)),
}
"""The benchmark's names of captures -> how the picture is taken."""
