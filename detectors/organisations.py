"""Health organisations by name: which one of the shipped list (`lexicons/health_bodies.tsv`) a page names.

A name is found at the words that every such name has ("NHS Trust", "Health Board", "Bwrdd Iechyd"), which may
be misread or run together. What stands before or after them is compared with the list, letter by letter:
look-alikes are one letter, and one other in ten may be wrong: East London never becomes West London.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Literal

from rapidfuzz.distance import Levenshtein

from detectors.normalise import Reading

Country = Literal["england", "scotland", "wales", "northern_ireland"]


@dataclass(frozen=True, slots=True)
class Organisation:
    """A body of the list. `code` is its ODS code, in Scotland its geography code; "" where none is known."""

    code: str
    country: Country
    name: str
    welsh: str = ""


@dataclass(frozen=True, slots=True)
class Named:
    """An organisation, where `text[start:end]` of a reading names it, and whether as the list spells it."""

    organisation: Organisation
    start: int
    end: int
    exact: bool


@dataclass(frozen=True, slots=True)
class _Key:
    """The part of a name that no other body shares, letters only."""

    letters: str
    organisation: Organisation


_SUFFIX = re.compile(
    r"n\s?[hmn]\s?[s5]\s*+(?:f[o0]undati[o0]n|and\s*s[o0]cial\s*care\s*partnership)?\s*+tru[s5][tl1](?![a-z])"
    r"|national\s*health\s*service\s*trust|health\s*(?:and|&)\s*s[o0]cial\s*care\s*tru[s5]t|h[s5]c\s*trust"
    r"|(?:university|teaching)\s*(?:health\s*b[o0]ard|lhb)"
)
_PREFIX = re.compile(
    r"(?<![a-z])(?:n[hm][s5]\s+(?=\w)|bwrdd\s*[il1]echyd\s*(?:prifysgol|addysgu|lleol)?"
    r"|ymddiriedolaeth\s*gig\s*(?:prifysgol)?)"
)
_LONGEST = 90
_MOST_PLACES = 40
_LETTERS = re.compile(r"[^\W_]")
_ONE_WRONG_IN = 10
_LOOK_ALIKE = str.maketrans("01l|!5$8", "oiiiissb")
_QUALIFIERS = frozenset(
    {"north", "south", "east", "west", "northern", "southern", "eastern", "western"}
    | {"mid", "central", "greater", "great", "royal", "new", "university"}
)


@cache
def organisations() -> tuple[Organisation, ...]:
    """The shipped list, read once."""
    text = files("detectors.lexicons").joinpath("health_bodies.tsv").read_text(encoding="utf-8")
    rows = [line.split("\t") for line in text.splitlines() if line and not line.startswith("#")]
    return tuple(Organisation(*row) for row in rows)  # type: ignore[arg-type]


def named_in(page: Reading) -> tuple[Named, ...]:
    """The organisations that a page names, each once, in their order."""
    return page.once(_named)


def _named(page: Reading) -> tuple[Named, ...]:
    found: dict[str, Named] = {}
    for named in _places(page):
        known = found.get(named.organisation.name)
        if known is None or (named.exact and not known.exact):
            found[named.organisation.name] = named
    return tuple(sorted(found.values(), key=lambda named: named.start))


def _places(page: Reading) -> Iterator[Named]:
    for match, _ in zip(_SUFFIX.finditer(page.lower), range(_MOST_PLACES), strict=False):
        yield from _best(page, _before(page, match.start()), match.span(), _keys()[0], from_end=True)
    for match, _ in zip(_PREFIX.finditer(page.lower), range(_MOST_PLACES), strict=False):
        yield from _best(page, _after(page, match.end()), match.span(), _keys()[1], from_end=False)
    for name, organisation in _whole().items():
        at = page.squashed.find(name)
        if at >= 0:
            yield Named(organisation, *page.unsquash(at, at + len(name)), exact=True)


def _before(page: Reading, start: int) -> list[int]:
    """The places of the letters before a name's common words, at most so many, in order."""
    low = max(0, start - _LONGEST)
    return [match.start() for match in _LETTERS.finditer(page.lower, low, start)]


