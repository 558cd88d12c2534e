"""Screenshots in which an app stands round the page: gallery, feed, chat, story, collage, document viewer."""

from __future__ import annotations

from collections.abc import Callable
from random import Random
from typing import Any

import numpy as np

from benchmarks.corpus.damage import resized
from benchmarks.synth import drawing
from benchmarks.synth.browser import Browser, page
from benchmarks.synth.lens import Raster
from benchmarks.synth.scenes import Picture, visible
from benchmarks.synth.shots import Shot
from benchmarks.synth.surfaces import SURFACES

FACES = ("Roboto", "Inter", "Open Sans", "Lato", "Cantarell", "Liberation Sans")
TINTS = ("#a0522d", "#8e6bbf", "#1f7aec", "#1e8e5a", "#c98b2d", "#c2185b", "#455a64", "#00838f")
WHO = ("Kay", "jdog", "Mandy B", "stephhh", "Lou Lou", "T.", "big ron", "Nans carer", "Priya", "Danno", "Jas x",
       "Auntie Pat", "Work GC", "The Girls", "Fam", "5 a side", "Ward social", "mummy2three", "Ozzy")  # fmt: skip
SAYS = ("look at this", "what do you make of this then", "no words", "posted without comment", "honestly", "see below",
        "for those asking", "\U0001f440", "cannot believe it", "this came today", "so this happened", "hmm",
        "anyone else?", "told you", "read it and weep", "sharing this again", "day made", "\U0001f602\U0001f602",
        "pls share", "thoughts?")  # fmt: skip
CHATS = ("omg", "is that real??", "where did you get that", "\U0001f633", "send it again i cant read it", "ha", "wait what",
         "zoom in", "thats not right", "who sent you this", "delete that lol", "ok will do", "call me", "no way",
         "cheers mate", "love it", "hang on let me put my glasses on", "what time tomorrow?", "x")  # fmt: skip
STICKERS = ("\U0001f602", "\U0001f621", "\u2764\ufe0f", "\U0001f64f", "\U0001f622", "\U0001f440", "\U0001f92f",
            "\U0001f389", "mood", "wtf", "so proud", "finally!!", "no comment", "day 3", "help", "WOW", "update x",
            "sound on", "link in bio", "best day", "why tho", "long story", "never again")  # fmt: skip


def screenshot(_browser: Browser, drawn: Picture, seed: int) -> Picture:
    """The page as it is on a screen, at a phone's or a laptop's size."""
    return resized(drawn, Random(f"screenshot/{seed}").randint(900, 1900))


def _fit(drawn: Picture, width: float, height: float, fill: float = 1.0) -> tuple[float, float]:
    tall, wide = drawn.pixels.shape[:2]
    scale = min(width / wide, height / tall) * fill
    return wide * scale, tall * scale


def _clock(rng: Random) -> str:
    return f"{rng.randint(0, 23):02d}:{rng.randint(0, 59):02d}"


def _status(rng: Random, ink: str, bar: str) -> dict[str, Any]:
    return {"clock": _clock(rng), "ink": ink, "bar": bar, "battery": rng.randint(3, 17)}


def _shown(browser: Browser, rng: Random, template: str, drawn: Picture, size: tuple[int, int],
           **values: Any) -> Picture:  # fmt: skip
    scale = rng.uniform(2.2, 3.1) if size[0] < 600 else rng.uniform(1.2, 1.7)
    inner = resized(drawn, round(max(values["w"], values["h"]) * scale))
    return visible(
        browser.draw(page(template, *size, scale, inner=(inner,), face=rng.choice(FACES), **values))
    )


def _phone(rng: Random) -> tuple[int, int]:
    return rng.choice((360, 375, 390, 412, 430)), rng.randint(700, 900)


def gallery(browser: Browser, drawn: Picture, seed: int) -> Picture:
    """A phone's gallery or file viewer with the picture in it."""
    rng = Random(f"gallery/{seed}")
    width, height = _phone(rng)
    w, h = _fit(drawn, width, height - 170)
    back, ink = rng.choice((("#000", "#fff"), ("#fff", "#111"), ("#1c1c1e", "#eee")))
    titles = (
        "Today",
        "Yesterday",
        "Wednesday",
        "IMG",
        "Screenshot",
        "WhatsApp Images",
        "Downloads",
        "Recents",
    )
    return _shown(browser, rng, "shot_gallery", drawn, (width, height), w=w, h=h, left=(width - w) / 2,
                  top=105 + (height - 170 - h) / 2, back=back, title=rng.choice(titles),
                  icons=rng.sample(("\u2661", "\u270e", "\u2315", "\u21aa", "\u2302", "\u2637", "\u2715"), 4),
                  **_status(rng, ink, back))  # fmt: skip


