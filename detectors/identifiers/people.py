"""Lists of patients: rows that each hold a person (handover sheets, clinic lists, pasted tables)."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import pairwise

from detectors.identifiers.dates import dates_of
from detectors.identifiers.digits import digit_groups
from detectors.identifiers.names import names_of
from detectors.normalise import Match, Reading

_AGE_SEX = re.compile(
    r"\b(?:\d{1,3}\s?(?:yrs?|yo|y)?\s?/?\s?[MF]|[MF]\s?/?\s?\d{2,3}|\d{2,3}\s?(?:yrs?|yo|y/o))\b",
    re.IGNORECASE,
)
_BED = re.compile(r"^\W{0,2}(?:bed|bay|sr|side room|[a-d])?[ .:\-]?\d{1,2}[a-d]?\b", re.IGNORECASE)
_FAMILY = re.compile(r"(?<![A-Za-z])[A-Z][A-Z'\-]{2,}[,.]?[ ][A-Z][a-z]+")
_NEXT = re.compile(r"(?:;|\bbed[ ]?(?=\d))", re.IGNORECASE)
_LEAST_CUES = 2
_LEAST_ROWS = 2


def find_lists(page: Reading) -> Iterator[Match]:
    """Yield one `patient_list` when two rows or more each hold a person by two cues."""
    rows = person_rows(page)
    if len(rows) >= _LEAST_ROWS:
        score = min(0.95, 0.5 + 0.15 * len(rows))
        why = f"{len(rows)} rows that each hold a person"
        yield Match(
            "patient_list",
            rows[0][0],
            rows[-1][1],
            score,
            f"{len(rows)} rows",
            why,
            facts={"rows": len(rows)},
        )


def person_rows(page: Reading) -> list[tuple[int, int]]:
    """The rows with at least two of: a name, ten digits, a date, an age with sex, a bed; one must be a
    name, a number or an age."""
    names = [m.start for m in names_of(page) if m.kind == "person_name"]
    numbers = [g.start for g in digit_groups(page)]
    dates = [start for start, _ in dates_of(page)]
    return [row for row in _entries(page) if _holds_person(page, row, names, (numbers, dates))]


def _entries(page: Reading) -> Iterator[tuple[int, int]]:
    """Rows, parted where another bed or a semicolon begins the next person."""
    for start, end in page.rows:
        breaks = [match.start() for match in _NEXT.finditer(page.text, start + 1, end)]
        yield from pairwise([start, *breaks, end])


def _holds_person(
    page: Reading, row: tuple[int, int], names: list[int], others: tuple[list[int], list[int]]
) -> bool:
    start, end = row
    text = page.text[start:end]
    name = any(start <= at < end for at in names) or _FAMILY.search(text) is not None
    number, dated = (any(start <= at < end for at in places) for places in others)
    aged = _AGE_SEX.search(text) is not None
    bed = _BED.match(text) is not None
    if not (name or (number and (dated or aged)) or (aged and bed)):
        return False
    return sum((name, number, dated, aged, bed)) >= _LEAST_CUES
