"""Postcodes and addresses of people.

The postcode pattern is the government's (BS 7666 schema). A postcode under an organisation's name is the
organisation's: it says nothing about a patient.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from detectors.identifiers.masking import mask_all, mask_postcode
from detectors.normalise import Match, Reading

_OUTWARD = (
    r"(?:[A-PR-UWYZ][A-HK-Y]\d\d|[A-PR-UWYZ][A-HK-Y]\d[ABEHMNPRVWXY]|[A-PR-UWYZ][A-HK-Y]\d"
    r"|[A-PR-UWYZ]\d\d|[A-PR-UWYZ]\d[A-HJKSTUW]|[A-PR-UWYZ]\d)"
)
_POSTCODE = re.compile(rf"(?<![A-Z0-9])(?:GIR ?0AA|{_OUTWARD} ?[0-9][ABD-HJLNP-UW-Z]{{2}})(?![A-Z0-9])")
_STREET_KINDS = (
    r"(?:Street|St|Road|Rd|Lane|Ln|Avenue|Ave|Close|Drive|Dr|Crescent|Cres|Terrace|Place|Court|Ct|Way|Grove"
    r"|Gardens|Hill|Row|Square|Mews|Walk|Rise|View|Park|Bank|Green|Gate|Mount|Parade|Yard"
    r"|Side|\w+side|Vale|Heol|Ffordd|Stryd|Maes)"
)
_STREET = re.compile(
    r"(?<![\w.])(?:(?:Flat|Apt|Unit|Plot)[ ]?\w{1,4},?[ ])?\d{1,4}[A-Za-z]?,?[ ]"
    rf"(?:[A-Z][\w'\-]+[ ]){{0,3}}{_STREET_KINDS}\b"
)
_LABEL = re.compile(r"(?:home |patient(?:'s)? |permanent )?(?:address|cyfeiriad)\b[ ]?:?", re.IGNORECASE)
_ORGANISATION = re.compile(
    r"hospital|infirmary|surgery|medical (?:centre|practice)|health ?(?:centre|board)|clinic|pharmacy"
    r"|trust|hospice|practice|council|limited|\bltd\b|\bplc\b|university|school|college|bank\b|department|house,|veterinary|headquarters",
    re.IGNORECASE,
)
_PERSON_ROW = re.compile(
    r"^\W*(?:re|patient|name|dear|to|mr|mrs|ms|miss)\b|\bd\.?o\.?b\b|\bborn\b", re.IGNORECASE
)
_NAMED = re.compile(
    r"[A-Z][a-z'\-]+[ ][A-Z][A-Za-z'\-]+,?[ ](?:\d{1,3},[ ])?(?:(?:of|at|from|lives at)[ ])?$"
)
"""A name right before an address: that person's, whatever else the row tells."""
_NEAR = 60
_ROW = 200
"""Characters of a row on either side of a place that are looked at: a typed post may be one long row."""
_ABOVE = 130
"""Characters above a postcode in which an organisation's name makes it that organisation's."""


def find_addresses(page: Reading) -> Iterator[Match]:
    """Yield `postcode` and `address` findings, each with the role "person" or "organisation"."""
    for match in _POSTCODE.finditer(page.text):
        role = role_at(page, match.start())
        score = 0.5 if role == "person" else 0.1
        why = "a postcode" if role == "person" else "a postcode near an organisation's name"
        masked = mask_postcode(match[0])
        yield Match("postcode", *match.span(), score, masked, why, match[0], facts={"role": role})
    for match in _STREET.finditer(page.text):
        role = role_at(page, match.start())
        labelled = _LABEL.search(page.text, max(0, match.start() - 30), match.start()) is not None
        score = 0.8 if labelled else 0.5 if role == "person" else 0.1
        why = "a street address with its label" if labelled else f"a street address ({role})"
        facts = {"role": "person" if labelled else role}
        yield Match("address", *match.span(), score, mask_all(match[0]), why, match[0], facts=facts)


def role_at(page: Reading, at: int) -> str:
    """Whose place this is: an organisation's when its row or the two above name one, up to a person's row."""
    start, end = page.row_at(at)
    if _NAMED.search(page.text[max(start, at - _NEAR) : at]):
        return "person"
    if _ORGANISATION.search(page.text, max(start, at - _ROW), min(end, at + _ROW)):
        return "organisation"
    for row in reversed(page.text[max(0, start - _ABOVE) : start].splitlines()[-2:]):
        if _PERSON_ROW.search(row):
            return "person"
        if _ORGANISATION.search(row):
            return "organisation"
    return "person"