def app_post(browser: Browser, drawn: Picture, seed: int) -> Picture:
    """A post in somebody's feed, with its counts and replies."""
    rng = Random(f"post/{seed}")
    width, height = _phone(rng)
    w, h = _fit(drawn, width - 28, height * rng.uniform(0.55, 0.8))
    back, ink, dim, line = rng.choice((
        ("#fff", "#0f1419", "#536471", "#eff3f4"), ("#000", "#e7e9ea", "#71767b", "#2f3336"),
        ("#f0f2f5", "#1c1e21", "#65676b", "#d8dbdf"), ("#15202b", "#f7f9f9", "#8b98a5", "#38444d"),
    ))  # fmt: skip
    who = rng.choice(WHO)
    replies = [
        {"who": rng.choice(WHO), "tint": rng.choice(TINTS), "text": rng.choice(CHATS)} for _ in range(4)
    ]
    counts = [
        (icon, f"{rng.randint(1, 999)}")
        for icon in rng.sample(("\u2661", "\u21bb", "\u2709", "\u25cb", "\u2197"), 3)
    ]
    return _shown(browser, rng, "shot_post", drawn, (width, height), w=w, h=h, back=back, dim=dim, line=line,
                  tint=rng.choice(TINTS), who=who, handle="@" + who.lower().replace(" ", "_").strip("."),
                  ago=rng.choice(("2h", "11 min", "1d", "Just now", "3 hrs")), says=rng.choice(SAYS),
                  text_first=rng.random() < 0.6, round=rng.choice((0, 8, 16)), counts=counts, replies=replies,
                  bar_title=rng.choice(("Post", "Posts", "Thread", "Comments")), **_status(rng, ink, back))  # fmt: skip


def chat(browser: Browser, drawn: Picture, seed: int) -> Picture:
    """A chat in which somebody sent the picture."""
    rng = Random(f"chat/{seed}")
    width, height = _phone(rng)
    w, h = _fit(drawn, width * rng.uniform(0.72, 0.86), height * rng.uniform(0.5, 0.66))
    back, text, theirs, mine, mine_ink, bar, bar_ink = rng.choice((
        ("#e7ded4", "#111b21", "#fff", "#d4f5c6", "#111", "#075e54", "#fff"),
        ("#0b141a", "#e9edef", "#202c33", "#005c4b", "#e9edef", "#202c33", "#e9edef"),
        ("#fff", "#000", "#e9e9eb", "#0b84fe", "#fff", "#f6f6f6", "#000"),
        ("#000", "#fff", "#26252a", "#0b84fe", "#fff", "#1c1c1e", "#fff"),
        ("#fff", "#050505", "#f0f0f0", "#8a2be2", "#fff", "#fff", "#050505"),
        ("#d6e4ee", "#000", "#fff", "#effdde", "#000", "#517da2", "#fff"),
    ))  # fmt: skip
    before, after = ([{"mine": rng.random() < 0.4, "text": rng.choice((*CHATS, *SAYS)), "at": _clock(rng)}
                      for _ in range(rng.randint(low, 3))] for low in (0, 1))  # fmt: skip
    return _shown(browser, rng, "shot_chat", drawn, (width, height), w=w, h=h, back=back, text=text, theirs=theirs,
                  mine=mine, mine_ink=mine_ink, bar_ink=bar_ink, round=rng.choice((8, 10, 18)), tint=rng.choice(TINTS),
                  title=rng.choice(WHO), subtitle=rng.choice(("online", "last seen today", "tap for info", "")),
                  before=before, after=after, picture_mine=rng.random() < 0.3,
                  hint=rng.choice(("Message", "iMessage", "Aa", "Type a message")),
                  **_status(rng, bar_ink, bar))  # fmt: skip


def story(browser: Browser, drawn: Picture, seed: int) -> Picture:
    """A story: the picture over a blur of itself, words and stickers on top of it, some in the way."""
    rng = Random(f"story/{seed}")
    width, height = rng.choice((360, 390, 412)), rng.randint(640, 780)
    w, h = _fit(drawn, width, height, rng.uniform(0.8, 1.25))
    stickers = [
        {"x": rng.uniform(0.03, 0.6) * width, "y": rng.uniform(0.12, 0.85) * height, "size": rng.choice((19, 24, 30, 44)),
         "turn": rng.choice((0, 0, rng.uniform(-14, 14))), "text": rng.choice((*STICKERS, *SAYS)),
         "face": rng.choice((*FACES, "Dancing Script", "Comic Neue", "Kaushan Script", "Courier Prime")),
         "box": rng.choice(("", "#fff", "#000", "#e1306c")), "ink": "#fff"}
        for _ in range(rng.randint(1, 4))
    ]  # fmt: skip
    for sticker in stickers:
        sticker["ink"] = "#000" if sticker["box"] == "#fff" else rng.choice(("#fff", "#ffe14d", "#fff"))
    return _shown(browser, rng, "shot_story", drawn, (width, height), w=w, h=h, left=(width - w) * rng.uniform(0.2, 0.8),
                  top=(height - h) * rng.uniform(0.3, 0.7), back=rng.choice(TINTS), parts=rng.randint(1, 6),
                  tint=rng.choice(TINTS), who=rng.choice(WHO), ago=rng.choice(("2h", "14m", "now")),
                  stickers=stickers)  # fmt: skip


