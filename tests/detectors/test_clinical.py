"""Evidence of care: headings, terms, document types, in clean and damaged text."""

from __future__ import annotations

import pytest

from detectors.base import Box, TextLayer, Word
from detectors.clinical import find_headings, find_terms, phrases
from detectors.normalise import Match, post_text, read_layer


def ocr(text: str) -> TextLayer:
    """A page as an engine reads it."""
    words = [
        Word(word, Box(80 * at, 30 * line, 70, 24), 0.9, line)
        for line, row in enumerate(text.splitlines())
        for at, word in enumerate(row.split())
    ]
    return TextLayer("ocr", tuple(words))


def seen(layer: TextLayer, kind: str) -> list[Match]:
    """The matches of one kind that the two finders make."""
    page = read_layer(layer)
    return [m for m in (*find_headings(page), *find_terms(page)) if m.kind == kind]


DOCUMENTS = {
    "discharge_summary": "Discharge Summary\nDate of admission: 1/2/2025\nGP actions: repeat bloods",
    "pathology_report": "Haematology\nReference range\nAuthorised by Dr N Bose\nFull blood count",
    "radiology_report": "CT Head\nClinical indication: fall\nFindings\nNo acute bleed\nReported by Dr A",
    "prescription": "FP10SS\nPharmacy Stamp\nNumber of days' treatment 28\nSignature of Prescriber",
    "fit_note": "Statement of Fitness for Work\nI assessed your case on 1/2/2025\nyou are not fit for work",
    "ward_list": "Nursing Handover\nBed Patient PMH Jobs\nNBM DNACPR EDD",
    "appointment_letter": "Your appointment\nAn appointment has been made\nPlease bring this letter",
    "gp_referral": "Urgent suspected cancer\nReason for referral\nReferring clinician Dr Rees",
    "drug_chart": "Drug chart\nRegular medicines\nOnce only\nOmission codes",
    "maternity": "Antenatal record\nGravida 2 Parity 1\nFundal height 32",
    "vaccination_record": "Immunisation record\nBatch number\nVaccinator",
    "emergency_card": "Emergency Department\nTriage category 2\nTime seen 04:10",
    "epr_screen": "Cerner Millennium\nLogged in as: ward clerk\nResults review\nOrder entry",
    "patient_app": "Test results and imaging\nWhat this means\nOrdered by Dr Rees\nAbove range",
    "e_referral": "NHS e-Referral Service\nUnique Booking Reference 0001\nAccess code: tulip",
    "gp_record": "EMIS Web\nSignificant past problems\nConsultations\nUsual GP Dr Rees",
    "clinic_letter": "Outpatient clinic\nClinic date 1/2/2025\nThank you for referring",
    "mental_health": "Mental Health Act 1983\nRisk to self\nResponsible clinician",
}


@pytest.mark.parametrize("kind", DOCUMENTS)
def test_documents_are_named_with_their_evidence(kind: str) -> None:
    """Each kind of document is recognised by what it prints, and says by what."""
    [document] = seen(ocr(DOCUMENTS[kind]), "document_type")
    assert document.facts["type"] == kind
    assert set(document.facts["evidence"]) <= set(phrases())
    assert document.score > 0.4


def test_a_label_is_known_by_holding_little_else() -> None:
    """A sticker names no document: a number's and a birth's label with hardly a word more tell it."""
    sticker = "SMITH Ann\nBorn 14-Jul-1945\nNHS No 999 000 0018\nHosp No K447180\nWard 4"
    [document] = seen(ocr(sticker), "document_type")
    assert document.facts["type"] == "identity_label"
    assert seen(ocr(f"{sticker}\n{'words of a longer page ' * 10}"), "document_type") == []


def test_a_film_s_print_is_a_label() -> None:
    """A name above a birth date and a sex, and hardly a word more: what imaging systems print."""
    [label] = seen(ocr("RIGHT\nASANTE PAVEL\n05/04/1993 M K5151296\nHolmcaster Infirmary"), "document_type")
    assert label.facts["type"] == "identity_label"
    assert seen(ocr("ASANTE PAVEL\n05/04/1993 Monday"), "document_type") == []


@pytest.mark.parametrize(
    ("damaged", "heading"),
    [
        ("Dateofadmission: 1/2/2025", "date of admission"),
        ("Past rnedical histcry", "past medical history"),
        ("DISCHARGE SUMMARY", "discharge summary"),
        ("Pr1mary diagn0sis", "primary diagnosis"),
    ],
)
def test_damaged_headings_are_read_in_pictures(damaged: str, heading: str) -> None:
    """Lost spaces and misread letters do not hide a heading of a picture."""
    assert heading in [m.masked for m in seen(ocr(damaged), "clinical_heading")]


def test_a_specialty_is_no_misread_other() -> None:
    """A department of cardiology is not one of radiology, however near the letters."""
    assert [m.masked for m in seen(ocr("Department of Cardiology"), "clinical_heading")] == []
    assert seen(ocr("Department of Radiolgy"), "clinical_heading")


def test_post_text_is_not_read_loosely() -> None:
    """What somebody typed is taken as typed."""
    assert seen(post_text("Past rnedical histcry"), "clinical_heading") == []


def test_distinctive_headings_weigh_more() -> None:
    """A document's title outweighs several words, several words outweigh one."""
    page = ocr("Discharge summary\nPlan and requested actions\nPast history\nWard")
    weights = {m.masked: m.score for m in seen(page, "clinical_heading")}
    assert (
        weights["discharge summary"]
        > weights["plan and requested actions"]
        > weights["past history"]
        > weights["ward"]
    )


def test_a_heading_with_a_value_is_filled() -> None:
    """A record has values behind its headings, a leaflet or an empty form has not."""
    filled = {
        m.masked: m.facts["filled"] for m in seen(ocr("Ward: Trelawny\nConsultant:"), "clinical_heading")
    }
    assert filled == {"ward": True, "consultant": False}


def test_terms_of_every_group_are_found_once() -> None:
    """Conditions, drugs, doses, measurements and shorthand, each distinct term once."""
    text = "COPD on prednisolone 30 mg OD, CRP 200, NKDA, COPD again"
    groups = [m.facts["group"] for m in seen(post_text(text), "clinical_term")]
    assert set(groups) == {"conditions", "drugs", "dose", "measurements", "shorthand"}
    assert groups.count("conditions") == 1


def test_short_terms_need_whole_words() -> None:
    """ "tia" is not found inside "initial"."""
    assert seen(post_text("the initial differential was potential"), "clinical_term") == []


@pytest.mark.parametrize("text", ["saw Mrs Ann Bertolone today", "it is the Tregarth infection again"])
def test_no_term_shows_a_name(text: str) -> None:
    """A surname with a medical ending, or before a condition's noun, is not shown as a term."""
    shown = " ".join(m.masked for m in seen(post_text(text), "clinical_term")).lower()
    assert "bertolone" not in shown
    assert "tregarth" not in shown
