"""Check digits and ranges of the UK's ten-digit patient numbers.

NHS, CHI and H&C numbers share one space and one check digit (modulus 11, weights 10 to 2; NHS Data
Dictionary, "NHS NUMBER"). A CHI number starts with a date of birth, DDMMYY, and may carry a modulus 10
(Luhn) check digit instead, because some dates have run out (Public Health Scotland, `phsmethods`).
"""

from __future__ import annotations

from datetime import date
from typing import Literal

from stdnum.gb import nhs

Use = Literal["chi", "hc", "nhs", "ireland", "unallocated", "unissued"]

RANGES: tuple[tuple[str, str, Use], ...] = (
    ("0100000000", "3112999999", "chi"),
    ("3113000000", "3199999999", "unallocated"),
    ("3200000000", "3999999999", "hc"),
    ("4000000000", "4999999999", "nhs"),
    ("5000000000", "5999999999", "unallocated"),
    ("6000000000", "7999999999", "nhs"),
    ("8000000000", "8599999999", "ireland"),
    ("8600000000", "8999999999", "unallocated"),
    ("9000000000", "9999999999", "unissued"),
)
"""First and last number of each range, inclusive, and who issues from it."""

PUBLISHED = frozenset({"9434765919", "4857773456", "4010232137", "9876543210", "0123456789"})
PUBLISHED_CHI = frozenset({"1904851231", "2902201230", "0101336489", "0101201234", "0101011237"})
"""Numbers printed in standards, guides and test suites: examples, nobody's records."""


def passes_modulus_11(number: str) -> bool:
    """Whether ten digits carry a right modulus 11 check digit; repdigits, which all do, are refused."""
    return len(set(number)) > 1 and bool(nhs.is_valid(number))


def passes_modulus_10(number: str) -> bool:
    """Whether ten digits carry a right modulus 10 (Luhn) check digit; repdigits are refused."""
    if len(number) != 10 or not number.isdecimal() or len(set(number)) == 1:
        return False
    doubled = [int(d) * (2 if at % 2 == 0 else 1) for at, d in enumerate(number[:9])]
    return (10 - sum(n - 9 if n > 9 else n for n in doubled) % 10) % 10 == int(number[9])


def use_of(number: str) -> Use:
    """Who issues from the range this ten-digit number lies in."""
    return next((use for first, last, use in RANGES if first <= number <= last), "unallocated")


def starts_with_date(number: str) -> bool:
    """Whether the first six digits are a real DDMMYY in some century."""
    return any(_is_date(number, century) for century in (1900, 2000))


def _is_date(number: str, century: int) -> bool:
    try:
        date(century + int(number[4:6]), int(number[2:4]), int(number[:2]))
    except ValueError:
        return False
    return True


def is_chi(number: str, *, modulus_10: bool = True) -> bool:
    """Whether ten digits are a CHI number: a real date and either check digit (modulus 10 if allowed)."""
    if len(number) != 10 or not number.isdecimal() or not starts_with_date(number):
        return False
    return passes_modulus_11(number) or (modulus_10 and passes_modulus_10(number))
