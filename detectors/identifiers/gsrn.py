"""GS1 service relation numbers (GSRN), as wristbands and labels carry a patient's number in a barcode.

18 digits: a seven-digit GS1 prefix, the ten-digit patient number and the GS1 check digit, after application
identifier 8018 (NHS standard DCB1077). Both the GSRN and the patient number in it are reported. Ireland's
individual health identifier (IHI) is a GSRN of another jurisdiction, or ten digits of Ireland's range.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from stdnum import ean

from detectors.identifiers.digits import DigitGroup, digit_groups
from detectors.identifiers.labels import Context
from detectors.identifiers.masking import mask_code
from detectors.identifiers.nhs_number import PatientNumbers
from detectors.identifiers.numbers import passes_modulus_11, use_of
from detectors.identifiers.shapes import Label, Shape, digits_in
from detectors.normalise import Match, Reading

NAMED, BARE, OTHER_COUNTRY = 0.95, 0.3, 0.5

_PREFIX, _LENGTH = 7, 18
_SHAPE = Shape(r"(?<![\w.\-])(?P<identifier>\(?8018\)?[ ]?)?(?P<digits>(?:<d>[ ]?){17}<d>)(?![\w\-])")
_GSRN = Label(re.compile(r"(?<![a-z])(?:gsrn|service relation number|gs1)\b(?:\s*(?:n[o0°]\b|number))?"))
_IHI = Label(re.compile(r"(?<![a-z])(?:ihi\b|individual health identifier)(?:\s*(?:n[o0°]\b|number))?"))


def is_gsrn(digits: str) -> bool:
    """Whether 18 digits carry a right GS1 check digit; repdigits are refused."""
    if len(digits) != _LENGTH or not digits.isdecimal() or len(set(digits)) == 1:
        return False
    return bool(ean.calc_check_digit(digits[:-1]) == digits[-1])


def embedded_number(digits: str) -> str | None:
    """The ten digits in a GSRN that could be a patient's number; None where the GSRN fails."""
    return digits[_PREFIX:-1] if is_gsrn(digits) else None


@dataclass(frozen=True)
class CarriedNumbers:
    """Finds GSRNs, and the patient numbers in them as `numbers` judges any labelled number."""

    numbers: PatientNumbers

    def __call__(self, page: Reading) -> Iterator[Match]:
        """Yield a `gsrn` and the patient number in it, for each that passes both check digits."""
        for match in _SHAPE.find(page):
            digits = digits_in(match["digits"])
            number = embedded_number(digits) if digits else None
            if digits is None or number is None or _IHI.names(page, *match.span("digits")):
                continue
            named = bool(match["identifier"]) or _GSRN.names(page, *match.span("digits"))
            yield from self._matches(match.span("digits"), digits, number, named=named)

    def _matches(self, span: tuple[int, int], digits: str, number: str, *, named: bool) -> Iterator[Match]:
        context = Context("nhs", "beside") if named else Context()
        patient = self.numbers.statement(DigitGroup(*span, number, (_LENGTH,)), context)
        if patient is None or not patient.valid:
            return
        why = "service relation number (GS1) with a patient number in it"
        score = min(NAMED if named else BARE, patient.score)
        yield Match("gsrn", *span, score, mask_code(digits), why, digits, True, {"label": context.how})
        yield patient


def find_ihis(page: Reading) -> Iterator[Match]:
    """Yield `ihi_number` for each Irish health identifier that its label names."""
    for match in _SHAPE.find(page):
        digits = digits_in(match["digits"])
        if digits and is_gsrn(digits) and _IHI.names(page, *match.span("digits")):
            yield _ihi(*match.span("digits"), digits)
    for group in digit_groups(page):
        irish = use_of(group.digits) == "ireland" and passes_modulus_11(group.digits)
        if irish and _IHI.names(page, group.start, group.end):
            yield _ihi(group.start, group.end, group.digits)


def _ihi(start: int, end: int, digits: str) -> Match:
    why = "Ireland's individual health identifier: another jurisdiction's patient"
    facts = {"jurisdiction": "ireland"}
    return Match("ihi_number", start, end, OTHER_COUNTRY, mask_code(digits), why, digits, True, facts)
