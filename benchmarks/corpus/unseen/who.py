"""The people and organisations of a set's pictures: pools of its own in `content/people.toml`, shared with no other set."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from random import Random

from benchmarks.synth.documents import TODAY
from benchmarks.synth.numbers import CHI_TEST_VALUES
from benchmarks.synth.people import Person, draw_landline, draw_person, draw_postcode


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


class Pools:
    """Who is on the pages of one set, and where they are seen."""

    def __init__(self, folder: Path) -> None:
        self._pools = tomllib.loads((folder / "content" / "people.toml").read_text("utf-8"))
        self._streets = [street.strip() for street in self._pools["streets"].split("|")]

    def place(self, rng: Random, nation: str, kind: str) -> Place:
        """One organisation of a nation: hospital, practice, and in England mental, community or ambulance."""
        name, site, short, colour = rng.choice(self._pools["organisations"][f"{nation}_{kind}"]).split("|")
        town, area = self._town(rng, nation)
        return Place(name, site, short, colour, town, draw_postcode(rng, area), draw_landline(rng))

    def given(self, rng: Random, sex: str | None = None) -> str:
        """A first name."""
        pool = "women" if (sex or rng.choice(("Female", "Male"))) == "Female" else "men"
        return rng.choice(self._pools[pool].split())

    def family(self, rng: Random) -> str:
        """A family name."""
        return rng.choice(self._pools["families"].split())

    def patients(
        self,
        rng: Random,
        count: int = 1,
        nation: str = "england",
        ages: tuple[int, int] = (19, 90),
        sex: str | None = None,
    ) -> tuple[Person, ...]:
        """People of a nation; in Scotland (five at most) age and sex follow from the published numbers."""
        chis = rng.sample(_chi_people(), count) if nation == "scotland" else [None] * count
        return tuple(self._patient(rng, chi, nation, ages, sex) for chi in chis)

    def _patient(
        self,
        rng: Random,
        chi: tuple[str, str, date] | None,
        nation: str,
        ages: tuple[int, int],
        sex: str | None,
    ) -> Person:
        town, area = self._town(rng, nation)
        person = draw_person(rng, ages, chi[1] if chi else sex)
        number, _, born = chi or (person.nhs_number, "", person.born)
        child = (TODAY - born).days < 16 * 365
        return replace(
            person, born=born, nhs_number=number, given=self.given(rng, person.sex), family=self.family(rng),
            title=("Miss" if person.sex == "Female" else "Master") if child else person.title,
            street=f"{rng.randint(1, 210)} {rng.choice(self._streets)}", town=town, postcode=draw_postcode(rng, area),
        )  # fmt: skip

    def _town(self, rng: Random, nation: str) -> tuple[str, str]:
        town, area = rng.choice(self._pools["towns"][nation]).split("|")
        return town, area


def _chi_people() -> list[tuple[str, str, date]]:
    """Number, sex and birthday of the published test values: only these are drawn for Scotland."""
    found = []
    for chi in sorted(CHI_TEST_VALUES):
        year = 2000 + int(chi[4:6]) if int(chi[4:6]) <= TODAY.year % 100 else 1900 + int(chi[4:6])
        born = date(year, int(chi[2:4]), int(chi[:2]))
        found.append((chi, "Male" if int(chi[8]) % 2 else "Female", born))
    return found
