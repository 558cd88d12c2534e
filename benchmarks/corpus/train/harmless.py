"""Pictures that expose nobody, as hard as the leaks: specimens, forms, foreign records, letters, tickets, photographs."""

from __future__ import annotations

from random import Random
from typing import Any

import numpy as np

from benchmarks.corpus.base import Layout
from benchmarks.corpus.captures import FILE, OBJECT, PAPER, PHONE, SCREEN
from benchmarks.corpus.train.captions import HARMLESS
from benchmarks.corpus.train.drawn import A4, DESK, HANDSET, LANDSCAPE, Size, benign
from benchmarks.synth import drawing
from benchmarks.synth.browser import Page
from benchmarks.synth.lens import Raster
from benchmarks.synth.surfaces import SURFACES

SHEET, ANY = (*PAPER, *FILE), (*OBJECT, *FILE)
PHOTO = ("screenshot", "screenshot", "app_post", "story", "collage", "chat", "low_res", "phone_screenshot")


def _landscape(rng: Random) -> Raster:
    return drawing.landscape(rng.randrange(2**31), 1200, 900, rng.choice((drawing.DAWN, drawing.SUNSET)))


def _surface(rng: Random) -> Raster:
    made = SURFACES[rng.choice(sorted(SURFACES))](np.random.default_rng(rng.randrange(2**31)))
    left, top = rng.randint(0, 700), rng.randint(0, 900)
    return np.ascontiguousarray(made[top : top + 900, left : left + 1200])


def _film(rng: Random) -> Raster:
    return drawing.chest_film(rng.randrange(2**31), 900, 1200)


def _photograph(template: str, size: Size, take: Any, words: tuple[str, ...] = ("",)) -> Any:
    def draw(rng: Random) -> Page:
        return benign(template, size, scale=1.2, inner=(take(rng),), words=rng.choice(words))(rng)

    return draw


def _row(
    name: str, draw: Any, captures: tuple[str, ...], leak_class: str = "unknown", category: str = ""
) -> Layout:
    return Layout(name, "train", "benign", category or name, leak_class, draw, captures, HARMLESS)


TRAINING, PUBLIC = "training_or_specimen", "news_or_public"
LAYOUTS: tuple[Layout, ...] = (
    _row("training_environment", benign("b_train_epr", DESK), SCREEN, TRAINING),
    _row("specimen_letter", benign("b_specimen", A4), SHEET, TRAINING),
    _row("blank_form", benign("b_blank_letter", A4), SHEET, TRAINING),
    _row("blank_chart", benign("b_blank_chart", LANDSCAPE), SHEET, TRAINING),
    _row("exam_question", benign("b_exam", A4), SHEET, TRAINING),
    _row("textbook_page", benign("b_textbook", A4), SHEET, TRAINING),
    _row("research_paper", benign("b_paper", A4), SHEET, PUBLIC),
    _row("redacted_letter", benign("b_redacted", A4), SHEET, PUBLIC),
    _row("staff_rota", benign("b_rota", LANDSCAPE), SHEET),
    _row("news_article", benign("b_news", (430, 900)), PHONE, PUBLIC),
    _row("fundraiser", benign("b_fund", (430, 900)), PHONE, PUBLIC),
    _row("vet_record", benign("b_vet", A4), SHEET),
    _row("american_record", benign("b_usa", (816, 1056)), SHEET),
    _row("foreign_record", benign("b_abroad", A4), SHEET),
    _row("till_receipt", benign("b_receipt2", (400, 860)), OBJECT),
    _row("invoice", benign("b_invoice", A4), SHEET),
    _row("travel_ticket", benign("b_ticket2", (900, 380)), ANY),
    _row("loyalty_card", benign("b_card", (640, 400)), OBJECT),
    _row("everyday_letter", benign("b_letter_misc", A4), SHEET),
    _row("official_letter", benign("b_pension", A4), SHEET),
    _row("number_sheet", benign("b_sheet", (1280, 760)), SCREEN),
    _row("meme_photo", _photograph("b_meme", (720, 720), _landscape), PHOTO),
    _row("meme_surface", _photograph("b_meme", (720, 720), _surface), PHOTO, category="meme_photo"),
    _row("certificate_staff", benign("b_certificate", LANDSCAPE), SHEET),
    _row("phone_list", benign("b_phones", A4), SHEET),
    _row("sports_table", benign("b_table", (430, 820)), PHONE),
    _row("developer_screen", benign("b_code2", (1000, 620)), SCREEN),
    _row("landscape_photo", _photograph("b_raster", (1200, 900), _landscape), PHOTO, category="natural_photo"),
    _row("surface_photo", _photograph("b_raster", (1200, 900), _surface), PHOTO, category="natural_photo"),
    _row("captioned_photo", _photograph("b_raster", (1200, 900), _landscape, ("monday", "no filter", "admitted: I love it here", "day 4 of annual leave")), PHOTO, category="natural_photo"),
    _row("bare_film", _photograph("b_raster", (1200, 900), _film, ("", "snap!", "my ribs, apparently")), PHOTO, category="bare_film"),
    _row("selfie", benign("b_selfie", (900, 1100), scale=1.2), PHOTO),
    _row("medicine_box", benign("b_box", (760, 380)), OBJECT),
    _row("television_caption", _photograph("b_tv", (1280, 720), _landscape), (*PHOTO, "screen_photo"), PUBLIC),
    _row("quote_card", benign("b_quote", (900, 900), scale=1.2), PHOTO),
    _row("recipe_card", benign("b_recipe", (800, 1000)), OBJECT),
    _row("opinion_post", benign("b_opinion", (600, 520)), PHONE),
    _row("harmless_texts", benign("b_sms", (400, 760)), PHONE),
    _row("to_do_list", benign("b_todo", (700, 900)), OBJECT),
    _row("payslip", benign("b_payslip", (794, 560)), SHEET),
    _row("staff_badge", benign("b_badge", (420, 640)), OBJECT),
    _row("hospital_sign", benign("b_sign", (1200, 700), scale=1.2), OBJECT, PUBLIC),
    _row("policy_page", benign("b_policy", A4), SHEET, PUBLIC),
    _row("health_campaign", benign("b_explain", (900, 900), scale=1.3), ANY, PUBLIC),
    _row("patient_leaflet", benign("b_leaflet", LANDSCAPE), SHEET, PUBLIC),
    _row("friends_chat", benign("b_chat", (390, 800)), PHONE),
    _row("thank_you_card", benign("b_thanks", (700, 900)), OBJECT),
    _row("festival_band", benign("b_festival", (960, 130)), OBJECT),
    _row("software_marketing", benign("b_market", DESK), SCREEN, PUBLIC),
    _row("book_cover", benign("b_book", (620, 900)), OBJECT),
    _row("weather_app", benign("b_weather", HANDSET), PHONE),
)  # fmt: skip
