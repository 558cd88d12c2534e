"""The assessment: what alerts, how severe, of which class, and why."""

from __future__ import annotations

import math
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from detectors.assess import Assessment, assess
from detectors.base import Explanation, Finding
from detectors.examine import Examiner
from detectors.model import model, words_model
from detectors.table import ExaminerConfig

EXAMINER = Examiner(ExaminerConfig(accept_unissued=True))

RECORD = """Castlebourne Hospitals NHS Trust - Discharge summary
Patient: Ann Smith  DOB 14/07/1945  NHS No 999 000 0018
Date of admission: 1/2/2025  Ward: AMU
Diagnosis: pneumonia. Bisoprolol 2.5 mg OD"""


def judged(text: str) -> Assessment:
    """The assessment of a post that is text only."""
    return assess(EXAMINER.examine_text(text).findings)


LEAKS = {
    "discharge summary": RECORD,
    "gossip": "Look at this patient: Zofia Nowak dob 17/05/1945 NHS no 999 000 0018, overdose again",
    "pasted list": (
        "clinic list\nSMITH, Ann\t14 Aug 1999\t999 000 0018\tasthma\n"
        "JONES, Bob\t1 May 1961\t999 012 3454\tCOPD"
    ),
    "handover": (
        "bed 1 Mr Hargreaves 82M NOF, PT/OT\nbed 2 Mrs Iqbal 77F CCF iv furosemide\nbed 3 Mr Dunn 59M NBM"
    ),
    "no number": (
        "found a letter: Dear Mrs Abernathy, your appointment at the HIV clinic, DOB 02/03/1961,"
        " diagnosis and plan"
    ),
    "prescription": (
        "Look whose prescription was left on a bus: Mrs Ann Smith, ID 000000-A99999-00001W, sertraline 50 mg"
    ),
    "booking": "found this: appointment for Mrs Ann Smith, dermatology clinic. UBRN 0001 2345 6789",
    "fit note": "fit note of Mr John Dunn, NI no AB 12 34 56 C, depression, not fit for work",
    "wristband": "found a wristband: SMITH, Ann (8018)000000099900000180 ward A4",
    "own": "my results are in! DOB 14/07/1945 NHS No 999 000 0018 HbA1c 52, eGFR 80",
}

GOSSIP = {
    "record looked up": "I looked up Zofia Nowak on the system, 17 Sep 1966, 60. overdose again lol",
    "front desk": "perks of the front desk: Zofia Nowak is booked in for an abortion",
    "insider": "should Zofia Nowak be teaching if she was sectioned on Friday? saw the letter myself",
}

BENIGN = {
    "bare number": "9990000018",
    "spaced bare number": "my lucky number is 999 000 0018",
    "phone": "Lost dog near Penrhos, please call 07700 900019 or 01632 960586",
    "isbn": "Currently reading ISBN 0306406152, the chapter on oncology wards is superb",
    "order": "where is my order 9990000018?? it's been 5 days",
    "example": "NHS number example in the data dictionary is 943 476 5919, note the check digit",
    "training": RECORD + "\nSPECIMEN\nThis is not a real patient, for training purposes only",
    "poster": "Flu jabs at Larkhill Surgery this Saturday, no appointment needed. Bring your NHS number",
    "news": "Nurse struck off for reading records, a spokesperson said. By our health correspondent",
    "vet": "Animal Hospital. Patient: Rex DOB 03/04/2021 Species: canine Owner: Mrs Stone Vet: S Hall MRCVS",
    "own health in words": "Day 8 of chemo. Bloods fine, Hb 118, neutrophils 1.8. Love to all on the unit",
    "job": "Staff Nurse, Band 5, Northmoor NHS Trust. Closing date 3 May. Job reference 9990000018",
    "scam": "Scam call from 01632 960775. They asked for my NHS number and date of birth",
    "identity document": "Passport. Surname CARTER Given names JOHN. Date of birth 03/03/1980, SW1A 1AA",
    "leaflet": "Understanding your results. Reference range, HbA1c 48 mmol/mol or above. Talk to your GP",
    "payslip": (
        "Castlebourne Hospitals NHS Trust payslip. Employee name: Ann Smith, 4 Mill Lane CB1 2AB."
        " NI No AB 12 34 56 C. Tax code 1257L. Net pay 1844.10"
    ),
    "found card": "found an NI card near the station: Mr John Dunn AB 12 34 56 C",
    "struck off": "Nurse Jane Roe (NMC PIN 71A2998E) struck off by the panel, a spokesperson said",
    "lecture": "Dr K Adeyemi GMC 9535156 gave a great lecture on asthma at Castlebourne General Hospital",
    "codes": "What is SNOMED CT 22298006? ICD-10 I21.9 is myocardial infarction, OPCS-4 K40.1 is CABG",
    "prescription sample": "the spec says prescription ID 83C40E-A23856-00123W, see the FHIR guide",
    "hotel": "Booking reference: 0001 2345 6789 password: green river 18, room 12",
    "ireland": "Patient: Ann Murphy DOB 14/07/1945 IHI 8000000016. PPS No 1234567T, HSE Dublin",
    "nothing": "",
}


