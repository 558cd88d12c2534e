"""Held-out benign pictures with clinical words in them: teaching, public matter, other lands, animals."""

from __future__ import annotations

from benchmarks.corpus.base import Layout
from benchmarks.corpus.captures import FILE, OBJECT, PAPER, PHONE, SCREEN
from benchmarks.corpus.heldout import pictures
from benchmarks.corpus.heldout.sheets import benign, harmless

_A4 = (794, 1123, 1.75)
_TEACH, _PUBLIC = "training_or_specimen", "news_or_public"

LAYOUTS: tuple[Layout, ...] = (
    benign("sim_board", "training_example", harmless("ho_b_sim_board", 794, 860, 1.8), PAPER, "clinical staff", leak_class=_TEACH),
    benign("osce_station", "exam_question", harmless("ho_b_osce", 794, 800, 1.8), PAPER + FILE, "clinical", leak_class=_TEACH),
    benign("train_screen", "demo_screen", harmless("ho_b_train_screen", 1280, 760, 1.5), SCREEN, "staff clinical", leak_class=_TEACH),
    benign("specimen_letter", "specimen", harmless("ho_b_specimen_letter", 794, 820, 1.8), PAPER + FILE, "clinical found", leak_class=_TEACH),
    benign("blank_form", "blank_form", harmless("ho_b_blank_form", *_A4), PAPER + FILE, "staff clinical", leak_class=_TEACH),
    benign("textbook", "textbook", harmless("ho_b_textbook", 794, 640, 1.8), PAPER, "clinical", leak_class=_TEACH),
    benign("mcq_app", "exam_question", harmless("ho_b_mcq_app", 412, 860, 2.2), PHONE, "clinical", leak_class=_TEACH),
    benign("lecture_slide", "training_example", harmless("ho_b_lecture_slide", 1120, 630, 1.5), SCREEN, "clinical staff", leak_class=_TEACH),
    benign("leaflet", "leaflet", harmless("ho_b_leaflet", 1123, 794, 1.75), PAPER + FILE, "clinical family", leak_class=_PUBLIC),
    benign("campaign_card", "campaign", harmless("ho_b_campaign_card", 800, 800, 1.5), PHONE, "clinical", leak_class=_PUBLIC),
    benign("poster_wall", "nhs_poster", harmless("ho_b_poster_wall", 794, 820, 1.9), OBJECT, "clinical", leak_class=_PUBLIC),
    benign("job_page", "job_advert", harmless("ho_b_job_page", 1000, 620, 1.6), SCREEN, "clinical", leak_class=_PUBLIC),
    benign("rota", "staff_rota", harmless("ho_b_rota", 1123, 560, 1.7), PAPER + SCREEN, "staff"),
    benign("news_desktop", "news_article", harmless("ho_b_news_desktop", 1100, 780, 1.5, inner=pictures.view), SCREEN,
           "found hostile", leak_class=_PUBLIC),
    benign("tv_lower", "tv_caption", harmless("ho_b_tv_lower", 1120, 630, 1.4, inner=pictures.view),
           ("screen_photo", "screenshot", "low_res", "story"), "clinical", leak_class=_PUBLIC),
    benign("fundraiser", "fundraising", harmless("ho_b_fundraiser", 420, 880, 2.0, inner=pictures.view), PHONE, "family", leak_class=_PUBLIC),
    benign("board_paper", "statistics", harmless("ho_b_board_paper", 1123, 540, 1.7), PAPER + FILE, "clinical hostile", leak_class=_PUBLIC),
    benign("coroner_report", "public_report", harmless("ho_b_coroner", 794, 680, 1.75), FILE, "family hostile", leak_class=_PUBLIC),
    benign("redacted", "redacted_letter", harmless("ho_b_redacted", 794, 700, 1.8), PAPER + FILE, "found hostile", leak_class=_PUBLIC),
    benign("research_table", "research_paper", harmless("ho_b_research_table", 794, 680, 1.8), PAPER + FILE, "clinical", leak_class=_PUBLIC),
    benign("vet_record", "vet_record", harmless("ho_b_vet_record", 794, 680, 1.8), PAPER + FILE, "family own"),
    benign("us_visit", "foreign_record", harmless("ho_b_us_visit", 816, 720, 1.8), PAPER + FILE, "own family"),
    benign("ireland_letter", "foreign_record", harmless("ho_b_ireland", 794, 680, 1.8), PAPER + FILE, "own family"),
    benign("australia_path", "foreign_record", harmless("ho_b_australia", 794, 560, 1.8), PAPER + FILE, "own"),
    benign("india_lab", "foreign_record", harmless("ho_b_india", 794, 720, 1.8), PAPER + FILE, "own family"),
    benign("wayfinding", "sign", harmless("ho_b_sign", 900, 1000, 1.4), OBJECT, "clinical staff", leak_class=_PUBLIC),
    benign("old_ledger", "history", harmless("ho_b_old_ledger", 1100, 760, 1.6), PAPER, "found clinical", leak_class=_PUBLIC),
    benign("thank_you", "card", harmless("ho_b_thank_you", 900, 640, 1.7), OBJECT, "family clinical"),
    benign("medicine_box", "product", harmless("ho_b_medicine_box", 840, 330, 2.0), OBJECT, "own everyday"),
    benign("fitness_app", "fitness_app", harmless("ho_b_fitness_app", 400, 840, 2.0), PHONE, "own everyday"),
    benign("certificate", "certificate", harmless("ho_b_certificate", 1100, 640, 1.6), PAPER, "staff clinical"),
)  # fmt: skip