def viewer(browser: Browser, drawn: Picture, seed: int) -> Picture:
    """A document viewer or browser window on a computer."""
    rng = Random(f"viewer/{seed}")
    width, height = rng.choice((1280, 1366, 1440)), rng.choice((720, 768, 900))
    fill = rng.choice((1.0, 1.0, 1.35, 1.7))
    w, h = _fit(drawn, width - 140, height - 108, fill)
    back, ink, bar, bar_ink, tab = rng.choice((
        ("#525659", "#eee", "#323639", "#f1f1f1", "#202124"), ("#e6e6e6", "#222", "#f9f9f9", "#333", "#dee1e6"),
        ("#2b2b2b", "#ddd", "#3c3c3c", "#ddd", "#1e1e1e"), ("#cfd4da", "#123", "#2b579a", "#fff", "#b7c0ca"),
    ))  # fmt: skip
    files = (
        "Document.pdf",
        "scan0007.pdf",
        "letter.pdf",
        "attachment (1).pdf",
        "print.pdf",
        "IMG.pdf",
        "untitled.pdf",
    )
    return _shown(browser, rng, "shot_viewer", drawn, (width, height), w=w, h=h, left=110 + (width - 110 - w) / 2,
                  top=74 if fill > 1 else 70, back=back, ink=ink, bar=bar, bar_ink=bar_ink, tab_back=tab,
                  file=rng.choice(files), page_of=f"1 / {rng.randint(1, 6)}", zoom=f"{rng.choice((75, 90, 100, 125))}%",
                  tabs=rng.choice(((), (rng.choice(files), "Inbox", "New tab"))), thumbs=rng.random() < 0.4,
                  task=rng.choice(("#101318", "#1f3a5f", "#2b2b2b")), clock=_clock(rng))  # fmt: skip


def _landscape(rng: Random) -> Raster:
    sky = rng.choice((drawing.DAWN, drawing.SUNSET))
    return drawing.landscape(rng.randrange(2**31), 420, rng.choice((300, 420, 540)), sky)


def _ground(rng: Random) -> Raster:
    made = SURFACES[rng.choice(sorted(SURFACES))](np.random.default_rng(rng.randrange(2**31)))
    return np.ascontiguousarray(made[::3, ::3])


OTHERS: tuple[Callable[[Random], Raster], ...] = (_landscape, _landscape, _ground)


def collage(browser: Browser, drawn: Picture, seed: int) -> Picture:
    """Two to four pictures in one, the page among them."""
    rng = Random(f"collage/{seed}")
    width, height = rng.choice(((1440, 1440), (1440, 1800), (1800, 1350)))
    count, gap = rng.randint(2, 4), rng.choice((0, 6, 14))
    boxes = _boxes(rng, count, width, height, gap)
    place = 0 if rng.random() < 0.7 else rng.randrange(count)
    inner = [drawn if i == place else Picture(rng.choice(OTHERS)(rng)) for i in range(count)]
    tiles = [
        _tile(rng, box, shown, i == place) for i, (box, shown) in enumerate(zip(boxes, inner, strict=True))
    ]
    shown = tuple(resized(p, round(max(t["iw"], t["ih"]))) for p, t in zip(inner, tiles, strict=True))
    made = page("shot_collage", width, height, 1.0, inner=shown, tiles=tiles, back=rng.choice(("#fff", "#000", "#f3e9dc")),
                round=rng.choice((0, 0, 12)), words=rng.choice(("", "", *SAYS)), face=rng.choice(FACES))  # fmt: skip
    return visible(browser.draw(made))


def _boxes(rng: Random, count: int, w: int, h: int, gap: int) -> list[tuple[float, float, float, float]]:
    cut = rng.uniform(0.5, 0.68)
    if count == 2:
        return [(0, 0, w * cut - gap, h), (w * cut, 0, w * (1 - cut), h)] if w >= h else [
            (0, 0, w, h * cut - gap), (0, h * cut, w, h * (1 - cut))]  # fmt: skip
    side, part = w * cut, h / (count - 1)
    rest = [(side, i * part, w - side, part - (gap if i < count - 2 else 0)) for i in range(count - 1)]
    return [(0, 0, side - gap, h), *rest]


def _tile(rng: Random, box: tuple[float, float, float, float], shown: Picture, whole: bool) -> dict[str, Any]:
    x, y, w, h = box
    tall, wide = shown.pixels.shape[:2]
    scale = (min if whole and rng.random() < 0.6 else max)(w / wide, h / tall)
    iw, ih = wide * scale, tall * scale
    return {"x": x, "y": y, "w": w, "h": h, "iw": iw, "ih": ih, "ix": (w - iw) / 2, "iy": (h - ih) * rng.uniform(0, 1),
            "back": rng.choice(("#fff", "#111", "#ddd"))}  # fmt: skip


CAPTURES: dict[str, Shot] = {
    "screenshot": screenshot, "phone_screenshot": gallery, "app_post": app_post, "chat": chat, "story": story,
    "collage": collage, "pdf_viewer": viewer,
}  # fmt: skip
