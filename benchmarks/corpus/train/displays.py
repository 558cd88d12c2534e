"""Leaks on screens: records, lists, mails, chats, apps."""

from __future__ import annotations

from random import Random

from benchmarks.corpus.base import Layout
from benchmarks.corpus.captures import PHONE, SCREEN
from benchmarks.corpus.people import draw_patient
from benchmarks.corpus.train import places
from benchmarks.corpus.train.captions import LEAK, OWN, PLAIN, STAFF
from benchmarks.corpus.train.clinical import MATERNITY
from benchmarks.corpus.train.drawn import DESK, HANDSET, common, leak
from benchmarks.corpus.train.records import _layout
from benchmarks.synth import drawing
from benchmarks.synth.browser import page
from benchmarks.synth.documents import Document, Exposure

_SCAN = (
    "screen_photo",
    "screenshot",
    "photo_easy",
    "app_post",
    "story",
    "collage",
    "close_up",
    "low_res",
    "scribbled",
)


def _film(rng: Random) -> Document:
    patient, head = draw_patient(rng, (40, 90)), places.trust(rng)
    film = drawing.chest_film(rng.randrange(2**31))
    drawn = page(
        "t/pacs",
        1100,
        880,
        1.5,
        p=patient,
        age=2026 - patient.born.year,
        head=head,
        inner=(film,),
        **common(rng),
    )
    return Document(drawn, Exposure("radiology_report", head.name, (patient,)))


LAYOUTS: tuple[Layout, ...] = (
    _layout("chest_film_overlay", "radiology_report", _film, SCREEN, STAFF),
    _layout("pregnancy_scan", "maternity_notes", leak("obs_scan", (900, 700), "maternity_notes", cases=MATERNITY, ages=(18, 42), sex="Female"), _SCAN, OWN, "own_record"),
    _layout("epr_banner", "epr_screen", leak("epr_banner", DESK, "epr_screen"), SCREEN, STAFF),
    _layout("epr_dark", "epr_screen", leak("epr_dark", DESK, "epr_screen"), SCREEN, STAFF),
    _layout("gp_journal", "epr_screen", leak("gp_journal", DESK, "epr_screen"), SCREEN, STAFF),
    _layout("waiting_list_sheet", "patient_list", leak("waiting_xls", (1280, 760), "patient_list", several=18), SCREEN, (*STAFF, *LEAK), "staff_or_list"),
    _layout("mail_about_patient", "email", leak("mail_pt", (1180, 780), "email"), SCREEN, LEAK),
    _layout("staff_group_chat", "chat_screenshot", leak("team_chat", (430, 880), "chat_screenshot"), PHONE, STAFF),
    _layout("own_health_app", "gp_record", leak("own_record", HANDSET, "gp_record"), PHONE, OWN, "own_record"),
    _layout("own_text_message", "appointment_letter", leak("own_sms", (400, 760), "appointment_letter"), PHONE, OWN, "own_record"),
    _layout("own_portal_letter", "clinic_letter", leak("own_portal", (1180, 760), "clinic_letter"), SCREEN, (*OWN, *PLAIN), "own_record"),
)  # fmt: skip
