"""Leaks on paper: letters, forms, charts, cards, lists."""

from __future__ import annotations

from random import Random
from typing import Any

from benchmarks.corpus.base import Layout
from benchmarks.corpus.captures import FILE, OBJECT, PAPER
from benchmarks.corpus.people import draw_scot
from benchmarks.corpus.train import places
from benchmarks.corpus.train.captions import FOUND, LEAK, OWN, PLAIN, STAFF
from benchmarks.corpus.train.clinical import ADULT, CHILD, MATERNITY
from benchmarks.corpus.train.drawn import A4, LANDSCAPE, about, common, leak
from benchmarks.synth.browser import page
from benchmarks.synth.documents import Document, Exposure

LETTER, SHEET = (*PAPER, "pdf_viewer"), (*PAPER, *FILE)
MIND = tuple(case for case in ADULT if case.specialty in ("Psychiatry", "Substance Misuse"))


def _welsh(rng: Random) -> Document:
    head, cymraeg = places.welsh(rng)
    values: dict[str, Any] = {**common(rng), **about(rng, ADULT, (19, 90), None), "head": head, "cymraeg": cymraeg,
                              "gp": places.surgery(rng)}  # fmt: skip
    return Document(
        page("t/clinic_welsh", *A4, 1.8, **values), Exposure("clinic_letter", head.name, (values["p"],))
    )


def _layout(name: str, category: str, draw: Any, captures: tuple[str, ...], captions: tuple[str, ...],
            leak_class: str = "patient_record") -> Layout:  # fmt: skip
    return Layout(name, "train", "leak", category, leak_class, draw, captures, captions)