@pytest.mark.parametrize("name", LEAKS)
def test_exposed_records_alert(name: str) -> None:
    """A person beside care alerts in any layout, with or without a number."""
    assert judged(LEAKS[name]).alert


@pytest.mark.parametrize("name", GOSSIP)
def test_a_named_person_s_illness_told_by_an_insider_alerts(name: str) -> None:
    """No number, no letter: a name, what ails them, and words of somebody with access."""
    assert judged(GOSSIP[name]).alert


@pytest.mark.parametrize("name", BENIGN)
def test_everything_else_does_not(name: str) -> None:
    """A check digit alone, other uses of digits, specimens, news, adverts and animals stay quiet."""
    verdict = judged(BENIGN[name])
    assert not verdict.alert
    assert verdict.severity == "none"


def test_several_patients_are_critical() -> None:
    """Two people in one post are critical; a list is classed as one."""
    verdict = judged(LEAKS["pasted list"])
    assert verdict.severity == "critical"
    assert any("2 patients" in reason for reason in verdict.reasons)
    assert judged(LEAKS["handover"]).leak_class == "staff_or_list"


def test_one_named_patient_s_record_is_high() -> None:
    """A labelled number on a record is high, and the kind of document is told."""
    verdict = judged(RECORD)
    assert (verdict.severity, verdict.leak_class) == ("high", "patient_record")
    assert verdict.doc_type == "discharge_summary"


def test_a_credential_makes_it_critical() -> None:
    """An access code beside a patient lets a stranger act: critical."""
    assert judged(RECORD + "\nUBRN: 0001 2345 6789  Access code: Tulip 42").severity == "critical"


def test_an_identity_number_makes_it_critical() -> None:
    """A National Insurance number on a record lets somebody pass for the patient."""
    assert judged(LEAKS["fit note"]).severity == "critical"
    assert judged(RECORD + "\nNI No: AB 12 34 56 C").severity == "critical"


def test_staff_and_codes_support_a_record() -> None:
    """They raise the score a little, and are told to the reviewer; staff only masked."""
    plain = "Patient: Ann Smith DOB 14/07/1945 Diagnosis: pneumonia"
    told = judged(f"{plain}, ICD-10 J18.9, OPCS-4 E85.2. Dr K Adeyemi GMC 9535156")
    [codes] = (factor for factor in told.factors if factor.name == "codes")
    assert judged(plain).score < told.score
    assert 0 < codes.strength * codes.weight < 0.5
    assert any("J18.9" in reason for reason in told.reasons)
    assert "9535156" not in " ".join(told.reasons)


def test_a_registered_form_supports_a_record_and_decides_nothing_alone() -> None:
    """A match of a registered template makes a named page a record; a blank form stays a form."""
    form = Finding(
        "template", "template", "1", 0.9, "clinic-letter", Explanation("looks like clinic-letter", {})
    )
    named = list(EXAMINER.examine_text("Mrs Zofia Nowak, 17/05/1945").findings)
    assert not assess([form]).alert
    assert assess([*named, form]).score > assess(named).score
    with_form = assess([*named, form])
    assert "looks like clinic-letter" in with_form.reasons


