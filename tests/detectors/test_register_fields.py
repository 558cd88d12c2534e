"""What a register's digests are made of: one form for every way of writing the same."""

from __future__ import annotations

import hashlib
import hmac
from datetime import date

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from detectors.identifiers.numbers import is_chi, passes_modulus_11
from detectors.register.alternates import (
    DIGITS,
    MOST,
    MOST_NUMBERS,
    birth_alternates,
    code_alternates,
    number_alternates,
    surname_alternates,
)
from detectors.register.candidates import surnames_in
from detectors.register.fields import (
    births_in,
    digest,
    key_id,
    message,
    normal_hospital_number,
    normal_number,
    normal_postcode,
    normal_surname,
)
from tests.detectors.registers import KEY

NUMBERS = (
    st.integers(900_000_000, 999_999_999).map(lambda nine: f"{nine}{_check(nine)}").filter(passes_modulus_11)
)
BIRTHS = st.dates(date(1900, 1, 1), date(2030, 1, 1))


def _check(nine: int) -> int:
    weighed = sum(weight * int(digit) for weight, digit in zip(range(10, 1, -1), str(nine), strict=True))
    return -weighed % 11 % 10


@given(NUMBERS, st.sampled_from([" ", "-", "", "\u00a0", "."]))
def test_a_number_is_the_same_however_it_is_spaced(number: str, gap: str) -> None:
    """Spaces, hyphens and dots between the digits of a number change nothing."""
    assert normal_number(f" {number[:3]}{gap}{number[3:6]}{gap}{number[6:]}") == number


@pytest.mark.parametrize("text", ["", "9990000019", "999 000 001", "nine", "0000000000", "999000001O", "٩٩٩"])
def test_what_is_no_number_is_none(text: str) -> None:
    """A failed check digit, too few digits, letters, ten equal digits: no number."""
    assert normal_number(text) is None


def test_a_chi_number_keeps_the_zero_that_a_spreadsheet_drops() -> None:
    """Nine digits that are a CHI number with a zero in front are that number."""
    assert normal_number("101336489") == "0101336489"


@given(st.text())
def test_a_normalised_surname_stays_as_it_is(text: str) -> None:
    """Normalising is idempotent, and leaves nothing but letters."""
    once = normal_surname(text)
    assert once is None or (once.isalpha() and normal_surname(once) == once)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("O'Brien", "O\u2019BRIEN"),
        ("Smith-Jones", "SMITH JONES"),
        ("Núñez", "nunez"),
        ("Żółkiewski", "ZOLKIEWSKI"),
        ("van der Berg", "Vanderberg"),
        ("Jørgensen", "JORGENSEN"),
        ("Strauß", "STRAUSS"),
    ],
)
def test_one_surname_has_one_form(one: str, other: str) -> None:
    """Case, accents, hyphens, apostrophes and spaces of a surname change nothing."""
    assert normal_surname(one) == normal_surname(other)


@given(BIRTHS)
def test_a_date_is_the_same_however_it_is_written(born: date) -> None:
    """Every way in which UK records write a date gives the one date."""
    forms = ["%d/%m/%Y", "%d-%b-%Y", "%d %B %Y", "%d.%m.%Y", "%Y-%m-%d", "%d%m%Y", "%d %m %Y"]
    assert {births_in(born.strftime(form)) for form in forms} == {(born.isoformat(),)}


@given(BIRTHS)
def test_a_year_of_two_digits_means_either_century(born: date) -> None:
    """A two-digit year gives the dates of both centuries, the right one among them."""
    assert born.isoformat() in births_in(born.strftime("%d/%m/%y"))


@pytest.mark.parametrize(
    ("text", "born"),
    [
        ("1st Feb 1950", "1950-02-01"),
        ("14 Gorffennaf 1945", "1945-07-14"),
        ("o1/o2/l95o", "1950-02-01"),
        ("3 i0 1988", "1988-10-03"),
        ("14 jul 1945", "1945-07-14"),
    ],
)
def test_dates_as_read(text: str, born: str) -> None:
    """Ordinals, Welsh months and letters in place of digits are read."""
    assert births_in(text, misread=True) == (born,)


@given(st.text(max_size=40), st.booleans())
@example(text="99999999999/1/1950", misread=False)
@example(text="1/" + "9" * 5000 + "/1950", misread=False)
def test_any_text_as_a_date_gives_dates_or_none(text: str, misread: bool) -> None:
    """Whatever stands there, what comes out is a list of dates."""
    assert all(date.fromisoformat(born) for born in births_in(text, misread=misread))


