"""What a page may say of somebody in a register: its findings as messages to digest, the likeliest first.

This is how identifiers are handed over: each as the messages of its field, exactly as read and then, where
an engine read it, as its OCR-confusable alternates. At most `MOST_CANDIDATES` come from one page.
"""

from __future__ import annotations

import dataclasses
import heapq
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import pairwise

from detectors.base import Finding, by_kind
from detectors.features import PATIENT_NUMBERS
from detectors.register.alternates import (
    birth_alternates,
    code_alternates,
    letters_for_digits,
    number_alternates,
    surname_alternates,
)
from detectors.register.fields import (
    Field,
    births_in,
    message,
    normal_hospital_number,
    normal_number,
    normal_postcode,
    normal_surname,
)

MOST_CANDIDATES = 1000
"""Digests made and looked up for one page, for each register."""

_MOST_PLACES = 64
"""Findings of one kind that are looked at on one page."""
_NEAREST_NAMES, _NEAREST_POSTCODES, _NEAREST_MISREAD = 8, 4, 2
_MOST_WORDS = 5
_WORDS_BEFORE, _WORDS_AFTER = 12, 4
_FARTHEST = 1_000_000
_WORD = re.compile(r"[^\W\d_][\w'\u2019-]*")
_TITLES = frozenset(
    {"mr", "mrs", "ms", "miss", "mx", "master", "mstr", "sir", "lady", "dame", "baby", "rev", "dr"}
)


@dataclasses.dataclass(frozen=True, slots=True)
class Candidate:
    """One thing to look up, and the finding that says it.

    `doubt` counts the characters that were exchanged for look-alikes. `birth` is the date of birth that the
    message holds: two supporting fields speak of one person only with the same one.
    """

    field: Field
    message: bytes = dataclasses.field(repr=False)
    doubt: int
    finding: Finding
    birth: str | None = dataclasses.field(default=None, repr=False)
    distance: int = 0


_Variants = Sequence[tuple[str, int]]
"""Values with their doubt."""


def candidates_of(findings: Sequence[Finding], text: str = "") -> list[Candidate]:
    """What to look up for the findings of one page: the least doubtful first, then the nearest pairs.

    With the page's `text`, words beside a date of birth are surnames too, found as a name or not.
    """
    unique: dict[tuple[Field, bytes], Candidate] = {}
    for found in (*_numbers(findings), *_hospital_numbers(findings), *_with_birth(findings, text)):
        known = unique.setdefault((found.field, found.message), found)
        if _rank(found) < _rank(known):
            unique[found.field, found.message] = found
    return heapq.nsmallest(MOST_CANDIDATES, unique.values(), key=_rank)


def _rank(candidate: Candidate) -> tuple[int, int]:
    return candidate.doubt, candidate.distance


def surnames_in(name: str) -> list[str]:
    """The surnames, normalised, that a name as written can hold, the likeliest first."""
    family, comma, _ = name.partition(",")
    words = [word for word in re.split(r"[\s.,]+", name) if word.casefold() not in _TITLES][:_MOST_WORDS]
    capitals = [word for word in words if len(word) > 1 and word.isupper()]
    tried = [family] if comma else []
    tried += [" ".join(capitals)] if 0 < len(capitals) < len(words) else []
    tried += [*reversed(words), " ".join(words[-2:]), " ".join(words[-3:])]
    return list(dict.fromkeys(filter(None, map(normal_surname, tried))))


def _is_read(finding: Finding) -> bool:
    """Whether an engine read it from a picture, so that letters and digits may be confused."""
    return finding.explanation.facts.get("origin") == "ocr"


def _values(findings: Iterable[Finding]) -> Iterator[tuple[Finding, str]]:
    for finding in heapq.nlargest(_MOST_PLACES, findings, key=lambda f: f.score):
        if finding.value:
            yield finding, finding.value


def _numbers(findings: Sequence[Finding]) -> Iterator[Candidate]:
    """A valid number as it is; one that fails its check digit as the numbers it may be a misreading of."""
    for finding, value in _values(by_kind(findings, *PATIENT_NUMBERS)):
        number = normal_number(value)
        if number:
            yield Candidate("number", message("number", number), 0, finding)
        elif _is_read(finding) and len(value) == 10 and value.isdecimal():
            for other, doubt in number_alternates(value):
                yield Candidate("number", message("number", other), doubt, finding)


