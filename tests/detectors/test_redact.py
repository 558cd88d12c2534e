"""Previews: what was not allowed cannot be read back, not even by an engine that reads the original."""

from __future__ import annotations

import io
from collections.abc import Sequence

import numpy as np
import pytest
from PIL import Image, ImageDraw, ImageFont

from detectors.base import Box, ImageUnreadable, TextReader
from detectors.redact import Marked, render_preview
from tests.detectors.letters import BORN, NAME, NUMBER, Letter, digits_of, encoded

LABELS = ("Patient", "NHS Number", "Date of birth", "Clinic letter")


def _preview(
    letter: Letter, keep: Sequence[str] = (), marked: Sequence[str] = (), hidden: Sequence[str] = ()
) -> bytes:
    return render_preview(
        encoded(letter.picture),
        keep=[letter.places[text] for text in keep],
        marked=[Marked(letter.places[text]) for text in marked],
        hidden=[letter.places[text] for text in hidden],
    )


def _pixels(preview: bytes) -> np.ndarray:
    return np.asarray(Image.open(io.BytesIO(preview)))


def _assert_unreadable(text: str) -> None:
    lowered = text.lower()
    assert not any(part.lower() in lowered for part in (*NAME.split(), *BORN.split()))
    digits = "".join(character for character in text if character.isdigit())
    number = NUMBER.replace(" ", "")
    assert not any(number[at : at + 4] in digits for at in range(7))


def test_the_original_can_be_read(letter: Letter, rapid: TextReader) -> None:
    """The engine used below does read the name and the number on the original."""
    layer = rapid.read(letter.pixels)
    assert NUMBER.replace(" ", "") in digits_of(layer)
    assert all(part in layer.text for part in NAME.split())


def test_nothing_is_readable_when_nothing_is_kept(letter: Letter, rapid: TextReader) -> None:
    """Without kept words, not one word of the page comes through."""
    _assert_unreadable(rapid.read(_pixels(_preview(letter))).text)


def test_only_kept_words_are_readable(letter: Letter, rapid: TextReader) -> None:
    """Labels and headings stay crisp; name, number and date beside them do not."""
    text = rapid.read(_pixels(_preview(letter, keep=LABELS, marked=[NUMBER]))).text
    _assert_unreadable(text)
    assert "Clinic letter" in text
    assert "Date of birth" in text


@pytest.mark.needs_tesseract
def test_tesseract_reads_nothing_back_either(letter: Letter, tesseract: TextReader) -> None:
    """A second, different engine cannot read the preview."""
    _assert_unreadable(tesseract.read(_pixels(_preview(letter, keep=LABELS, marked=[NUMBER]))).text)


@pytest.mark.parametrize("height", [30, 60, 120, 170])
def test_large_text_nobody_noticed_is_unreadable(rapid: TextReader, height: int) -> None:
    """A close-up of a number that no detector marked stays hidden at any size of print."""
    page = Image.new("RGB", (1000, 700), "white")
    ImageDraw.Draw(page).text((20, 250), "999 012 3454", font=ImageFont.load_default(height), fill="black")
    preview = render_preview(encoded(page), keep=[], marked=[])
    assert rapid.read(np.asarray(page)).text.strip()
    _assert_unreadable(rapid.read(_pixels(preview)).text)


def test_a_place_both_kept_and_marked_is_black(letter: Letter) -> None:
    """Marking wins over keeping."""
    box = letter.places[NUMBER]
    pixels = _pixels(_preview(letter, keep=[NUMBER], marked=[NUMBER]))
    shrink = 1400 / 1414
    inside = pixels[
        round(box.y * shrink) : round((box.y + box.height) * shrink),
        round(box.x * shrink) : round((box.x + box.width) * shrink),
    ]
    assert inside.max() < 40


