"""How each kind of picture is taken: a page's picture in, the posted picture out."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from benchmarks.synth.browser import Browser, page
from benchmarks.synth.lens import Lens
from benchmarks.synth.light import Light
from benchmarks.synth.optics import View
from benchmarks.synth.scenes import Picture, Prop, Setting, cropped, framed, photograph, scanned, visible
from benchmarks.synth.sheet import Relief, Sheet

Shot = Callable[[Browser, Picture, int], Picture]
A4 = (21.0, 29.7)
WARM, COOL, GREENISH = (1.06, 1.0, 0.84), (0.93, 0.99, 1.07), (0.97, 1.02, 0.94)
SKINS = (("#e8b79a", "#d39a7c", "#a06a50", "#f0cdbd"), ("#9a6a4c", "#80543a", "#4d3020", "#c39a86"))
_KEYS = tuple("1234567890-=QWERTYUIOP[]ASDFGHJKL;#ZXCVBNM,./")
_PROPS = {
    "pen": (700, 60, 14.0), "mug": (560, 460, 11.0), "keyboard": (1200, 420, 40.0), "tube": (620, 120, 11.0),
    "thumb": (420, 640, 3.4), "keys": (420, 300, 9.0),
}  # fmt: skip


def prop(
    browser: Browser,
    kind: str,
    at: tuple[float, float],
    turn: float = 0.0,
    *,
    above: bool = False,
    skin: int = 0,
) -> Prop:
    """A thing for the table, drawn at a size of life."""
    width, height, centimetres = _PROPS[kind]
    drawn = page("props", width, height, 1.0, kind=kind, keys=_KEYS, skin=SKINS[skin])
    return Prop(browser.draw_prop(drawn), centimetres, at, turn, above)


Things = tuple[tuple[str, tuple[float, float], float, bool], ...]


def photo(setting: Setting, things: Things = (), skin: int = 0) -> Shot:
    """A photograph of the page in a setting, with things around it: (kind, place, turn, on the page)."""

    def take(browser: Browser, picture: Picture, seed: int) -> Picture:
        props = tuple(
            prop(browser, kind, at, turn, above=above, skin=skin) for kind, at, turn, above in things
        )
        return visible(photograph(picture, replace(setting, props=props), seed))

    return take


def screen(setting: Setting) -> Shot:
    """A photograph of a monitor that shows the page."""
    take = photo(setting)
    return lambda browser, picture, seed: take(browser, framed(picture, 34), seed)


def scan(width: int, tilt: float) -> Shot:
    """A flatbed scan."""
    return lambda _browser, picture, seed: scanned(picture, width, tilt, seed)


def screenshot(long_side: int) -> Shot:
    """The page as it is, at most so large."""

    def take(_: Browser, picture: Picture, _seed: int) -> Picture:
        tall, wide = picture.pixels.shape[:2]
        return cropped(picture, (0, 0, wide, tall), long_side)

    return take


LETTER_ON_DESK = photo(
    Setting((1200, 1560), View((0.6, -3.2), 36, 17, -5, 2.0, 50),
            Sheet(A4, (0, 0), -3.0, Relief(folds=(("y", -4.9, 0.45), ("y", 5.0, -0.05)), curl=0.5,
            wave=0.12)), "oak",
            Light((-0.55, -0.45, 0.75), WARM, 0.40, 1.08, "phone"), Lens(0.55, 0, noise=0.010),
            background_blur=1.1),
    (("mug", (15.2, -14.0), 20, False), ("pen", (13.9, 3.0), 74, False)),
)  # fmt: skip
ON_LAP = photo(
    Setting((1200, 1600), View((0.3, -2.6), 33, 24, 4, -2.5, 52),
            Sheet(A4, (0, 0), 2.0, Relief(folds=(("y", 0.2, 0.5), ("x", 0.5, 0.22)), curl=-0.9,
            wave=0.5)), "denim",
            Light((0.5, -0.35, 0.8), COOL, 0.45, 1.0, None), Lens(0.6, 2.0, 35, 0.013), background_blur=2.0),
    (("thumb", (-9.9, 6.6), 62, True),),
)  # fmt: skip
HANDOVER_ON_COUNTER = photo(
    Setting((1560, 1150), View((-0.3, 0.0), 30, 10, 3, -1.2, 54),
            Sheet((29.7, 21.0), (0, 0), -1.5, Relief(folds=(("x", 0.3, 0.5), ("y", 0.2, 0.3)), curl=0.25,
            wave=0.12)), "counter",
            Light((-0.3, -0.5, 0.85), GREENISH, 0.28, 1.04, None), Lens(0.45, 0, noise=0.009),
            background_blur=0.9),
    (("pen", (7.5, 12.6), -12, False),),
)  # fmt: skip
PRESCRIPTION_IN_CAR = photo(
    Setting((1400, 1180), View((0.2, 0.6), 27, 16, -8, 3.5, 52),
            Sheet((21.0, 18.5), (0, 0), 3.0, Relief(folds=(("x", -0.2, 0.55),), curl=0.5, wave=0.25)), "seat",
            Light((0.6, -0.5, 0.7), (1.02, 1.0, 0.95), 0.5, 1.05, None), Lens(0.55, 0, noise=0.012),
            background_blur=1.6,
            paper=(246, 247, 244)),
    (("keys", (11.3, 9.6), 24, False),),
)  # fmt: skip
REFERRAL_ON_WORKTOP = photo(
    Setting((1180, 1560), View((-0.4, -3.0), 35, 20, 7, -3.0, 51),
            Sheet(A4, (0, 0), 4.0, Relief(folds=(("y", -4.8, 0.3), ("y", 5.1, 0.35)), curl=-0.5,
            wave=0.15)), "granite",
            Light((0.2, -0.7, 0.75), WARM, 0.40, 1.05, "head"), Lens(0.6, 0, noise=0.014),
            background_blur=1.2),
    (("thumb", (9.7, 8.3), -58, True),), 1,
)  # fmt: skip
FIT_NOTE_IN_CAR = photo(
    Setting((1160, 1500), View((0.5, -0.5), 36, 13, -4, -2.0, 50),
            Sheet(A4, (0, 0), -4.0, Relief(folds=(("y", 0.4, 0.55),), wave=0.3)), "seat",
            Light((-0.6, -0.3, 0.7), COOL, 0.48, 1.0, "phone"), Lens(0.6, 1.5, 70, 0.012),
            background_blur=1.6),
)  # fmt: skip
BAND_ON_BLANKET = photo(
    Setting((1400, 1050), View((0.4, 0.1), 22, 20, -6, 5.0, 50),
            Sheet((21.0, 2.94), (0, 0), -6.0, Relief(wave=0.5, bow=1.3)), "cotton",
            Light((-0.5, -0.5, 0.7), (1.04, 1.0, 0.92), 0.40, 1.0, None), Lens(0.5, 0, noise=0.011),
            gloss=0.25,
            background_blur=1.4, paper=(252, 252, 250)),
)  # fmt: skip
BLOODS_ON_MONITOR = screen(
    Setting((1560, 1170), View((-2.6, -4.4), 44, 13, 62, -60.2, 54),
            Sheet((50.0, 31.6), (0, 0), 0, Relief()), "plaster",
            Light((0.3, -0.4, 0.8), (0.94, 1.0, 1.09), 0.22, 1.12, None), Lens(0.5, 0, noise=0.011),
            moire=0.15,
            background_blur=9.0),
)  # fmt: skip
REPORT_ON_MONITOR = screen(
    Setting((1500, 1150), View((-2.6, -1.6), 47, 12, -70, 68.5, 54),
            Sheet((50.0, 31.6), (0, 0), 0, Relief()), "plaster",
            Light((-0.4, -0.3, 0.8), (0.97, 1.0, 1.05), 0.25, 1.12, None), Lens(0.55, 0, noise=0.013),
            moire=0.12,
            background_blur=9.0),
)  # fmt: skip
RECEIPT_ON_TABLE = photo(
    Setting((1050, 1400), View((0.2, -0.4), 25, 15, 6, -4.0, 50),
            Sheet((8.0, 18.8), (0, 0), 5.0, Relief(folds=(("y", 1.0, 0.4),), curl=0.7, wave=0.35)), "walnut",
            Light((-0.4, -0.6, 0.75), WARM, 0.42, 1.1, "phone"), Lens(0.5, 0, noise=0.012),
            background_blur=1.3),
    (("keys", (-8.2, 4.8), 140, False),),
)  # fmt: skip
PARCEL_ON_FLOOR = photo(
    Setting((1080, 1350), View((0, 0), 23, 12, -8, 10.0, 50),
            Sheet((10.5, 14.7), (0, 0), -5.0, Relief(wave=0.15)), "cardboard",
            Light((0.5, -0.4, 0.8), COOL, 0.34, 1.0, None), Lens(0.6, 0, noise=0.012), gloss=0.15),
)  # fmt: skip
POSTER_ON_WALL = photo(
    Setting((1150, 1450), View((0.8, 0.6), 50, 15, 58, -56.5, 52),
            Sheet((29.7, 42.0), (0, 0), 0.6, Relief(wave=0.2)), "plaster",
            Light((0.1, -0.7, 0.8), WARM, 0.35, 1.0, None), Lens(0.6, 0, noise=0.012), gloss=0.35),
)  # fmt: skip
MENU_ON_TABLE = photo(
    Setting((1080, 1420), View((0.3, -0.6), 35, 22, -10, 3.0, 50),
            Sheet((17.5, 28.2), (0, 0), -2.0, Relief(wave=0.2, curl=0.3)), "walnut",
            Light((-0.5, -0.5, 0.7), (1.10, 1.0, 0.74), 0.5, 1.0, "head"), Lens(0.7, 0, noise=0.018),
            background_blur=1.6),
    (("mug", (13.4, -9.0), 200, False),),
)  # fmt: skip
TRAINING_ON_DESK = photo(
    Setting((1150, 1420), View((-0.3, -0.8), 35, 13, 15, -13.5, 50),
            Sheet((21.0, 26.4), (0, 0), 2.0, Relief(wave=0.15, curl=0.5)), "counter",
            Light((0.4, -0.5, 0.8), GREENISH, 0.32, 1.02, None), Lens(0.5, 0, noise=0.010),
            background_blur=1.0),
    (("pen", (-8.0, 11.2), 38, True),),
)  # fmt: skip
COUNCIL_ON_MAT = photo(
    Setting((1120, 1460), View((0.2, -1.6), 37, 16, 9, -4.0, 50),
            Sheet(A4, (0, 0), 3.0, Relief(folds=(("y", -4.9, 0.5), ("y", 5.0, 0.2)), curl=0.4)), "oak",
            Light((0.5, -0.5, 0.7), (1.04, 1.0, 0.9), 0.45, 1.02, None), Lens(0.7, 1.6, 10, 0.014),
            background_blur=1.2),
    (("keys", (13.6, 6.0), 60, False),),
)  # fmt: skip
