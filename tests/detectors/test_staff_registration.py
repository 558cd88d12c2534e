"""Registrations of staff: bodies, labels, masks, misreadings."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from detectors.base import Box, TextLayer, Word
from detectors.identifiers.staff_registration import find_registrations
from detectors.normalise import Match, post_text, read_layer


def found(text: str) -> list[Match]:
    """The registrations of a post."""
    return list(find_registrations(read_layer(post_text(text))))


@pytest.mark.parametrize(
    ("text", "body", "value"),
    [
        ("Dr L Carmichael, FY2 GMC 9535156 Bleep 5445", "GMC", "9535156"),
        ("(GMC No: 9834350)", "GMC", "9834350"),
        ("GMC reference number L123456", "GMC", "L123456"),
        ("NMC PIN 71A2998E", "NMC", "71A2998E"),
        ("GPhC reg. no. 2033467", "GPhC", "2033467"),
        ("HCPC: PH095159", "HCPC", "PH095159"),
        ("HCPC CH 029821", "HCPC", "CH029821"),
        ("GOC 01-09491", "GOC", "01-09491"),
        ("Consultant code C1234567", "consultant code", "C1234567"),
        ("Prescriber's code: G9123456", "GP code", "G9123456"),
        ("DIN 954000", "doctor index number", "954000"),
    ],
)
def test_each_register_s_shape_is_found(text: str, body: str, value: str) -> None:
    """The register's name and its own shape together make a registration."""
    [finding] = found(text)
    assert (finding.facts["body"], finding.value) == (body, value)
    assert finding.facts["role"] == "staff"


@pytest.mark.parametrize(
    "text",
    [
        *("9535156", "GMC guidance 2024", "NMC 2998E", "GPhC 9033467", "HCPC registered"),
        *("GP code G6123456", "dinner 954000"),
    ],
)
def test_anything_else_is_none(text: str) -> None:
    """No label, or not the register's shape."""
    assert found(text) == []


@given(st.integers(0, 9_999_999).map(lambda n: f"{n:07d}"))
def test_a_mask_shows_two_digits(number: str) -> None:
    """Staff are personal data too."""
    [finding] = found(f"GMC {number}")
    assert finding.masked == f"*****{number[-2:]}"


def test_misread_digits_are_repaired_in_pictures_only() -> None:
    """Letters that belong to the shape stay letters."""
    words = tuple(
        Word(text, Box(80 * at, 0, 70, 20), 0.9, 0) for at, text in enumerate(["NMC", "PIN", "7lB2O98S"])
    )
    assert [m.value for m in find_registrations(read_layer(TextLayer("ocr", words)))] == ["71B2098S"]
    assert found("NMC PIN 7lB2O98S") == []
