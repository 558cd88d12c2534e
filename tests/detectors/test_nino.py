"""National Insurance numbers: prefixes, look-alikes, labels, spacing, misreadings, masks."""

from __future__ import annotations

from itertools import product
from string import ascii_uppercase

import pytest
from hypothesis import given
from hypothesis import strategies as st

from detectors.base import Box, TextLayer, Word
from detectors.identifiers.nino import PREFIXES, find_ninos, mask_nino
from detectors.normalise import Match, post_text, read_layer

numbers = st.builds(
    lambda digits, suffix: f"AB{digits:06d}{suffix}", st.integers(0, 999_999), st.sampled_from("ABCD")
)


def ninos(text: str) -> list[Match]:
    """The National Insurance numbers of a post."""
    return list(find_ninos(read_layer(post_text(text))))


def read(*rows: str) -> list[Match]:
    """The same of a picture's rows, one word per gap, 10 pixels a character."""
    words = []
    for line, row in enumerate(rows):
        at = 0
        for text in row.split(" "):
            if text:
                words.append(Word(text, Box(at * 10, line * 30, len(text) * 10, 24), 0.95, line))
            at += len(text) + 1
    return list(find_ninos(read_layer(TextLayer("ocr", tuple(words)))))


def test_the_rules_leave_373_prefixes() -> None:
    """20 first letters by 19 second ones, less seven pairs that are never used."""
    assert len(PREFIXES) == 373
    pairs = ("".join(pair) for pair in product(ascii_uppercase, repeat=2))
    administrative = {"CR", "MW", "NC"}
    assert sum(bool(ninos(f"NI No: {pair} 12 34 56 A")) for pair in pairs) == 373 - len(administrative)


@pytest.mark.parametrize("number", ["AB123456C", "AB 12 34 56 A", "AB 12 34 56 D", "AB-12-34-56-D"])
def test_allowed_numbers_are_found(number: str) -> None:
    """With or without spacing, labelled or not; the label makes it sure."""
    value = "".join(c for c in number if c.isalnum())
    [labelled] = ninos(f"National Insurance number: {number}")
    [bare] = ninos(f"hers is {number} then")
    assert labelled.value == bare.value == value
    assert labelled.score > 0.9
    assert bare.score < 0.7


@pytest.mark.parametrize(
    "number",
    [
        *("QQ 12 34 56 A", "AO123456C", "GB123456A", "ZZ123456A", "AB123456E", "DA123456A", "AB1234567"),
        *(
            "TN120345M",
            "OO 12 34 56 A",
            "CR 12 34 56 A",
            "FY123456B",
            "MW123456C",
            "NC120345M",
            "12 A3 45 67",
        ),
    ],
)
def test_other_numbers_are_refused(number: str) -> None:
    """The sample of the authority, unused prefixes and administrative look-alikes are nobody's."""
    assert ninos(f"NI No: {number}") == []
    assert ninos(number) == []


@pytest.mark.parametrize(
    "text",
    ["order AB123456C has shipped", "tracking no AB123456C", "part ab123456c", "invoice: AB 12 34 56 C"],
)
def test_other_uses_are_not_reported(text: str) -> None:
    """Orders, parcels and lower-case part numbers share the shape."""
    assert ninos(text) == []


@pytest.mark.parametrize(
    "label", ["NI No", "N.I. Number:", "NINO", "Nat. Ins / NI no.", "Rhif Yswiriant Gwladol:"]
)
def test_labels_are_known(label: str) -> None:
    """English and Welsh labels; then lower case is taken too, and the last letter may be missing."""
    assert [m.value for m in ninos(f"{label} ab 12 34 56 c")] == ["AB123456C"]
    [unfinished] = ninos(f"{label} AB 12 34 56")
    assert unfinished.value == "AB123456"


@given(numbers, st.sampled_from(["{}{}{}{}{}", "{} {} {} {} {}", "{}-{}-{}-{}-{}", "{} {}{}{} {}"]))
def test_spacing_makes_no_difference(number: str, form: str) -> None:
    """However it is grouped, the same value is found."""
    parts = (number[:2], number[2:4], number[4:6], number[6:8], number[8:])
    assert [m.value for m in ninos(f"NI number {form.format(*parts)}.")] == [number]


@given(numbers)
def test_a_mask_shows_one_digit(number: str) -> None:
    """Of six digits one is left in sight."""
    masked = mask_nino(number)
    assert sum(c.isdigit() for c in masked) == 1
    assert number not in masked.replace(" ", "")


def test_misread_digits_are_repaired_in_pictures_only() -> None:
    """An engine's O and l are digits inside the number; typed ones are letters."""
    assert [m.value for m in read("NI No AB 1O 34 5l C")] == ["AB103451C"]
    assert ninos("NI No AB 1O 34 5l C") == []
    assert read("NI No AB OO Il OO C") == []


def test_a_column_heading_names_the_numbers_below() -> None:
    """In a table the label stands over the number."""
    found = read("Name     NI Number", "Smith    AB123456C", "Jones    AB123457D", "Brown    AB123458A")
    assert [m.score > 0.9 for m in found] == [True, True, True]