def test_the_author_s_own_record_is_low() -> None:
    """It alerts, since a UK patient's record is exposed, but low and in a class of its own."""
    verdict = judged(LEAKS["own"])
    assert (verdict.alert, verdict.severity, verdict.leak_class) == (True, "low", "own_record")


@pytest.mark.parametrize(
    ("name", "leak_class"),
    [
        ("training", "training_or_specimen"),
        ("example", "training_or_specimen"),
        ("poster", "news_or_public"),
        ("job", "news_or_public"),
        ("news", "news_or_public"),
        ("nothing", "unknown"),
    ],
)
def test_what_does_not_alert_is_classed_by_its_reason(name: str, leak_class: str) -> None:
    """The strongest filter names the class."""
    assert judged(BENIGN[name]).leak_class == leak_class


def test_unissued_numbers_are_no_patient_by_default() -> None:
    """In service a never-issued number adds nothing."""
    text = "NHS No 999 000 0018"
    strict = assess(Examiner(ExaminerConfig()).examine_text(text).findings)
    assert judged(text).score > strict.score
    assert not strict.alert


def test_reasons_are_masked() -> None:
    """No reason of any example shows a number, a birth or a name in the clear."""
    clear = (
        "AB 12 34 56 C",
        "A99999-00001W",
        "0001 2345 6789",
        "999 000 0018",
        "9990000018",
        "14/07/1945",
        "Smith",
        "Nowak",
        "Abernathy",
        "Hargreaves",
    )
    for text in LEAKS.values():
        told = " ".join(judged(text).reasons)
        assert told
        assert not [value for value in clear if value in told]


def test_the_verdict_needs_no_clear_values() -> None:
    """Stored findings have lost their values: the assessment is the same."""
    for text in (*LEAKS.values(), *BENIGN.values()):
        findings = EXAMINER.examine_text(text).findings
        assert assess([replace(f, value=None) for f in findings]) == assess(findings)


def test_every_verdict_is_the_sum_of_its_factors() -> None:
    """The logit is the bias and the factors, strength times weight, weightiest first."""
    for text in (*LEAKS.values(), *BENIGN.values()):
        verdict = judged(text)
        effects = [factor.strength * factor.weight for factor in verdict.factors]
        assert math.isclose(
            1 / (1 + math.exp(-words_model().bias - sum(effects))), verdict.score, abs_tol=0.005
        )
        assert [abs(effect) for effect in effects] == sorted(map(abs, effects), reverse=True)


def test_the_presets_trade_misses_for_false_alerts() -> None:
    """Precision asks for a higher score than the balanced preset, recall for a lower one."""
    thresholds = model().thresholds
    assert 0 < thresholds["recall"] < thresholds["balanced"] < thresholds["precision"] < 1


def test_the_threshold_decides() -> None:
    """The same score alerts under a low threshold and not under a high one."""
    findings = EXAMINER.examine_text(RECORD).findings
    score = assess(findings).score
    assert assess(findings, threshold=score - 0.01).alert
    assert not assess(findings, threshold=min(score + 0.001, 1.0) + 0.01).alert


KINDS = ["nhs_number", "date_of_birth", "person_name", "postcode", "clinical_term", "letterhead", "age"]


@given(st.lists(st.tuples(st.sampled_from(KINDS), st.floats(0, 1)), max_size=12))
def test_any_findings_make_a_verdict(made: list[tuple[str, float]]) -> None:
    """Scores stay between 0 and 1, alerts have a severity, and adding nothing changes nothing."""
    findings = [
        Finding(kind, "made", "1", score, f"masked {n}", Explanation("made", {"origin": "ocr"}))
        for n, (kind, score) in enumerate(made)
    ]
    verdict = assess(findings)
    assert 0 <= verdict.score <= 1
    assert verdict.alert == (verdict.severity != "none")
    assert verdict == assess(list(findings))
