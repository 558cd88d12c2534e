"""Held-out benign pictures of ordinary life."""

from __future__ import annotations

from benchmarks.corpus.base import Layout
from benchmarks.corpus.captures import FILE, OBJECT, PAPER, PHONE, SCREEN
from benchmarks.corpus.heldout import pictures
from benchmarks.corpus.heldout.sheets import benign, harmless

_TAKEN = ("screenshot", "screenshot", "app_post", "story", "low_res", "chat")

LAYOUTS: tuple[Layout, ...] = (
    benign("chemist_receipt", "receipt", harmless("ho_b_chemist_receipt", 360, 760, 2.3), PAPER, "everyday own"),
    benign("invoice", "invoice", harmless("ho_b_invoice", 794, 680, 1.8), PAPER + FILE, "everyday found"),
    benign("parcel_label", "parcel_label", harmless("ho_b_parcel", 560, 760, 2.0), OBJECT, "everyday found"),
    benign("boarding_pass", "ticket", harmless("ho_b_boarding", 412, 860, 2.0), PHONE, "everyday"),
    benign("loyalty_card", "loyalty_card", harmless("ho_b_loyalty", 640, 400, 2.0), OBJECT, "everyday"),
    benign("plain_letter", "private_letter", harmless("ho_b_bank_letter", 794, 840, 1.75), PAPER + FILE, "found everyday"),
    benign("wallet", "crypto", harmless("ho_b_wallet", 400, 820, 2.0), PHONE, "everyday"),
    benign("phone_list", "phone_list", harmless("ho_b_phone_list", 794, 760, 1.8), PAPER, "staff everyday"),
    benign("league_table", "sports_table", harmless("ho_b_league_table", 720, 760, 1.7), PHONE, "everyday"),
    benign("bet_slip", "betting", harmless("ho_b_bet_slip", 400, 540, 2.3), PAPER, "everyday"),
    benign("code_dark", "code_screenshot", harmless("ho_b_code_dark", 1060, 460, 1.5), SCREEN, "everyday staff"),
    benign("book_back", "book", harmless("ho_b_book_back", 600, 860, 2.0), OBJECT, "everyday clinical"),
    benign("landscape", "natural_photo", harmless("ho_b_photo", 1200, 900, 1.2, inner=pictures.view), _TAKEN, "everyday"),
    benign("table_things", "natural_photo", harmless("ho_b_table_things", 1100, 900, 1.2, inner=pictures.table), _TAKEN,
           "everyday"),
    benign("portrait", "natural_photo", harmless("ho_b_portrait", 800, 1000, 1.4, inner=pictures.view), _TAKEN, "staff family"),
    benign("quote", "quote_card", harmless("ho_b_quote", 800, 800, 1.4), PHONE, "everyday clinical"),
    benign("recipe", "recipe", harmless("ho_b_recipe", 800, 560, 1.8), PAPER, "everyday family"),
    benign("finance_sheet", "spreadsheet", harmless("ho_b_finance_sheet", 1180, 700, 1.5), SCREEN, "everyday staff"),
    benign("meme", "meme", harmless("ho_b_meme", 720, 660, 1.5, inner=pictures.view), PHONE, "clinical"),
    benign("post_shot", "social_screenshot", harmless("ho_b_post_shot", 640, 340, 1.7), PHONE, "clinical hostile"),
    benign("delivery_note", "delivery_note", harmless("ho_b_delivery_note", 860, 640, 1.9), PAPER, "staff everyday"),
    benign("office_board", "whiteboard", harmless("ho_b_office_board", 1150, 780, 1.6), OBJECT, "everyday staff"),
    benign("family_chat", "chat_screenshot", harmless("ho_b_family_chat", 400, 840, 2.0), PHONE, "everyday family"),
    benign("car_report", "private_report", harmless("ho_b_car_report", 794, 560, 1.8), PAPER + FILE, "everyday"),
)  # fmt: skip
