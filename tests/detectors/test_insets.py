"""Photographs in screenshots: where they stand, and that their small print is read."""

from __future__ import annotations

import numpy as np
import pytest
from PIL import Image, ImageDraw, ImageFont

from detectors.base import Pixels, TextReader
from detectors.insets import inset_of
from tests.detectors.letters import digits_of

LEFT, TOP, RIGHT, BOTTOM = 30, 420, 1040, 1130
PHOTO = (LEFT, TOP, RIGHT, BOTTOM)
NUMBER = "9990123454"


def chat(ground: str, ink: str, *, photo: bool = True) -> Pixels:
    """A phone's screen: bubbles with large text, and between them a photographed label with small print."""
    screen = Image.new("RGB", (1080, 2200), ground)
    draw = ImageDraw.Draw(screen)
    for row, said in (
        (180, "what do you make of this"),
        (300, "no way"),
        (1180, "wait what"),
        (1300, "honestly"),
    ):
        draw.rounded_rectangle((30, row, 60 + 22 * len(said), row + 90), 40, fill="#3a6ea5")
        draw.text((60, row + 22), said, font=ImageFont.load_default(42), fill="white")
    if photo:
        table = np.random.default_rng(1).integers(90, 130, (BOTTOM - TOP, RIGHT - LEFT, 3), np.uint8)
        screen.paste(Image.fromarray(table), (LEFT, TOP))
        draw.rectangle((180, 600, 880, 820), fill="#f4f2ec")
        draw.text((200, 620), "NOWAK, Zofia  F  14/07/1945", font=ImageFont.load_default(11), fill=ink)
        draw.text((200, 640), f"NHS No {NUMBER}", font=ImageFont.load_default(11), fill=ink)
    return np.asarray(screen)


@pytest.mark.parametrize("ground", ["white", "black", "#e5ddd5"])
def test_a_photograph_in_a_chat_is_found(ground: str) -> None:
    """On a light and on a dark ground, to a few pixels."""
    found = inset_of(np.ascontiguousarray(chat(ground, "black")[:, :, ::-1]))
    assert found is not None
    corners = (found.x, found.y, found.x + found.width, found.y + found.height)
    assert corners == pytest.approx(PHOTO, abs=8)


def test_what_is_no_photograph_is_none() -> None:
    """Bubbles alone, a page, a picture that is not a phone's screen."""
    bubbles = chat("white", "black", photo=False)
    page = Image.new("RGB", (800, 1130), "white")
    for row in range(60, 1000, 30):
        ImageDraw.Draw(page).text((60, row), "Dear Mrs Nowak, thank you for coming", fill="black")
    landscape = np.rot90(chat("white", "black"))
    for picture in (bubbles, np.asarray(page), landscape):
        assert inset_of(np.ascontiguousarray(picture)) is None


def test_small_print_in_a_screenshot_is_read(cascade: TextReader) -> None:
    """The label's number and the app's own words, each where it stands."""
    layer = cascade.read(chat("black", "black"))
    assert NUMBER in digits_of(layer)
    assert "honestly" in layer.text
    [name] = [word for word in layer.words if word.text.startswith("NOWAK")]
    assert name.box.x == pytest.approx(200, abs=8)
    assert name.box.y == pytest.approx(620, abs=12)
    assert sorted({word.line for word in layer.words}) == list(
        range(max(word.line for word in layer.words) + 1)
    )