def _after(page: Reading, end: int) -> list[int]:
    high = min(len(page.lower), end + _LONGEST)
    return [match.start() for match in _LETTERS.finditer(page.lower, end, high)]


def _best(
    page: Reading, places: list[int], anchor: tuple[int, int], keys: tuple[_Key, ...], *, from_end: bool
) -> Iterator[Named]:
    """The name of the list that the letters on this side of the anchor spell best, if any nearly does."""
    letters = "".join(page.lower[at] for at in places).translate(_LOOK_ALIKE)
    best: tuple[int, int, Named] | None = None
    for key in keys:
        for size in (len(key.letters), len(key.letters) - 1, len(key.letters) + 1):
            if not 0 < size <= len(letters):
                continue
            piece = letters[-size:] if from_end else letters[:size]
            allowed = len(key.letters) // _ONE_WRONG_IN
            wrong = Levenshtein.distance(piece, key.letters, score_cutoff=allowed)
            if wrong > allowed or (best and (wrong, -size) >= best[:2]):
                continue
            at = places[-size:] if from_end else places[:size]
            if _stands_alone(page, at[0], at[-1] + 1, key, from_end=from_end):
                span = (at[0], anchor[1]) if from_end else (anchor[0], at[-1] + 1)
                best = wrong, -size, Named(key.organisation, *span, exact=wrong == 0)
    if best:
        yield best[2]


def _stands_alone(page: Reading, start: int, end: int, key: _Key, *, from_end: bool) -> bool:
    """Whether no word that would make it another body's name belongs to it: "South" before "East London"."""
    if not from_end:
        return not page.lower[end : end + 1].isalpha()
    before = page.lower[max(0, start - 20) : start].split()
    if page.lower[start - 1 : start].isalpha():
        return False
    return not before or before[-1] not in _QUALIFIERS or key.letters.startswith(_letters(before[-1]))


def _letters(text: str) -> str:
    return "".join(filter(str.isalnum, text.lower())).translate(_LOOK_ALIKE)


@cache
def _keys() -> tuple[tuple[_Key, ...], tuple[_Key, ...]]:
    """The keys of names that end in common words, and of names that begin with them; the longest first."""
    ends: list[_Key] = []
    begins: list[_Key] = []
    for organisation in organisations():
        for name in _spellings(organisation):
            suffix = next((match for match in _SUFFIX.finditer(name) if match.end() == len(name)), None)
            prefix = _PREFIX.match(name)
            if suffix:
                ends.append(_Key(_letters(name[: suffix.start()].removeprefix("the ")), organisation))
            elif prefix:
                begins.append(_Key(_letters(name[prefix.end() :]), organisation))
    return _longest_first(ends), _longest_first(begins)


def _spellings(organisation: Organisation) -> Iterator[str]:
    """A body's names in lower case, and with "&" (which is no letter) for "and"."""
    for name in filter(None, (organisation.name.lower(), organisation.welsh.lower())):
        yield name
        if " and " in name.partition("nhs and")[0]:
            yield name.replace(" and ", " & ", 1)


def _longest_first(keys: list[_Key]) -> tuple[_Key, ...]:
    return tuple(sorted(keys, key=lambda key: (-len(key.letters), key.letters)))


@cache
def _whole() -> dict[str, Organisation]:
    """Names without common words, by all their letters as a page's `squashed` text has them."""
    names = {}
    for organisation in organisations():
        for name in filter(None, (organisation.name.lower(), organisation.welsh.lower())):
            if not _SUFFIX.search(name) and not _PREFIX.match(name):
                names["".join(filter(str.isalnum, name))] = organisation
    return names
