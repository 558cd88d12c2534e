"""Pictures of none of the second set's forms: other medical pages, everyday pages, photographs, nearly blank paper."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from random import Random

import numpy as np

from benchmarks.corpus.base import layouts
from benchmarks.corpus.output import Task, post
from benchmarks.synth import documents, drawing, everyday
from benchmarks.synth.browser import Page, page
from benchmarks.synth.scenes import Picture
from benchmarks.synth.surfaces import SURFACES
from benchmarks.templates import forms as first
from benchmarks.templates.drawing import Other, Table
from benchmarks.templates.second.captures import CAPTURES
from benchmarks.templates.second.filling import Filling
from benchmarks.templates.second.organisations import SISTERS

_SCENES = ("natural_photo", "street_photo", "sport_photo", "product_photo", "meme")
_LARGEST = 1700
STRANGERS = {"visit": (794, 1123), "optometry": (794, 1123), "bilingual": (794, 1123), "fluid": (1123, 794)}
"""Medical pages of makes that nobody registered -> their size."""
PLAIN = {"blank": (794, 1123), "heading": (794, 1123), "lined": (700, 990), "sheet": (1200, 760), "book": (700, 1000),
         "table": (794, 1123)}  # fmt: skip
"""Pages with little or nothing on them, or nothing but text or cells -> their size."""
_EVERYDAY: tuple[Callable[[Random], Page], ...] = (
    everyday.menu, everyday.parcel, everyday.ticket, everyday.news, everyday.council_letter, everyday.meme_night,
    everyday.meme_panels, everyday.code,
)  # fmt: skip


def others(table: Table, seed: int) -> Iterator[Other]:
    """All of them, by a seed."""
    for name, draw in _medical(seed).items():
        for capture in ("photo_mild", "ui"):
            yield _taken(table, f"med_{name}", draw, capture, seed=seed)
    yield from _plain_pages(table, seed)
    yield from _scenes(table, seed)


def _taken(
    table: Table,
    stem: str,
    draw: Callable[[Random], Page],
    capture: str,
    *,
    kind: str = "otherdoc",
    seed: int,
) -> Other:
    name = f"{stem}__{capture}"
    rng = Random(f"{seed}/{name}")
    drawn = table.draw(draw(rng))
    return Other(name, capture, kind, CAPTURES[capture](table.chromium, drawn, rng.randrange(2**31)))


def _medical(seed: int) -> dict[str, Callable[[Random], Page]]:
    """Records, letters and charts of other makes by name: the corpus's newest, the sample feed's, the first set's."""
    found: dict[str, Callable[[Random], Page]] = {
        layout.name: partial(_of_the_corpus, layout.name, seed)
        for layout in layouts("fresh")
        if layout.label == "leak" and layout.captures
    }
    for own in (
        documents.clinic_letter,
        documents.discharge_summary,
        documents.gp_referral,
        documents.appointment_letter,
    ):
        found[own.__name__] = lambda rng, own=own: own(rng).page  # type: ignore[misc]
    for make in first.MAKES:
        form = next(each for each in first.forms()[0] if each.make == make)
        found[f"first_{make.name}"] = lambda rng, form=form: form.drawn(str(rng.random()))  # type: ignore[misc]
    return found | {f"stranger_{name}": partial(_stranger, name) for name in STRANGERS}


def _of_the_corpus(name: str, seed: int, rng: Random) -> Page:
    layout = next(each for each in layouts("fresh") if each.name == name)
    drawn = post(layout, Task("fresh", name, rng.randrange(1000), seed)).page
    if drawn is None:
        raise ValueError(f"{name} is a post of words; only layouts with a picture stand among the pages")
    scale = min(drawn.scale, _LARGEST / max(drawn.width, drawn.height))
    return Page(drawn.template, drawn.width, drawn.height, scale, drawn.values, drawn.inner)


def _stranger(name: str, rng: Random) -> Page:
    fill = partial(Filling, str(rng.random()))
    return page(f"so_{name}", *STRANGERS[name], 1.5, house=rng.choice(SISTERS), fill=fill)


def _plain_pages(table: Table, seed: int) -> Iterator[Other]:
    for capture in ("clean", "photo_mild", "ui"):
        yield _taken(table, "oth_receipt", everyday.receipt, capture, kind="receipt", seed=seed)
    for draw in _EVERYDAY:
        for capture in ("photo_mild", "ui"):
            yield _taken(table, f"oth_{draw.__name__}", draw, capture, seed=seed)
    for name in PLAIN:
        for capture in ("clean", "photo_mild", "photo_hard", "ui"):
            yield _taken(table, f"oth_{name}", partial(_plain, name), capture, seed=seed)
    for n, layout in enumerate(each for each in layouts("fresh") if each.label == "benign" and each.captures):
        capture = ("clean", "ui", "photo_mild", "moire")[n % 4]
        kind = "natural" if layout.category in _SCENES else "otherdoc"
        draw_one = partial(_of_the_corpus, layout.name, seed)
        yield _taken(table, f"oth_{layout.name}", draw_one, capture, kind=kind, seed=seed)


def _plain(name: str, rng: Random) -> Page:
    return page(f"so_{name}", *PLAIN[name], 1.5, fill=partial(Filling, str(rng.random())))


def _scenes(table: Table, seed: int) -> Iterator[Other]:
    rng = Random(f"{seed}/scenes")
    for number in range(14):
        sky = rng.choice((drawing.DAWN, drawing.SUNSET))
        scene = Picture(drawing.landscape(rng.randrange(2**31), 1200, 900, sky))
        shown = scene if number % 2 else CAPTURES["ui"](table.chromium, scene, rng.randrange(2**31))
        yield Other(f"nat_{number:02d}", "clean" if number % 2 else "ui", "natural", shown)
    for name in sorted(SURFACES):
        made = SURFACES[name](np.random.default_rng(rng.randrange(2**31)))[:1200, :1600]
        yield Other(f"nat_{name}", "clean", "natural", Picture(np.ascontiguousarray(made)))
    for number in range(3):
        film = drawing.chest_film(rng.randrange(2**31), 700, 1000)
        yield Other(f"nat_film_{number}", "clean", "natural", Picture(np.ascontiguousarray(film)))
