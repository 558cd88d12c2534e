"""Which words of a picture a preview may show: printed headings, labels and kinds of organisation.

A word is safe only when it stands whole inside a known phrase, holds no digit and touches nothing
personal; a word of one heading alone must be followed by a colon, because Ward and Bay are names too.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from detectors.base import Box, Finding, TextLayer, Word
from detectors.clinical import phrases
from detectors.identifiers import IDENTIFIERS
from detectors.lexicons import load
from detectors.normalise import known_phrases, read_layer

PERSONAL_KINDS = IDENTIFIERS | {
    *("gsrn", "access_code", "date_of_birth", "age", "person_name", "postcode", "address", "phone", "email"),
    *("staff_name", "staff_registration"),
}
"""Findings whose place must never be shown."""

_PUNCTUATION = " .,:;()[]|-_*/\"'"


def safe_boxes(layer: TextLayer, findings: Sequence[Finding]) -> Iterator[Box]:
    """The box of each word of the layer that may be shown."""
    personal = [f.box for f in findings if f.kind in PERSONAL_KINDS and f.box]
    spans = list(_phrase_spans(layer))
    at = 0
    for word in layer.words:
        start = layer.text.index(word.text, at)
        at = start + len(word.text)
        if _is_safe(word, start, spans) and not any(_overlap(word.box, box) for box in personal):
            yield word.box


def _phrase_spans(layer: TextLayer) -> Iterator[tuple[int, int]]:
    """Where known phrases stand in the layer's text; single words only before a colon."""
    page = read_layer(layer)
    organisations = load("organisations")
    known = {*phrases(), *organisations["shapes"], *organisations["markings"]}
    for text, start, end in known_phrases(page, known):
        first, last = page.offsets[start], page.offsets[end - 1] + 1
        if " " in text or page.text[end : end + 1] == ":":
            yield first, last


def _is_safe(word: Word, start: int, spans: Sequence[tuple[int, int]]) -> bool:
    core = word.text.strip(_PUNCTUATION)
    if not core or any(c.isdigit() for c in core):
        return False
    first = start + word.text.index(core)
    return any(low <= first and first + len(core) <= high for low, high in spans)


def _overlap(one: Box, other: Box) -> bool:
    return (
        one.x < other.x + other.width
        and other.x < one.x + one.width
        and one.y < other.y + other.height
        and other.y < one.y + one.height
    )
