"""Held-out leaks on screens and phones."""

from __future__ import annotations

from random import Random

from benchmarks.corpus.base import Layout
from benchmarks.corpus.captures import PHONE, SCREEN
from benchmarks.corpus.heldout import pictures
from benchmarks.corpus.heldout.sheets import exposing, leak, values
from benchmarks.synth.browser import page
from benchmarks.synth.documents import Document

_PHOTO = ("screenshot", "phone_screenshot", "app_post", "chat", "story", "low_res")
_INSIDE = (
    exposing("ho_whiteboard", 1200, 800, 1.2, "bed_board", count=7),
    exposing("ho_label_sheet", 794, 620, 1.4, "addressograph"),
    exposing("ho_ed_card", 794, 900, 1.3, "ed_card"),
    exposing("ho_request_card", 860, 600, 1.4, "request_form"),
)


def _ward_chat(rng: Random) -> Document:
    """A group chat of colleagues in which one of the pictures above was sent."""
    shown = rng.choice(_INSIDE)(rng)
    filled = values(rng, "england", "hospital", shown.exposure.people)
    picture = shown.page
    height = 480 + round(308 * picture.height / picture.width)
    return Document(page("ho_ward_group_chat", 400, height, 2.4, inner=(picture,), **filled), shown.exposure)


LAYOUTS: tuple[Layout, ...] = (
    leak("journal_screen", "epr_screen", exposing("ho_journal_screen", 1280, 800, 1.5, "gp_record", kind="practice"), SCREEN,
         "staff hostile"),
    leak("patient_messages", "epr_screen",
         exposing("ho_patient_messages", 900, 760, 1.7, "patient_messages", kind="practice", ages=(16, 45), sex="Female"),
         SCREEN, "staff hostile"),
    leak("micro_screen", "epr_screen", exposing("ho_micro_screen", 1280, 600, 1.5, "pathology_report", count=9), SCREEN,
         "staff"),
    leak("progress_notes", "epr_screen", exposing("ho_progress_notes", 1180, 600, 1.5, "mental_health", kind="mental"), SCREEN,
         "staff hostile"),
    leak("flow_board", "bed_board", exposing("ho_flow_board", 1360, 590, 1.4, "bed_board", count=12), SCREEN, "staff",
         leak_class="staff_or_list"),
    leak("email_letter", "email", exposing("ho_email_letter", 960, 560, 1.7, "email"), SCREEN, "found staff"),
    leak("sheet_on_screen", "spreadsheet", exposing("ho_sheet_on_screen", 1060, 560, 1.5, "patient_list", count=16), SCREEN,
         "staff hostile", leak_class="staff_or_list"),
    leak("dump_terminal", "data_dump", exposing("ho_dump_terminal", 1100, 430, 1.5, "patient_list", count=10), SCREEN,
         "hostile", leak_class="staff_or_list"),
    leak("film_overlay", "radiology_screen",
         exposing("ho_scan_overlay", 900, 760, 1.6, "radiology_image", inner=pictures.film), SCREEN, "staff own"),
    leak("bump_scan", "radiology_screen",
         exposing("ho_scan_overlay", 900, 760, 1.6, "radiology_image", ages=(18, 43), sex="Female",
                  inner=pictures.ultrasound, obstetric=True),
         _PHOTO, "own", leak_class="own_record"),
    leak("app_dark_results", "app_screenshot",
         exposing("ho_app_dark_results", 400, 860, 2.2, "pathology_report", kind="practice", sex="Female"), PHONE, "own family", leak_class="own_record"),
    leak("app_letters", "app_screenshot", exposing("ho_app_letters", 412, 880, 2.2, "patient_app"), PHONE, "own hostile",
         leak_class="own_record"),
    leak("bump_app", "app_screenshot", exposing("ho_bump_app", 412, 880, 2.2, "maternity_notes", ages=(18, 44), sex="Female"),
         PHONE, "own hostile", leak_class="own_record"),
    leak("sms_thread", "app_screenshot", exposing("ho_sms_thread", 400, 820, 2.2, "appointment_message", sex="Female"), PHONE, "own found",
         leak_class="own_record"),
    leak("fitnote_phone", "fit_note", exposing("ho_fitnote_phone", 412, 860, 2.2, "fit_note", kind="practice", ages=(19, 64)),
         PHONE, "own hostile", leak_class="own_record"),
    leak("visit_list_phone", "visit_list",
         exposing("ho_visit_list_phone", 412, 892, 2.2, "visit_list", kind="community", count=7, ages=(55, 96)), PHONE, "staff",
         leak_class="staff_or_list"),
    leak("ward_chat", "chat_screenshot", _ward_chat, PHONE, "hostile found"),
)  # fmt: skip
