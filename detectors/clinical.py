"""Evidence of care: record headings, clinical terms and the type of document.

Headings show the structure of a record ("Date of admission", "Reference range") and weigh by how
distinctive they are; terms (conditions, drugs, measurements, shorthand) occur in news and posters too
and weigh little alone. Misread headings are matched loosely, in OCR text only.
"""

from __future__ import annotations

import re
import sys
from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache

import numpy as np
from rapidfuzz import fuzz, process

from detectors.identifiers.dates import birth_labels
from detectors.identifiers.labels import number_labels
from detectors.identifiers.names import ABOVE_BIRTH, names_of
from detectors.lexicons import load
from detectors.morphology import medical_kind
from detectors.normalise import Match, Reading, known_phrases

TITLE, LONG, TWO_WORDS, SINGLE, IDENTITY = 0.8, 0.6, 0.4, 0.15, 0.03
"""Weight of a document's title; of headings of three or more, two, and one word; of "date of birth" and
other labels that any form has."""

_TERM_WEIGHTS = {
    "drugs": 0.35,
    "conditions": 0.3,
    "lay": 0.25,
    "procedures": 0.25,
    "measurements": 0.2,
    "anatomy": 0.15,
    "shorthand": 0.15,
}
_DOSE = re.compile(
    r"\b[a-z][a-z\-]{3,}\s+(?:[a-z/]+\s+)?\d+(?:[.,/]\d+)?\s?(?:mg|mcg|micrograms?|g|ml|units?|iu|puffs?|%)\b"
)
_NAMED_CONDITION = re.compile(
    r"\b[a-z][a-z\-]{3,20}[ ]"
    r"(?P<noun>disorder|syndrome|disease|deficiency|failure|infection|dysfunction|abscess|lesion)\b"
)
_FILLED = re.compile(r"\s?(?:[:=\-]|\s)\s?(?P<value>\d|[A-Z][\w'/\-]+|\u2611|\[x\])")
"""A heading followed by a value on its row: the record of somebody, not a form's or a leaflet's word."""
_DOSE_WEIGHT = 0.4
_MADE_WEIGHT = 0.25
"""Weight of a word that is medical by its ending alone."""
_SQUASHABLE = 9
_FUZZY_LENGTH = 11
_FUZZY_CUTOFF = 86
_TYPE_THRESHOLD = 0.8
_LABEL_WORDS, _LABEL_SCORE = 40, 0.4


@dataclass(frozen=True, slots=True)
class Phrase:
    """A heading: its words, its weight, and the document types it belongs to (title or part)."""

    text: str
    weight: float
    titles: frozenset[str]
    parts: frozenset[str]


@cache
def phrases() -> dict[str, Phrase]:
    """Every heading of the lexicon by its text."""
    titles, parts = defaultdict(set), defaultdict(set)
    for kind, lists in load("clinical")["documents"].items():
        for text in lists["titles"]:
            titles[text].add(kind)
        for text in lists["headings"]:
            parts[text].add(kind)
    texts = {*titles, *parts, *(text for group in load("clinical")["headings"].values() for text in group)}
    return {
        text: Phrase(text, _weight(text, text in titles), frozenset(titles[text]), frozenset(parts[text]))
        for text in sorted(texts)
    }


def _weight(text: str, title: bool) -> float:
    if title:
        return TITLE
    if text in load("clinical")["headings"]["identity"]:
        return IDENTITY
    return (SINGLE, TWO_WORDS, LONG)[min(len(text.split()), 3) - 1]


def _squash(text: str) -> str:
    return "".join(c for c in text if c.isalnum())


@cache
def _term_index() -> dict[str, tuple[str, float]]:
    lists = load("clinical")["terms"]
    return {text: (group, weight) for group, weight in _TERM_WEIGHTS.items() for text in lists[group]}


@cache
def _squashed_phrases() -> dict[str, str]:
    return {_squash(t): t for t in phrases() if len(_squash(t)) >= _SQUASHABLE}


@cache
def _squashed_pattern() -> re.Pattern[str]:
    return re.compile("|".join(sorted(_squashed_phrases(), key=len, reverse=True)))


@cache
def _fuzzy_choices() -> list[str]:
    return [text for text in phrases() if len(text) >= _FUZZY_LENGTH]


def headings_of(page: Reading) -> dict[str, tuple[int, int]]:
    """The headings of a page, each with the span of its first appearance."""
    found: dict[str, tuple[int, int]] = {}
    for text, start, end in known_phrases(page, phrases()):
        found.setdefault(text, (start, end))
    if page.is_ocr:
        for match in _squashed_pattern().finditer(page.squashed):
            found.setdefault(_squashed_phrases()[match[0]], page.unsquash(*match.span()))
        for text, span in _misread(page, found):
            found.setdefault(text, span)
    return found


