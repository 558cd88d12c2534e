"""Reading: words come back right, in their places, in visual rows, whichever way the page lies."""

from __future__ import annotations

import logging
import math
import sys
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image, ImageDraw, ImageFont

from detectors.base import Box, EngineUnavailable, Pixels, TextLayer, TextReader, Word
from detectors.ocr import DEFAULT_ENGINE, EngineName, available_engines, reader_for
from detectors.ocr import ENGINES as ENGINE_NAMES
from detectors.ocr.models import Look, Models
from detectors.ocr.prepare import flattened, letter_height, lies_on_its_side
from detectors.ocr.recognising import Line
from detectors.ocr.rows import Piece, in_rows
from detectors.ocr.turning import turned_back, turned_box
from tests.detectors.letters import BORN, NAME, NUMBER, Letter, digits_of, landscape, photographed

BARE_NUMBER = NUMBER.replace(" ", "")
ENGINES = [
    "cascade",
    *(pytest.param(name, marks=pytest.mark.needs_tesseract) for name in ("tesserocr", "tesseract")),
]


@pytest.fixture(scope="module", params=ENGINES)
def reader(request: pytest.FixtureRequest) -> TextReader:
    """Each engine in turn."""
    engine: TextReader = request.getfixturevalue(request.param)
    return engine


@pytest.fixture(scope="module")
def layer(reader: TextReader, letter: Letter) -> TextLayer:
    """The clean letter as the engine reads it."""
    return reader.read(letter.pixels)


def _line_with(layer: TextLayer, text: str) -> str:
    return next((line for line in layer.text.splitlines() if text in line), "")


def _place_of(layer: TextLayer, text: str) -> Box | None:
    start = layer.text.find(text)
    return layer.box_of(start, start + len(text)) if start >= 0 else None


def _overlap(one: Box, other: Box) -> float:
    """Intersection over union."""
    width = min(one.x + one.width, other.x + other.width) - max(one.x, other.x)
    height = min(one.y + one.height, other.y + other.height) - max(one.y, other.y)
    shared = max(width, 0) * max(height, 0)
    return shared / (one.width * one.height + other.width * other.height - shared)


def test_a_letter_is_read(layer: TextLayer) -> None:
    """Name, number and date of birth of a clean letter are read exactly."""
    assert layer.origin == "ocr"
    assert BARE_NUMBER in digits_of(layer)
    assert all(part in layer.text for part in (*NAME.split(), *BORN.split()))


def test_the_full_models_read_too(rapid: TextReader) -> None:
    """RapidOCR's own models, as they come with its package, read through the same steps."""
    assert digits_of(rapid.read(_printed(38, 3))).count(BARE_NUMBER) == 3


def test_a_label_and_its_value_share_a_line(layer: TextLayer) -> None:
    """A value in the next column stands on its label's line."""
    assert BARE_NUMBER in _line_with(layer, "NHS Number").replace(" ", "")
    assert "1951" in _line_with(layer, "Date of birth")


def test_lines_follow_the_page(layer: TextLayer) -> None:
    """Line numbers grow down the page, and headings come before what they head."""
    numbers = [word.line for word in layer.words]
    assert numbers == sorted(numbers)
    assert layer.text.index("Castlebourne") < layer.text.index("Number") < layer.text.index("Consultant")


def test_words_stand_where_they_were_written(layer: TextLayer, letter: Letter) -> None:
    """The box of the number covers the place where it was drawn."""
    first, last = NUMBER.split()[0], NUMBER.split()[-1]
    box = _place_of(layer, layer.text[layer.text.index(first) : layer.text.index(last) + len(last)])
    assert box is not None
    assert _overlap(box, letter.places[NUMBER]) > 0.45


