"""What an engine may have misread: the few other values that a doubtful reading can stand for.

Only characters that look alike are exchanged, and only what could be a register's value comes out: numbers
whose check digit holds, dates that exist. Each list is bounded, so that a page costs a bounded number of
lookups.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from itertools import combinations, islice, product

from detectors.register.fields import is_number

DIGITS = {
    "0": "689", "1": "7", "3": "8", "5": "6", "6": "0589", "7": "1", "8": "0369", "9": "068",
}  # fmt: skip
"""Digits that engines take for each other, on photographs above all."""

_CODES = {**DIGITS, "O": "0", "I": "1", "L": "1", "S": "5", "B": "8", "Z": "2", "G": "6"}
_CODES |= {"0": "689O", "1": "7I", "5": "6S", "8": "0369B", "2": "Z"}
_SHAPES = (
    ("rn", "m"),
    ("m", "rn"),
    ("l", "i"),
    ("i", "l"),
    ("vv", "w"),
    ("w", "vv"),
    ("cl", "d"),
    ("d", "cl"),
)
_DIGIT_LETTERS = str.maketrans({"0": "o", "1": "l", "5": "s", "8": "b"})
_WEIGHTS = range(10, 0, -1)
_CHI_STARTS = "0123"
"""A CHI number begins with a day, and may carry another check digit than that of modulus 11."""
MOST_NUMBERS = 64
MOST = 12
"""Alternates of one number, and of any other value."""


def number_alternates(digits: str) -> list[tuple[str, int]]:
    """Numbers that ten digits may be a misreading of, with how many digits were exchanged: one, then two."""
    found = ((n, changes) for changes in (1, 2) for n in _exchanged(digits, changes) if is_number(n))
    return list(islice(found, MOST_NUMBERS))


def _exchanged(digits: str, changes: int) -> Iterator[str]:
    """The digits with so many exchanged; of what modulus 11 rules out, only what may be a CHI number."""
    rest = sum(weight * int(digit) for weight, digit in zip(_WEIGHTS, digits, strict=True))
    for places in combinations(range(len(digits)), changes):
        for others in product(*(DIGITS.get(digits[at], "") for at in places)):
            exchanged = list(digits)
            moved = rest
            for at, other in zip(places, others, strict=True):
                exchanged[at] = other
                moved += _WEIGHTS[at] * (int(other) - int(digits[at]))
            if moved % 11 == 0 or exchanged[0] in _CHI_STARTS:
                yield "".join(exchanged)


def birth_alternates(born: str) -> list[str]:
    """Dates, YYYY-MM-DD, that differ in one digit which engines confuse."""
    return list(islice(filter(_exists, _one_exchanged(born, DIGITS)), MOST))


def code_alternates(code: str) -> list[str]:
    """Local numbers and postcodes with one character exchanged for one that looks like it."""
    return list(islice(_one_exchanged(code, _CODES), MOST))


def surname_alternates(surname: str) -> list[str]:
    """Surnames (normalised) with one shape exchanged: rn and m, l and i, vv and w, cl and d."""
    found = (
        surname[:at] + other + surname[at + len(shape) :]
        for shape, other in _SHAPES
        for at in range(len(surname))
        if surname.startswith(shape, at)
    )
    return list(islice(dict.fromkeys(found), MOST))


def letters_for_digits(name: str) -> str:
    """A name with the digits that an engine put in place of letters turned back: 0'Br1en."""
    return name.translate(_DIGIT_LETTERS)


def _one_exchanged(text: str, table: dict[str, str]) -> Iterator[str]:
    for at, character in enumerate(text):
        for other in table.get(character, ""):
            yield text[:at] + other + text[at + 1 :]


def _exists(born: str) -> bool:
    try:
        return 1870 <= date.fromisoformat(born).year <= 2099
    except ValueError:
        return False
