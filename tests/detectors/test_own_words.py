"""Which words of a letterhead are an organisation's own: names, and none that a sister's form says too."""

from __future__ import annotations

import pytest

from detectors.base import Box, Word
from detectors.templates.letterhead import find_letterhead
from detectors.templates.own_words import is_own, names_in, words_in

AREA = Box(0, 0, 2000, 400)


def line(text: str, y: int = 20, x: int = 10) -> list[Word]:
    """The words of one printed line, ten pixels a letter."""
    words = []
    for part in text.split():
        words.append(Word(part, Box(x, y, 10 * len(part), 20), 0.95, y))
        x += 10 * len(part) + 10
    return words


@pytest.mark.parametrize(
    ("printed", "own"),
    [
        ("Ravenholme Vale Hospitals NHS Foundation Trust", ("ravenholme", "vale")),
        ("Ebbsworth and Rookhope Care NHS Trust", ("ebbsworth", "rookhope")),
        ("Cottage Hospital, Smithy Brow, Ebbsworth", ()),
        ("Complete every section and send to the NHS Trust within 24 hours", ()),
        ("Maternity Booking Record", ()),
        ("Community midwives 01632 960517", ()),
        ("Theatres and Anaesthesia Centre", ()),
        ("Women's and Newborn Hospital", ()),
        ("RAVENHOLME GENERAL INFIRMARY", ("ravenholme",)),
        ("Zofia Nowak Hospital No K4471802 NHS No 999", ()),
    ],
)
def test_a_name_stands_before_its_institution(printed: str, own: tuple[str, ...]) -> None:
    """Titles, instructions and addresses are no names, nor are words that any organisation may print."""
    assert names_in(line(printed), AREA, None) == own


def test_a_name_as_said_counts_though_nobody_could_read_it() -> None:
    """The organisation's name is known from whoever registers the form."""
    assert names_in([], AREA, "Ravenholme Vale Hospitals NHS Trust") == ("ravenholme", "vale")


def test_everyday_words_are_own_only_where_the_name_has_them() -> None:
    """Forth Valley is a name of everyday words; elsewhere they say nothing, and one alone is no name."""
    printed = line("Forth Valley Health, Send within hours, ZX88 4LG")
    assert words_in(printed, AREA, "NHS Forth Valley") == ("forth", "valley", "zx88")
    assert words_in(printed, AREA, None) == ("zx88",)
    assert names_in(printed, AREA, "NHS Forth Valley") == ()


@pytest.mark.parametrize(
    "word", ["referrals", "booking", "bloods", "midwives", "nhs", "hospitals", "2026", "abc"]
)
def test_no_word_of_every_form_is_own(word: str) -> None:
    """Neither in the plural nor inflected."""
    assert not is_own(word)


def test_a_screen_whose_first_row_is_a_label_has_a_letterhead() -> None:
    """A record system names patient and organisation at the top; the organisation's row is the letterhead."""
    name = line("Ravenholme Vale Hospitals NHS Trust", 10)
    screen = [*line("Patient: Nowak, Zofia", 10, 700), *name, *line("Results Letters Drugs", 60)]
    found = find_letterhead(screen, 900)
    assert found == Box(10, 10, name[-1].box.x + name[-1].box.width - 10, 20)


def test_a_screen_without_a_name_has_none() -> None:
    """Labels and tabs alone are no letterhead."""
    assert find_letterhead(line("Patient: Nowak, Zofia", 10), 900) is None
