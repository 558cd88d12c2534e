"""Prescription ids of the Electronic Prescription Service, short form: `83C40E-A23856-00123W`.

Six hexadecimal characters, the prescriber's organisation code filled up with zeros, five hexadecimal
characters and a check character: ISO/IEC 7064 MOD 37-2 with `+` in place of `*` (NHS England FHIR guide,
DM prescription groupIdentifier). One random string of the shape in 37 passes.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from stdnum.iso7064 import mod_37_2

from detectors.identifiers.digits import CONFUSED
from detectors.identifiers.masking import mask_code
from detectors.identifiers.shapes import Label
from detectors.normalise import Match, Reading

LABELLED, HYPHENED, NOBODYS, MISREAD = 0.95, 0.8, 0.05, 0.4
"""Scores: with its label, by shape and check alone, a published sample, labelled but failing the check."""

PUBLISHED = frozenset({"83C40EA2385600123W", "DC2C66A1B2C323407B", "24F5DAA830087EFE6Z"})
"""Samples of public guides; the second has a wrong check character as printed."""

_ALPHABET = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ+"
_LABEL = Label(
    re.compile(
        r"(?<![a-z])(?:prescription\s*(?:id\b|identifier|n[o0°]\b|number|ref\w*)|eps\b(?:\s*(?:id|no|number)\b)?)"
    )
)
_HEX = {False: "[0-9A-Fa-f]", True: "[0-9A-Fa-fOoQIl|!ZSG]"}
_SHAPES = {
    is_ocr: re.compile(
        rf"(?<![A-Za-z0-9\-])(?P<first>{h}{{6}})(?P<gap>[ ]?-?[ ]?)(?P<site>[0-9A-Za-z]{{6}})(?P=gap)"
        rf"(?P<last>{h}{{5}})(?P<check>[0-9A-Za-z+])(?![A-Za-z0-9\-])"
    )
    for is_ocr, h in _HEX.items()
}
_NOT_HEX = {ord(c): CONFUSED[ord(c)] for c in "OoQIl|!ZSG"}


def is_prescription_id(number: str) -> bool:
    """Whether 18 characters without hyphens carry a right check character."""
    return len(number) == 18 and bool(mod_37_2.is_valid(number, alphabet=_ALPHABET))


def find_prescription_ids(page: Reading) -> Iterator[Match]:
    """Yield `eps_id` for each id that passes, and for a labelled one that fails in a picture."""
    for match in _SHAPES[page.is_ocr].finditer(page.text):
        value = _value(match, repair=page.is_ocr)
        valid, labelled = is_prescription_id(value), _LABEL.names(page, *match.span())
        if not (valid and ("-" in match["gap"] or labelled)) and not (labelled and page.is_ocr):
            continue
        score, why, facts = _weigh(value, valid, labelled)
        if valid or value not in PUBLISHED:
            yield Match("eps_id", *match.span(), score, mask_code(value), why, value, valid, facts)


def _value(match: re.Match[str], *, repair: bool) -> str:
    """The id in capitals; in a picture, letters beyond F are the digits they resemble."""
    blocks = [match["first"], match["last"]]
    first, last = (block.translate(_NOT_HEX) if repair else block for block in blocks)
    return f"{first}{match['site']}{last}{match['check']}".upper()


def _weigh(value: str, valid: bool, labelled: bool) -> tuple[float, str, dict[str, object]]:
    facts: dict[str, object] = {
        "label": "beside" if labelled else "none",
        "organisation": value[6:12].lstrip("0"),
    }
    if value in PUBLISHED:
        return NOBODYS, "prescription id printed as an example in public guides", facts | {"published": True}
    if not valid:
        return MISREAD, "labelled prescription id that fails its check character: misread", facts
    if labelled:
        return LABELLED, "prescription id with its label", facts
    return HYPHENED, "prescription id by its shape and check character", facts
