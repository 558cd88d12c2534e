"""Held-out leaks of Scotland, Wales and Northern Ireland."""

from __future__ import annotations

from benchmarks.corpus.base import Layout
from benchmarks.corpus.captures import FILE, PAPER, SCREEN
from benchmarks.corpus.heldout.sheets import exposing, leak

_A4 = (794, 1123, 1.75)

LAYOUTS: tuple[Layout, ...] = (
    leak("welsh_appointment", "wales_letter", exposing("ho_welsh_appointment", 794, 740, 1.9, "appointment_letter", nation="wales"),
         PAPER + FILE, "own found", leak_class="own_record"),
    leak("welsh_portal", "wales_screen", exposing("ho_welsh_portal", 1200, 580, 1.6, "pathology_report", nation="wales"),
         SCREEN, "staff own"),
    leak("scot_referral", "chi_scotland", exposing("ho_scot_referral", 794, 840, 1.9, "gp_referral", nation="scotland"),
         PAPER + FILE, "found hostile"),
    leak("scot_care_summary", "chi_scotland", exposing("ho_scot_ecs_screen", 1100, 580, 1.6, "epr_screen", nation="scotland"),
         SCREEN, "staff hostile"),
    leak("scot_discharge", "chi_scotland", exposing("ho_scot_idl", 794, 720, 1.9, "discharge_summary", nation="scotland"),
         PAPER + FILE, "family own"),
    leak("ni_letter", "hcn_ni", exposing("ho_ni_letter", 794, 800, 1.9, "clinic_letter", nation="ni"), PAPER + FILE, "found own"),
    leak("ni_care_record", "hcn_ni", exposing("ho_ni_ecr", 1200, 720, 1.6, "epr_screen", nation="ni"), SCREEN,
         "staff hostile"),
)  # fmt: skip
