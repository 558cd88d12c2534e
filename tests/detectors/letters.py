"""Synthetic letters, drawn with Pillow's own font so that they look the same on every machine.

People are invented, numbers come from the range that is never issued.
"""

from __future__ import annotations

import io
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np
import pillow_heif
from PIL import Image, ImageDraw, ImageFont

from detectors.base import Box, Pixels, TextLayer

NUMBER = "999 012 3454"
NAME = "Marguerite Oakenfold"
BORN = "14 March 1951"


@dataclass(frozen=True)
class Letter:
    """A drawn page, and the place of each thing written on it by its text."""

    picture: Image.Image
    places: Mapping[str, Box]

    @property
    def pixels(self) -> Pixels:
        """The page as upright RGB."""
        return np.asarray(self.picture.convert("RGB"))


@cache
def _font(size: int) -> Any:
    return ImageFont.load_default(size)


def clinic_letter(
    *,
    name: str = NAME,
    number: str = NUMBER,
    trust: str = "Castlebourne Hospitals NHS Trust",
    colour: str = "#005eb8",
    size: tuple[int, int] = (1000, 1414),
) -> Letter:
    """A clinic letter: letterhead, patient block with labels and values in columns, two paragraphs."""
    page = _Page(size)
    page.draw.rectangle((0, 0, size[0], 14), fill=colour)
    page.write((60, 60), trust, 40, colour)
    page.write((60, 118), "Department of Cardiology, Fernhill Road", 24)
    for row, (label, value) in enumerate(
        (("Patient", name), ("NHS Number", number), ("Date of birth", BORN), ("Hospital number", "K4471802"))
    ):
        page.write((60, 220 + 46 * row), label, 26)
        page.write((520, 220 + 46 * row), value, 26)
    page.write((60, 450), "Clinic letter", 34, colour)
    for row, line in enumerate(_BODY):
        page.write((60, 520 + 44 * row), line, 26)
    return Letter(page.picture, page.places)


_BODY = (
    "Diagnosis: atrial fibrillation, stage two hypertension",
    "Medication: apixaban 5 mg twice daily, bisoprolol 2.5 mg",
    "Thank you for referring this patient to the outpatient clinic.",
    "The echocardiogram showed a mildly dilated left atrium.",
    "I have arranged a review in three months with blood tests.",
    "Yours sincerely,",
    "Consultant Cardiologist",
)


class _Page:
    """A white page that remembers where everything was written."""

    def __init__(self, size: tuple[int, int]) -> None:
        self.picture = Image.new("RGB", size, "white")
        self.draw = ImageDraw.Draw(self.picture)
        self.places: dict[str, Box] = {}

    def write(self, at: tuple[int, int], text: str, size: int, colour: str = "black") -> None:
        self.draw.text(at, text, font=_font(size), fill=colour)
        left, top, right, bottom = (round(value) for value in self.draw.textbbox(at, text, font=_font(size)))
        self.places[text] = Box(left, top, right - left, bottom - top)


def landscape(size: tuple[int, int] = (640, 480), seed: int = 1) -> Pixels:
    """A picture without any text: soft coloured hills under a noisy sky."""
    random = np.random.default_rng(seed)
    width, height = size
    across, down = np.meshgrid(np.linspace(0, 9, width), np.linspace(0, 1, height))
    ground = down > 0.55 + 0.12 * np.sin(across + seed)
    picture = np.where(ground[..., None], (70, 120, 60), (150, 190, 230)).astype(np.float64)
    picture *= (0.8 + 0.3 * down)[..., None]
    return np.clip(picture + random.normal(0, 4, picture.shape), 0, 255).astype(np.uint8)


def encoded(picture: Image.Image | Pixels, kind: str = "PNG", **options: Any) -> bytes:
    """The picture as a file of this kind."""
    image = picture if isinstance(picture, Image.Image) else Image.fromarray(picture)
    if kind == "HEIF":
        pillow_heif.register_heif_opener()
    out = io.BytesIO()
    image.save(out, kind, **options)
    return out.getvalue()


def digits_of(layer: TextLayer) -> str:
    """All the digits that were read, in reading order."""
    return "".join(character for character in layer.text if character.isdigit())


def photographed(letter: Letter, *, tilt: float = 3.0) -> Pixels:
    """The letter lying on a dark table, a little turned and unevenly lit."""
    width, height = letter.picture.size
    table = Image.new("RGB", (int(width * 1.3), int(height * 1.25)), (70, 52, 40))
    page = letter.picture.convert("RGBA").rotate(tilt, Image.Resampling.BICUBIC, expand=True)
    table.paste(page, ((table.width - page.width) // 2, (table.height - page.height) // 2), page)
    light = np.linspace(1.0, 0.6, table.width)[None, :, None]
    return (np.asarray(table) * light).astype(np.uint8)
