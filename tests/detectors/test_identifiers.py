"""Evidence of a person: births, ages, names, addresses, local numbers, lists; and their masks."""

from __future__ import annotations

from collections.abc import Callable, Iterable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from detectors.base import Box, Content, TextLayer, Word
from detectors.identifiers.addresses import find_addresses
from detectors.identifiers.dates import find_births
from detectors.identifiers.hospital_number import find_hospital_numbers
from detectors.identifiers.masking import mask_code, mask_date, mask_name, mask_postcode
from detectors.identifiers.names import find_names
from detectors.identifiers.people import find_lists
from detectors.normalise import Match, Reading, TextDetector, post_text, read_layer


def found(find: Callable[[Reading], Iterable[Match]], text: str, kind: str) -> list[str | None]:
    """The clear values of one kind in a post's text."""
    return [m.value for m in find(read_layer(post_text(text))) if m.kind == kind]


@pytest.mark.parametrize(
    ("text", "date"),
    [
        ("DOB: 14/07/1945", "14/07/1945"),
        ("D.O.B 14.07.45", "14.07.45"),
        ("Date of Birth 14-Jul-1945", "14-Jul-1945"),
        ("born on 3 March 1950 in Leeds", "3 March 1950"),
        ("Born 14-Jul-1945 (61y)", "14-Jul-1945"),
        ("Dyddiad Geni: 04/11/1958", "04/11/1958"),
        ("dob 14071945", "14071945"),
        ("Date of birth: 1st May 1980", "1st May 1980"),
    ],
)
def test_labelled_dates_of_birth_are_found(text: str, date: str) -> None:
    """Every format of UK records, English and Welsh labels."""
    assert found(find_births, text, "date_of_birth") == [date]


@pytest.mark.parametrize(
    "text", ["seen on 14/07/2024", "Timeline: 16/02/2025 referred", "the club, est. 1945"]
)
def test_other_dates_are_no_births(text: str) -> None:
    """A date without a label, an age or a patient's number beside it is just a date."""
    assert found(find_births, text, "date_of_birth") == []


def test_a_date_beside_a_patient_number_is_taken_for_a_birth() -> None:
    """Shared logins and pasted rows carry the two together."""
    assert found(find_births, "just this: 999 000 0018 and 14 Dec 1997", "date_of_birth") == ["14 Dec 1997"]


@pytest.mark.parametrize("text", ["a 54-year-old woman", "aged 54", "72F", "Age 87y", "61 yrs"])
def test_ages_are_found(text: str) -> None:
    """However an age is written, it is one fact about a person."""
    ages = [m for m in find_births(read_layer(post_text(text))) if m.kind == "age"]
    assert len(ages) == 1
    assert not any(c.isdigit() for c in ages[0].masked)


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("Patient name: Ann Smith", "Ann Smith"),
        ("Surname: PELLOW", "PELLOW"),
        ("Re: Mr John O'Neill, 4 High Road", "John O'Neill"),
        ("Dear Mrs Abernathy", "Mrs Abernathy"),
        ("TREETAWT, Lertchai (Sir)", "TREETAWT, Lertchai"),
        ("Lipscombe, Anya (Miss)", "Lipscombe, Anya"),
        ("bed 12 Mrs Faulkner is septic", "Mrs Faulkner"),
        ("today: Zofia Nowak dob 1/2/1980", "Zofia Nowak"),
        ("A. Greenhalgh 70F", "A. Greenhalgh"),
        ("letter for Alan Tickner, 14 Dover Road", "Alan Tickner"),
        ("BEGUM\nFatima", "BEGUM\nFatima"),
        ("Enw'r claf: Gwenllian Prosser", "Gwenllian Prosser"),
    ],
)
def test_names_are_found_by_label_and_layout(text: str, name: str) -> None:
    """No list of names: a label, a title or the layout of records shows one."""
    assert name in found(find_names, text, "person_name")


@pytest.mark.parametrize(
    "text",
    [
        "Patient information leaflet",
        "Dear Doctor",
        "Dear Sir or Madam",
        "Name: ________",
        "Please Wait Here",
        "THE, End",
    ],
)
def test_headings_and_courtesies_are_no_names(text: str) -> None:
    """Capitalised words of forms and letters are not taken for people."""
    assert found(find_names, text, "person_name") == []


def test_staff_are_not_patients() -> None:
    """A clinician's name is kept apart from the patient's."""
    text = "Dr K Adeyemi saw Patient: Ann Smith. Reported by: Jo Marsh"
    assert found(find_names, text, "person_name") == ["Ann Smith"]
    assert len(found(find_names, text, "staff_name")) == 2


