"""Laboratory, specimen and accession numbers: one report's, so one patient's. Only a label makes one; shapes
differ by laboratory (24B123456, H24/12345, B,18.3936933.A)."""

from __future__ import annotations

import re
from collections.abc import Iterator

from detectors.identifiers.masking import mask_code
from detectors.normalise import Match, Reading

SCORE = 0.6

_NUM = r" ?(?:no\b|n[o0°]|number)"
_ID = r" ?(?:no\b|n[o0°]|number|id\b)"
_LABEL = (
    rf"lab(?:oratory)?[ .]{{0,2}}(?:n[o0°]|number|ref|id)\b|accession(?:{_NUM})?|specimen{_ID}|sample{_ID}"
    rf"|request{_ID}|episode{_NUM}|acc(?=[.:# ])"
)
_SHAPE = re.compile(
    rf"(?<![A-Za-z])(?i:{_LABEL})(?i:[ .]{{0,2}}(?:n[o0°]\b|number|num|#|id)?)[ .:#\-]{{0,3}}"
    r"(?P<value>[A-Z]{0,3}[\-/,]?\d[A-Z0-9\-/.,]{4,13})(?![A-Za-z0-9])"
)


def find_lab_numbers(page: Reading) -> Iterator[Match]:
    """Yield `lab_number` for what stands after a laboratory's label."""
    for match in _SHAPE.finditer(page.text):
        value = match["value"].strip(".,-/")
        start = match.start("value")
        why = "a laboratory number with its label"
        yield Match("lab_number", start, start + len(value), SCORE, mask_code(value), why, value)
