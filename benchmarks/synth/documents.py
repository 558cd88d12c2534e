"""Clinical pages: each function draws one document and says what it exposes."""

from __future__ import annotations

import tomllib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache
from pathlib import Path
from random import Random
from typing import Any

from benchmarks.synth import drawing
from benchmarks.synth.browser import Page, as_data_uri, page
from benchmarks.synth.numbers import draw_prescription_id
from benchmarks.synth.organisations import PRACTICES, TRUSTS, Letterhead, letterhead
from benchmarks.synth.people import Person, draw_clinician, draw_person

TODAY = date(2026, 11, 16)


@dataclass(frozen=True, slots=True)
class Exposure:
    """What a document shows of people."""

    doc_type: str
    organisation: str
    people: tuple[Person, ...]


@dataclass(frozen=True, slots=True)
class Document:
    """A page and what is exposed on it."""

    page: Page
    exposure: Exposure


@cache
def _content() -> dict[str, list[dict[str, Any]]]:
    return tomllib.loads((Path(__file__).parent / "content" / "clinical.toml").read_text("utf-8"))


def content(rng: Random, kind: str) -> dict[str, Any]:
    """One vignette of a kind from `content/clinical.toml`."""
    return rng.choice(_content()[kind])


def tell(paragraphs: Sequence[str], patient: Person) -> list[str]:
    """Paragraphs with the patient's age and pronouns filled in."""
    he, his, him = ("he", "his", "him") if patient.sex == "Male" else ("she", "her", "her")
    words = {
        "he": he,
        "He": he.capitalize(),
        "his": his,
        "him": him,
        "age": patient.age(TODAY),
        "name": patient.name,
    }
    return [text.format(**words) for text in paragraphs]


def day(back: int, form: str = "%d/%m/%Y") -> str:
    """A printed day, some days before the feed's today."""
    return (TODAY - timedelta(days=back)).strftime(form)


def practice(rng: Random) -> dict[str, Any]:
    """A practice's paper and one of its doctors."""
    return {"head": letterhead(rng.choice(PRACTICES)), "doctor": draw_clinician(rng)}


def _our_ref(rng: Random) -> str:
    return f"{rng.choice('ABCDJMS')}{rng.choice('HKLPRT')}/{rng.choice('abdjk')}m/{rng.randint(1000, 9999)}"


def _clinic_values(rng: Random, head: Letterhead, index: int, patient: Person | None) -> dict[str, Any]:
    clinic = _content()["clinic"][index]
    return {
        "head": head,
        "face": "'Liberation Sans'",
        "clinic": clinic,
        "practice": practice(rng),
        "patient": patient,
        "paragraphs": tell(clinic["paragraphs"], patient) if patient else [],
        "our_ref": _our_ref(rng) if patient else "",
        "clinic_date": day(14) if patient else "",
        "typed_date": day(9) if patient else "",
        "clinician": draw_clinician(rng),
        "scribble": drawing.scribble(rng),
        "form": "OP-LTR 7 (rev. 3)",
    }  # fmt: skip


def clinic_letter(rng: Random, trust: int = 0, clinic: int = 0, face: str | None = None) -> Document:
    """An outpatient letter to the GP."""
    head, patient = letterhead(TRUSTS[trust]), draw_person(rng, (44, 82), "Female" if clinic == 1 else None)
    values = _clinic_values(rng, head, clinic, patient)
    values["face"] = face or values["face"]
    return Document(
        page("clinic_letter", 794, 1123, 2.2, **values), Exposure("clinic_letter", head.name, (patient,))
    )


def blank_clinic_letter(rng: Random, trust: int, clinic: int) -> Page:
    """The same paper before anything about a patient is printed on it: the template to register."""
    head = letterhead(TRUSTS[trust])
    return page("clinic_letter", 794, 1123, 1.6, **_clinic_values(rng, head, clinic, None))


def discharge_summary(rng: Random, trust: int = 1, stay: int = 0) -> Document:
    """An inpatient discharge summary with its medicines."""
    head, patient = letterhead(TRUSTS[trust]), draw_person(rng, (61, 88), "Male")
    story = _content()["stay"][stay]
    drawn = page(
        "discharge_summary", 794, 1123, 2.2, head=head, patient=patient, stay=story, practice=practice(rng),
        age=patient.age(TODAY), admitted=day(11, "%d-%b-%Y"), discharged=day(4, "%d-%b-%Y"),
        summary=tell(story["summary"], patient), clinician=draw_clinician(rng), junior=draw_clinician(rng),
        bleep=rng.randint(100, 999), scribble=drawing.scribble(rng),
        code=drawing.code128(patient.hospital_number),
    )  # fmt: skip
    return Document(drawn, Exposure("discharge_summary", head.name, (patient,)))


