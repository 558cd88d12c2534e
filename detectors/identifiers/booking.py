"""Booking references of the e-Referral Service, and the access code that goes with one.

A UBRN is twelve digits, printed 4-4-4, without a published check digit: only a label makes one. With its
access code (or password) and a year of birth, anybody can view, change or cancel the appointment, so an
access code in sight is a live credential.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from detectors.identifiers.masking import mask_code
from detectors.identifiers.shapes import Label, Shape, digits_in
from detectors.normalise import Match, Reading

LABELLED, ORDINARY, BESIDE_REFERENCE, ALONE = 0.95, 0.7, 0.95, 0.6
"""Scores: a reference under its own name or as a "booking reference" of a referral; an access code on a page
with such a reference or without."""

_OWN = Label(re.compile(r"(?<![a-z])(?:[uv][b8]rn\b|unique\s*booking\s*ref\w*)(?:\s*(?:n[o0°]\b|number))?"))
_BOOKING = Label(re.compile(r"(?<![a-z])booking\s*ref\w*(?:\s*(?:n[o0°]\b|number))?"))
_REFERRAL = re.compile(
    r"e-?referral|choose (?:and|&) book|manage (?:your|my) (?:referral|appointment|booking)|access code"
)
_CARE = re.compile(r"referral|appointment|clinic\b|hospital|\bnhs\b")
_REFERENCE = Shape(r"(?<![\w.\-/])<d>{4}(?P<gap>[ \-.]{0,3})<d>{4}(?P=gap)<d>{4}(?![\w\-/])")
_CODE = re.compile(
    r"(?<![a-z])(?P<label>access[ ]?code|pass(?:word|phrase|code))(?P<mark>[ ]?[:=][ ]?|[ ]is:?[ ]|[ ]{1,3})"
    r"(?P<code>[a-z0-9][\w\-]{1,23}(?:[ ][a-z]{2,14}){0,2}(?:[ ]\d{1,8}){0,3})(?![\w@])"
)
_NO_CODE = frozenset(
    {"a", "all", "an", "and", "any", "are", "as", "at", "below", "can", "do", "for", "from", "has", "have"}
    | {"here", "how", "if", "in", "is", "it", "no", "not", "of", "on", "or", "please", "protected"}
    | {"required", "reset", "see", "the", "this", "to", "we", "when", "will", "with", "you", "your"}
)
"""Words that follow the label in a sentence about codes."""
_MASK = "********"
"""Even the length of a credential is nobody's business."""


def find_references(page: Reading) -> Iterator[Match]:
    """Yield `ubrn` for each booking reference that a label names."""
    yield from page.once(_references)


def _references(page: Reading) -> list[Match]:
    return list(_labelled_references(page))


def _labelled_references(page: Reading) -> Iterator[Match]:
    for match in _REFERENCE.find(page):
        digits = digits_in(match[0])
        if digits is None:
            continue
        if _OWN.names(page, *match.span()):
            score, why = LABELLED, "e-Referral booking reference with its label"
        elif _BOOKING.names(page, *match.span()) and _is_referral(page):
            score, why = ORDINARY, "booking reference on a page about a referral"
        else:
            continue
        yield Match("ubrn", *match.span(), score, mask_code(digits), why, digits)


def _is_referral(page: Reading) -> bool:
    """Whether the page speaks of a referral, or of what its booking takes: a password and a year of birth."""
    taken = "year of birth" in page.lower and "password" in page.lower
    return _REFERRAL.search(page.lower) is not None or (taken and _CARE.search(page.lower) is not None)


def find_access_codes(page: Reading) -> Iterator[Match]:
    """Yield `access_code` for what stands after its label on a page about care.

    A password needs a booking reference on its page: passwords of other things are not looked for.
    """
    referenced = bool(page.once(_references))
    booked = referenced or _OWN.is_on(page)
    if not booked and not _CARE.search(page.lower):
        return
    for match in _CODE.finditer(page.lower):
        surely = booked and "year of birth" in page.lower
        if (booked or match["label"].startswith("access")) and _is_code(match, surely=surely):
            yield _access_code(page, match, referenced)


def _is_code(match: re.Match[str], *, surely: bool) -> bool:
    """Whether a code stands after the label: marked, or with a digit, or where all three things stand."""
    first = match["code"].split()[0]
    marked = not match["mark"].isspace()
    return first not in _NO_CODE and (surely or marked or any(c.isdigit() for c in match["code"]))


def _access_code(page: Reading, match: re.Match[str], referenced: bool) -> Match:
    start, end = match.span("code")
    why = "access code beside a booking reference: a live credential" if referenced else "access code"
    score = BESIDE_REFERENCE if referenced else ALONE
    return Match("access_code", start, end, score, _MASK, why, page.text[start:end])