LAYOUTS = (
    _layout("clinic_side_column", "clinic_letter", leak("clinic_side", A4, "clinic_letter"), SHEET, LEAK),
    _layout("clinic_welsh", "clinic_letter", _welsh, LETTER, LEAK),
    _layout("clinic_scottish", "clinic_letter", leak("clinic_scot", A4, "clinic_letter", place=places.scottish, person=draw_scot), LETTER, LEAK),
    _layout("clinic_irish", "clinic_letter", leak("clinic_ni", A4, "clinic_letter", place=places.irish), LETTER, LEAK),
    _layout("camhs_letter", "clinic_letter", leak("camhs", A4, "clinic_letter", cases=CHILD, ages=(5, 17), place=places.community), LETTER, (*LEAK, *PLAIN)),
    _layout("therapy_goodbye", "mental_health", leak("therapy", A4, "mental_health", cases=MIND, place=places.community), LETTER, (*LEAK, *PLAIN)),
    _layout("discharge_grid", "discharge_summary", leak("dsum_grid", A4, "discharge_summary"), SHEET, LEAK),
    _layout("discharge_matrix", "discharge_summary", leak("dsum_dots", A4, "discharge_summary"), PAPER, LEAK),
    _layout("discharge_child", "discharge_summary", leak("dsum_child", A4, "discharge_summary", cases=CHILD, ages=(1, 15)), LETTER, (*LEAK, *PLAIN)),
    _layout("referral_two_week", "gp_referral", leak("ref_2ww", A4, "gp_referral"), SHEET, LEAK),
    _layout("referral_optometry", "gp_referral", leak("gos", (794, 900), "gp_referral"), LETTER, LEAK),
    _layout("appointment_window", "appointment_letter", leak("appt_window", A4, "appointment_letter"), LETTER, LEAK),
    _layout("appointment_card", "appointment_letter", leak("appt_card", (560, 380), "appointment_letter"), OBJECT, (*FOUND, *OWN)),
    _layout("booking_reference", "appointment_letter", leak("ubrn", A4, "appointment_letter"), LETTER, (*OWN, *PLAIN), "own_record"),
    _layout("screening_result", "screening_letter", leak("screening", A4, "screening_letter", ages=(25, 74), sex="Female"), LETTER, OWN, "own_record"),
    _layout("bloods_paper", "pathology_report", leak("path_paper", A4, "pathology_report"), SHEET, LEAK),
    _layout("microbiology_matrix", "pathology_report", leak("path_micro", (900, 640), "pathology_report"), PAPER, LEAK),
    _layout("histology", "pathology_report", leak("histology", A4, "pathology_report"), LETTER, LEAK),
    _layout("imaging_paper", "radiology_report", leak("radio_paper", A4, "radiology_report"), SHEET, LEAK),
    _layout("prescription_green", "prescription", leak("fp10_slip", (794, 640), "prescription"), PAPER, FOUND),
    _layout("drug_chart", "drug_chart", leak("drug_chart", LANDSCAPE, "drug_chart"), PAPER, STAFF),
    _layout("care_home_mar", "drug_chart", leak("mar", LANDSCAPE, "drug_chart", ages=(70, 99)), PAPER, STAFF),
    _layout("medicine_label", "prescription", leak("rx_label", (620, 300), "prescription"), OBJECT, (*FOUND, *PLAIN)),
    _layout("fit_note_plain", "fit_note", leak("med3", A4, "fit_note", ages=(18, 64)), LETTER, (*OWN, *PLAIN), "own_record"),
    _layout("handover_by_hand", "ward_handover", leak("hand_handover", A4, "ward_handover", several=6), PAPER, STAFF, "staff_or_list"),
    _layout("handover_typed", "ward_handover", leak("list_handover", A4, "ward_handover", several=12), SHEET, STAFF, "staff_or_list"),
    _layout("ward_whiteboard", "ward_board", leak("board", (1200, 800), "ward_board", several=8), OBJECT, STAFF, "staff_or_list"),
    _layout("theatre_list", "theatre_list", leak("theatre", LANDSCAPE, "theatre_list", several=8), SHEET, STAFF, "staff_or_list"),
    _layout("mdt_outcomes", "mdt_list", leak("mdt", LANDSCAPE, "mdt_list", several=5), SHEET, STAFF, "staff_or_list"),
    _layout("ed_card", "ed_card", leak("ed_card", A4, "ed_card"), PAPER, (*STAFF, *FOUND)),
    _layout("ambulance_form", "ambulance_form", leak("prf", (900, 640), "ambulance_form", place=places.trust), PAPER, (*STAFF, *FOUND)),
    _layout("maternity_booking", "maternity_notes", leak("booking", A4, "maternity_notes", cases=MATERNITY, ages=(17, 43), sex="Female"), LETTER, (*OWN, *FOUND)),
    _layout("red_book", "maternity_notes", leak("redbook", (560, 780), "maternity_notes", cases=CHILD, ages=(0, 2)), OBJECT, OWN, "own_record"),
    _layout("vaccination_card", "vaccination_record", leak("vaxcard", (620, 400), "vaccination_record"), OBJECT, OWN, "own_record"),
    _layout("wristband_wide", "wristband_label", leak("band_tall", (960, 150), "wristband_label"), OBJECT, (*FOUND, *OWN)),
    _layout("sticker_sheet", "wristband_label", leak("stickers", (794, 1000), "wristband_label"), PAPER, (*STAFF, *FOUND)),
    _layout("specimen_label", "wristband_label", leak("tube", (640, 240), "wristband_label"), OBJECT, (*STAFF, *FOUND)),
    _layout("detention_form", "mental_health", leak("section", A4, "mental_health", cases=MIND, place=places.community), LETTER, LEAK),
    _layout("resuscitation_plan", "care_plan", leak("respect", LANDSCAPE, "care_plan", ages=(60, 97)), PAPER, LEAK),
    _layout("ecg_strip", "investigation", leak("ecg", (1200, 780), "investigation"), PAPER, STAFF),
    _layout("lung_function", "investigation", leak("spiro", (794, 1000), "investigation"), LETTER, LEAK),
    _layout("out_of_hours_fax", "ed_card", leak("ooh_fax", A4, "ed_card"), (*PAPER, "fax", "fax"), LEAK),
    _layout("progress_notes", "clinical_notes", leak("progress", A4, "clinical_notes"), PAPER, STAFF),
    _layout("observation_chart", "clinical_notes", leak("obs_chart", (1000, 794), "clinical_notes"), PAPER, STAFF),
    _layout("safeguarding_form", "safeguarding", leak("safeguard", A4, "safeguarding", cases=(*CHILD, *MIND), ages=(2, 70)), SHEET, LEAK),
    _layout("record_printout", "gp_record", leak("emis_print", A4, "gp_record"), SHEET, LEAK),
    _layout("death_certificate", "certificate", leak("mccd", (1000, 640), "certificate", ages=(40, 99)), PAPER, (*LEAK, *PLAIN)),
)  # fmt: skip
