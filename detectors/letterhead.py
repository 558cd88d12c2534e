"""Evidence of the sender: names of health organisations, protective markings, the NHS blue.

A letterhead is weak evidence alone: posters and adverts carry it too.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from functools import cache

import cv2
import numpy as np

from detectors.base import Content, Explanation, Finding, Pixels
from detectors.lexicons import load
from detectors.normalise import Match, Reading, known_phrases
from detectors.organisations import Named, Organisation, named_in

_ABBREVIATED_NHS = re.compile(r"\bNHS\b")
_VETERINARY = re.compile(r"veterinary|\bvets?\b|animal|pet\b|paws", re.IGNORECASE)
_NAMED, _SHAPED, _MENTIONED = 0.7, 0.6, 0.2
_LONGEST_NAME = 80
_ROW = 200
"""Characters of a row on either side of a name that are looked at: a typed post may be one long row."""
_TOP = 0.4
"""The share of a page's rows that counts as its head."""

_BLUE_LOW, _BLUE_HIGH = (100, 102, 60), (110, 255, 255)
"""NHS blue #005EB8 with room for lamps and print: hue 200-220 degrees, saturation over 40 % (in OpenCV's
units)."""
_BLUE_SHARE = 0.004


@cache
def _shapes() -> frozenset[str]:
    return frozenset(load("organisations")["shapes"])


@cache
def _names() -> frozenset[str]:
    return frozenset(load("organisations")["names"])


@cache
def _markings() -> frozenset[str]:
    return frozenset(load("organisations")["markings"])


def find_letterheads(page: Reading) -> Iterator[Match]:
    """Yield `letterhead` for each row that carries a health organisation's name."""
    yield from letterheads_of(page)


def letterheads_of(page: Reading) -> tuple[Match, ...]:
    """The letterheads of a page."""
    return page.once(_letterheads)


def _letterheads(page: Reading) -> tuple[Match, ...]:
    """What the phrases say, told which listed organisation it is; and listed ones that no phrase shows."""
    named = named_in(page)
    seen = [_told(match, named) for match in _organisations(page)]
    shown = {match.facts.get("organisation") for match in seen}
    return (*seen, *(_listed(each) for each in named if each.organisation.name not in shown))


def _told(match: Match, named: tuple[Named, ...]) -> Match:
    here = next((each for each in named if each.start < match.end and match.start < each.end), None)
    return replace(_listed(here), start=match.start, end=match.end, score=match.score) if here else match


def _listed(named: Named) -> Match:
    name = named.organisation.name
    why = f'names "{name}"' if named.exact else f'names "{name}", misread in places'
    return Match("letterhead", named.start, named.end, _SHAPED, name, why, facts=_facts(named.organisation))


def _facts(organisation: Organisation) -> dict[str, str]:
    code = {"ods_code": organisation.code} if organisation.code else {}
    return {"organisation": organisation.name, "country": organisation.country, **code}


def _organisations(page: Reading) -> Iterator[Match]:
    for text, start, end in known_phrases(page, _names()):
        yield Match("letterhead", start, end, _NAMED, text, f'names "{text}"')
    for text, start, end in known_phrases(page, _shapes()):
        row_start, row_end = page.row_at(start)
        before = page.text[max(row_start, start - _LONGEST_NAME) : start].rsplit(",", 1)[-1].strip()
        near = max(row_start, start - _ROW), min(row_end, end + _ROW)
        if _VETERINARY.search(page.text, *near) or not re.search(r"[A-Z][\w'.&\-]{1,40}$", before):
            continue
        score = _SHAPED if _is_head(page, start) else _SHAPED / 2
        name = re.search(r"(?:[A-Z][\w'.&\-]{0,40}(?:[ ]|$)(?:(?:of|and|the)[ ])?){1,6}$", before)
        first = start - len(name[0].strip()) - 1 if name else start
        yield Match(
            "letterhead", max(first, row_start), end, score, text, f'an organisation ending in "{text}"'
        )
    nhs = _ABBREVIATED_NHS.search(page.text)
    if nhs:
        yield Match("letterhead", *nhs.span(), _MENTIONED, "NHS", "the letters NHS")


def _is_head(page: Reading, at: int) -> bool:
    return page.is_ocr and at <= len(page.text) * _TOP


def find_markings(page: Reading) -> Iterator[Match]:
    """Yield `marking` for each protective marking ("PRIVATE AND CONFIDENTIAL")."""
    for text, start, end in known_phrases(page, _markings()):
        yield Match("marking", start, end, 0.3, text, f'marked "{text}"')


def blue_share(pixels: Pixels) -> float:
    """The share of a picture's pixels in NHS blue (0-1)."""
    small = cv2.resize(pixels, (320, 320), interpolation=cv2.INTER_AREA)
    hsv = cv2.cvtColor(small, cv2.COLOR_RGB2HSV)
    return float(np.count_nonzero(cv2.inRange(hsv, np.array(_BLUE_LOW), np.array(_BLUE_HIGH)))) / (320 * 320)


class NhsBlue:
    """Sees the colour of the NHS identity: weak evidence, `letterhead` with a score of 0.1."""

    name = "nhs_blue"
    version = "1"

    def detect(self, content: Content) -> Iterator[Finding]:
        """Yield one finding when the picture holds enough of the colour."""
        share = blue_share(content.pixels) if content.pixels is not None else 0.0
        if share >= _BLUE_SHARE:
            why = "the blue of the NHS identity"
            explanation = Explanation(why, {"share": round(share, 4)})
            yield Finding(
                "letterhead", self.name, self.version, 0.1, "NHS blue", explanation, page=content.page
            )
