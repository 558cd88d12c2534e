"""Clinical codes: SNOMED CT, ICD-10 and OPCS-4. They support that a page is a record, and name no one.

SNOMED CT ids end in a Verhoeff check digit after a two-digit partition (release file specification). ICD-10
and OPCS-4 codes look like half of a postcode or a paper size, so they count only after a word such as
Diagnosis or Procedure.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from stdnum import verhoeff

from detectors.identifiers.labels import context_of
from detectors.identifiers.shapes import Label, Shape, digits_in
from detectors.normalise import Match, Reading

SCORE = 0.4

_PARTITIONS = frozenset({"00", "01", "02", "10", "11", "12"})
_SHORTEST, _LONGEST = 6, 18
_NAMESPACE = 7

_SNOMED = Label(re.compile(r"(?<![a-z])(?:snomed(?:[ -]?ct)?|sctid|concept id|dm\+d)(?![a-z])"))
_SNOMED_ID = Shape(r"(?<![\w.\-/])<d>{6,18}(?![\w\-/])")
_ICD = Label(
    re.compile(r"(?<![a-z])(?:diagnos[ei]s|icd(?:[ -]?10)?|condition|cause of death|comorbidit\w+)(?![a-z])"),
    80,
)
_ICD_NAMED = Label(re.compile(r"(?<![a-z])icd(?:[ -]?10)?(?![a-z])"), 20)
_ICD_CODE = re.compile(r"(?<![A-Za-z0-9.])[A-Z]\d{2}(?P<fourth>\.\d(?:\d|[DA])?|X)?(?![A-Za-z0-9]|\.\d)")
_OPCS = Label(re.compile(r"(?<![a-z])(?:procedures?|opcs(?:[ -]?4)?|operations?|intervention)(?![a-z])"), 80)
_OPCS_CODE = re.compile(r"(?<![A-Za-z0-9.])[A-HJ-Z]\d{2}\.\d(?![A-Za-z0-9]|\.\d)")


def is_snomed_id(digits: str) -> bool:
    """Whether digits are a SNOMED CT identifier: length, partition, namespace and Verhoeff check digit."""
    if not digits.isdecimal() or not _SHORTEST <= len(digits) <= _LONGEST or digits[0] == "0":
        return False
    partition = digits[-3:-1]
    long_enough = partition[0] == "0" or len(digits) > _NAMESPACE + 3
    return partition in _PARTITIONS and long_enough and bool(verhoeff.is_valid(digits))


def find_snomed_codes(page: Reading) -> Iterator[Match]:
    """Yield `snomed_code` for each distinct id that passes, on a page that names SNOMED CT or dm+d."""
    if not _SNOMED.is_on(page):
        return
    seen: set[str] = set()
    for match in _SNOMED_ID.find(page):
        digits = digits_in(match[0])
        if digits is None or digits in seen or not is_snomed_id(digits):
            continue
        if len(digits) == 10 and context_of(page, *match.span()).how in ("beside", "above"):
            continue
        seen.add(digits)
        why = "a SNOMED CT code"
        yield Match("snomed_code", *match.span(), SCORE, digits, why, None, True, {"code": digits})


def find_icd10_codes(page: Reading) -> Iterator[Match]:
    """Yield `icd10_code` after a diagnosis; a code without its fourth character needs the name ICD."""
    yield from _codes(page, "icd10_code", _ICD_CODE, _ICD, "an ICD-10 diagnosis code")


def find_opcs4_codes(page: Reading) -> Iterator[Match]:
    """Yield `opcs4_code` after a procedure or an operation."""
    yield from _codes(page, "opcs4_code", _OPCS_CODE, _OPCS, "an OPCS-4 procedure code")


def _codes(page: Reading, kind: str, shape: re.Pattern[str], label: Label, why: str) -> Iterator[Match]:
    if not label.is_on(page):
        return
    seen: set[str] = set()
    for match in shape.finditer(page.text):
        if match[0] not in seen and _follows(page, match, label):
            seen.add(match[0])
            yield Match(kind, *match.span(), SCORE, match[0], why, facts={"code": match[0]})


def _follows(page: Reading, match: re.Match[str], label: Label) -> bool:
    """Whether the nearer of the two kinds of label is this one, and sure enough for the code's length."""
    start, end = match.span()
    if match.groupdict().get("fourth", "") is None:
        return _ICD_NAMED.distance(page, start) <= _ICD_NAMED.reach
    other = _OPCS if label is _ICD else _ICD
    return label.distance(page, start) <= other.distance(page, start) and label.names(page, start, end)
