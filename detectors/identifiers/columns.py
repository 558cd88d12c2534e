"""Names under each other without a label: the rows of a ward board, a register, a list on a clipboard.

A row counts when it begins, after a number, a bed or a date at most, with two or three words of no everyday
language. One such row may be anybody or anything; several, half of them with a given name of the list, are a
list of people.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from detectors.identifiers.mentions import PLACES
from detectors.lexicons import words
from detectors.normalise import Reading

LEAST_ROWS = 3
SCORE = 0.5
_WORD = r"[A-ZÀ-Þ][A-Za-zà-ÿÀ-Þ'\-]{1,24}"
_FIRST = re.compile(rf"(?:[\d./:,|()\- ]{{0,14}}[ ])?(?P<name>{_WORD},?[ ]{_WORD}(?:[ ]{_WORD})?)(?![\w@])")


def find_columns(page: Reading) -> Iterator[tuple[int, int, float, str]]:
    """Yield (start, end, score, why) for the name that each row of a list begins with."""
    found = [name for row in page.rows if (name := _name_at(page.text, *row))]
    known = [span for span in found if not words("given_names").isdisjoint(_parts(page.text[slice(*span)]))]
    if len(found) >= LEAST_ROWS and 2 * len(known) >= len(found):
        for start, end in found:
            yield start, end, SCORE, f"one of {len(found)} names under each other"


def _name_at(text: str, start: int, end: int) -> tuple[int, int] | None:
    match = _FIRST.match(text, start, end)
    if match is None:
        return None
    parts = _parts(match["name"])
    strange = all(part not in words("ordinary_words") and len(part) > 2 for part in parts)
    return match.span("name") if strange and PLACES.isdisjoint(parts) else None


def _parts(name: str) -> list[str]:
    return [part.strip(",").lower() for part in name.split()]
