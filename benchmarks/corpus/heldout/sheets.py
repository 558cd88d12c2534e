"""What every held-out page is filled with, and the shapes of its `draw`.

A template throws its own dice (`{% set r = dice(seed) %}`) for wording, order and values: it is rendered twice,
for the audit and for the picture, and the seed makes both alike.
"""

from __future__ import annotations

import tomllib
from collections.abc import Callable, Sequence
from functools import cache
from pathlib import Path
from random import Random
from typing import Any

from benchmarks.corpus.base import Layout
from benchmarks.corpus.heldout import who
from benchmarks.synth import drawing
from benchmarks.synth.browser import Page, as_data_uri, page
from benchmarks.synth.documents import TODAY, Document, Exposure, day
from benchmarks.synth.lens import Raster
from benchmarks.synth.numbers import draw_decoy, draw_nhs_number, draw_prescription_id, spaced
from benchmarks.synth.people import Person, draw_landline, draw_mobile

Inner = Callable[[Random], tuple[Page | Raster, ...]]
_CONTENT = Path(__file__).parent / "content"


@cache
def _captions() -> dict[str, list[str]]:
    return tomllib.loads((_CONTENT / "captions.toml").read_text("utf-8"))


def captions(kinds: str) -> tuple[str, ...]:
    """The post texts of kinds (names with spaces between) from `content/captions.toml`."""
    return tuple(text for kind in kinds.split() for text in _captions()[kind])


def _pronouns(sex: str) -> dict[str, str]:
    he, his, him = ("he", "his", "him") if sex == "Male" else ("she", "her", "her")
    return {"he": he, "He": he.capitalize(), "his": his, "His": his.capitalize(), "him": him}


def values(rng: Random, nation: str, kind: str, people: Sequence[Person]) -> dict[str, Any]:
    """All that a template may use."""
    shown = people[0]
    return {
        "people": people, "p": shown, "age": shown.age(TODAY), **_pronouns(shown.sex),
        "org": who.organisation(rng, nation, kind), "gp": who.organisation(rng, nation, "practice"),
        "staff": [who.staff(rng) for _ in range(12)], "surnames": [who.family_name(rng) for _ in range(12)],
        "seed": rng.randrange(2**31), "dice": Random, "day": day, "today": TODAY, "code": drawing.code128,
        "qr": as_data_uri(drawing.qr(f"{rng.randrange(16**12):012X}-{rng.randrange(16**8):08X}")),
        "sig": drawing.scribble(rng), "eps": draw_prescription_id(rng, "A99998"),
        "decoys": [draw_decoy(rng, rng.choice(("5", "87", "9"))) for _ in range(8)],
        "testers": [draw_nhs_number(rng) for _ in range(4)], "spaced": spaced,
        "tel": draw_landline(rng), "mobiles": [draw_mobile(rng) for _ in range(8)],
    }  # fmt: skip


def exposing(
    template: str, width: int, height: int, scale: float, doc_type: str, *, nation: str = "england",
    kind: str = "hospital", count: int = 1, ages: tuple[float, float] = (24, 88), sex: str | None = None,
    inner: Inner | None = None, **extra: Any,
) -> Callable[[Random], Document]:  # fmt: skip
    """A `draw` whose page shows patients. Sizes are CSS pixels and picture pixels for each."""

    def draw(rng: Random) -> Document:
        people = tuple(who.patient(rng, ages, sex, nation) for _ in range(count))
        filled = {**values(rng, nation, kind, people), **extra}
        drawn = page(template, width, height, scale, inner=inner(rng) if inner else (), **filled)
        return Document(drawn, Exposure(doc_type, filled["org"].name, people))

    return draw


def harmless(
    template: str, width: int, height: int, scale: float, *, nation: str = "england", kind: str = "hospital",
    inner: Inner | None = None, **extra: Any,
) -> Callable[[Random], Page]:  # fmt: skip
    """A `draw` whose page exposes no patient of the UK."""

    def draw(rng: Random) -> Page:
        people = tuple(who.patient(rng, (20, 75)) for _ in range(8))
        filled = {**values(rng, nation, kind, people), **extra}
        return page(template, width, height, scale, inner=inner(rng) if inner else (), **filled)

    return draw


def leak(
    name: str, category: str, draw: Callable[[Random], Document], captures: tuple[str, ...], said: str, *,
    leak_class: str = "patient_record",
) -> Layout:  # fmt: skip
    """A layout that exposes patients; `said` are kinds of captions, beside the neutral ones."""
    words = captions(f"{said} neutral odd")
    return Layout(f"ho_{name}", "heldout", "leak", category, leak_class, draw, captures, words)


def benign(
    name: str, category: str, draw: Callable[[Random], Page], captures: tuple[str, ...], said: str, *,
    leak_class: str = "unknown",
) -> Layout:  # fmt: skip
    """A layout that exposes nobody."""
    words = captions(f"{said} neutral odd")
    return Layout(f"ho_{name}", "heldout", "benign", category, leak_class, draw, captures, words)
