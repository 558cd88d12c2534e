"""What people do to a picture before they post it again."""

from __future__ import annotations

import io
from collections.abc import Callable, Mapping

import cv2
import numpy as np
from PIL import Image, ImageDraw

from detectors.base import Pixels

Edit = Callable[[Image.Image], Image.Image]


def _border(page: Image.Image) -> Image.Image:
    width, height = page.size
    framed = Image.new("RGB", (round(width * 1.2), round(height * 1.2)), "#141414")
    framed.paste(page, (width // 10, height // 10))
    return framed


def _caption(page: Image.Image) -> Image.Image:
    width, height = page.size
    tall = Image.new("RGB", (width, round(height * 1.18)), "white")
    tall.paste(page, (0, tall.height - height))
    ImageDraw.Draw(tall).text(
        (20, 20), "LOOK AT THIS what is going on", "black", font_size=round(height * 0.05)
    )
    return tall


def _crop(share: float) -> Edit:
    def crop(page: Image.Image) -> Image.Image:
        width, height = page.size
        left, top = round(width * share / 2), round(height * share / 2)
        return page.crop((left, top, width - left, height - top))

    return crop


def _dark_mode(page: Image.Image) -> Image.Image:
    """Lightness inverted, colours kept, black softened: as browsers and readers do."""
    shown = cv2.cvtColor(np.asarray(page), cv2.COLOR_RGB2HLS)
    shown[..., 1] = 18 + (255 - shown[..., 1].astype(np.uint16)) * 215 // 255
    return Image.fromarray(cv2.cvtColor(shown, cv2.COLOR_HLS2RGB))


def _sticker(page: Image.Image) -> Image.Image:
    covered = page.copy()
    width, height = page.size
    ImageDraw.Draw(covered).rectangle((0, round(height * 0.45), width, round(height * 0.55)), fill="black")
    return covered


def _screenshot(page: Image.Image) -> Image.Image:
    phone = Image.new("RGB", (1080, 2000), "#181a1e")
    shown = page.resize((1080, round(page.height * 1080 / page.width)))
    phone.paste(shown.crop((0, 0, 1080, min(shown.height, 1500))), (0, 220))
    draw = ImageDraw.Draw(phone)
    draw.text((40, 100), "someone · 2h", "white", font_size=40)
    draw.text((40, 1800), "1.2k likes", "white", font_size=40)
    return phone


def _photograph(page: Image.Image) -> Image.Image:
    """Tilted, lit from the right, a little noisy and soft; always the same way."""
    random = np.random.default_rng(page.width * page.height)
    width, height = page.size
    corners = np.array([[0, 0], [width, 0], [width, height], [0, height]], np.float32)
    inwards = np.array([[1, 1], [-1, 1], [-1, -1], [1, -1]]) * random.uniform(0, 0.08, (4, 2)) * page.size
    matrix = cv2.getPerspectiveTransform(corners, (corners + inwards).astype(np.float32))
    tilted = cv2.warpPerspective(np.asarray(page), matrix, page.size, borderValue=(120, 90, 60))
    lit = tilted * np.linspace(0.65, 1, width)[None, :, None] + random.normal(0, 6, tilted.shape)
    soft = cv2.GaussianBlur(np.clip(lit, 0, 255).astype(np.uint8), (0, 0), 1.0)
    return Image.fromarray(soft.astype(np.uint8))


EDITS: Mapping[str, Edit] = {
    "recompress": lambda page: page,
    "resize": lambda page: page.resize((round(page.width * 0.6), round(page.height * 0.6))),
    "border": _border,
    "caption": _caption,
    "crop 10 %": _crop(0.1),
    "rotate 5 degrees": lambda page: page.rotate(5, Image.Resampling.BICUBIC, expand=True, fillcolor="white"),
    "quarter turn": lambda page: page.transpose(Image.Transpose.ROTATE_90),
    "mirror": lambda page: page.transpose(Image.Transpose.FLIP_LEFT_RIGHT),
    "invert": lambda page: Image.fromarray(255 - np.asarray(page)),
    "dark mode": _dark_mode,
    "half size": lambda page: page.resize((page.width // 2, page.height // 2)),
    "sticker": _sticker,
    "screenshot": _screenshot,
    "photograph": _photograph,
    "crop 40 %": _crop(0.4),
}
TARGETED = ("recompress", "resize", "border", "caption", "crop 10 %", "rotate 5 degrees", "quarter turn")
"""The edits of which at least 97 % must be found."""


def edited(page: Image.Image, name: str, quality: int = 70) -> Pixels:
    """A copy as it comes back from a platform: edited, then saved as JPEG."""
    file = io.BytesIO()
    EDITS[name](page).save(file, "JPEG", quality=quality)
    return np.asarray(Image.open(file).convert("RGB"))
