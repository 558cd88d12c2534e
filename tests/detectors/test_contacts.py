"""Telephone numbers and e-mail addresses: forms, look-alikes, whose they are, masks."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from detectors.base import Box, TextLayer, Word
from detectors.identifiers.contacts import find_emails, find_phones
from detectors.identifiers.nhs_number import PatientNumbers
from detectors.normalise import Match, post_text, read_layer

drama = st.one_of(
    st.integers(0, 999).map(lambda n: f"07700900{n:03d}"),
    st.integers(0, 999).map(lambda n: f"01632960{n:03d}"),
    st.integers(0, 999).map(lambda n: f"02079460{n:03d}"),
)


def phones(text: str) -> list[Match]:
    """The telephone numbers of a post."""
    return list(find_phones(read_layer(post_text(text))))


def emails(text: str) -> list[Match]:
    """The e-mail addresses of a post."""
    return list(find_emails(read_layer(post_text(text))))


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("07700 900019", "07700900019"),
        ("07700 900 019", "07700900019"),
        ("077 0090 0019", "07700900019"),
        ("+44 7700 900019", "07700900019"),
        ("+447700900019", "07700900019"),
        ("0044 7700 900019", "07700900019"),
        ("+44 (0)7700 900019", "07700900019"),
        ("(01632) 960586", "01632960586"),
        ("01632-960586", "01632960586"),
        ("020 7946 0018", "02079460018"),
        ("(020) 7946 0018", "02079460018"),
        ("\uff10\uff17700 900019", "07700900019"),
    ],
)
def test_numbers_are_found_however_written(text: str, number: str) -> None:
    """National and international forms are one number."""
    assert [m.value for m in phones(f"her phone is {text}, ok")] == [number]


@given(drama)
def test_every_drama_number_is_found(number: str) -> None:
    """The fictional ranges are numbers like any other, and never a patient's."""
    assert [m.value for m in phones(number)] == [number]
    assert [m.value for m in phones(f"+44 {number[1:5]} {number[5:]}")] == [number]
    assert list(PatientNumbers(accept_unissued=True)(read_layer(post_text(number)))) == []


@given(st.integers(0, 999).map(lambda n: f"7700900{n:03d}"))
def test_a_telephone_s_context_makes_ten_digits_one(number: str) -> None:
    """Without its 0 a number is a telephone's only beside such a word; it is then no patient's."""
    page = read_layer(post_text(f"whatsapp {number}"))
    assert [m.value for m in find_phones(page)] == [f"0{number}"]
    assert list(PatientNumbers(accept_unissued=True)(page)) == []
    assert phones(number) == []


@pytest.mark.parametrize(
    "text",
    [
        *(
            "call 111",
            "0300 123 4567",
            "0800 1111",
            "08457 909090",
            "02230893173",
            "NHS No 999 000 0018",
            "+1 702 555 0108",
        ),
        *("01012012345678", "seen 01-02-2003 12:34", "12/07/1945", "0101201234", "ISBN 0306406152"),
    ],
)
def test_other_digits_are_no_telephone(text: str) -> None:
    """Public services, patients' numbers, other countries, dates and longer numbers."""
    assert phones(text) == []


def test_an_office_s_number_is_not_a_person_s() -> None:
    """Labels and organisations beside a number say whose it is."""
    page = "Secretary: 01632 960209\nMobile 07700 900019\nLarkhill Surgery, tel 01632 960586"
    assert [m.facts["role"] for m in phones(page)] == ["organisation", "person", "organisation"]


@given(drama)
def test_a_phone_s_mask_shows_four_digits(number: str) -> None:
    """Its kind and its end."""
    [finding] = phones(number)
    assert sum(c.isdigit() for c in finding.masked) == 4


def test_misread_digits_are_repaired_in_pictures_only() -> None:
    """An engine's O and l are digits in a number; typed ones are letters."""
    row = ["Mobile", "O7700", "9OO0l9"]
    words = tuple(Word(text, Box(80 * at, 0, 70, 20), 0.9, 0) for at, text in enumerate(row))
    assert [m.value for m in find_phones(read_layer(TextLayer("ocr", words)))] == ["07700900019"]
    assert phones(" ".join(row)) == []


@pytest.mark.parametrize(
    ("text", "address", "role"),
    [
        ("mail ann.smith+x@example.com.", "ann.smith+x@example.com", "person"),
        ("Email: Ann_Smith@Mail.example.org", "ann_smith@mail.example.org", "person"),
        ("breast.clinic@castlebourne.nhs.uk", "breast.clinic@castlebourne.nhs.uk", "organisation"),
        ("enquiries@example.com", "enquiries@example.com", "organisation"),
        ("a.smith7@nhs.net", "a.smith7@nhs.net", "organisation"),
    ],
)  # fmt: skip
def test_addresses_are_found_with_their_role(text: str, address: str, role: str) -> None:
    """Mailboxes of health bodies and of functions say nothing about a patient."""
    [finding] = emails(text)
    assert (finding.value, finding.facts["role"]) == (address, role)


@pytest.mark.parametrize(
    "text", ["@anyone who works there", "Liam @liam248", "a@b", "x@@example.com", "@example.com"]
)
def test_handles_are_no_addresses(text: str) -> None:
    """Names of accounts are not e-mail addresses."""
    assert emails(text) == []


@given(st.from_regex(r"[a-z][a-z.]{0,20}[a-z]@[a-z]{3,12}\.(com|org|co\.uk)", fullmatch=True))
def test_an_address_s_mask_shows_one_letter(address: str) -> None:
    """The first letter and the ending, not the length."""
    [finding] = emails(address)
    local, domain = finding.masked.split("@")
    assert local == f"{address[0]}***"
    assert domain in ("***.com", "***.org", "***.uk")
