"""The letterhead: which words are an organisation's own, and were they read where they should stand?

Layouts are shared between organisations; names are not. Words that every letterhead carries (NHS, Trust,
Hospital, Road) say nothing, nor does a word on another organisation's registered letterhead.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import reduce

import cv2
import numpy as np
from rapidfuzz import fuzz

from detectors.base import Box, Pixels, Word
from detectors.local_features import Matrix
from detectors.templates.base import TemplateFacts
from detectors.templates.own_words import is_own, name_of, plain, rows_of
from detectors.templates.tiles import TileEvidence, inside

_ALIKE, _LONG = 80.0, 7
"""How alike (0-100) a word as read must be to a distinctive word of so many letters or more. Shorter ones
must be the same: Harrow and Barrow are two towns."""
_MARGIN = 24
"""Pixels by which a word may stand outside the letterhead: pages curl."""
_TOP = 0.22
_LABEL = re.compile(
    r"^\W*(patient|(sur|fore)?name|nhs (no|num(ber)?)|hosp(ital)? (no|num(ber)?)|d\.?o\.?b|date of|born|bed"
    r"|slot|mrn|unit no|re|dear|ward|time)\b",
    re.IGNORECASE,
)
_BLUE = (100, 150, 90), (112, 255, 230)
_LOZENGE_AREA = 0.0004


@dataclass(frozen=True, slots=True)
class LetterheadEvidence:
    """What of a letterhead was recognised: distinctive words read in place, and tiles without the lozenge."""

    words: tuple[str, ...]
    agreeing: int
    seen: int


def find_letterhead(words: Sequence[Word], height: int) -> Box | None:
    """The box of the print above the first demographic label (else of the top 22 %), None without words.

    Where a label stands in the first row, as on screens, the rows at the top that name an institution.
    """
    top = round(height * _TOP)
    limit = min((word.box.y for word in _labels(words)), default=top)
    above = [word for word in words if word.box.y + word.box.height <= limit + 2]
    named = [row for row in rows_of([w for w in words if w.box.y < top]) if name_of([w.text for w in row])]
    found = [word.box for word in above or [word for row in named for word in row]]
    return reduce(Box.union, found) if found else None


def _labels(words: Sequence[Word]) -> Iterable[Word]:
    """Words that begin a demographic label, which may be two words long."""
    for number, word in enumerate(words):
        following = words[number + 1].text if number + 1 < len(words) else ""
        if _LABEL.match(f"{word.text} {following}"):
            yield word


def find_lozenges(pixels: Pixels) -> tuple[Box, ...]:
    """Compact areas in NHS blue: the lozenge that stands on every organisation's paper."""
    hsv = cv2.cvtColor(pixels, cv2.COLOR_RGB2HSV)
    blue = cv2.inRange(hsv, np.array(_BLUE[0]), np.array(_BLUE[1]))
    blue = cv2.morphologyEx(blue, cv2.MORPH_CLOSE, np.ones((9, 9), np.uint8))
    _, _, stats, _ = cv2.connectedComponentsWithStats(blue)
    least = _LOZENGE_AREA * blue.size
    return tuple(
        Box(int(x), int(y), int(w), int(h))
        for x, y, w, h, area in stats[1:].tolist()
        if area >= least and 1.5 <= w / h <= 4 and area > 0.5 * w * h
    )


def distinctive_words(templates: Sequence[TemplateFacts]) -> list[tuple[str, ...]]:
    """Each template's own words without those on another organisation's letterhead."""
    owners: dict[str, set[str]] = {}
    for facts in templates:
        for word in facts.words:
            owners.setdefault(word, set()).add(_owner(facts))
    return [
        tuple(
            word
            for word in facts.words
            if is_own(word, facts.organisation)
            and not (facts.organisation and owners[word] - {_owner(facts), ""})
        )
        for facts in templates
    ]


def letterhead_evidence(
    facts: TemplateFacts, tiles: TileEvidence, words: Sequence[tuple[str, float, float]], matrix: Matrix
) -> LetterheadEvidence | None:
    """What the picture shows of the letterhead; `words` are (text, x, y) of middles on its working copy.

    None for a template without a letterhead. `matrix` lays the picture's working copy over the template.
    """
    area = facts.letterhead
    if area is None:
        return None
    seen = [box for box in tiles.seen if _counts(box, facts)]
    agreeing = sum(box in set(tiles.agreeing) for box in seen)
    return LetterheadEvidence(_read_in(area, words, matrix, facts.words), agreeing, len(seen))


def _counts(box: Box, facts: TemplateFacts) -> bool:
    assert facts.letterhead is not None
    return inside(box, facts.letterhead) and not any(inside(box, each) for each in facts.lozenges)


def _read_in(
    area: Box, words: Sequence[tuple[str, float, float]], matrix: Matrix, wanted: Sequence[str]
) -> tuple[str, ...]:
    if not words or not wanted:
        return ()
    middles = np.array([[[x, y]] for _, x, y in words], np.float64)
    laid = cv2.perspectiveTransform(middles, matrix).reshape(-1, 2)
    wide = Box(area.x - _MARGIN, area.y - _MARGIN, area.width + 2 * _MARGIN, area.height + 2 * _MARGIN)
    near = [
        plain(text)
        for (text, _, _), (x, y) in zip(words, laid, strict=True)
        if np.isfinite((x, y)).all() and inside(Box(round(float(x)), round(float(y)), 0, 0), wide)
    ]
    return tuple(own for own in wanted if any(_alike(own, read) for read in near))


def _alike(own: str, read: str) -> bool:
    if len(own) < _LONG:
        return own == read
    return abs(len(own) - len(read)) <= 2 and fuzz.ratio(own, read) >= _ALIKE


def _owner(facts: TemplateFacts) -> str:
    return " ".join((facts.organisation or "").casefold().split())
