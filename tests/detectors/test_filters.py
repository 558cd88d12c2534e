"""Reasons against a leak: each filter speaks where it should, and is silent about records."""

from __future__ import annotations

import pytest

from detectors.filters import FILTERS, find_reasons
from detectors.normalise import post_text, read_layer

SPEAKS = {
    "specimen": "Mr Test PATIENT. This is not a real patient, for training purposes only",
    "blank_form": "Surname:\nForename(s):\nDate of birth: __/__/____\nNHS No:\nAddress:\nAllergies:",
    "poster": "Flu jabs this Saturday, no appointment needed. Help us help you",
    "recruitment": "Staff Nurse Band 5, closing date 3 May, apply now at jobs.nhs.uk",
    "news": "By our health correspondent. A spokesperson said; read more",
    "fundraising": "Please donate on JustGiving, every penny helps",
    "veterinary": "Species: canine. Owner: Mr Stone. Vet: S Hall MRCVS",
    "non_uk": "Medicare member ID, deductible, HIPAA notice",
    "published_example": "for example 943 476 5919",
    "commerce": "Invoice no 4471, subtotal, VAT, total due in 30 days",
    "ordinary_letter": "Your account: sort code 00-00-00, overdraft, direct debit",
    "other_numbers": "premier league points table, innings, overs",
    "talk_about_numbers": "how the check digit works: modulus 11",
    "chance_passes": "\n".join(f"{n}" for n in range(1234567890, 1234567904)),
}

RECORD = """Castlebourne Hospitals NHS Trust
Discharge summary
Patient: Ann Smith  DOB 14/07/1945  NHS No 999 000 0018
Date of admission: 1/2/2025  Ward: AMU
Diagnosis: pneumonia. Bisoprolol 2.5 mg OD"""


@pytest.mark.parametrize(
    "text", ["CAT 1 EN ROUTE pt 60M vomiting", "My hospital passport: things you must know"]
)
def test_words_of_care_with_another_sense_are_no_reason(text: str) -> None:
    """An ambulance's category is no animal, and a hospital passport no traveller's."""
    names = {m.facts["filter"] for m in find_reasons(read_layer(post_text(text)))}
    assert not names & {"veterinary", "ordinary_letter"}


def test_every_filter_has_an_example() -> None:
    """The table of examples covers the table of filters."""
    assert set(SPEAKS) == set(FILTERS)


@pytest.mark.parametrize("name", SPEAKS)
def test_a_filter_speaks_where_it_should(name: str) -> None:
    """Its reason is a sentence with a place and a score that counts."""
    text = SPEAKS[name]
    reason = FILTERS[name](read_layer(post_text(text)))
    assert reason is not None
    assert reason.score >= 0.4
    assert 0 <= reason.start < reason.end <= len(text)
    assert reason.why


@pytest.mark.parametrize("name", FILTERS)
def test_a_filter_is_silent_about_a_record(name: str) -> None:
    """No filter speaks loudly against a plain discharge summary."""
    reason = FILTERS[name](read_layer(post_text(RECORD)))
    assert reason is None or reason.score < 0.35


@pytest.mark.parametrize("text", ["Specimen type: blood", "Sample no 24B1234", "urine specimen received"])
def test_a_laboratory_specimen_is_no_specimen(text: str) -> None:
    """The laboratory's sense of the word does not excuse a report."""
    assert FILTERS["specimen"](read_layer(post_text(text))) is None


def test_a_stamp_decides() -> None:
    """SPECIMEN alone on a row is a stamp across the page."""
    reason = FILTERS["specimen"](read_layer(post_text("Patient: A\nS P E C I M E N\nNHS")))
    assert reason is not None
    assert reason.score >= 0.8


def test_findings_name_their_filter() -> None:
    """A filter's match says which filter spoke."""
    names = [m.facts["filter"] for m in find_reasons(read_layer(post_text(SPEAKS["veterinary"])))]
    assert "veterinary" in names


def reason(name: str, text: str) -> float:
    """How strongly a filter speaks, 0 when it is silent."""
    found = FILTERS[name](read_layer(post_text(text)))
    return found.score if found else 0.0


def test_a_month_first_date_speaks_of_another_country() -> None:
    """07/13/2002 is no date of the UK; 13/07/2002 is, and says nothing."""
    assert reason("non_uk", "DOB: 07/13/2002 Office visit") > 0.5
    assert reason("non_uk", "DOB: 13/07/2002 Office visit") == 0


def test_a_laboratory_s_pot_is_no_specimen_document() -> None:
    """SPECIMEN on a label with a site and a time is a sample of somebody's; on a letter it is a stamp."""
    assert reason("specimen", "SPECIMEN\nName Ann Smith\nDOB 05/03/84\nSite cervix\nDate/time 10.15") < 0.3
    assert reason("specimen", "SPECIMEN\nDear Mr Smith\nYour appointment is on Monday") > 0.7


@pytest.mark.parametrize(
    "text",
    ["Patient name: Test Patient", "Sample clinic letter for a workbook", "every name here is invented"],
)
def test_what_says_that_it_is_made_up_is_a_specimen(text: str) -> None:
    """A patient called Test, a sample letter, an invented case."""
    assert reason("specimen", text) > 0.7


def test_a_form_that_asks_to_be_filled_in_is_blank_until_it_is() -> None:
    """With nobody's values it is a form; with a name and a birth it is a record."""
    form = "Surname\nNHS number\nMedical history (tick all that apply)\nAsthma Diabetes"
    assert reason("blank_form", form) > 0.5
    filled = form.replace("Surname", "Surname: Nowak  Date of birth: 14/07/1945").replace(
        "number", "number 999 000 0018"
    )
    assert reason("blank_form", filled) == 0


def test_a_reason_shows_no_name_between_its_words() -> None:
    """What calls itself a sample is told by its first word; a name may stand between that and the last."""
    found = FILTERS["specimen"](read_layer(post_text("Example Tregarth Nowak letter for the ward")))
    assert found is not None
    assert "Example" in found.why
    assert "Tregarth" not in found.why