def _hospital_numbers(findings: Sequence[Finding]) -> Iterator[Candidate]:
    for finding, value in _values(by_kind(findings, "hospital_number")):
        code = normal_hospital_number(value)
        for other, doubt in _variants(code, finding, code_alternates):
            normal = normal_hospital_number(other)
            if normal:
                yield Candidate("hospital_number", message("hospital_number", normal), doubt, finding)


def _with_birth(findings: Sequence[Finding], text: str) -> Iterator[Candidate]:
    names = [(f, _surnames(f, v)) for f, v in _values(by_kind(findings, "person_name", "staff_name"))]
    codes = [(f, _postcodes(f, v)) for f, v in _values(by_kind(findings, "postcode"))]
    text = _without_staff(findings, text)
    for finding, value in _values(by_kind(findings, "date_of_birth")):
        births = _births(finding, value)
        yield from _paired("surname_birth", finding, births, _nearest(finding, names, _NEAREST_NAMES))
        yield from _paired("postcode_birth", finding, births, _nearest(finding, codes, _NEAREST_POSTCODES))
        exact = [(born, doubt) for born, doubt in births if not doubt]
        beside = [(word, 0) for word in _words_beside(finding, value, text)]
        yield from _paired("surname_birth", finding, exact, [(_FARTHEST, finding, beside)])


def _without_staff(findings: Sequence[Finding], text: str) -> str:
    """The text without clinicians' names: a date beside one is not a patient's of that name."""
    for start, end in (finding.span for finding in by_kind(findings, "staff_name") if finding.span):
        text = text[:start] + " " * len(text[start:end]) + text[end:]
    return text


def _words_beside(birth: Finding, value: str, text: str) -> list[str]:
    """Words on a date's line and the line above as surnames, each and two together.

    Engines part words ("W HITCOMBE"), and in lists no label says that a word is a name.
    """
    if birth.span is None or text[slice(*birth.span)] != value:
        return []
    start, end = birth.span
    above = text.rfind("\n", 0, max(0, text.rfind("\n", 0, start)))
    words = _WORD.findall(text[above + 1 : start])[-_WORDS_BEFORE:]
    words += _WORD.findall(text[end:].partition("\n")[0])[:_WORDS_AFTER]
    tried = [*words, *(one + other for one, other in pairwise(words))]
    return list(dict.fromkeys(filter(None, map(normal_surname, tried))))


def _births(finding: Finding, value: str) -> _Variants:
    read = _is_read(finding)
    exact = births_in(value, misread=read)
    others = [other for born in exact for other in birth_alternates(born)] if read else []
    return [(born, 0) for born in exact] + [(born, 1) for born in others]


def _surnames(finding: Finding, name: str) -> _Variants:
    if not _is_read(finding):
        return [(surname, 0) for surname in surnames_in(name)]
    repaired = letters_for_digits(name)
    exact = surnames_in(repaired)
    spelled = int(repaired != name)
    others = [other for surname in exact for other in surname_alternates(surname)]
    return [(surname, spelled) for surname in exact] + [(surname, spelled + 1) for surname in others]


def _postcodes(finding: Finding, value: str) -> _Variants:
    variants = _variants(normal_postcode(value), finding, code_alternates)
    return [(code, doubt) for code, doubt in variants if normal_postcode(code)]


def _variants(value: str | None, finding: Finding, alternates: Callable[[str], list[str]]) -> _Variants:
    if value is None:
        return []
    return [(value, 0), *((other, 1) for other in (alternates(value) if _is_read(finding) else ()))]


def _nearest(
    birth: Finding, others: list[tuple[Finding, _Variants]], most: int
) -> list[tuple[int, Finding, _Variants]]:
    """The findings that stand nearest to a date of birth, with their distance in characters."""
    placed = [(_distance(birth, finding), finding, variants) for finding, variants in others]
    return heapq.nsmallest(most, placed, key=lambda each: each[0])


def _distance(one: Finding, other: Finding) -> int:
    return abs(one.span[0] - other.span[0]) if one.span and other.span else 0


def _paired(
    field: Field, birth: Finding, births: _Variants, others: Sequence[tuple[int, Finding, _Variants]]
) -> Iterator[Candidate]:
    """Each date with each value beside it; at most one of them doubtful, and that only for the nearest."""
    for rank, (distance, finding, variants) in enumerate(others):
        allowed = 1 if rank < _NEAREST_MISREAD else 0
        for born, doubt in births:
            for value, more in variants:
                if doubt + more <= allowed:
                    yield Candidate(field, message(field, value, born), doubt + more, finding, born, distance)
