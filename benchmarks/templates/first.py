"""The first set: five makes, and landscapes, surfaces, receipts and letters of others."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from random import Random

import numpy as np

from benchmarks.corpus import photos, screens
from benchmarks.synth import drawing, everyday
from benchmarks.synth.browser import Page
from benchmarks.synth.scenes import Picture
from benchmarks.synth.surfaces import SURFACES
from benchmarks.templates.captures import CAPTURES
from benchmarks.templates.drawing import FormSet, Other, Table
from benchmarks.templates.forms import forms

OTHERS: tuple[Callable[[Random], Page], ...] = (
    everyday.menu, everyday.parcel, everyday.ticket, everyday.news, everyday.job_advert, everyday.council_letter,
    everyday.poster, everyday.football_chat,
)  # fmt: skip


def others(table: Table, seed: int) -> Iterator[Other]:
    """Pictures of none of the forms."""
    yield from _natural(seed)
    yield from _other_pages(table, seed)


def _natural(seed: int) -> Iterator[Other]:
    rng = Random(f"{seed}/natural")
    for number in range(24):
        scene = drawing.landscape(rng.randrange(2**31), 1200, 900, rng.choice((drawing.DAWN, drawing.SUNSET)))
        yield Other(f"nat_{number:02d}", "clean", "natural", Picture(scene))
    for name in sorted(SURFACES):
        made = SURFACES[name](np.random.default_rng(rng.randrange(2**31)))[:1200, :1600]
        yield Other(f"nat_{name}", "clean", "natural", Picture(np.ascontiguousarray(made)))


def _other_pages(table: Table, seed: int) -> Iterator[Other]:
    takes = {"clean": screens.screenshot, "photo_mild": photos.photo(photos.EASY), "ui": screens.app_post}
    for draw in (everyday.receipt, *OTHERS):
        for capture, take in takes.items():
            name = f"oth_{draw.__name__}__{capture}"
            rng = Random(f"{seed}/{name}")
            taken = take(table.chromium, table.draw(draw(rng)), rng.randrange(2**31))
            yield Other(name, capture, "receipt" if draw is everyday.receipt else "otherdoc", taken)


FIRST = FormSet(forms, CAPTURES, {"crop_l": 4, "photo_close": 4}, ("clean", "photo_mild", "ui"), others)
"""Parts of a page differ more than views of all of it, and are taken more often."""
