"""Photographs of a page in settings drawn at random: no two pictures share light, lens, ground and view."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from functools import cache
from random import Random

import numpy as np
import numpy.typing as npt

from benchmarks.synth import shots
from benchmarks.synth.browser import Browser
from benchmarks.synth.lens import Lens
from benchmarks.synth.light import Light
from benchmarks.synth.optics import View
from benchmarks.synth.scenes import Mark, Picture, Prop, Setting, framed, photograph, visible
from benchmarks.synth.sheet import Relief, Sheet

Span = tuple[float, float]
_PIXELS_PER_CM = 67
"""Of an A4 page as it is drawn, 1400 pixels across: sizes of other pages follow."""
_PAPERS = ((248, 247, 243), (252, 252, 250), (244, 240, 228), (238, 241, 245), (250, 246, 240))
_GROUNDS = ("oak", "walnut", "counter", "granite", "denim", "seat", "cotton", "cardboard", "plaster")
_THINGS = ("mug", "pen", "keys")


@dataclass(frozen=True, slots=True)
class Style:
    """The ranges a photograph is drawn from; lengths as shares of the frame, angles in degrees."""

    fill: Span = (0.82, 0.98)
    pitch: Span = (2, 14)
    roll: Span = (-6, 6)
    defocus: Span = (0.35, 0.7)
    motion: Span = (0, 0)
    noise: Span = (0.006, 0.014)
    exposure: Span = (0.95, 1.12)
    falloff: Span = (0.15, 0.4)
    relief: float = 0.5
    shadow: float = 0.2
    thumb: float = 0.15
    long_side: tuple[int, int] = (1200, 1800)
    near_a_mark: bool = False
    """Whether the camera looks at one of the marks instead of the middle of the page."""


EASY = Style()
HARD = Style((0.72, 1.02), (14, 34), (-14, 14), (0.6, 1.3), (0, 3.5), (0.014, 0.03), (0.7, 1.3), (0.4, 0.85),
             1.0, 0.6, 0.5)  # fmt: skip
CLOSE = Style((1.5, 2.6), (2, 22), (-12, 12), (0.5, 1.2), (0, 1.5), (0.008, 0.02), relief=0.7, thumb=0.1,
              long_side=(900, 1300), near_a_mark=True)  # fmt: skip
SMALL = Style((0.3, 0.52), (4, 26), (-16, 16), (0.4, 0.8), (0, 1), (0.008, 0.02), thumb=0.0,
              long_side=(1500, 2048))  # fmt: skip
DARK = Style((0.75, 0.98), (4, 22), (-9, 9), (0.6, 1.1), (0, 2.5), (0.025, 0.06), (0.2, 0.42), (0.5, 1.0),
             0.8, 0.5, 0.2)  # fmt: skip


def photo(style: Style) -> shots.Shot:
    """A photograph of a sheet of paper."""

    def take(browser: Browser, page: Picture, seed: int) -> Picture:
        rng = Random(f"photo/{seed}")
        setting = _setting(rng, style, page)
        return visible(photograph(page, replace(setting, props=_props(browser, rng, style, setting)), seed))

    return take


def _setting(rng: Random, style: Style, page: Picture) -> Setting:
    wide, tall = _centimetres(page)
    size = _frame(rng, style, wide / tall)
    turn = rng.uniform(*style.roll)
    sheet = Sheet((wide, tall), (0.0, 0.0), turn, _relief(rng, style.relief, tall))
    field, centre = rng.uniform(46, 60), _centre(rng, style, page, sheet)
    scale = rng.uniform(*style.fill) * min(size[0] / wide, size[1] / tall)
    distance = max(size) / 2 / math.tan(math.radians(field) / 2) / scale
    yaw = rng.uniform(-25, 25)
    view = View(centre, distance, rng.uniform(*style.pitch), yaw, -yaw + rng.uniform(-3, 3), field)
    return Setting(
        size, view, sheet, rng.choice(_GROUNDS), _light(rng, style), _lens(rng, style),
        gloss=rng.choice((0.0, 0.0, 0.15, 0.4)), background_blur=rng.uniform(0.5, 2.5),
        paper=rng.choice(_PAPERS), step=4,
    )  # fmt: skip


def _centimetres(page: Picture) -> tuple[float, float]:
    tall, wide = page.pixels.shape[:2]
    scale = min(42 / max(wide, tall), max(9 / max(wide, tall), 1 / _PIXELS_PER_CM))
    return wide * scale, tall * scale


def _frame(rng: Random, style: Style, aspect: float) -> tuple[int, int]:
    long = rng.randint(*style.long_side)
    short = round(long * rng.choice((0.75, 0.75, 0.75, 0.5625, 0.8, 1.0)))
    upright = aspect < 1 if rng.random() < 0.85 else aspect >= 1
    return (short, long) if upright else (long, short)


def _centre(rng: Random, style: Style, page: Picture, sheet: Sheet) -> tuple[float, float]:
    wide, tall = sheet.size
    u, v = rng.gauss(0, 0.02), rng.gauss(0, 0.02)
    if style.near_a_mark:
        u, v = _near(rng, page)
    turn = math.radians(sheet.turn)
    x, y = u * wide, v * tall
    return (x * math.cos(turn) - y * math.sin(turn), x * math.sin(turn) + y * math.cos(turn))


def _near(rng: Random, page: Picture) -> Span:
    """A place beside a mark of the page (or anywhere), as shares of the page from its middle."""
    tall, wide = page.pixels.shape[:2]
    mark = rng.choice(page.marks or (Mark("", "", ((wide * rng.random(), tall * rng.random()),) * 4),))
    u, v = np.mean(mark.quad, axis=0) / (wide, tall) - 0.5 + (rng.gauss(0, 0.05), rng.gauss(0, 0.05))
    return float(np.clip(u, -0.4, 0.4)), float(np.clip(v, -0.4, 0.4))


def _relief(rng: Random, much: float, tall: float) -> Relief:
    folds = [("y", tall * side / 6, rng.uniform(-0.1, 0.5) * much) for side in (-1, 1) if rng.random() < 0.5]
    if rng.random() < 0.3:
        folds.append(("x", rng.uniform(-0.5, 0.5), rng.uniform(0.1, 0.45) * much))
    small = min(1.0, tall / 29.7)
    shrunk = tuple((axis, at, rise * small) for axis, at, rise in folds)
    return Relief(shrunk, rng.uniform(-0.9, 0.9) * much * small, rng.uniform(0, 0.4) * much * small)


def _light(rng: Random, style: Style) -> Light:
    towards = (rng.uniform(-0.7, 0.7), rng.uniform(-0.75, 0.2), rng.uniform(0.6, 0.9))
    warm = rng.uniform(-1, 1)
    cast = (1 + 0.09 * warm, 1 + rng.uniform(-0.02, 0.03), 1 - 0.16 * warm)
    shadow = rng.choice(("phone", "head")) if rng.random() < style.shadow else None
    return Light(towards, cast, rng.uniform(*style.falloff), rng.uniform(*style.exposure), shadow)


def _lens(rng: Random, style: Style) -> Lens:
    return Lens(
        rng.uniform(*style.defocus), rng.uniform(*style.motion), rng.uniform(0, 180),
        rng.uniform(*style.noise), rng.uniform(0.05, 0.3), rng.uniform(0.1, 0.8),
    )  # fmt: skip


@cache
def _thing(browser: Browser, kind: str, skin: int) -> npt.NDArray[np.uint8]:
    return shots.prop(browser, kind, (0, 0), skin=skin).picture


def _props(browser: Browser, rng: Random, style: Style, setting: Setting) -> tuple[Prop, ...]:
    wide, tall = setting.sheet.size
    things = []
    if rng.random() < 0.4:
        side, kind = rng.choice((-1, 1)), rng.choice(_THINGS)
        at = (side * (wide / 2 + rng.uniform(1, 6)), rng.uniform(-0.4, 0.4) * tall)
        things.append(Prop(_thing(browser, kind, 0), _width(kind), at, rng.uniform(0, 360)))
    if rng.random() < style.thumb:
        side, skin = rng.choice((-1, 1)), rng.randrange(len(shots.SKINS))
        at = (side * wide * 0.47, rng.uniform(-0.1, 0.42) * tall)
        things.append(Prop(_thing(browser, "thumb", skin), 3.4, at, -side * rng.uniform(50, 75), above=True))
    return tuple(things)


def _width(kind: str) -> float:
    return {"mug": 11.0, "pen": 14.0, "keys": 9.0}[kind]


def screen_photo(_browser: Browser, page: Picture, seed: int) -> Picture:
    """A photograph of a monitor or a phone that shows the page, with the moire of its pixels."""
    rng = Random(f"screen/{seed}")
    shown = framed(page, rng.randint(16, 44))
    tall, wide = shown.pixels.shape[:2]
    across = rng.uniform(34, 56) if wide > tall else rng.uniform(12, 24)
    style = Style((0.7, 1.25), (2, 20), (-4, 4), (0.4, 0.9), (0, 1.2), (0.008, 0.022), (0.95, 1.25))
    size = _frame(rng, style, wide / tall)
    sheet = Sheet((across, across * tall / wide), (0.0, 0.0), rng.uniform(-3, 3))
    field = rng.uniform(46, 60)
    scale = rng.uniform(*style.fill) * min(size[0] / sheet.size[0], size[1] / sheet.size[1])
    distance = max(size) / 2 / math.tan(math.radians(field) / 2) / scale
    yaw = rng.uniform(-70, 70)
    aim = _centre(rng, replace(style, near_a_mark=bool(page.marks)), page, sheet)
    centre = (aim[0] * 0.5, aim[1] * 0.5)
    view = View(centre, distance, rng.uniform(*style.pitch), yaw, -yaw + rng.uniform(-4, 4), field)
    setting = Setting(
        size, view, sheet, rng.choice(("plaster", "walnut", "counter", "oak")), _light(rng, style),
        _lens(rng, style), moire=rng.uniform(0.05, 0.2), background_blur=rng.uniform(4, 10), step=4,
    )  # fmt: skip
    return visible(photograph(shown, setting, seed))
