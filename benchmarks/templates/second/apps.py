"""Screenshots of apps of several makes in which a post stands, and pictures after an editor's pens and stickers."""

from __future__ import annotations

from random import Random
from typing import Any

from benchmarks.corpus.damage import resized
from benchmarks.corpus.screens import CHATS, FACES, SAYS, STICKERS, TINTS, WHO
from benchmarks.synth.browser import Browser, page
from benchmarks.synth.scenes import Picture

THEMES = (
    {"back": "#ffffff", "ink": "#0f1419", "dim": "#667380", "line": "#e6eaed", "bar": "#ffffff", "soft": "#f1f3f5"},
    {"back": "#000000", "ink": "#e8eaec", "dim": "#7d858d", "line": "#2b2f33", "bar": "#0a0a0a", "soft": "#1b1d20"},
    {"back": "#1a1d21", "ink": "#d8dade", "dim": "#8b9097", "line": "#33373d", "bar": "#232830", "soft": "#262b31"},
    {"back": "#eef0f4", "ink": "#1d2129", "dim": "#6b7280", "line": "#d5d9df", "bar": "#2f4f83", "soft": "#ffffff"},
    {"back": "#faf6ef", "ink": "#2b2117", "dim": "#8a7b6a", "line": "#e6dccb", "bar": "#b4532a", "soft": "#fffdf9"},
)  # fmt: skip
_PHONES = ((360, 760), (390, 844), (412, 892), (375, 720))


def in_app(browser: Browser, drawn: Picture, seed: int) -> Picture:
    """One of the apps, light or dark, with the picture as a post of it shows it."""
    rng = Random(f"app/{seed}")
    app, size, width, height = rng.choice(_APPS)(rng)
    tall, wide = drawn.pixels.shape[:2]
    scale = min(width / wide, height / tall)
    return _shown(browser, rng, app, drawn, size, w=wide * scale, h=tall * scale)


_Room = tuple[str, tuple[int, int], float, float]
"""An app's page, the screen's size, and the width and height that it has for a picture, in CSS pixels."""


def _feed(rng: Random) -> _Room:
    size = rng.choice(_PHONES)
    return "su_feed", size, size[0] - rng.choice((0, 24)), size[1] * rng.uniform(0.42, 0.66)


def _chat(rng: Random) -> _Room:
    size = rng.choice(_PHONES)
    return "su_chat", size, size[0] * rng.uniform(0.55, 0.75), size[1] * rng.uniform(0.36, 0.5)


def _roll(rng: Random) -> _Room:
    size = rng.choice(_PHONES)
    return "su_roll", size, size[0], size[1] - rng.randint(150, 220)


def _story(rng: Random) -> _Room:
    size = rng.choice(_PHONES)
    return "su_story", size, size[0] * rng.uniform(0.72, 1.0), size[1] * rng.uniform(0.55, 0.8)


def _web(rng: Random) -> _Room:
    size = rng.choice(((1280, 800), (1366, 768), (1180, 820)))
    return "su_web", size, 560, size[1] - rng.randint(190, 260)


_APPS = (_feed, _feed, _chat, _chat, _roll, _story, _web)


def _line(rng: Random) -> dict[str, Any]:
    return {"who": rng.choice(WHO), "tint": rng.choice(TINTS), "says": rng.choice((*CHATS, *SAYS)),
            "mine": rng.random() < 0.4, "at": f"{rng.randint(0, 23):02d}:{rng.randint(0, 59):02d}"}  # fmt: skip


def _shown(browser: Browser, rng: Random, template: str, drawn: Picture, size: tuple[int, int], *, w: float,
           h: float) -> Picture:  # fmt: skip
    scale = rng.uniform(2.1, 2.9) if size[0] < 600 else rng.uniform(1.2, 1.6)
    inner = resized(drawn, round(max(w, h) * scale))
    made = page(
        template, *size, scale, inner=(inner,), w=w, h=h, theme=rng.choice(THEMES), face=rng.choice(FACES),
        who=rng.choice(WHO), tint=rng.choice(TINTS), says=rng.choice(SAYS), lines=[_line(rng) for _ in range(7)],
        counts=[rng.randint(1, 980) for _ in range(4)], clock=_line(rng)["at"], battery=rng.randint(3, 17),
        stuck=[_sticker(rng, *size) for _ in range(rng.randint(2, 4))], turn=rng.choice((0, 0, rng.uniform(-7, 7))),
        shift=rng.uniform(0.2, 0.8), flip=rng.random() < 0.5,
    )  # fmt: skip
    return Picture(browser.draw(made).pixels)


def _sticker(rng: Random, width: float, height: float) -> dict[str, Any]:
    box = rng.choice(("", "", "#fff", "#111", "#e1306c", "#ffd60a"))
    ink = {"#fff": "#111", "#ffd60a": "#111", "": rng.choice(("#fff", "#ff2d55", "#ffd60a"))}.get(box, "#fff")
    return {"x": rng.uniform(0.04, 0.62) * width, "y": rng.uniform(0.1, 0.86) * height, "box": box, "ink": ink,
            "size": rng.choice((22, 27, 34, 44)) * width / 390, "turn": rng.choice((0, rng.uniform(-15, 15))),
            "says": rng.choice((*STICKERS, *SAYS)), "face": rng.choice((*FACES, "Comic Neue", "Kaushan Script"))}  # fmt: skip


def _stroke(rng: Random, width: float, height: float) -> dict[str, Any]:
    x, y, long = (
        rng.uniform(0.05, 0.55) * width,
        rng.uniform(0.05, 0.9) * height,
        rng.uniform(0.15, 0.4) * width,
    )
    points = [(x + long * k / 8, y + rng.gauss(0, height * 0.006)) for k in range(9)]
    return {"path": "M" + " L".join(f"{px:.0f} {py:.0f}" for px, py in points),
            "thick": rng.choice((0.006, 0.012, 0.03, 0.04)) * width, "loop": rng.random() < 0.25,
            "ink": rng.choice(("#000", "#000", "#e11d2a", "#1463ff", "#fff", "#ffe600"))}  # fmt: skip


def edited(browser: Browser, drawn: Picture, seed: int) -> Picture:
    """The picture itself with marker strokes over some lines, rings, stickers and words."""
    rng = Random(f"edited/{seed}")
    shown = resized(drawn, rng.randint(1000, 1500))
    tall, wide = shown.pixels.shape[:2]
    made = page(
        "su_edited", wide, tall, 1.0, inner=(shown,), strokes=[_stroke(rng, wide, tall) for _ in range(rng.randint(3, 7))],
        stuck=[_sticker(rng, wide, tall) for _ in range(rng.randint(2, 4))],
        band=rng.choice(("", rng.choice(SAYS))), band_at=rng.uniform(0.15, 0.8), face=rng.choice(FACES),
    )  # fmt: skip
    return Picture(browser.draw(made).pixels)
