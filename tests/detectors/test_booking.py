"""Booking references and access codes: labels, pages they belong to, spacing, masks, severity."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from detectors.assess import assess
from detectors.base import Box, TextLayer, Word
from detectors.examine import Examiner
from detectors.identifiers.booking import find_access_codes, find_references
from detectors.normalise import Match, post_text, read_layer
from detectors.table import ExaminerConfig

references = st.text("0123456789", min_size=12, max_size=12)


def ubrns(text: str) -> list[Match]:
    """The booking references of a post."""
    return list(find_references(read_layer(post_text(text))))


def codes(text: str) -> list[str | None]:
    """The access codes of a post."""
    return [m.value for m in find_access_codes(read_layer(post_text(text)))]


@pytest.mark.parametrize(
    "label", ["UBRN", "UBRN:", "Unique Booking Reference Number", "Unique booking reference"]
)
def test_a_label_makes_a_reference(label: str) -> None:
    """There is no check digit: twelve digits alone are nothing."""
    [finding] = ubrns(f"{label} 0001 2345 6789")
    assert (finding.value, finding.valid) == ("000123456789", None)
    assert ubrns("0001 2345 6789") == []


def test_a_booking_reference_needs_a_referral() -> None:
    """Hotels and theatres have booking references too."""
    assert ubrns("Booking reference: 0001 2345 6789, room 12") == []
    assert len(ubrns("Manage your referral online\nBooking reference: 0001 2345 6789")) == 1


@given(references, st.sampled_from(["{} {} {}", "{}-{}-{}", "{}{}{}", "{}\u00a0{}\u00a0{}", "{} - {} - {}"]))
def test_grouping_makes_no_difference(number: str, form: str) -> None:
    """However it is grouped, the same value is found."""
    written = form.format(number[:4], number[4:8], number[8:])
    assert [m.value for m in ubrns(f"UBRN: {written}")] == [number]


@given(references)
def test_a_mask_shows_two_digits(number: str) -> None:
    """Of twelve digits two are left in sight."""
    [finding] = ubrns(f"UBRN {number}")
    assert sum(c.isdigit() for c in finding.masked) == 2


@pytest.mark.parametrize("text", ["UBRN 0001 2345 67890", "UBRN 0001 2345 678", "UBRN 0001.2345 6789 12"])
def test_other_lengths_are_no_references(text: str) -> None:
    """A UBRN is twelve digits, no more and no fewer."""
    assert ubrns(text) == []


def test_misread_digits_are_repaired_in_pictures_only() -> None:
    """An engine's O is a nought; typed, it is a letter."""
    words = tuple(
        Word(text, Box(60 * at, 0, 50, 20), 0.9, 0)
        for at, text in enumerate(["UBRN", "O0O1", "2345", "6l89"])
    )
    assert [m.value for m in find_references(read_layer(TextLayer("ocr", words)))] == ["000123456189"]
    assert ubrns("UBRN O0O1 2345 6l89") == []


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("UBRN: 0001 2345 6789  Access code: Tulip 42", "Tulip 42"),
        ("UBRN 000123456789\nPassword: green river 18", "green river 18"),
        ("UBRN 000123456789 password is Harbour7", "Harbour7"),
        ("your clinic appointment. Access code 4471 2093", "4471 2093"),
    ],
)
def test_access_codes_are_found_by_label(text: str, code: str) -> None:
    """Words, digits or both, as printed on appointment letters."""
    assert codes(text) == [code]


@pytest.mark.parametrize(
    "text",
    [
        "wifi password: hunter22",
        "NHS app password: hunter22",
        "access code: 4471",
        "Your access code is on your appointment letter",
        "appointment: you need your access code and password",
        "UBRN and access code for the hospital",
    ],
)
def test_other_codes_are_not_reported(text: str) -> None:
    """Passwords of other things, doors, and sentences about codes."""
    assert codes(text) == []


def test_nothing_of_an_access_code_is_shown() -> None:
    """Neither a character nor the length."""
    page = read_layer(post_text("UBRN 000123456789 access code: Tulip 42"))
    [finding] = find_access_codes(page)
    assert finding.masked == "********"


def test_a_reference_with_its_access_code_is_critical() -> None:
    """Together they let a stranger act; the reference alone does not."""
    letter = (
        "Dear Mrs Abernathy, your hospital appointment. NHS No 999 000 0018 DOB 02/03/1961 diagnosis plan"
    )
    examiner = Examiner(ExaminerConfig(accept_unissued=True))

    def severity(text: str) -> str:
        return assess(examiner.examine_text(text).findings).severity

    assert severity(f"{letter}\nUBRN: 0001 2345 6789") == "high"
    assert severity(f"{letter}\nUBRN: 0001 2345 6789 Access code: Tulip 42") == "critical"
