"""Ten-digit numbers: the modulus 11 check, numbers that can be nobody's, and the audit.

Ranges after the NHS Data Dictionary: 4, 6 and 7 are issued in England and Wales, 32 to 39 in Northern
Ireland, and Scotland's CHI numbers start with a birth date (DDMMYY). Numbers from 900 upwards are
never issued; 999 is kept for testing.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from datetime import date
from random import Random

WEIGHTS = range(10, 1, -1)
CHI_TEST_VALUES = frozenset({"1904851231", "2902201230", "0101336489", "0101201234", "0101011237"})
"""Scottish numbers that Public Health Scotland publishes as tests of `phsmethods`: the only ones drawn."""
_GROUPED = re.compile(r"(?<![0-9])(\d{3})[ \-.]?(\d{3})[ \-.]?(\d{4})(?![0-9])")
_RUN = re.compile(r"\d(?:[ \-.]?\d)+")


class IssuedNumberShown(ValueError):
    """A text shows a number that could belong to a living person; nothing may be written."""


def check_digit(nine: str) -> str | None:
    """The modulus 11 check digit of nine digits; None where no number exists."""
    rest = 11 - sum(w * int(d) for w, d in zip(WEIGHTS, nine, strict=True)) % 11
    return None if rest == 10 else str(rest % 11)


def passes(number: str) -> bool:
    """Whether ten digits end in their modulus 11 check digit."""
    return check_digit(number[:9]) == number[9]


def _passes_luhn(number: str) -> bool:
    doubled = [int(d) * (2 - i % 2) for i, d in enumerate(number[:9])]
    return (10 - sum(v - 9 * (v > 9) for v in doubled) % 10) % 10 == int(number[9])


def _starts_with_date(number: str) -> bool:
    day, month, year = int(number[:2]), int(number[2:4]), int(number[4:6])
    for century in (1900, 2000):
        try:
            date(century + year, month, day)
        except ValueError:
            continue
        return True
    return False


def could_be_issued(number: str) -> bool:
    """Whether ten digits are valid in a range that is issued to people anywhere in the UK."""
    if number in CHI_TEST_VALUES:
        return False
    if _starts_with_date(number):
        return passes(number) or _passes_luhn(number)
    return passes(number) and (number[0] in "467" or "32" <= number[:2] <= "39")


def ten_digit_numbers(text: str) -> set[str]:
    """Every reading of ten digits in a text, with or without single spaces, dots or hyphens."""
    plain = unicodedata.normalize("NFKC", text).replace("\u00a0", " ")
    runs = {re.sub(r"\D", "", run.group()) for run in _RUN.finditer(plain)}
    return {"".join(m.groups()) for m in _GROUPED.finditer(plain)} | {r for r in runs if len(r) == 10}


def audit(texts: Iterable[tuple[str, str]]) -> None:
    """Refuse `(name, text)` pairs in which a number of an issued range stands. Raises IssuedNumberShown."""
    for name, text in texts:
        bad = sorted(n for n in ten_digit_numbers(text) if could_be_issued(n))
        if bad:
            raise IssuedNumberShown(
                f"{name} shows {len(bad)} valid number(s) of an issued range, the first starting "
                f"{bad[0][:3]}; draw the text again with numbers from 900 upwards"
            )


def _draw(rng: Random, prefix: str) -> str:
    while True:
        nine = prefix + "".join(rng.choices("0123456789", k=9 - len(prefix)))
        digit = check_digit(nine)
        if digit is not None and len(set(nine)) > 1:
            return nine + digit


def draw_nhs_number(rng: Random) -> str:
    """A valid number that is never issued: 999... half of the time, else 900 to 998."""
    return _draw(rng, "999" if rng.random() < 0.5 else str(rng.randint(900, 998)))


def draw_decoy(rng: Random, prefix: str = "9") -> str:
    """A number of something else (an order, a parcel) that passes modulus 11 by chance."""
    return _draw(rng, prefix)


def spaced(number: str) -> str:
    """The printed form, 3-3-4."""
    return f"{number[:3]} {number[3:6]} {number[6:]}"


def draw_prescription_id(rng: Random, practice: str) -> str:
    """A prescription identifier of an invented practice: 6-6-5 and its ISO/IEC 7064 MOD 37-2 character."""
    alphabet = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ+"
    body = f"{rng.randrange(16**6):06X}{practice}{rng.randrange(16**5):05X}"
    total = 0
    for character in body:
        total = (total + alphabet.index(character)) * 2 % 37
    return f"{body[:6]}-{body[6:12]}-{body[12:]}{alphabet[(38 - total) % 37]}"