def gp_referral(rng: Random, surgery: int = 0, referral: int = 0) -> Document:
    """A GP's referral to a hospital."""
    head, patient = letterhead(PRACTICES[surgery]), draw_person(rng, (47, 71), "Female")
    story = _content()["referral"][referral]
    drawn = page(
        "gp_referral", 794, 1123, 2.2, head=head, hospital=letterhead(rng.choice(TRUSTS)), patient=patient,
        referral=story, reason=tell(story["reason"], patient), age=patient.age(TODAY), day=day(3, "%d %B %Y"),
        partners=f"{draw_clinician(rng)}, {draw_clinician(rng)} and Partners", issued=day(21, "%d-%b-%Y"),
        clinician=draw_clinician(rng), scribble=drawing.scribble(rng),
    )  # fmt: skip
    return Document(drawn, Exposure("gp_referral", head.name, (patient,)))


def appointment_letter(rng: Random, trust: int = 3, height: int = 620) -> Document:
    """An outpatient appointment letter, as the patient gets it."""
    head, patient = letterhead(TRUSTS[trust]), draw_person(rng, (24, 58), "Female")
    drawn = page(
        "appointment_letter", 640, height, 2.0, head=head, patient=patient, day=day(6, "%d %B %Y"),
        clinic="Colposcopy Clinic", when=(TODAY + timedelta(days=17)).strftime("%A %d %B %Y"),
        time=f"{rng.randint(9, 15):02d}:{rng.choice(('00', '20', '40'))}", clinician=draw_clinician(rng),
        where="Women's Health Unit, Level 2, Blue Zone",
        advice="Your recent cervical screening test showed a high-grade change and HPV was found. This is "
        "not cancer, but we would like to look more closely at your cervix.",
    )  # fmt: skip
    return Document(drawn, Exposure("appointment_letter", head.name, (patient,)))


_ITEMS = (
    {"name": "Sertraline 100mg tablets", "dose": "ONE to be taken each day", "quantity": "28 tablet"},
    {"name": "Diazepam 2mg tablets", "dose": "ONE up to three times a day for anxiety",
    "quantity": "14 (fourteen) tablet"},
    {"name": "Omeprazole 20mg gastro-resistant capsules", "dose": "ONE each morning",
    "quantity": "28 capsule"},
)  # fmt: skip


def prescription(rng: Random, surgery: int = 1) -> Document:
    """A green prescription form with its repeat slip."""
    head, patient = letterhead(PRACTICES[surgery]), draw_person(rng, (25, 67))
    number = draw_prescription_id(rng, "A99999")
    drawn = page(
        "prescription", 794, 700, 2.4, head=head, patient=patient, age=patient.age(TODAY), day=day(2,
        "%d/%m/%y"),
        days=28, items=_ITEMS, repeat=[i["name"] for i in _ITEMS], stamp=None, clinician=draw_clinician(rng),
        prescriber=rng.randint(100000, 999999), scribble=drawing.scribble(rng), prescription_id=number,
        code=drawing.code128(number.replace("-", "")), review=day(-120, "%d/%m/%y"),
    )  # fmt: skip
    return Document(drawn, Exposure("prescription", head.name, (patient,)))


def fit_note(rng: Random, surgery: int = 2) -> Document:
    """A statement of fitness for work."""
    head, patient = letterhead(PRACTICES[surgery]), draw_person(rng, (24, 60), "Male")
    drawn = page(
        "fit_note", 794, 1123, 2.2, head=head, patient=patient, assessed=day(1, "%d / %m / %Y"),
        condition="Severe anxiety and depression. Awaiting psychiatric assessment following overdose.",
        partial=False, comments="Not sleeping; started new medication. Please do not contact at home.",
        start=day(1, "%d / %m / %Y"), end=day(2 - 7 * rng.choice((4, 6, 8)), "%d / %m / %Y"),
        clinician=draw_clinician(rng), qr=as_data_uri(drawing.qr(f"MED3 {rng.randrange(16**8):08X}")),
    )  # fmt: skip
    return Document(drawn, Exposure("fit_note", head.name, (patient,)))


