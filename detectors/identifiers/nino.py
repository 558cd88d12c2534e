"""National Insurance numbers: two letters, six digits and A to D (HMRC manual NIM39110).

There is no check digit, so the prefix rules and the label carry the weight. HMRC's sample, QQ 12 34 56 A,
breaks the rules on purpose. A number is unique without its last letter.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import product
from string import ascii_uppercase

from detectors.identifiers.labels import other_use
from detectors.identifiers.shapes import Label, Shape, digits_in
from detectors.normalise import Match, Reading

LABELLED, UNFINISHED, SPACED, COMPACT = 0.95, 0.85, 0.6, 0.4
"""Scores: with its label, the same without the last letter, no label (2-2-2-2-1 or run together)."""

_NEVER = frozenset({"BG", "GB", "KN", "NK", "NT", "TN", "ZZ"})
PREFIXES = (
    frozenset(
        first + second
        for first, second in product(sorted(set(ascii_uppercase) - set("DFIQUV")), repeat=2)
        if second != "O"
    )
    - _NEVER
)
"""The letter pairs that the rules allow."""
ADMINISTRATIVE = frozenset({"OO", "CR", "FY", "MW", "NC"})
"""Pairs of look-alikes that offices use among themselves; nobody's National Insurance number."""

_LABEL = Label(
    re.compile(
        r"(?<![a-z])(?:national\s*insurance(?:\s*(?:n[o0]\b|num\w*))?|n\.?\s?i\.?\s*(?:n[o0°]\b|num\w*|#)|nino\b"
        r"|ni\s*:|rhif\s*yswiriant\s*gwladol)"
    )
)
_SHAPE = Shape(
    r"(?<![A-Za-z0-9])(?P<prefix>[A-Za-z]{2})[ \-.]?(?P<digits><d>{2}[ \-.]?<d>{2}[ \-.]?<d>{2})"
    r"(?:[ \-.]?(?P<suffix>[A-Da-d]))?(?![A-Za-z0-9])"
)


def find_ninos(page: Reading) -> Iterator[Match]:
    """Yield `nino` for each number that the prefix rules allow and nothing beside it contradicts."""
    for match in _SHAPE.find(page):
        prefix, digits = match["prefix"].upper(), digits_in(match["digits"])
        if digits is None or prefix not in PREFIXES - ADMINISTRATIVE:
            continue
        start, end = match.span()
        labelled = _LABEL.names(page, start, end)
        if not labelled and (not match["suffix"] or not match[0].isupper() or other_use(page, start)):
            continue
        suffix = (match["suffix"] or "").upper()
        score, why = _weigh(match, labelled)
        value = f"{prefix}{digits}{suffix}"
        facts = {"label": "beside" if labelled else "none"}
        yield Match("nino", start, end, score, mask_nino(value), why, value, facts=facts)


def _weigh(match: re.Match[str], labelled: bool) -> tuple[float, str]:
    if labelled:
        why = "National Insurance number with its label"
        return (LABELLED, why) if match["suffix"] else (UNFINISHED, f"{why}, its last letter missing")
    spaced = len(re.findall(r"[ \-.]", match[0])) >= 3
    return (SPACED if spaced else COMPACT), "National Insurance number by its shape, no label near"


def mask_nino(number: str) -> str:
    """A National Insurance number as `AB ** ** *6 C`: its prefix, its last digit and its letter."""
    return f"{number[:2]} ** ** *{number[7]} {number[8:]}".rstrip()
