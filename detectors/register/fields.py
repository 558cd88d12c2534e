"""What a register's digests are made of: fields made comparable, and HMAC-SHA-256 over them.

A digest is the first 16 bytes of HMAC-SHA-256(key, message) (RFC 2104, section 5 permits the cut; two of
10^8 digests agree by chance with a probability of 10^-23), where

    message = "leakwatch register 1" 00 field 00 part [1F part], UTF-8

    number            ten digits of an NHS, CHI or H&C number: they share one space
    surname_birth     letters of the surname, lower case, without accents  1F  date of birth, YYYY-MM-DD
    postcode_birth    postcode, capitals, without its space                1F  date of birth, YYYY-MM-DD
    hospital_number   letters and digits, capitals, without zeros in front

A key id is the first 8 bytes of HMAC-SHA-256(key, "leakwatch register key 1"), in hex: it names a key and
tells nothing of it.
"""

from __future__ import annotations

import hmac
import re
import unicodedata
from datetime import date
from typing import Final, Literal, get_args

from detectors.identifiers.numbers import is_chi, passes_modulus_11

Field = Literal["number", "surname_birth", "postcode_birth", "hospital_number"]
FIELDS: Final[tuple[Field, ...]] = get_args(Field)
DIGEST_BYTES = 16
KEY_BYTES = 32

_DOMAIN = b"leakwatch register 1\x00"
_KEY_ID = b"leakwatch register key 1"
_KEY_ID_BYTES = 8

_PLAIN = str.maketrans(
    {"ø": "o", "ł": "l", "đ": "d", "ð": "d", "þ": "th", "æ": "ae", "œ": "oe", "\u0131": "i"}
)
_LETTERS = frozenset({"Ll", "Lu", "Lt", "Lo"})
_POSTCODE = re.compile(r"[A-Z]{1,2}\d[A-Z\d]?\d[A-Z]{2}")
_PSEUDO = "ZZ99"
_MONTHS = {
    "jan": 1, "feb": 2, "mar": 3, "apr": 4, "may": 5, "jun": 6, "jul": 7, "aug": 8, "sep": 9, "oct": 10,
    "nov": 11, "dec": 12, "ion": 1, "chw": 2, "maw": 3, "ebr": 4, "mai": 5, "meh": 6, "gor": 7, "aws": 8,
    "med": 9, "hyd": 10, "tac": 11, "rha": 12,
}  # fmt: skip
_PARTS = re.compile(r"[a-z]+|\d+")
_ORDINAL = re.compile(r"(?<=\d)(?:st|nd|rd|th)\b")
_READ_AS_LETTER = re.compile(r"(?<![a-z])[oil](?=[\doil\W])|(?<=\d)[oil](?![a-z])")
_CONFUSED = str.maketrans({"o": "0", "i": "1", "l": "1"})
_FIRST_YEAR, _LAST_YEAR = 1870, 2099


def digest(key: bytes, message: bytes) -> bytes:
    """The keyed digest of a message, 16 bytes."""
    return hmac.digest(key, message, "sha256")[:DIGEST_BYTES]


def key_id(key: bytes) -> str:
    """The name of a key: 16 hex digits, the same wherever the key is."""
    return hmac.digest(key, _KEY_ID, "sha256")[:_KEY_ID_BYTES].hex()


def message(field: Field, *parts: str) -> bytes:
    """What is digested for a field; its parts are normalised already."""
    return _DOMAIN + field.encode() + b"\x00" + "\x1f".join(parts).encode()


def normal_number(text: str) -> str | None:
    """A patient's number as ten digits; None unless its check digit holds.

    Nine digits are taken for a CHI number whose leading zero a spreadsheet dropped.
    """
    digits = re.sub(r"[\s.\-]", "", unicodedata.normalize("NFKC", text))
    if not (digits.isascii() and digits.isdecimal()):
        return None
    if len(digits) == 9:
        return "0" + digits if is_chi("0" + digits) else None
    return digits if len(digits) == 10 and is_number(digits) else None


def is_number(digits: str) -> bool:
    """Whether ten digits can be a patient's number."""
    return passes_modulus_11(digits) or is_chi(digits)


def normal_surname(text: str) -> str | None:
    """A surname's letters: lower case, no accents, spaces, hyphens or apostrophes. None under two letters."""
    folded = unicodedata.normalize("NFKD", unicodedata.normalize("NFKD", text).casefold()).translate(_PLAIN)
    letters = "".join(c for c in folded if unicodedata.category(c) in _LETTERS)
    return letters if len(letters) > 1 else None


def normal_postcode(text: str) -> str | None:
    """A postcode without its space. None for another shape, and for pseudo-postcodes (no fixed abode)."""
    code = re.sub(r"\s", "", unicodedata.normalize("NFKC", text)).upper()
    return code if _POSTCODE.fullmatch(code) and not code.startswith(_PSEUDO) else None


def normal_hospital_number(text: str) -> str | None:
    """A local number: letters and digits, no zeros in front. None without a digit, or not 4 to 20 long."""
    plain = unicodedata.normalize("NFKC", text).upper()
    code = "".join(c for c in plain if c.isascii() and c.isalnum()).lstrip("0")
    return code if 4 <= len(code) <= 20 and any(c.isdecimal() for c in code) else None


def births_in(text: str, *, misread: bool = False) -> tuple[str, ...]:
    """The dates, YYYY-MM-DD, that a written date of birth can mean: two where the year has two digits.

    Day first, as UK records have it, or year first; months in digits, in English or Welsh. With `misread`,
    o, i and l among digits are read as 0 and 1.
    """
    lower = unicodedata.normalize("NFKC", text).casefold()
    if misread:
        lower = _READ_AS_LETTER.sub(lambda found: found[0].translate(_CONFUSED), lower)
    parts = _PARTS.findall(_ORDINAL.sub("", lower))
    if len(parts) == 1 and len(parts[0]) == 8:
        parts = _compact(parts[0])
    if len(parts) < 3:
        return ()
    if parts[0].isdecimal() and len(parts[0]) == 4:
        parts[:3] = parts[2::-1]
    return tuple(filter(None, (_iso(year, parts[1], parts[0]) for year in _years(parts[2]))))


def _compact(digits: str) -> list[str]:
    """Eight digits as day, month, year: day first where that is a date, else year first."""
    day_first = [digits[:2], digits[2:4], digits[4:]]
    return day_first if _iso(*day_first[::-1]) else [digits[6:], digits[4:6], digits[:4]]


def _years(year: str) -> tuple[str, ...]:
    if len(year) == 2 and year.isdecimal():
        return "19" + year, "20" + year
    return (year,) if len(year) == 4 and year.isdecimal() else ()


def _iso(year: str, month: str, day: str) -> str | None:
    if not day.isdecimal() or len(day) > 2 or (month.isdecimal() and len(month) > 2):
        return None
    number = int(month) if month.isdecimal() else _MONTHS.get(month[:3], 0)
    if not _FIRST_YEAR <= int(year) <= _LAST_YEAR:
        return None
    try:
        return date(int(year), number, int(day)).isoformat()
    except ValueError:
        return None
