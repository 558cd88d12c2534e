"""Held-out posts of words alone, from the families of `content/texts.toml` and `content/texts_benign.toml`."""

from __future__ import annotations

import tomllib
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from random import Random
from typing import Any, Literal

from benchmarks.corpus.base import Layout
from benchmarks.corpus.heldout import who
from benchmarks.synth.documents import TODAY, Exposure, day
from benchmarks.synth.numbers import draw_decoy, draw_nhs_number, spaced
from benchmarks.synth.people import Person, draw_landline, draw_mobile
from benchmarks.synth.posts import Written

_CONTENT = Path(__file__).parent / "content"
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
}
"""How people write ten digits when they do not want a filter to see them, and when they do not care."""


def _parts(person: Person, suffix: str) -> dict[str, Any]:
    parts: dict[str, Any] = {
        "name": person.name, "title": person.title, "given": person.given, "family": person.family,
        "street": person.street, "town": person.town, "postcode": person.postcode, "phone": person.phone,
        "age": person.age(TODAY), "year": person.born.year, "hosp": person.hospital_number,
        "dob": person.dob("%d/%m/%Y"), "dob_short": person.dob("%d.%m.%y"), "dob_dots": person.dob("%d.%m.%Y"),
        "dob_long": person.dob("%d %B %Y"),
    }  # fmt: skip
    parts |= {f"n_{shape}": write(person.nhs_number) for shape, write in _SHAPES.items()}
    return {f"{key}{suffix}": value for key, value in parts.items()}


def _filled(rng: Random, family: dict[str, Any], people: Sequence[Person]) -> str:
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
    return str(rng.choice(family["forms"]).format_map(words))


def _draw(family: dict[str, Any], *, exposes: bool) -> Callable[[Random], Written]:
    def draw(rng: Random) -> Written:
        ages = tuple(family.get("ages", (19, 88)))
        nation = family.get("nation", "england")
        count = family.get("people", 1) if exposes else 2
        people = tuple(who.patient(rng, (ages[0], ages[1]), family.get("sex"), nation) for _ in range(count))
        text = _filled(rng, family, people)
        organisation = who.organisation(rng, nation, "hospital").name
        return Written(text, Exposure("text_post", organisation, people) if exposes else None)

    return draw


def _layouts(file: str, label: Literal["leak", "benign"]) -> Iterator[Layout]:
    for family in tomllib.loads((_CONTENT / file).read_text("utf-8"))["family"]:
        draw = _draw(family, exposes=label == "leak")
        yield Layout(f"ho_{family['name']}" if label == "leak" else f"ho_b_{family['name']}", "heldout", label,
                     family["category"], family["leak_class"], draw)  # fmt: skip


LAYOUTS: tuple[Layout, ...] = (
    *_layouts("texts.toml", "leak"),
    *_layouts("texts_benign.toml", "benign"),
)
