"""Draw the pictures of docs/templates.md that show how to register, into FOLDER. Everybody is invented."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path

import cv2
import numpy as np
from PIL import Image, ImageDraw, ImageFont

from detectors.base import Box
from detectors.ocr import reader_for
from detectors.templates import Template, TemplateSaid, learn

TRUST = "Marlford Vale Hospitals NHS Trust"
LABELS = ("Patient name", "Date of birth", "NHS number", "Hospital number", "Consultant", "Ward", "Surgery")
PARTS = ("Presenting complaint", "Past medical history", "Medication", "Examination", "Plan")
ANNE = ("Anne Ashworth", "04/05/1951", "999 012 3454", "H1234567", "Dr P Lindqvist", "7B", "Elm Tree",
        "chest pain for three days", "diabetes", "metformin 500 mg", "basal crackles", "x-ray")  # fmt: skip
TOBIAS = ("Tobias Wren", "19/11/1983", "999 000 0018", "H7654321", "Mr R Okafor", "2A", "High Street",
          "fell from a ladder", "none of note", "none", "tender left wrist", "plaster cast")  # fmt: skip
GOOD, BAD, ORANGE, GREY = "#1b7f4b", "#b22222", "#e68c00", "#9aa5ad"
WIDTH, GAP, CAPTION = 270, 22, 84


def form(values: Sequence[str] = ()) -> Image.Image:
    """A form, blank or filled in."""
    page = Image.new("RGB", (1000, 1414), "white")
    pen, y = ImageDraw.Draw(page), 190
    pen.rectangle((50, 40, 250, 110), fill="#005eb8")
    pen.text((70, 48), "NHS", fill="white", font=font(52))
    pen.text((280, 44), TRUST, fill="black", font=font(34))
    pen.text((280, 88), "Clinical Records, Telephone 01632 960123", fill="black", font=font(22))
    for at, label in enumerate(LABELS):
        pen.rectangle((50, y, 950, y + 56), outline="black", width=2)
        pen.text((66, y + 14), f"{label}:", fill="black", font=font(24))
        pen.text((340, y + 12), values[at] if values else "", fill="#14147a", font=font(28))
        y += 64
    for at, part in enumerate(PARTS, start=len(LABELS)):
        pen.rectangle((50, y, 950, y + 134), outline="black", width=2)
        pen.rectangle((50, y, 950, y + 36), fill="#dce6f0")
        pen.text((66, y + 4), part, fill="black", font=font(22))
        pen.text((66, y + 60), values[at] if values else "", fill="#14147a", font=font(26))
        y += 144
    pen.text(
        (50, 1366),
        "Form CR-12 version 4. Return the white copy to medical records.",
        fill="gray",
        font=font(18),
    )
    return page


def font(size: int) -> ImageFont.FreeTypeFont | ImageFont.ImageFont:
    """Pillow's own, so that the pictures are the same on every machine."""
    return ImageFont.load_default(size)


def learned(pages: Sequence[Image.Image], **said: object) -> Template:
    """What leakwatch keeps of these pages."""
    about = TemplateSaid("form", TRUST, **said)  # type: ignore[arg-type]
    return learn([np.asarray(page) for page in pages], about, reader_for("cascade")).template


def at_an_angle(page: Image.Image) -> Image.Image:
    """The page photographed from the side, on a desk."""
    corners = np.array([[0, 0], [1000, 0], [1000, 1414], [0, 1414]], np.float32)
    seen = np.array([[190, 160], [840, 60], [960, 1330], [60, 1240]], np.float32)
    matrix = cv2.getPerspectiveTransform(corners, seen)
    pixels = cv2.warpPerspective(np.asarray(page), matrix, (1000, 1414), borderValue=(92, 74, 58))
    return Image.fromarray(cv2.GaussianBlur(pixels, (0, 0), 2.0))


def framed(page: Image.Image, box: Box) -> Image.Image:
    """The page with a letterhead's box on it."""
    shown = page.convert("RGB")
    ImageDraw.Draw(shown).rectangle(
        (box.x, box.y, box.x + box.width, box.y + box.height), outline=ORANGE, width=7
    )
    return shown


def shown_with_letterhead(box: Box | None = None) -> tuple[Image.Image, str]:
    """The blank form with the letterhead that is found, or is given, and the words that would confirm."""
    template = learned([form()], letterhead=box)
    found = template.facts.letterhead
    assert found is not None
    return framed(Image.fromarray(template.raster), found), ", ".join(template.facts.words)


def strip(path: Path, shown: Sequence[tuple[Image.Image, str, str]]) -> None:
    """Pages side by side, each with a caption in a colour."""
    height = round(WIDTH * 1414 / 1000)
    sheet = Image.new("RGB", ((WIDTH + GAP) * len(shown) + GAP, height + CAPTION + 2 * GAP), "white")
    pen = ImageDraw.Draw(sheet)
    for at, (page, caption, colour) in enumerate(shown):
        x = GAP + at * (WIDTH + GAP)
        small = page.copy()
        small.thumbnail((WIDTH, height), Image.Resampling.LANCZOS)
        left, top = x + (WIDTH - small.width) // 2, GAP + (height - small.height) // 2
        sheet.paste(small, (left, top))
        pen.rectangle((left - 1, top - 1, left + small.width, top + small.height), outline=GREY)
        pen.multiline_text((x, height + GAP + 10), caption, fill=colour, font=font(19), spacing=5)
    sheet.quantize(96).save(path, optimize=True)
    print(path)


def main(folder: Path) -> None:
    """Draw the three."""
    blank, anne, tobias = form(), form(ANNE), form(TOBIAS)
    low = blank.resize((250, 354)).resize((1000, 1414), Image.Resampling.NEAREST)
    strip(folder / "template-pages.png", [
        (blank, "Good: the blank page,\nwhole, upright, sharp", GOOD),
        (at_an_angle(blank), "Not good: a photograph\nfrom the side", BAD),
        (blank.crop((0, 0, 1000, 620)), "Not good: a part", BAD),
        (low, "Not good: 250 pixels wide", BAD),
        (anne, "Not good by itself:\nfilled in for one patient", BAD),
    ])  # fmt: skip
    strip(folder / "template-samples.png", [
        (anne, "--sample: one patient's", "black"),
        (tobias, "--sample: another's", "black"),
        (Image.fromarray(learned([anne, tobias], filled=True).raster), "What is kept", GOOD),
    ])  # fmt: skip
    found, words = shown_with_letterhead()
    wrong, _ = shown_with_letterhead(Box(40, 190, 920, 120))
    strip(folder / "template-letterhead.png", [
        (found, f"Good. Words that confirm:\n{words}", GOOD),
        (wrong, "Wrong: its name is not in it,\nso nothing can confirm;\nyou are warned", BAD),
    ])  # fmt: skip


if __name__ == "__main__":
    main(Path(sys.argv[1]))