@pytest.mark.parametrize("turns", [1, 2, 3])
def test_a_turned_page_is_read_in_its_own_pixels(reader: TextReader, letter: Letter, turns: int) -> None:
    """A page on its side or head is read, and boxes are in the picture as it was given."""
    layer = reader.read(np.ascontiguousarray(np.rot90(letter.pixels, turns)))
    assert BARE_NUMBER in digits_of(layer)
    word = next(word for word in layer.words if word.text.startswith("Marguerite"))
    expected = turned_box(letter.places[NAME], turns, letter.picture.size)
    assert expected.x - 10 <= word.box.x <= expected.x + expected.width
    assert expected.y - 10 <= word.box.y <= expected.y + expected.height


def test_dark_mode_is_read(reader: TextReader, letter: Letter) -> None:
    """Light text on a dark ground is read like its opposite."""
    assert BARE_NUMBER in digits_of(reader.read(255 - letter.pixels))


def test_a_photographed_page_is_read(reader: TextReader, letter: Letter) -> None:
    """A tilted, unevenly lit page on a table is read, its labels beside their values."""
    layer = reader.read(photographed(letter, tilt=4))
    expected = BARE_NUMBER if reader.name == "cascade" else BARE_NUMBER[1:]  # Tesseract reads a tilted 9 as g
    assert expected in _line_with(layer, "Number").replace(" ", "")


def test_a_single_small_line_is_read(cascade: TextReader) -> None:
    """One line in a large empty picture, as on a label, is found."""
    page = Image.new("RGB", (1200, 900), "white")
    ImageDraw.Draw(page).text((700, 640), "NHS 999 012 3454", font=ImageFont.load_default(22), fill="black")
    assert BARE_NUMBER in digits_of(cascade.read(np.asarray(page)))