def ward_handover(rng: Random, trust: int = 1, patients: int = 8) -> Document:
    """A nursing handover sheet: many patients on one page."""
    head = letterhead(TRUSTS[trust])
    cases = rng.sample(_content()["ward_case"], patients)
    rows = [_bed(rng, index, case) for index, case in enumerate(cases)]
    drawn = page(
        "handover", 1123, 794, 2.0, head=head, rows=rows, ward="Ward 9 Acute Medicine", hand="Breip",
        printed=day(0, "%d/%m/%Y") + " 07:14",
    )  # fmt: skip
    return Document(drawn, Exposure("ward_handover", head.name, tuple(row["patient"] for row in rows)))


def _bed(rng: Random, index: int, case: dict[str, Any]) -> dict[str, Any]:
    patient = draw_person(rng, (33, 91))
    return {
        "bed": f"{'AB'[index // 4]}{index % 4 + 1}",
        "patient": patient,
        "age": patient.age(TODAY),
        "case": case,
        "news": rng.choice((0, 1, 1, 2, 3, 4, 5, 7)),
        "edd": day(-rng.randint(1, 9), "%d/%m"),
    }


def _results(rng: Random, panel: dict[str, Any]) -> list[dict[str, Any]]:
    rows = []
    for name, units, low, high, value in panel["tests"]:
        places = 1 if isinstance(value, float) else 0
        seen = round(value * rng.uniform(0.97, 1.03), places) if value > 20 else value
        flag = "H" if seen > high else "L" if seen < low else ""
        before = round((low + high) / 2 * rng.uniform(0.85, 1.15), places)
        shown = f"{seen:.{places}f}"
        rows.append({"name": name, "units": units, "low": low, "high": high, "value": shown, "flag": flag,
                     "previous": f"{before:.{places}f}"})  # fmt: skip
    return rows


def _panel(rng: Random, index: int) -> dict[str, Any]:
    panel = _content()["panel"][index]
    return {
        "panel": panel,
        "results": _results(rng, panel),
        "lab": f"{rng.randint(10, 26)}B{rng.randint(100000, 999999)}",
        "collected": day(2, "%d-%b-%Y") + " 09:25",
        "clinician": draw_clinician(rng),
    }


def blood_screen(rng: Random, trust: int = 0) -> Document:
    """Blood results in a hospital's clinical portal."""
    head, patient = letterhead(TRUSTS[trust]), draw_person(rng, (52, 84), "Male")
    drawn = page(
        "blood_screen", 1280, 800, 1.6, head=head, patient=patient, age=patient.age(TODAY),
        allergy="Penicillin",
        user="WARDCLERK07", reported=day(1, "%d-%b-%Y") + " 13:40",
        tree=("Biochemistry", "Haematology", "Coagulation", "Microbiology", "Histology", "Immunology"),
        **_panel(rng, 0),
    )  # fmt: skip
    return Document(drawn, Exposure("pathology_report", head.name, (patient,)))


def blood_app(rng: Random) -> Document:
    """Blood results in a patient's app."""
    head, patient = letterhead(PRACTICES[0]), draw_person(rng, (26, 63))
    drawn = page("blood_app", 412, 860, 2.0, head=head, patient=patient, clock="21:47", **_panel(rng, 1))
    return Document(drawn, Exposure("pathology_report", head.name, (patient,)))


def radiology_screen(rng: Random, trust: int = 3) -> Document:
    """A radiology report beside its film in a viewer."""
    head, patient = letterhead(TRUSTS[trust]), draw_person(rng, (55, 83))
    drawn = page(
        "radiology_screen", 1280, 800, 1.6, head=head, patient=patient, study=_content()["study"][0],
        user="RAD-WS-04", accession=f"RX{rng.randint(10**6, 10**7 - 1)}", day=day(1, "%d-%b-%Y"),
        clinician=draw_clinician(rng), film=as_data_uri(drawing.chest_film(rng.randrange(2**31))),
    )  # fmt: skip
    return Document(drawn, Exposure("radiology_report", head.name, (patient,)))


def wristband(rng: Random, trust: int = 2) -> Document:
    """A patient's identity band."""
    patient = draw_person(rng, (22, 45), "Female")
    drawn = page(
        "wristband",
        900,
        126,
        2.0,
        patient=patient,
        ward="Maternity 2",
        code=drawing.code128(patient.hospital_number),
    )
    return Document(drawn, Exposure("wristband_label", TRUSTS[trust].name, (patient,)))


DOCUMENTS: dict[str, Callable[[Random], Document]] = {
    made.__name__: made
    for made in (clinic_letter, discharge_summary, gp_referral, appointment_letter, prescription, fit_note,
                 ward_handover, blood_screen, blood_app, radiology_screen, wristband)
}  # fmt: skip
