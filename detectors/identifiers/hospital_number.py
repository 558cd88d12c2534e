"""Local numbers of a patient: hospital and case-note numbers. They have no check digit, so only a label makes
one (NHS Data Dictionary, LOCAL PATIENT IDENTIFIER: up to ten letters and digits)."""

from __future__ import annotations

import re
from collections.abc import Iterator

from detectors.identifiers.masking import mask_code
from detectors.normalise import Match, Reading

SCORE = 0.8

_NO = r"[ .]{0,2}(?:n[o0°]\b|number|num|#|id)?[ .:#\-]{0,3}"
_NUM = r" ?(?:no\b|number)"
_ID = r" ?(?:no\b|number|id)"
_LABEL = (
    rf"hosp(?:ital)?[ .]{{0,2}}(?:n[o0°]|number|num|#|id)\b|mrn|medical record{_NUM}|patient{_ID}|pas{_ID}"
    rf"|unit{_NUM}|case ?(?:note ?)?{_NUM}|rio{_ID}|emis{_NUM}|district{_NUM}|crn|chart{_NUM}|a&e{_NUM}"
    rf"|attendance{_NUM}|rhif ysbyty"
)
_VALUE = r"(?P<value>[A-Z]{0,3}[\-/]?\d[A-Z0-9\-/.]{4,11})(?![A-Za-z0-9])"
_SHAPE = re.compile(rf"(?<![A-Za-z])(?i:{_LABEL}){_NO}{_VALUE}")


def find_hospital_numbers(page: Reading) -> Iterator[Match]:
    """Yield `hospital_number` findings: local numbers with a label before them."""
    for match in _SHAPE.finditer(page.text):
        value = match["value"].strip(".-/")
        start = match.start("value")
        why = "a hospital number with its label"
        yield Match("hospital_number", start, start + len(value), SCORE, mask_code(value), why, value)
