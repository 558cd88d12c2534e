"""The second look: what a closer reading adds to the first, and that neither loses anything."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image, ImageDraw, ImageFont

from detectors.base import Box, Pixels, TextLayer, TextReader, Word
from detectors.ocr.merging import merged
from tests.detectors.letters import NUMBER, Letter, digits_of

BARE_NUMBER = NUMBER.replace(" ", "")
ENGINES = ["cascade", pytest.param("tesseract", marks=pytest.mark.needs_tesseract)]


def _layer(*lines: tuple[int, str]) -> TextLayer:
    """Lines at these heights on the page, their words ten pixels a letter."""
    words = []
    for number, (y, text) in enumerate(lines):
        x = 0
        for word in text.split():
            words.append(Word(word, Box(x, y, 10 * len(word), 20), 0.9, number))
            x += 10 * len(word) + 10
    return TextLayer("ocr", tuple(words))


def test_words_that_only_one_reading_has_are_all_kept() -> None:
    """A line that the closer look misses comes back in its place, as a line of its own."""
    first = _layer((0, "Clinic letter"), (60, "Asthma review"))
    closer = _layer((0, "Clinic letter"), (30, "Dear Doctor"), (90, "Yours"))
    assert merged(closer, first).text == "Clinic letter\nDear Doctor\nAsthma review\nYours"


def test_what_both_read_alike_stands_once() -> None:
    """Equal readings are not doubled."""
    layer = _layer((0, "NHS 999 012 3454"), (30, "Dear Doctor"))
    assert merged(layer, layer) == layer


def test_a_word_both_read_differently_is_the_closer_ones() -> None:
    """Of two spellings of a plain word the closer look's stays."""
    assert merged(_layer((0, "Asthma")), _layer((0, "Asthna"))).text == "Asthma"


def test_two_spellings_of_a_number_both_stay() -> None:
    """Which digits are right is for the check digit to say."""
    both = merged(_layer((0, "NHS 999 012 3464")), _layer((0, "NHS 999 012 3454"))).text
    assert both == "NHS 999 012 3464\nNHS 999 012 3454"


@pytest.mark.parametrize("empty_first", [True, False])
def test_an_empty_reading_adds_and_takes_nothing(empty_first: bool) -> None:
    """Where one reading has no words the other comes back as it is."""
    layer, nothing = _layer((0, "Dear Doctor")), TextLayer("ocr")
    assert merged(layer, nothing) == merged(nothing, layer) == layer


pages = st.lists(st.tuples(st.integers(0, 200), st.text("ab019", min_size=1, max_size=12)), max_size=8).map(
    lambda lines: _layer(*lines)
)


@given(closer=pages, first=pages)
def test_merging_keeps_the_closer_look_whole(closer: TextLayer, first: TextLayer) -> None:
    """Every word of the closer look is there, once, and lines are numbered from 0 without gaps."""
    words = list(merged(closer, first).words)
    places = [(word.text, word.box) for word in words]
    assert all(places.count((word.text, word.box)) >= 1 for word in closer.words)
    assert sorted({word.line for word in words}) == list(range(len({word.line for word in words})))


@pytest.fixture(scope="module", params=ENGINES)
def reader(request: pytest.FixtureRequest) -> TextReader:
    """Each engine in turn."""
    engine: TextReader = request.getfixturevalue(request.param)
    return engine


def test_a_letter_is_read_closely(reader: TextReader, letter: Letter) -> None:
    """The closer look holds what the first one read, whether it is handed that or reads it itself."""
    first = reader.read(letter.pixels)
    closely = reader.read_closely(letter.pixels, first)
    assert BARE_NUMBER in digits_of(closely)
    assert {"Castlebourne", "Cardiologist"} <= {word.text for word in closely.words}
    assert reader.read_closely(letter.pixels) == closely


def _list_of_patients(rows: int) -> Pixels:
    page = Image.new("RGB", (1800, 2400), "white")
    draw, font = ImageDraw.Draw(page), ImageFont.load_default(17)
    for row in range(rows):
        draw.text((120, 120 + 34 * row), f"Bay {row + 1}  NHS 999 012 3454  review", font=font, fill="black")
    return np.asarray(page)


def test_every_row_of_a_list_in_small_print_is_read(cascade: TextReader) -> None:
    """A handover list whose print is tiny beside its page is read row by row."""
    assert digits_of(cascade.read_closely(_list_of_patients(30))).count(BARE_NUMBER) == 30