@pytest.mark.parametrize(
    "code", ["M1 1AE", "B33 8TH", "CR2 6XH", "DN55 1PT", "W1A 0AX", "EC1A 1BB", "GIR 0AA"]
)
def test_postcodes_follow_the_standard(code: str) -> None:
    """All shapes of BS 7666 are found."""
    assert found(find_addresses, f"lives at {code} now", "postcode") == [code]


@pytest.mark.parametrize("code", ["QA1 1AA", "AI1 1AA", "M1 1CE", "EC1Z 1AA", "BFPO 57"])
def test_other_codes_are_no_postcodes(code: str) -> None:
    """Letters that the standard excludes are refused."""
    assert found(find_addresses, f"lives at {code} now", "postcode") == []


def test_an_organisation_s_address_is_not_a_person_s() -> None:
    """The address under a surgery's name says nothing about a patient; one under a name does."""
    page = read_layer(
        post_text(
            "Larkhill Medical Practice\n15 Albert Road\nLL98 1TN\n\n\nMrs A Smith\n4 Mill Lane\nCB1 2AB"
        )
    )
    roles = {m.value: m.facts["role"] for m in find_addresses(page)}
    assert roles == {
        "LL98 1TN": "organisation",
        "CB1 2AB": "person",
        "15 Albert Road": "organisation",
        "4 Mill Lane": "person",
    }


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("Hosp No: K1234567", "K1234567"),
        ("Hospital Number 0045123", "0045123"),
        ("MRN R4071978", "R4071978"),
        ("Unit no. 447192", "447192"),
    ],
)
def test_local_numbers_need_a_label(text: str, value: str) -> None:
    """The label makes the number; the same characters alone are nothing."""
    assert found(find_hospital_numbers, text, "hospital_number") == [value]
    assert found(find_hospital_numbers, value, "hospital_number") == []


def test_rows_that_hold_people_are_a_list() -> None:
    """A handover sheet is recognised by its rows, whatever its headings."""
    page = read_layer(
        post_text("1 Gordon P 71M lap chole\n2 Shirley W 55F hip\n3 Adeola B 34F abscess\nbreak at 11")
    )
    [listed] = find_lists(page)
    assert listed.facts["rows"] == 3


def test_one_person_is_no_list() -> None:
    """A single row never makes a list."""
    assert list(find_lists(read_layer(post_text("SMITH, Ann 71F\nseen today")))) == []


@given(st.text(alphabet="ABCDEFGHIJabcdefghij'- ", min_size=1, max_size=40))
def test_a_masked_name_keeps_initials_only(name: str) -> None:
    """Each word keeps its first letter and its length."""
    masked = mask_name(name)
    assert len(masked) == len(name)
    assert all(
        not word[1:].strip("*") for part in masked.split() for word in part.replace("'", "-").split("-")
    )


def test_masks_of_other_identifiers() -> None:
    """What is left in sight: a birth's year, a postcode's area, a code's end."""
    assert mask_name("John Smith") == "J*** S****"
    assert mask_date(1942) == "**/**/1942"
    assert mask_postcode("LS1 4AP") == "LS** ***"
    assert mask_code("K1234567") == "******67"


def test_findings_carry_places_and_hide_values() -> None:
    """A finding knows its box, counts distinct values and keeps them out of its repr."""
    words = tuple(
        Word(text, Box(60 * at, 40, 50, 20), 0.9, 0)
        for at, text in enumerate(["DOB", "14/07/1945", "DOB", "15/07/1945"])
    )
    detector = TextDetector("births", "1", find_births)
    first, second = detector.detect(Content(TextLayer("ocr", words), page=2))
    assert (first.box, first.page) == (Box(60, 40, 50, 20), 2)
    assert [f.explanation.facts["ordinal"] for f in (first, second)] == [0, 1]
    assert first.masked == second.masked == "**/**/1945"
    assert "14/07" not in repr(first)


def test_rows_about_one_person_are_no_list() -> None:
    """A letter names its patient more than once; that makes one person, not several."""
    page = read_layer(
        post_text("Re: Mrs Susan Gallagher DOB: 23-Feb-1953\nGALLAGHER, Susan 72F\nDear Mrs Gallagher")
    )
    assert list(find_lists(page)) == []


def test_beds_in_one_line_are_a_list() -> None:
    """Somebody typing about two beds writes no rows."""
    [listed] = find_lists(read_layer(post_text("bed 22 John M 54M detox, bed 23 Sue T 61F fell again")))
    assert listed.facts["rows"] == 2
