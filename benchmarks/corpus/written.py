"""Posts of words alone from families of forms: a TOML file in, one layout a family out.

A family has `forms` (texts with slots), `pick` (slot -> what may stand there, itself with
slots) and says of whom it tells:
`people`, `ages`, `sex`, `nation`. Slots of the second person end in 2, of the third in 3, and so on.
"""

from __future__ import annotations

import tomllib
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from typing import Any, Literal, Protocol

from benchmarks.corpus.base import Layout, Split
from benchmarks.synth.documents import TODAY, Exposure, day
from benchmarks.synth.numbers import draw_decoy, draw_nhs_number, spaced
from benchmarks.synth.organisations import Letterhead
from benchmarks.synth.people import Person, draw_landline, draw_mobile
from benchmarks.synth.posts import Written

_WORDS = ("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine")
_SHAPES: dict[str, Callable[[str], str]] = {
    "plain": str,
    "spaced": spaced,
    "dashes": lambda n: spaced(n).replace(" ", "-"),
    "dots": lambda n: spaced(n).replace(" ", "."),
    "wide": " ".join,
    "words": lambda n: " ".join(_WORDS[int(d)] for d in n),
    "circled": lambda n: "".join("\u24ea" if d == "0" else chr(0x2460 + int(d) - 1) for d in n),
    "keycaps": lambda n: "".join(f"{d}\ufe0f\u20e3" for d in n),
    "zero_width": "\u200b".join,
    "fullwidth": lambda n: "".join(chr(0xFF10 + int(d)) for d in n),
    "lines": lambda n: spaced(n).replace(" ", "\n"),
    "slashes": "/".join,
    "pairs": lambda n: " ".join(n[i : i + 2] for i in range(0, 10, 2)),
    "bold": lambda n: "".join(chr(0x1D7CE + int(d)) for d in n),
}
"""How people write ten digits when they do not want a filter to see them, and when they do not care."""
_SPEECH = {
    "Female": {"he": "she", "him": "her", "his": "her", "man": "woman", "lad": "lass", "son": "daughter"},
    "Male": {"he": "he", "him": "him", "his": "his", "man": "man", "lad": "lad", "son": "son"},
}  # fmt: skip


class Who(Protocol):
    """Whose names, places and organisations the posts of a split use."""

    def organisation(self, rng: Random, nation: str, kind: str) -> Letterhead:
        """One organisation of a nation."""

    def family_name(self, rng: Random) -> str:
        """A family name."""

    def patient(self, rng: Random, ages: tuple[float, float], sex: str | None, nation: str) -> Person:
        """One person of a nation."""


@dataclass(frozen=True, slots=True)
class Writing:
    """What the families of one file have in common."""

    split: Split
    label: Literal["leak", "benign"]
    prefix: str
    who: Who
    pick: Mapping[str, Sequence[str]] = field(default_factory=dict)
    """Choices for slots that every family may use; a family's own come first."""


def layouts(file: Path, writing: Writing) -> Iterator[Layout]:
    """One layout for each family of a file."""
    for family in tomllib.loads(file.read_text("utf-8"))["family"]:
        own = family.get("pick", {})
        whole = {**family, "pick": {**own, **{s: c for s, c in writing.pick.items() if s not in own}}}
        yield Layout(
            f"{writing.prefix}{family['name']}", writing.split, writing.label, family["category"],
            family["leak_class"], _draw(whole, writing),
        )  # fmt: skip


def _parts(person: Person, suffix: str) -> dict[str, Any]:
    parts: dict[str, Any] = {
        "name": person.name, "title": person.title, "given": person.given, "family": person.family,
        "street": person.street, "road": person.street.split(" ", 1)[1], "town": person.town,
        "postcode": person.postcode, "phone": person.phone, "initial": person.given[0],
        "FAMILY": person.family.upper(), "NAME": person.name.upper(), "low": person.name.lower(),
        "age": person.age(TODAY), "year": person.born.year, "hosp": person.hospital_number,
        "dob": person.dob("%d/%m/%Y"), "dob_short": person.dob("%d.%m.%y"), "dob_dots": person.dob("%d.%m.%Y"),
        "dob_long": person.dob("%d %B %Y"), "dob_iso": person.dob("%Y-%m-%d"), "dob_run": person.dob("%Y%m%d"),
        "dob_abbr": person.dob("%d-%b-%Y"), "sex": person.sex, "mf": person.sex[0],
    }  # fmt: skip
    speech = _SPEECH[person.sex]
    parts |= speech | {word.capitalize(): said.capitalize() for word, said in speech.items()}
    parts |= {f"n_{shape}": write(person.nhs_number) for shape, write in _SHAPES.items()}
    return {f"{key}{suffix}": value for key, value in parts.items()}


def _filled(rng: Random, family: dict[str, Any], who: Who, people: Sequence[Person]) -> str:
    nation = family.get("nation", "england")
    org, gp = (who.organisation(rng, nation, kind) for kind in ("hospital", "practice"))
    decoys = [draw_decoy(rng, rng.choice(("5", "87", "9"))) for _ in range(2)]
    tester = draw_nhs_number(rng)
    words = {
        "org": org.name, "hospital": org.organisation.site, "gp": gp.name, "other": who.family_name(rng),
        "day1": day(rng.randint(4, 40)), "day2": day(rng.randint(-30, 3)), "landline": draw_landline(rng),
        "tag": rng.choice(("carrypost", "homefieldhelp", "localnews_now", "askthetrust")), "phone": draw_mobile(rng),
        "d_plain": decoys[0], "d_spaced": spaced(decoys[0]), "d2_plain": decoys[1],
        "t_plain": tester, "t_spaced": spaced(tester),
        **{slot: rng.choice(choices) for slot, choices in family["pick"].items()},
    }  # fmt: skip
    for index, person in enumerate(people, 1):
        words |= _parts(person, "" if index == 1 else str(index))
    words |= {slot: words[slot].format_map(words) for slot in family["pick"]}
    return str(rng.choice(family["forms"]).format_map(words))


def _draw(family: dict[str, Any], writing: Writing) -> Callable[[Random], Written]:
    who, exposes = writing.who, writing.label == "leak"

    def draw(rng: Random) -> Written:
        ages = tuple(family.get("ages", (19, 88)))
        nation = family.get("nation", "england")
        count = family.get("people", 1) if exposes else 2
        people = tuple(who.patient(rng, (ages[0], ages[1]), family.get("sex"), nation) for _ in range(count))
        text = _filled(rng, family, who, people)
        organisation = who.organisation(rng, nation, "hospital").name
        return Written(text, Exposure("text_post", organisation, people) if exposes else None)

    return draw
