"""Prescription ids: check character, samples, labels, spacing, misreadings, masks."""

from __future__ import annotations

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from detectors.base import Box, TextLayer, Word
from detectors.identifiers.eps_id import find_prescription_ids, is_prescription_id
from detectors.normalise import Match, post_text, read_layer

ALPHABET = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ+"


def check_character(body: str) -> str:
    """ISO 7064 MOD 37-2 over 17 characters, worked out independently of the code under test."""
    total = 0
    for character in body:
        total = (total + ALPHABET.index(character)) * 2 % 37
    return ALPHABET[(38 - total) % 37]


hexadecimal = st.text("0123456789ABCDEF", min_size=6, max_size=6)
bodies = st.builds(
    lambda first, site, last: f"{first}0{site}{last[1:]}",
    hexadecimal,
    st.text("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ", min_size=5, max_size=5),
    hexadecimal,
)
ids = bodies.map(lambda body: body + check_character(body))


def found(text: str) -> list[Match]:
    """The prescription ids of a post."""
    return list(find_prescription_ids(read_layer(post_text(text))))


def read(row: str) -> list[Match]:
    """The same of a row of a picture."""
    words = (Word(text, Box(90 * at, 0, 80, 20), 0.9, 0) for at, text in enumerate(row.split()))
    return list(find_prescription_ids(read_layer(TextLayer("ocr", tuple(words)))))


def hyphened(number: str, gap: str = "-") -> str:
    """Three blocks of six."""
    return gap.join((number[:6], number[6:12], number[12:]))


@pytest.mark.parametrize(
    "number",
    [
        *("83C40E-A23856-00123W", "24F5DA-A83008-7EFE6Z", "000000-A99999-00001W"),
        *("ABCDEF-0RXX00-00010Z", "123456-A99999-00FFFY", "000000-A99999-000BE+"),
    ],
)
def test_right_check_characters_pass(number: str) -> None:
    """Published and made ids, one of them with a plus sign."""
    assert is_prescription_id(number.replace("-", ""))


@pytest.mark.parametrize(
    "number",
    ["83C40E-A23856-00123X", "38C40E-A23856-00123W", "83C40E-A23586-00123W", "DC2C66-A1B2C3-23407B", ""],
)
def test_wrong_check_characters_fail(number: str) -> None:
    """A wrong character, transpositions, and a guide's own sample, which should end in Z."""
    assert not is_prescription_id(number.replace("-", ""))
    assert found(f"prescription ID {number}") == []
    assert found(number) == []


def test_the_wrong_sample_is_nobody_s_in_pictures_too() -> None:
    """Not even as misread; with its right ending it is an id like any other."""
    assert read("Prescription ID: DC2C66-A1B2C3-23407B") == []
    assert is_prescription_id("DC2C66A1B2C323407Z")


def test_published_ids_are_nobody_s() -> None:
    """A guide's valid sample scores next to nothing even with its label."""
    [finding] = found("EPS prescription id: 83C40E-A23856-00123W")
    assert finding.score < 0.1
    assert finding.facts["published"]


@given(ids, st.integers(0, 17), st.sampled_from(ALPHABET))
def test_every_single_substitution_is_caught(number: str, place: int, other: str) -> None:
    """Changing any one character of a passing id makes it fail."""
    assume(number[place] != other)
    assert not is_prescription_id(number[:place] + other + number[place + 1 :])


@given(ids, st.integers(0, 16))
def test_every_adjacent_transposition_is_caught(number: str, place: int) -> None:
    """Swapping two different neighbours makes a passing id fail."""
    swapped = number[:place] + number[place + 1] + number[place] + number[place + 2 :]
    assert swapped == number or not is_prescription_id(swapped)


@given(ids, st.sampled_from(["-", " - ", "\u2011", "\u2013", " ", ""]), st.booleans())
def test_spacing_and_case_make_no_difference(number: str, gap: str, small: bool) -> None:
    """A labelled id is found however its blocks are parted."""
    written = hyphened(number, gap)
    [finding] = found(f"Prescription ID: {written.lower() if small else written}")
    assert (finding.value, finding.valid) == (number, True)


@given(ids)
def test_the_hyphens_speak_for_an_unlabelled_id(number: str) -> None:
    """Hyphens are always printed; without them and a label, 18 characters are nothing."""
    [finding] = found(f"look {hyphened(number)} lol")
    assert finding.facts["organisation"] == number[6:12].lstrip("0")
    assert found(f"look {number} lol") == []


@given(ids)
def test_a_mask_shows_two_characters(number: str) -> None:
    """Of 18 characters two are left in sight."""
    [finding] = found(hyphened(number))
    assert sum(c != "*" for c in finding.masked) == 2


def test_misread_digits_are_repaired_in_pictures_only() -> None:
    """In a hexadecimal block an O is a nought; typed, it makes the id no id."""
    [finding] = read("Prescription ID O000OO-A99999-OO001W")
    assert (finding.value, finding.valid) == ("000000A9999900001W", True)
    assert found("Prescription ID O000OO-A99999-OO001W") == []


def test_a_labelled_id_that_fails_is_shown_as_misread() -> None:
    """In a picture a failing labelled id is reported as such and never corrected."""
    [finding] = read("Prescription ID: 000000-A99999-00001X")
    assert finding.valid is False
    assert finding.score < 0.5
