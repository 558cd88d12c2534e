"""Laboratory numbers: labels, shapes, masks."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from detectors.identifiers.hospital_number import find_hospital_numbers
from detectors.identifiers.lab_number import find_lab_numbers
from detectors.normalise import Match, post_text, read_layer


def found(text: str) -> list[Match]:
    """The laboratory numbers of a post."""
    return list(find_lab_numbers(read_layer(post_text(text))))


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("Lab No 24B123456", "24B123456"),
        ("Lab Number: H24/12345", "H24/12345"),
        ("Laboratory ref 1234567A", "1234567A"),
        ("Lab No: B,18.3936933.A", "B,18.3936933.A"),
        ("Specimen ID: 24M0098123", "24M0098123"),
        ("Sample no. 0098123", "0098123"),
        ("Accession RAD-2024-118", "RAD-2024-118"),
        ("ACCESSION NO. 77123456", "77123456"),
        ("Request No 5512345", "5512345"),
        ("Episode number 118220", "118220"),
    ],
)
def test_a_label_makes_a_laboratory_number(text: str, value: str) -> None:
    """Every laboratory has a shape of its own; without its label it is nothing."""
    [finding] = found(text)
    assert finding.value == value
    assert found(value) == []
    assert list(find_hospital_numbers(read_layer(post_text(text)))) == []


@pytest.mark.parametrize(
    "text", ["Specimen: urine", "sample text", "request a form", "Lab No ______", "Episode 4"]
)
def test_words_alone_are_none(text: str) -> None:
    """A label without a number behind it says nothing."""
    assert found(text) == []


@given(st.from_regex(r"[A-Z]?[0-9]{6,9}[A-Z]?", fullmatch=True))
def test_a_mask_shows_two_characters(number: str) -> None:
    """The end only."""
    [finding] = found(f"Lab No: {number}")
    assert finding.masked == "*" * (len(number) - 2) + number[-2:]
