"""Registration numbers of staff: they say that a document is real, and nothing about a patient.

Shapes: GMC seven digits or L and six; consultant code C and seven digits; GP code G and seven; doctor index
number six digits; NMC PIN two digits, a letter, four digits and a letter; GPhC seven digits from 2; HCPC two
letters and up to six digits; optometrists 01-09491 (UK Core Practitioner identifiers, NHS Data Dictionary).
There are no public check digits, so each needs its label.
"""

from __future__ import annotations

from collections.abc import Iterator

from detectors.identifiers.digits import CONFUSED
from detectors.identifiers.masking import mask_code
from detectors.identifiers.shapes import Shape
from detectors.normalise import Match, Reading

SCORE = 0.6

_NO = (
    r"(?i:[ ]?(?:registration|reg\.?|ref(?:erence)?\.?|pin|code|no\.?|number|num\.?|#)){0,3}"
    r"[ ]{0,2}[:.#\-]?[ ]{0,2}"
)
_BODIES: tuple[tuple[str, str, str], ...] = (
    ("GMC", r"gmc|general medical council", r"<d>{7}|L<d>{6}"),
    ("NMC", r"nmc|nursing (?:and|&) midwifery council", r"<d>{2}[A-Z]<d>{4}[A-Z]"),
    ("GPhC", r"gphc|general pharmaceutical council", r"[2Z]<d>{6}"),
    ("HCPC", r"hcpc|health (?:and|&) care professions council", r"[A-Z]{2}[ ]?<d>{4,6}"),
    ("GOC", r"goc|opl", r"<d>{2}-<d>{5}"),
    ("consultant code", r"(?:consultant|cons)(?: code)?", r"C<d>{7}"),
    ("GP code", r"(?:gp|gmp|prescriber(?:'?s)?|national)(?: code)?", r"G[01234589]<d>{6}"),
    ("doctor index number", r"din|doctor index", r"<d>{6}"),
)
_SHAPES = [
    (body, Shape(rf"(?<![A-Za-z])(?i:{label}){_NO}(?P<value>{value})(?![A-Za-z0-9])"))
    for body, label, value in _BODIES
]


def find_registrations(page: Reading) -> Iterator[Match]:
    """Yield `staff_registration` for each number that the name of a register stands before."""
    for body, shape in _SHAPES:
        for match in shape.find(page):
            value = _value(match["value"], body)
            facts = {"body": body, "role": "staff"}
            why = f"a member of staff's registration ({body})"
            yield Match(
                "staff_registration", *match.span("value"), SCORE, mask_code(value), why, value, facts=facts
            )


_LETTERS = {"NMC": (2, 7), "HCPC": (0, 1), "GP code": (0,), "consultant code": (0,), "GMC": ()}


def _value(text: str, body: str) -> str:
    """The number with misread digits repaired; where its shape has letters, they stay."""
    written = text.replace(" ", "").upper() if body == "HCPC" else text
    letters = (0,) if body == "GMC" and written.startswith("L") else _LETTERS.get(body, ())
    return "".join(c if at in letters else c.translate(CONFUSED) for at, c in enumerate(written))
