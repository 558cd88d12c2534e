"""The forms: five makes, each printed by several organisations, blank or filled in for somebody."""

from __future__ import annotations

from dataclasses import dataclass
from random import Random
from typing import Any

from benchmarks.synth.browser import Page, page
from benchmarks.synth.people import draw_clinician, draw_person
from benchmarks.templates.organisations import HOUSES, House

SCALE = 1.5


@dataclass(frozen=True, slots=True)
class Make:
    """One make of form: its page's name in `html/`, and its size in CSS pixels."""

    name: str
    width: int
    height: int


MAKES = (
    Make("attendance", 794, 1123),
    Make("consent", 794, 1123),
    Make("drug_chart", 1123, 794),
    Make("therapy_letter", 794, 1123),
    Make("ward_screen", 1280, 800),
)
REGISTERED, SISTERS = 2, 3
"""Of each make, so many organisations' forms are registered, and so many others print the same form."""
_COMPLAINTS = (
    "chest pain",
    "fall from standing",
    "left wrist injury",
    "shortness of breath",
    "abdominal pain",
    "headache",
)
_DRUGS = ("Amoxicillin", "Bisoprolol", "Paracetamol", "Enoxaparin", "Metformin", "Omeprazole", "Furosemide", "Sertraline",
          "Lansoprazole", "Ramipril", "Codeine", "Senna")  # fmt: skip
_PROCEDURES = ("laparoscopic cholecystectomy", "right total knee replacement", "cataract extraction, left eye",
               "inguinal hernia repair", "hysteroscopy and biopsy")  # fmt: skip
_WARDS = ("Ward 7", "Juniper", "AMU", "Ward 14", "Rowan Unit")


@dataclass(frozen=True, slots=True)
class Form:
    """One organisation's form of one make."""

    name: str
    make: Make
    house: House

    def drawn(self, seed: str | None) -> Page:
        """The page, filled in by a seed; None: blank."""
        values = _blank() if seed is None else _filled(Random(f"{self.name}/{seed}"))
        make = self.make
        return page(f"form_{make.name}", make.width, make.height, SCALE, house=self.house, **values)


def forms() -> tuple[list[Form], list[Form]]:
    """The forms to register, and sister organisations' forms of the same makes."""
    registered, sisters = [], []
    for number, make in enumerate(MAKES):
        houses = [HOUSES[(number + each) % len(HOUSES)] for each in range(REGISTERED + SISTERS)]
        for each, house in enumerate(houses):
            form = Form(f"{make.name}_{HOUSES.index(house)}", make, house)
            (registered if each < REGISTERED else sisters).append(form)
    return registered, sisters


def _blank() -> dict[str, Any]:
    return {"who": None, "rows": [], "ticks": frozenset(), "notes": "", "doctor": "", "day": "", "ward": ""}


def _filled(rng: Random) -> dict[str, Any]:
    drugs = rng.sample(_DRUGS, rng.randint(4, 8))
    return {
        "who": draw_person(rng),
        "rows": [(drug, f"{rng.choice((5, 10, 40, 75, 500))} mg", rng.choice(("PO", "IV", "SC")),
                  rng.choice(("OD", "BD", "TDS", "PRN"))) for drug in drugs],
        "ticks": frozenset(rng.sample(range(24), 9)),
        "notes": f"{rng.choice(_COMPLAINTS)}; {rng.choice(_COMPLAINTS)}; for {rng.choice(_PROCEDURES)}",
        "doctor": draw_clinician(rng),
        "day": f"{rng.randint(1, 28):02d}/{rng.randint(1, 11):02d}/2026",
        "ward": rng.choice(_WARDS),
    }  # fmt: skip