@pytest.mark.parametrize(
    ("text", "code"),
    [("ls1 1ab", "LS11AB"), ("EC1A1BB", "EC1A1BB"), ("ZZ99 3VZ", None), ("LS1", None), ("12345", None)],
)
def test_postcodes(text: str, code: str | None) -> None:
    """A postcode loses its space; the pseudo-postcodes of people without a home match nobody."""
    assert normal_postcode(text) == code


@pytest.mark.parametrize(
    ("text", "code"),
    [("K-123 4567", "K1234567"), ("000123456", "123456"), ("abc", None), ("12", None), ("0000000", None)],
)
def test_hospital_numbers(text: str, code: str | None) -> None:
    """Punctuation and zeros in front are dropped; what is too short, or has no digit, is none."""
    assert normal_hospital_number(text) == code


@given(st.text(max_size=30))
def test_codes_stay_as_they_are(text: str) -> None:
    """Normalising a postcode or a hospital number is idempotent."""
    for normal in (normal_postcode, normal_hospital_number):
        once = normal(text)
        assert once is None or normal(once) == once


def test_the_digest_is_the_one_that_is_documented() -> None:
    """The first 16 bytes of HMAC-SHA-256 over domain, field and parts; a key's id is no part of the key."""
    said = b"leakwatch register 1\x00surname_birth\x00pellow\x1f1950-02-01"
    made = digest(KEY, message("surname_birth", "pellow", "1950-02-01"))
    assert made == hmac.new(KEY, said, hashlib.sha256).digest()[:16]
    assert len(key_id(KEY)) == 16
    assert key_id(KEY) not in KEY.hex()


@given(NUMBERS)
def test_alternates_of_a_number_are_valid_and_few(number: str) -> None:
    """Every alternate passes its check, differs only in digits that look alike, and there are few."""
    found = number_alternates(number)
    assert len(found) <= MOST_NUMBERS
    for other, changes in found:
        differ = [(a, b) for a, b in zip(number, other, strict=True) if a != b]
        assert len(differ) == changes
        assert all(b in DIGITS[a] for a, b in differ)
        assert passes_modulus_11(other) or is_chi(other)


@given(NUMBERS, st.integers(0, 9), st.integers(0, 3))
def test_one_misread_digit_is_found_again(number: str, at: int, which: int) -> None:
    """A number with one digit read as its look-alike has the true number among its first alternates."""
    others = DIGITS.get(number[at], "")
    if others:
        misread = number[:at] + others[which % len(others)] + number[at + 1 :]
        assert (number, 1) in number_alternates(misread)


@given(st.from_regex(r"[0-9]{10}", fullmatch=True))
def test_no_alternate_is_forgotten(digits: str) -> None:
    """The alternates with one exchange are exactly the numbers that trying all of them gives."""
    tried = {
        digits[:at] + other + digits[at + 1 :] for at in range(10) for other in DIGITS.get(digits[at], "")
    }
    found = {other for other, changes in number_alternates(digits) if changes == 1}
    assert found == {other for other in tried if passes_modulus_11(other) or is_chi(other)}


@given(st.text(max_size=60))
def test_alternates_are_bounded(text: str) -> None:
    """However long a text is, the alternates are few."""
    surname, code = normal_surname(text) or "", normal_hospital_number(text) or ""
    assert len(surname_alternates(surname)) <= MOST
    assert len(code_alternates(code)) <= MOST


@given(BIRTHS)
def test_alternates_of_a_date_are_dates(born: date) -> None:
    """A misread date stands for dates that exist."""
    found = birth_alternates(born.isoformat())
    assert len(found) <= MOST
    assert all(date.fromisoformat(other) != born for other in found)


def test_shapes_that_engines_confuse_in_names() -> None:
    """rn for m, l for I, and the reverse."""
    assert "morris" in surname_alternates("rnorris")
    assert "bailey" in surname_alternates("baiiey")
    assert "bernard" in surname_alternates("bemard")


@pytest.mark.parametrize(
    ("name", "first"),
    [
        ("SMITH, John (Mr)", "smith"),
        ("Mr Owen Pellow", "pellow"),
        ("VAN DER BERG Anna", "vanderberg"),
        ("SMITH\nJohn", "smith"),
        ("Pellow", "pellow"),
        ("Mrs A. O'Brien", "obrien"),
    ],
)
def test_the_surname_of_a_name_comes_first(name: str, first: str) -> None:
    """However a record writes a name, its surname is the first that is tried."""
    assert surnames_in(name)[0] == first
