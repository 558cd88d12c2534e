"""Held-out leaks on things: labels, bands, boards, strips, cards."""

from __future__ import annotations

from benchmarks.corpus.base import Layout
from benchmarks.corpus.captures import OBJECT, PAPER
from benchmarks.corpus.heldout import pictures
from benchmarks.corpus.heldout.sheets import exposing, leak

_TAKEN = ("screenshot", "app_post", "story", "low_res", "chat")

LAYOUTS: tuple[Layout, ...] = (
    leak("dispensing_bag", "medicine_label", exposing("ho_dispensing_bag", 620, 420, 2.4, "medicine_label"), OBJECT,
         "own found"),
    leak("blood_gas_strip", "pathology_report", exposing("ho_blood_gas_strip", 330, 900, 2.2, "pathology_report"), PAPER,
         "staff found"),
    leak("whiteboard", "bed_board", exposing("ho_whiteboard", 1200, 800, 1.6, "bed_board", count=9), OBJECT, "staff",
         leak_class="staff_or_list"),
    leak("cot_card", "wristband_label", exposing("ho_cot_card", 640, 460, 2.4, "cot_card", ages=(0.01, 0.04)), OBJECT,
         "own staff", leak_class="own_record"),
    leak("wristband_thermal", "wristband_label", exposing("ho_wristband_thermal", 1000, 150, 2.0, "wristband"), OBJECT,
         "own family", leak_class="own_record"),
    leak("baby_bands", "wristband_label", exposing("ho_baby_bands", 1000, 420, 1.9, "wristband", ages=(18, 43), sex="Female", inner=pictures.table),
         _TAKEN, "own family", leak_class="own_record"),
    leak("label_sheet", "addressograph", exposing("ho_label_sheet", 794, 620, 2.2, "addressograph"), PAPER, "staff found"),
    leak("specimen_pot", "specimen_label", exposing("ho_specimen_pot", 900, 760, 1.8, "specimen_label", inner=pictures.table),
         _TAKEN, "staff own"),
    leak("vaccine_card", "vaccination_record", exposing("ho_vaccine_card", 600, 400, 2.4, "vaccination_record"), OBJECT,
         "own found", leak_class="own_record"),
    leak("bed_head", "bed_label", exposing("ho_bed_head", 760, 560, 2.0, "bed_label", ages=(45, 95)), OBJECT, "family staff"),
)  # fmt: skip
