"""Fills a training template: one patient (or several), an organisation, a case, fonts, dates."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from random import Random
from typing import Any

from benchmarks.corpus.people import draw_patient, draw_staff
from benchmarks.corpus.train import clinical, places
from benchmarks.synth import drawing
from benchmarks.synth.browser import Page, page
from benchmarks.synth.documents import TODAY, Document, Exposure
from benchmarks.synth.numbers import draw_decoy, spaced
from benchmarks.synth.organisations import Letterhead
from benchmarks.synth.people import Person, draw_landline, draw_mobile

SANS = (
    "Liberation Sans",
    "Open Sans",
    "Carlito",
    "Lato",
    "Roboto",
    "Cantarell",
    "Cabin",
    "DejaVu Sans Condensed",
    "B612",
)
SERIF = ("Liberation Serif", "Caladea", "EB Garamond", "DejaVu Serif", "Fanwood Text")
MONO = (
    "Courier Prime",
    "GNUTypewriter",
    "DotGothic16",
    "IBM 3270",
    "Liberation Mono",
    "monofur",
    "Inconsolata",
)
HANDS = (
    "Breip",
    "DkgHandwriting",
    "femkeklaver",
    "Kristi",
    "Rufscript",
    "Because We Learn",
    "Because We Create",
    "Humor Sans",
)
Size = tuple[int, int]
A4, LANDSCAPE, DESK, HANDSET = (794, 1123), (1123, 794), (1280, 800), (412, 860)


class Pick:
    """A choice that is the same each time a template is filled: by seed and options."""

    def __init__(self, seed: int) -> None:
        self._seed = seed

    def __call__(self, *options: Any) -> Any:
        """One of the options."""
        return Random(f"{self._seed}/{options}").choice(options)

    def n(self, low: int, high: int, tag: object = "") -> int:
        """A whole number; another `tag`, another number."""
        return Random(f"{self._seed}/{low}/{high}/{tag}").randint(low, high)


def _day(back: int, form: str = "%d/%m/%Y") -> str:
    return (TODAY - timedelta(days=back)).strftime(form)


def common(rng: Random) -> dict[str, Any]:
    """What any template may want: fonts, picks, dates, staff, decoys, drawing."""
    code = f"{rng.choice('ABDHKRX')}{rng.randint(100000, 9999999)}"
    return {
        "pick": Pick(rng.randrange(2**31)), "d": _day, "sans": rng.choice(SANS), "serif": rng.choice(SERIF), "mono": rng.choice(MONO),
        "hand": rng.choice(HANDS), "dr": draw_staff(rng), "dr2": draw_staff(rng), "nurse": draw_staff(rng, rng.choice(("Sr", "RN", "SN", "CNS"))),
        "staff": [draw_staff(rng, "") for _ in range(12)], "scribble": drawing.scribble(rng), "bars": drawing.code128(code), "code": code,
        "ref": f"{rng.choice('ABCDJMS')}{rng.choice('HKLPRT')}/{rng.randint(100, 9999)}", "clock": f"{rng.randint(6, 23):02d}:{rng.randint(0, 59):02d}",
        "landline": draw_landline(rng), "mobile": draw_mobile(rng), "order": draw_decoy(rng), "order2": draw_decoy(rng, "87"), "order3": draw_decoy(rng, "5"),
        "spaced": spaced, "ward": rng.choice(clinical.WARDS), "results": clinical.results(rng, 9), "battery": rng.randint(3, 17),
        "tint": rng.choice(("#005eb8", "#00696e", "#7a1f5c", "#425563", "#8a1538", "#1d4f91", "#2e6b34", "#b25b00")),
    }  # fmt: skip


def about(rng: Random, cases: tuple[clinical.Case, ...], ages: Size, sex: str | None) -> dict[str, Any]:
    """A patient and a case, told."""
    person = draw_patient(rng, ages, sex)
    return told(rng, person, cases)


def told(rng: Random, person: Person, cases: tuple[clinical.Case, ...]) -> dict[str, Any]:
    """A person's case."""
    case, age = rng.choice(cases), person.age(TODAY)
    he, his = ("he", "his") if person.sex == "Male" else ("she", "her")
    return {"p": person, "c": case, "age": age, "story": case.told(he, his, age)}


def leak(
    template: str,
    size: Size,
    kind: str,
    *,
    scale: float = 1.8,
    cases: tuple[clinical.Case, ...] = clinical.ADULT,
    ages: Size = (19, 94),
    sex: str | None = None,
    several: int = 0,
    place: Callable[[Random], Letterhead] = places.trust,
    person: Callable[[Random], Person] | None = None,
    **more: Any,
) -> Callable[[Random], Document]:
    """A drawing function: the template about one patient, or about `several` (then `rows`)."""

    def draw(rng: Random) -> Document:
        head = place(rng)
        one = told(rng, person(rng), cases) if person else about(rng, cases, ages, sex)
        rows = [about(rng, cases, ages, sex) for _ in range(several)]
        people = tuple(row["p"] for row in rows) if several else (one["p"],)
        values = {**common(rng), **one, "rows": rows, "head": head, "gp": places.surgery(rng), **more}
        return Document(page(f"t/{template}", *size, scale, **values), Exposure(kind, head.name, people))

    return draw


def benign(template: str, size: Size, *, scale: float = 1.8, **more: Any) -> Callable[[Random], Page]:
    """A drawing function for a page that exposes nobody; `p` is an invented customer, `head` an invented trust."""

    def draw(rng: Random) -> Page:
        values = {**common(rng), "p": draw_patient(rng), "people": [draw_patient(rng) for _ in range(14)], "head": places.trust(rng),
                  "gp": places.surgery(rng), "c": rng.choice(clinical.ADULT), "age": rng.randint(20, 80), **more}  # fmt: skip
        return page(f"t/{template}", *size, scale, **values)

    return draw
