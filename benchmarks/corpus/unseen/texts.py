"""Posts of words alone: the families of a folder's `content/texts_leak*.toml` and `content/texts_benign*.toml`."""

from __future__ import annotations

import tomllib
from datetime import date, timedelta
from pathlib import Path
from random import Random
from typing import Any, Literal

from benchmarks.corpus.base import Layout, Split
from benchmarks.corpus.people import CHI_BORN
from benchmarks.corpus.written import Writing, layouts
from benchmarks.synth.documents import TODAY
from benchmarks.synth.numbers import draw_nhs_number
from benchmarks.synth.organisations import Letterhead, Organisation, letterhead
from benchmarks.synth.people import Person, draw_mobile, draw_postcode

_HERE = Path(__file__).parent


def _table(folder: Path, name: str) -> dict[str, Any]:
    return tomllib.loads((folder / "content" / f"texts_{name}.toml").read_text("utf-8"))


class Who:
    """People whose given and family name mostly come from one community, in towns that do not exist."""

    def __init__(self, folder: Path = _HERE) -> None:
        self._names = _table(folder, "names")

    def organisation(self, rng: Random, nation: str, kind: str) -> Letterhead:
        """A hospital or practice of a nation."""
        name, site, town, area = rng.choice(self._names[nation][kind]).split(" | ")
        return letterhead(Organisation(name, site, town, area, "#005eb8", "leaf", "unseen.example"))

    def family_name(self, rng: Random) -> str:
        """A family name of any community."""
        return str(rng.choice(rng.choice(self._names["pool"])["families"].split()))

    def patient(self, rng: Random, ages: tuple[float, float], sex: str | None, nation: str) -> Person:
        """One person; a Scot has a published CHI test value, and the birth date and sex that go with it."""
        number, born, sex = (_scot if nation == "scotland" else _anybody)(rng, ages, sex)
        names = self._names
        pools = [pool for pool in names["pool"] if pool.get("nation", nation) == nation]
        pool = rng.choices(pools, [pool["share"] for pool in pools])[0]
        town, area = rng.choice(names[nation]["towns"]).split(" | ")
        return Person(
            title=_title(rng, sex, child=(TODAY - born).days < 16 * 365),
            given=rng.choice(pool["women" if sex == "Female" else "men"].split()),
            family=rng.choice(pool["families"].split()), sex=sex, born=born,
            street=f"{rng.randint(1, 140)} {rng.choice(names['streets'])}", town=town,
            postcode=draw_postcode(rng, area), phone=draw_mobile(rng), nhs_number=number,
            hospital_number=rng.choice("ADHKMPRTX") + str(rng.randint(100_000, 9_999_999)),
        )  # fmt: skip


def _anybody(rng: Random, ages: tuple[float, float], sex: str | None) -> tuple[str, date, str]:
    born = TODAY - timedelta(days=round(rng.uniform(*ages) * 365.25))
    return draw_nhs_number(rng), born, sex or rng.choice(("Female", "Male"))


def _scot(rng: Random, ages: tuple[float, float], sex: str | None) -> tuple[str, date, str]:
    return rng.choice([
        (number, born, is_) for number, (born, is_) in CHI_BORN.items()
        if sex in (None, is_) and ages[0] <= (TODAY - born).days / 365.25 <= ages[1]
    ])  # fmt: skip


def _title(rng: Random, sex: str, *, child: bool) -> str:
    if child:
        return "Miss" if sex == "Female" else "Master"
    return rng.choice(("Mrs", "Ms", "Miss")) if sex == "Female" else "Mr"


def families(folder: Path, split: Split, prefix: str) -> tuple[Layout, ...]:
    """The layouts of words whose `content/` stands in a folder; names begin with the prefix, `b_t_` where harmless."""
    content, who = folder / "content", Who(folder)
    words = _table(folder, "words") if (content / "texts_words.toml").exists() else {}
    kinds: tuple[tuple[Literal["leak", "benign"], str], ...] = (("leak", "t_"), ("benign", "b_t_"))
    found: list[Layout] = []
    for label, then in kinds:
        writing = Writing(split, label, f"{prefix}{then}", who, words)
        for file in sorted(content.glob(f"texts_{label}*.toml")):
            found += layouts(file, writing)
    return tuple(found)


LAYOUTS = families(_HERE, "validation", "un_")
