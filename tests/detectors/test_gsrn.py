"""Numbers in numbers: GS1 service relation numbers with a patient's in them, and Ireland's."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from detectors.base import Box, TextLayer, Word
from detectors.identifiers.gsrn import CarriedNumbers, embedded_number, find_ihis, is_gsrn
from detectors.identifiers.nhs_number import PatientNumbers
from detectors.normalise import Match, post_text, read_layer


def check_digit(seventeen: str) -> str:
    """GS1's modulus 10, weights 3 and 1 from the right, worked out independently of the code under test."""
    total = sum(int(d) * (3 if at % 2 == 0 else 1) for at, d in enumerate(reversed(seventeen)))
    return str((10 - total % 10) % 10)


def found(text: str, *, accept: bool = True) -> list[Match]:
    """The GSRNs of a post and the patient numbers in them."""
    return list(CarriedNumbers(PatientNumbers(accept_unissued=accept))(read_layer(post_text(text))))


def ihis(text: str) -> list[Match]:
    """The Irish identifiers of a post."""
    return list(find_ihis(read_layer(post_text(text))))


gsrns = st.builds(
    lambda prefix, number: f"{prefix:07d}{number}",
    st.integers(0, 9_999_999),
    st.sampled_from(["9990000018", "9990123454", "9998887771", "9990000123"]),
).map(lambda body: body + check_digit(body))


@pytest.mark.parametrize(
    ("gsrn", "number"),
    [
        ("000000099900000180", "9990000018"),
        ("123456799901234546", "9990123454"),
        ("000000094347659199", "9434765919"),
    ],
)
def test_right_check_digits_pass(gsrn: str, number: str) -> None:
    """Worked vectors with a placeholder prefix."""
    assert is_gsrn(gsrn)
    assert embedded_number(gsrn) == number


@pytest.mark.parametrize(
    "gsrn", ["000000099900000181", "123456799901234545", "000000099900000810", "0" * 18, "99900000180", ""]
)
def test_wrong_ones_fail(gsrn: str) -> None:
    """A wrong digit, a transposition, a repdigit, another length."""
    assert not is_gsrn(gsrn)
    assert embedded_number(gsrn) is None


@given(gsrns, st.integers(0, 17), st.integers(1, 9))
def test_every_single_substitution_is_caught(gsrn: str, place: int, shift: int) -> None:
    """Changing any one digit of a passing GSRN makes it fail."""
    changed = str((int(gsrn[place]) + shift) % 10)
    assert not is_gsrn(gsrn[:place] + changed + gsrn[place + 1 :])


@given(gsrns, st.sampled_from(["(8018){}", "8018 {}", "GSRN: {}", "GSRN {}"]), st.booleans())
def test_the_patient_s_number_is_found_in_it(gsrn: str, form: str, spaced: bool) -> None:
    """With its application identifier or a label, spaced or not, both numbers are reported as sure."""
    written = f"{gsrn[:7]} {gsrn[7:17]} {gsrn[17]}" if spaced else gsrn
    carrier, patient = found(form.format(written))
    assert (carrier.kind, carrier.value, carrier.valid) == ("gsrn", gsrn, True)
    assert (patient.kind, patient.value, patient.valid) == ("nhs_number", gsrn[7:17], True)
    assert min(carrier.score, patient.score) > 0.9
    assert sum(c.isdigit() for c in carrier.masked) == 2


def test_eighteen_bare_digits_say_little() -> None:
    """Two check digits and no label: low, like any number without one."""
    assert all(match.score <= 0.3 for match in found("000000099900000180"))


def test_the_number_inside_must_pass_too() -> None:
    """A GSRN of something else holds no patient's number."""
    body = "00000009990000019"
    assert is_gsrn(body + check_digit(body))
    assert found(f"order {body}{check_digit(body)}") == []


def test_test_data_in_it_is_nobody() -> None:
    """A never-issued number inside belongs to no patient, unless such numbers are accepted."""
    carrier, patient = found("GSRN 000000099900000180", accept=False)
    assert max(carrier.score, patient.score) < 0.1


def test_misread_digits_are_repaired_in_pictures_only() -> None:
    """An engine's O is a nought; typed, it is a letter."""
    row = ["GSRN", "O0OO0009990OOO0180"]
    words = tuple(Word(text, Box(200 * at, 0, 180, 20), 0.9, 0) for at, text in enumerate(row))
    numbers = CarriedNumbers(PatientNumbers(accept_unissued=True))(read_layer(TextLayer("ocr", words)))
    assert "9990000018" not in {m.value for m in found(" ".join(row))}
    assert [m.value for m in numbers] == ["000000099900000180", "9990000018"]


def test_ireland_s_identifier_is_another_jurisdiction_s() -> None:
    """Named by its label, ten digits of Ireland's range or a GSRN; it is never a UK patient's number."""
    body = "53990128000000018"
    long = body + check_digit(body)
    [finding] = ihis(f"IHI Number: {long}")
    assert (finding.kind, finding.facts["jurisdiction"]) == ("ihi_number", "ireland")
    assert found(f"IHI Number: {long}") == []
    assert ihis(long) == []
    nine = "800000001"
    check = 11 - sum(int(d) * weight for d, weight in zip(nine, range(10, 1, -1), strict=True)) % 11
    assert [m.kind for m in ihis(f"IHI {nine}{check}")] == ["ihi_number"]
    assert ihis("IHI 999 000 0018") == []
