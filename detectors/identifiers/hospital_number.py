"""Local numbers of a patient: hospital, case-note, laboratory numbers. They have no check digit, so only a
label makes one (NHS Data Dictionary, LOCAL PATIENT IDENTIFIER: up to ten letters and digits)."""

from __future__ import annotations

import re
from collections.abc import Iterator

from detectors.identifiers.masking import mask_code
from detectors.normalise import Match, Reading

_NO = r"[ .]{0,2}(?:n[o0°]\b|number|num|#|id)?[ .:#\-]{0,3}"
_NUM = r" ?(?:no\b|number)"
_ID = r" ?(?:no\b|number|id)"
_HOSPITAL = (
    rf"hosp(?:ital)?[ .]{{0,2}}(?:n[o0°]|number|num|#|id)\b|mrn|medical record{_NUM}|patient{_ID}|pas{_ID}"
    rf"|unit{_NUM}|case ?(?:note ?)?{_NUM}|rio{_ID}|emis{_NUM}|district{_NUM}|crn|chart{_NUM}|a&e{_NUM}"
    rf"|attendance{_NUM}|rhif ysbyty"
)
_LABORATORY = (
    rf"lab(?:oratory)?[ .]{{0,2}}(?:n[o0°]|number|ref|id)\b|accession(?:{_NUM})?|specimen{_ID}|sample{_ID}"
    rf"|request{_ID}|episode{_NUM}"
)
_VALUE = r"(?P<value>[A-Z]{0,3}[\-/]?\d[A-Z0-9\-/.]{4,11})(?![A-Za-z0-9])"
_PATTERNS = (
    (re.compile(rf"(?<![A-Za-z])(?i:{_HOSPITAL}){_NO}{_VALUE}"), 0.8, "a hospital number with its label"),
    (
        re.compile(rf"(?<![A-Za-z])(?i:{_LABORATORY}){_NO}{_VALUE}"),
        0.6,
        "a laboratory number with its label",
    ),
)


def find_hospital_numbers(page: Reading) -> Iterator[Match]:
    """Yield `hospital_number` findings: local numbers with a label before them."""
    for pattern, score, why in _PATTERNS:
        for match in pattern.finditer(page.text):
            value = match["value"].strip(".-/")
            start = match.start("value")
            yield Match("hospital_number", start, start + len(value), score, mask_code(value), why, value)
