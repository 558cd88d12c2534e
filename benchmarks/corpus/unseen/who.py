"""The people and organisations of the unseen layouts: pools of their own, shared with no other set."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from random import Random

from benchmarks.synth.documents import TODAY
from benchmarks.synth.numbers import CHI_TEST_VALUES
from benchmarks.synth.people import Person, draw_landline, draw_person, draw_postcode

_POOLS = tomllib.loads((Path(__file__).parent / "content" / "people.toml").read_text("utf-8"))
_STREETS = [street.strip() for street in _POOLS["streets"].split("|")]


@dataclass(frozen=True, slots=True)
class Place:
    """An organisation as its paper names it."""

    name: str
    site: str
    short: str
    colour: str
    town: str
    postcode: str
    tel: str


def place(rng: Random, nation: str, kind: str) -> Place:
    """One organisation of a nation: hospital, practice, and in England mental, community or ambulance."""
    name, site, short, colour = rng.choice(_POOLS["organisations"][f"{nation}_{kind}"]).split("|")
    town, area = rng.choice(_POOLS["towns"][nation]).split("|")
    return Place(name, site, short, colour, town, draw_postcode(rng, area), draw_landline(rng))


def given(rng: Random, sex: str | None = None) -> str:
    """A first name."""
    return rng.choice(
        _POOLS["women" if (sex or rng.choice(("Female", "Male"))) == "Female" else "men"].split()
    )


def family(rng: Random) -> str:
    """A family name."""
    return rng.choice(_POOLS["families"].split())


def _chi_people() -> list[tuple[str, str, date]]:
    """Number, sex and birthday of the published test values: only these are drawn for Scotland."""
    found = []
    for chi in sorted(CHI_TEST_VALUES):
        year = 2000 + int(chi[4:6]) if int(chi[4:6]) <= TODAY.year % 100 else 1900 + int(chi[4:6])
        born = date(year, int(chi[2:4]), int(chi[:2]))
        found.append((chi, "Male" if int(chi[8]) % 2 else "Female", born))
    return found


def patients(
    rng: Random,
    count: int = 1,
    nation: str = "england",
    ages: tuple[int, int] = (19, 90),
    sex: str | None = None,
) -> tuple[Person, ...]:
    """People of a nation; in Scotland (five at most) age and sex follow from the published numbers."""
    chis = rng.sample(_chi_people(), count) if nation == "scotland" else [None] * count
    return tuple(_patient(rng, chi, nation, ages, sex) for chi in chis)


def _patient(
    rng: Random, chi: tuple[str, str, date] | None, nation: str, ages: tuple[int, int], sex: str | None
) -> Person:
    town, area = rng.choice(_POOLS["towns"][nation]).split("|")
    person = draw_person(rng, ages, chi[1] if chi else sex)
    number, _, born = chi or (person.nhs_number, "", person.born)
    child = (TODAY - born).days < 16 * 365
    return replace(
        person, born=born, nhs_number=number, given=given(rng, person.sex), family=family(rng),
        title=("Miss" if person.sex == "Female" else "Master") if child else person.title,
        street=f"{rng.randint(1, 210)} {rng.choice(_STREETS)}", town=town, postcode=draw_postcode(rng, area),
    )  # fmt: skip
