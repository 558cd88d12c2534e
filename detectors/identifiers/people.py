"""Lists of patients: rows that each hold a person (handover sheets, clinic lists, pasted tables)."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import pairwise

from detectors.identifiers.dates import dates_of
from detectors.identifiers.digits import digit_groups
from detectors.identifiers.names import names_of
from detectors.identifiers.numbers import is_chi, passes_modulus_11
from detectors.normalise import Match, Reading

_AGE_SEX = re.compile(
    r"\b(?:\d{1,3}\s?(?:yrs?|yo|y)?\s?/?\s?[MF]|[MF]\s?/?\s?\d{2,3}|\d{2,3}\s?(?:yrs?|yo|y/o))\b",
    re.IGNORECASE,
)
_BED = re.compile(r"^\W{0,2}(?:bed|bay|sr|side room|[a-d])?[ .:\-]?\d{1,2}[a-d]?\b", re.IGNORECASE)
_TITLES = frozenset({"mrs", "miss", "master", "sir", "lady", "dame", "baby", "rev"})
_NEXT = re.compile(r"(?:;|\bbed[ ]?(?=\d))", re.IGNORECASE)
_LEAST_CUES = 2
_LEAST_ROWS = 2


def find_lists(page: Reading) -> Iterator[Match]:
    """Yield one `patient_list` when two different people or more each have a row of their own."""
    rows = person_rows(page)
    if len(rows) >= _LEAST_ROWS:
        score = min(0.95, 0.5 + 0.15 * len(rows))
        start, end, facts = rows[0][0], rows[-1][1], {"rows": len(rows)}
        why = f"{len(rows)} rows that each hold a person"
        yield Match("patient_list", start, end, score, f"{len(rows)} rows", why, facts=facts)


def person_rows(page: Reading) -> list[tuple[int, int]]:
    """Rows that each hold another person.

    A row holds a person by a name with a number, a date, an age or a bed beside it, by a number with a
    date or an age, or by an age with a bed. Rows that share a name or a number are about one person.
    """
    rows: list[tuple[int, int]] = []
    seen: set[str] = set()
    for row in _entries(page):
        keys = _keys(page, row)
        if _holds_person(page, row, bool(keys)) and (not keys or keys.isdisjoint(seen)):
            rows.append(row)
        seen |= keys
    return rows


def _entries(page: Reading) -> Iterator[tuple[int, int]]:
    """Rows, parted where another bed or a semicolon begins the next person."""
    for start, end in page.rows:
        breaks = [match.start() for match in _NEXT.finditer(page.text, start + 1, end)]
        yield from pairwise([start, *breaks, end])


def _keys(page: Reading, row: tuple[int, int]) -> set[str]:
    """The words of the names and the numbers of a row: what tells one person from another."""
    names = [m.value or "" for m in names_of(page) if m.kind == "person_name" and _inside(m.start, row)]
    words = {word for name in names for word in re.findall(r"[^\W\d_]{3,}", name.lower())}
    numbers = {g.digits for g in digit_groups(page) if _inside(g.start, row) and _could_be_patient(g.digits)}
    return (words - _TITLES) | numbers


def _could_be_patient(number: str) -> bool:
    return passes_modulus_11(number) or is_chi(number)


def _inside(at: int, row: tuple[int, int]) -> bool:
    return row[0] <= at < row[1]


def _holds_person(page: Reading, row: tuple[int, int], keyed: bool) -> bool:
    text = page.text[slice(*row)]
    dated = any(_inside(start, row) for start, _ in dates_of(page))
    aged = _AGE_SEX.search(text) is not None
    bed = _BED.match(text) is not None
    return sum((keyed, dated, aged, bed)) >= _LEAST_CUES and (keyed or (aged and bed))