@pytest.fixture
def looks(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """The sizes of the copies on which bands of text are looked for, as they are asked for."""
    seen: list[float] = []
    look = Models.look

    def noted(models: Models, picture: Pixels, side: float) -> Look:
        seen.append(side)
        return look(models, picture, side)

    monkeypatch.setattr(Models, "look", noted)
    return seen


def _printed(size: int, rows: int) -> Pixels:
    page = Image.new("RGB", (1200, 900), "white")
    for row in range(rows):
        text = f"{row + 1}. NHS 999 012 3454 of the invented patient"
        ImageDraw.Draw(page).text(
            (60, 60 + 2 * size * row), text, font=ImageFont.load_default(size), fill="black"
        )
    return np.asarray(page)


def test_large_print_is_looked_at_once(cascade: TextReader, looks: list[float]) -> None:
    """Print that the small copy shows well is read without a second look."""
    assert digits_of(cascade.read(_printed(38, 8))).count(BARE_NUMBER) == 8
    assert len(looks) == 1


def test_small_print_is_looked_at_again_closer(cascade: TextReader, looks: list[float]) -> None:
    """Print that is thin on the small copy is looked for on a larger one, and every row is read."""
    assert digits_of(cascade.read(_printed(14, 20))).count(BARE_NUMBER) == 20
    first, second = looks
    assert second > first


@pytest.mark.parametrize(("share", "expected"), [(0.001, 1), (0.01, 2), (0.3, 1)])
def test_only_faint_print_is_looked_for_again(
    cascade: TextReader, monkeypatch: pytest.MonkeyPatch, share: float, expected: int
) -> None:
    """Without bands, next to no pixel that may be text is nothing, and a picture full of them a texture."""
    seen: list[float] = []

    def look(models: Models, picture: Pixels, side: float) -> Look:
        seen.append(side)
        return Look(np.zeros((0, 4, 2), np.float32), share)

    monkeypatch.setattr(Models, "look", look)
    assert cascade.read(landscape()).words == ()
    assert len(seen) == expected


def test_shapes_that_read_as_nothing_are_left(
    cascade: TextReader, looks: list[float], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Few bands of which none can be read, as on a photograph of a fence, are not looked at again."""
    monkeypatch.setattr(Models, "line", lambda models, strip: Line((), 0.2))
    assert cascade.read(_printed(14, 2)).words == ()
    assert len(looks) == 1


@pytest.mark.parametrize("picture", [landscape(), np.full((300, 400, 3), 255, np.uint8)])
def test_no_text_gives_no_words(cascade: TextReader, picture: Pixels) -> None:
    """A picture without text has no words."""
    assert cascade.read(picture).words == ()


@pytest.mark.parametrize("shape", [(1, 1), (8, 900), (900, 8), (31, 31)])
def test_odd_sizes_are_read_without_error(reader: TextReader, shape: tuple[int, int]) -> None:
    """Tiny and very narrow pictures have no words and raise nothing."""
    assert reader.read(np.full((*shape, 3), 200, np.uint8)).words == ()


def test_reading_is_silent(
    letter: Letter, capfd: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture
) -> None:
    """Loading models and reading print nothing and log nothing."""
    with caplog.at_level(logging.DEBUG):
        reader_for("cascade").read(letter.pixels)
    assert capfd.readouterr() == ("", "")
    assert not [record for record in caplog.records if record.name.startswith(("onnxruntime", "detectors"))]


def test_the_cascade_needs_no_tesseract(monkeypatch: pytest.MonkeyPatch, letter: Letter) -> None:
    """Where neither the tesseract program nor its data is, the default engine reads all the same."""
    monkeypatch.setattr("pytesseract.pytesseract.tesseract_cmd", "/nonexistent/tesseract")
    monkeypatch.setenv("TESSDATA_PREFIX", "/nonexistent")
    assert DEFAULT_ENGINE == "cascade"
    assert BARE_NUMBER in digits_of(reader_for("cascade").read(letter.pixels))


def test_missing_tesseract_is_an_error_with_the_mend(monkeypatch: pytest.MonkeyPatch) -> None:
    """Asking for tesseract where it is missing says what to install."""
    monkeypatch.setattr("pytesseract.pytesseract.tesseract_cmd", "/nonexistent/tesseract")
    with pytest.raises(EngineUnavailable, match="install tesseract-ocr"):
        reader_for("tesseract")
    assert "install tesseract-ocr" in available_engines()["tesseract"]


def test_missing_tesseract_data_is_an_error_with_the_mend(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """Asking for tesserocr where Tesseract's English data is missing says what to install."""
    monkeypatch.setattr("detectors.ocr.tesserocr._SHARE", tmp_path)
    monkeypatch.setattr("tesserocr.get_languages", lambda folder="": (folder, []))
    with pytest.raises(EngineUnavailable, match="install tesseract-ocr-eng"):
        reader_for("tesserocr")
    assert "install tesseract-ocr-eng" in available_engines()["tesserocr"]


@pytest.mark.parametrize(
    ("name", "mend"), [("cascade", "onnxruntime"), ("rapidocr", "onnxruntime"), ("tesserocr", "tesserocr")]
)
def test_a_missing_package_is_an_error_that_names_it(
    monkeypatch: pytest.MonkeyPatch, name: EngineName, mend: str
) -> None:
    """An engine whose package is not installed says which one."""
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    with pytest.raises(EngineUnavailable, match=f"{mend} is not installed"):
        reader_for(name)


def test_equal_pictures_are_read_equally(reader: TextReader, letter: Letter) -> None:
    """The same picture gives the same layer each time, whatever was read between."""
    picture = photographed(letter)
    before = reader.read(picture)
    reader.read(landscape())
    assert reader.read(picture) == before


def test_available_engines_tells_versions() -> None:
    """An installed engine is listed with its version."""
    known = available_engines()
    assert list(known) == list(ENGINE_NAMES)
    assert known["cascade"][0].isdigit()
    assert known["rapidocr"][0].isdigit()
    assert known["cascade"] != known["rapidocr"]


def test_nothing_heavy_loads_at_import() -> None:
    """Importing the package of engines loads no model runtime."""
    import subprocess

    code = "import sys, detectors.ocr, detectors.ocr.cascade; print('onnxruntime' in sys.modules)"
    out = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert out.stdout.strip() == "False"


def _piece(text: str, left: tuple[float, float], right: tuple[float, float], height: float = 20) -> Piece:
    box = Box(int(left[0]), int(left[1] - height / 2), int(right[0] - left[0]), int(height))
    return Piece(left, right, height, (Word(text, box, 0.9, 0),))


def test_rows_allow_for_a_tilted_page() -> None:
    """On a page tilted by five degrees, label and value still meet and rows stay apart."""
    slope = math.tan(math.radians(5))
    pieces = [
        _piece(
            f"{side}{row}", (start, 40 * row + slope * start), (start + 200, 40 * row + slope * (start + 200))
        )
        for row in range(6)
        for side, start in (("label", 0), ("value", 600))
    ]
    assert in_rows(pieces[::-1]).text == "\n".join(f"label{row} value{row}" for row in range(6))


def test_a_heading_does_not_swallow_small_print() -> None:
    """Text of a very different size beside a heading is a row of its own."""
    pieces = [_piece("Heading", (0, 50), (300, 50), 60), _piece("small", (400, 55), (480, 55), 12)]
    assert in_rows(pieces).text.splitlines() == ["Heading", "small"]


def test_no_pieces_make_an_empty_layer() -> None:
    """Nothing found is an empty text, not an error."""
    assert in_rows([]).text == ""


@given(st.lists(st.tuples(st.integers(0, 900), st.integers(0, 900), st.integers(20, 300)), max_size=30))
def test_rows_lose_no_word(places: list[tuple[int, int, int]]) -> None:
    """Wherever the pieces stand, each word comes back once, on lines numbered from 0 without gaps."""
    pieces = [_piece(str(at), (x, y), (x + length, y)) for at, (x, y, length) in enumerate(places)]
    words = in_rows(pieces).words
    assert sorted(int(word.text) for word in words) == list(range(len(places)))
    assert sorted({word.line for word in words}) == list(range(len({word.line for word in words})))


@given(
    box=st.builds(Box, st.integers(0, 100), st.integers(0, 80), st.integers(1, 40), st.integers(1, 20)),
    turns=st.integers(0, 3),
)
def test_turning_back_undoes_turning(box: Box, turns: int) -> None:
    """A box turned with its picture comes back to where it was."""
    size = (140, 100)
    layer = TextLayer("ocr", (Word("x", turned_box(box, turns, size), 1.0, 0),))
    assert turned_back(layer, turns, size).words[0].box == box


def test_a_turned_box_covers_the_same_pixels() -> None:
    """Boxes turn as numpy turns the picture."""
    picture = np.zeros((100, 140), np.uint8)
    box = Box(30, 20, 50, 10)
    picture[20:30, 30:80] = 1
    for turns in range(4):
        turned = turned_box(box, turns, (140, 100))
        region = np.rot90(picture, turns)[
            turned.y : turned.y + turned.height, turned.x : turned.x + turned.width
        ]
        assert region.shape == (turned.height, turned.width)
        assert region.all()


def test_preparation_flattens_light_and_inverts_dark_pages(letter: Letter) -> None:
    """Uneven light becomes white paper; a dark page becomes a light one."""
    assert np.median(flattened(photographed(letter))) > 200
    assert np.median(flattened(255 - letter.pixels)) > 240


def test_letter_height_is_measured(letter: Letter) -> None:
    """Print of 26 points has letters of about 14 to 24 pixels; a blank page has none."""
    height = letter_height(flattened(letter.pixels))
    assert height is not None
    assert 12 <= height <= 26
    assert letter_height(np.full((200, 200), 255, np.uint8)) is None


def test_a_page_on_its_side_is_recognised(letter: Letter) -> None:
    """Ink in columns means a quarter turn, ink in rows does not."""
    grey = flattened(letter.pixels)
    assert not lies_on_its_side(grey)
    assert lies_on_its_side(np.ascontiguousarray(np.rot90(grey)))
