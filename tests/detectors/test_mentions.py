"""People named in running text, and what is no person."""

from __future__ import annotations

import pytest

from detectors.identifiers.mentions import ACCESSED, BESIDE, NAMED, find_mentions
from detectors.identifiers.names import find_names
from detectors.normalise import post_text, read_layer


def mentioned(text: str) -> list[tuple[str, float]]:
    """The names of a post's text, with their scores."""
    page = read_layer(post_text(text))
    return [(page.text[start:end], score) for start, end, score, _ in find_mentions(page)]


@pytest.mark.parametrize(
    ("text", "name", "score"),
    [
        ("I looked up Zofia Nowak on the system", "Zofia Nowak", ACCESSED),
        ("nursing Mary-Ann O'Neill tonight, what a mess", "Mary-Ann O'Neill", ACCESSED),
        ("Everybody knows Hodan Kaya was sectioned again", "Hodan Kaya", ACCESSED),
        ("So Velma Blackwood at 46 Cobden Mews, who would have thought", "Velma Blackwood", BESIDE),
        ("Edward Bentham 14/02/1985 - pass it on", "Edward Bentham", BESIDE),
        ("look who I saw: it was Duc Yip", "Duc Yip", NAMED),
    ],
)
def test_people_are_found_by_what_is_said_of_them(text: str, name: str, score: float) -> None:
    """Access to a record, care received, a detail beside the name; weakly by a word before it."""
    assert mentioned(text) == [(name, score)]


@pytest.mark.parametrize(
    "text",
    [
        "admitted to Royal Infirmary last night",
        "I looked up Castle Street on the map",
        "Manchester United was in a mess",
        "Happy Birthday Mum",
        "the Labour Government has been sectioned",
        "discharged on Monday Morning",
    ],
)
def test_places_and_common_words_are_no_people(text: str) -> None:
    """Capitalised words that name places, days or nobody are passed over."""
    assert mentioned(text) == []


def test_pictures_are_read_by_label_and_layout_only() -> None:
    """A page's headings are capitalised pairs too: running text is what somebody typed."""
    [found] = find_names(read_layer(post_text("I looked up Zofia Nowak on the system")))
    assert found.masked == "Z**** N****"