def test_a_kept_box_shows_nothing_of_a_hidden_word(letter: Letter, rapid: TextReader) -> None:
    """A kept box drawn too wide is cut where it covers a word known not to be safe."""
    label, value = letter.places["Patient"], letter.places[NAME]
    preview = render_preview(encoded(letter.picture), keep=[label.union(value)], marked=[], hidden=[value])
    text = rapid.read(_pixels(preview)).text
    assert "Patient" in text
    _assert_unreadable(text)


def test_the_blur_holds_nothing_of_a_marked_place(letter: Letter) -> None:
    """Two letters that differ only in a marked number give the same preview, byte for byte."""
    one, other = letter.picture, letter.picture.copy()
    box = letter.places[NUMBER]
    draw = ImageDraw.Draw(other)
    draw.rectangle((box.x, box.y, box.x + box.width, box.y + box.height), fill="white")
    draw.text((box.x, box.y), "888", font=ImageFont.load_default(20), fill="black")
    first, second = (render_preview(encoded(page), keep=[], marked=[Marked(box)]) for page in (one, other))
    assert first == second


def test_metadata_is_left_behind(letter: Letter) -> None:
    """EXIF fields, comments and the file's own thumbnail are not carried over."""
    exif = Image.Exif()
    exif[0x010E] = "Ward 7 list"
    data = encoded(letter.picture, "JPEG", exif=exif, comment=b"Ward 7 list")
    preview = render_preview(data, keep=[], marked=[])
    assert b"Ward 7" in data
    assert b"Ward 7" not in preview
    assert not Image.open(io.BytesIO(preview)).getexif()


@pytest.mark.parametrize("side", [300, 900])
def test_the_preview_is_a_small_jpeg(letter: Letter, side: int) -> None:
    """The longest side is as asked, the format JPEG, the shape the original's."""
    preview = Image.open(
        io.BytesIO(render_preview(encoded(letter.picture), keep=[], marked=[], max_side=side))
    )
    assert (preview.format, max(preview.size)) == ("JPEG", side)
    assert preview.width / preview.height == pytest.approx(1000 / 1414, abs=0.01)


def test_a_small_picture_is_not_enlarged() -> None:
    """A picture below the longest side keeps its size."""
    data = encoded(Image.new("RGB", (90, 60), "white"))
    assert Image.open(io.BytesIO(render_preview(data, keep=[], marked=[]))).size == (90, 60)


def test_marked_places_have_a_coloured_outline() -> None:
    """The outline takes the colour that was asked for."""
    data = encoded(Image.new("RGB", (400, 300), "white"))
    preview = render_preview(data, keep=[], marked=[Marked(Box(100, 100, 120, 60), "#00ff00")])
    pixels = _pixels(preview).astype(int)
    green = (pixels[..., 1] > 150) & (pixels[..., 0] < 110) & (pixels[..., 2] < 110)
    assert green.sum() > 200


def test_boxes_outside_the_picture_are_clipped() -> None:
    """A box that runs over the edge is drawn as far as the picture goes."""
    data = encoded(Image.new("RGB", (200, 100), "white"))
    preview = render_preview(data, keep=[Box(-30, -30, 50, 50)], marked=[Marked(Box(150, 60, 500, 500))])
    assert _pixels(preview)[95, 180].max() < 40


def test_another_frame_can_be_shown() -> None:
    """Each frame of an animation has its own preview; a frame that is not there is an error."""
    frames = [Image.new("RGB", (80, 80), colour) for colour in ("white", "black")]
    data = encoded(frames[0], "GIF", save_all=True, append_images=frames[1:])
    assert _pixels(render_preview(data, keep=[], marked=[], frame=0)).mean() > 200
    assert _pixels(render_preview(data, keep=[], marked=[], frame=1)).mean() < 50
    with pytest.raises(ImageUnreadable, match="no frame 2"):
        render_preview(data, keep=[], marked=[], frame=2)


def test_what_is_no_picture_has_no_preview() -> None:
    """Previewing a text file fails like decoding it."""
    with pytest.raises(ImageUnreadable, match="holds text"):
        render_preview(b"not a picture at all", keep=[], marked=[])