def _misread(page: Reading, known: dict[str, tuple[int, int]]) -> Iterator[tuple[str, tuple[int, int]]]:
    """Segments of rows that come close to a heading and hold none already found."""
    covered = np.zeros(len(page.text) + 1, dtype=bool)
    for start, end in known.values():
        covered[start:end] = True
    segments = [s for s in _segments(page) if not covered[s[0] : s[1]].any()]
    if not segments:
        return
    texts = [page.lower[start:end].strip(" .:;-") for start, end in segments]
    scores = process.cdist(
        texts, _fuzzy_choices(), scorer=fuzz.ratio, score_cutoff=_FUZZY_CUTOFF, dtype=np.uint8, workers=1
    )
    for row, column in zip(*np.nonzero(scores), strict=True):
        if not _other_specialties(texts[int(row)], _fuzzy_choices()[int(column)]):
            yield _fuzzy_choices()[int(column)], segments[int(row)]


def _other_specialties(segment: str, heading: str) -> frozenset[str]:
    """Specialties that a segment names and the heading it comes close to does not."""
    known: frozenset[str] = frozenset(load("clinical")["specialties"]["words"])
    return known & frozenset(segment.split()) - frozenset(heading.split())


def _segments(page: Reading) -> list[tuple[int, int]]:
    """Rows, and their parts before a colon: where a heading would stand."""
    spans: set[tuple[int, int]] = set()
    for start, end in page.rows:
        colon = page.text.find(":", start, end)
        for stop in (end, colon):
            if _FUZZY_LENGTH - 2 <= stop - start <= 60:
                spans.add((start, stop))
    return sorted(spans)


def find_headings(page: Reading) -> Iterator[Match]:
    """Yield `clinical_heading` for each distinct heading, and one `document_type` when they name one."""
    found = headings_of(page)
    known = phrases()
    labels = {start for _, start, _ in known_phrases(page, phrases())}
    for text, (start, end) in found.items():
        why = f'record heading "{text}"'
        value = _FILLED.match(page.text, end) if known[text].weight > IDENTITY else None
        filled = value is not None and value.start("value") not in labels
        yield Match("clinical_heading", start, end, known[text].weight, text, why, facts={"filled": filled})
    named = list(_document_type(found))
    yield from named or _label(page)


def _document_type(found: dict[str, tuple[int, int]]) -> Iterator[Match]:
    scores: dict[str, float] = defaultdict(float)
    evidence: dict[str, list[str]] = defaultdict(list)
    for text in found:
        phrase = phrases()[text]
        for kind in phrase.titles | phrase.parts:
            share = 1.0 if kind in phrase.titles else 0.5 if len(phrase.parts) == 1 else 0.25
            scores[kind] += phrase.weight * share
            evidence[kind].append(text)
    best = max(scores, key=lambda kind: scores[kind], default=None)
    if best is None or scores[best] < _TYPE_THRESHOLD:
        return
    start, end = found[evidence[best][0]]
    score = 1 - float(np.exp(-scores[best] / 1.5))
    facts = {"type": best, "evidence": tuple(evidence[best])}
    readable = best.replace("_", " ")
    why = f"reads like a {readable}: " + ", ".join(evidence[best][:4])
    yield Match("document_type", start, end, score, readable, why, facts=facts)


def _label(page: Reading) -> Iterator[Match]:
    """A sticker or a wristband: hardly a word that is not of a patient's number, birth or name."""
    if not page.is_ocr or not 0 < len(page.tokens) <= _LABEL_WORDS:
        return
    births, numbers = birth_labels(page), number_labels(page)
    printed = [(name.start, name.end) for name in names_of(page) if name.why == ABOVE_BIRTH]
    if births and numbers:
        why, span = (
            "few words, and labels of a patient's number and birth: a label or a wristband",
            numbers[0],
        )
    elif printed:
        why, span = f"few words, and {ABOVE_BIRTH}", printed[0]
    else:
        return
    facts = {"type": "identity_label", "evidence": ()}
    yield Match("document_type", *span, _LABEL_SCORE, "identity label", why, facts=facts)


def find_terms(page: Reading) -> Iterator[Match]:
    """Yield `clinical_term` for each distinct condition, drug, measurement, shorthand and dose."""
    seen: set[str] = set()
    for number, match in enumerate(_DOSE.finditer(page.lower)):
        if match[0] not in seen:
            seen.add(match[0])
            yield _term(*match.span(), f"dose {number + 1}", "dose", _DOSE_WEIGHT)
    for text, start, end in known_phrases(page, _term_index()):
        if text not in seen:
            seen.add(text)
            yield _term(start, end, text, *_term_index()[text])
    for match in _NAMED_CONDITION.finditer(page.lower):
        if not any(known in match[0] for known in seen):
            seen.add(match[0])  # the word before may be anybody's name, so only the noun is shown
            yield _term(*match.span(), match["noun"], "condition", _MADE_WEIGHT)
    names = sorted((name.start, name.end) for name in names_of(page))
    for text, start, end in page.tokens:
        kind = medical_kind(text)
        if kind and not any(text in known for known in seen) and not _is_in(names, start):
            seen.add(text)
            yield _term(start, end, text, kind, _MADE_WEIGHT)


def _is_in(spans: list[tuple[int, int]], at: int) -> bool:
    """Whether a place lies in one of the spans, which are in order and apart."""
    before = bisect_right(spans, (at, sys.maxsize)) - 1
    return before >= 0 and at < spans[before][1]


def _term(start: int, end: int, text: str, group: str, weight: float) -> Match:
    why = f"clinical term ({group})"
    return Match("clinical_term", start, end, weight, text, why, facts={"group": group})
