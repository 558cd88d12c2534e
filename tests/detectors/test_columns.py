"""Names under each other, as on boards and in registers."""

from __future__ import annotations

import pytest

from detectors.base import TextLayer
from detectors.identifiers.columns import LEAST_ROWS, find_columns
from detectors.identifiers.names import find_names
from detectors.normalise import post_text, read_layer

BOARD = "LABOUR WARD\n1 Freya TATTERSALL 39+1\n2 Heledd Barraclough 38+4\n3 Rhian McAteer, breech\n2 free"


def listed(text: str) -> list[str]:
    """The names that a page's rows begin with."""
    page = read_layer(TextLayer(origin="ocr", plain=text))
    return [page.text[start:end] for start, end, _, _ in find_columns(page)]


def test_the_names_of_a_board_are_found() -> None:
    """After a number of a bed or a room, in either writing, with whatever stands beside them."""
    assert listed(BOARD) == ["Freya TATTERSALL", "Heledd Barraclough", "Rhian McAteer"]
    assert listed("08/11/26 Myra Dyson, 204\n09/11/26 DEBBIE JANKOWSKI\n10/11/26 Pavel Marsden") != []


@pytest.mark.parametrize(
    "text",
    [
        "Freya Tattersall\nHeledd Barraclough",
        "Heart Failure Clinic\nChest Pain Clinic\nGrace Ward\nJoy Street",
        "Freya Tattersall spoke\nof the house and then\nRhian McAteer left\nfor the day",
    ],
)
def test_fewer_rows_and_other_rows_are_no_list(text: str) -> None:
    """It takes LEAST_ROWS rows; wards, streets and headings are nobody."""
    assert LEAST_ROWS == 3
    assert listed(text) == []


def test_a_list_is_looked_for_in_pictures_only() -> None:
    """In what somebody types, rows have no such order."""
    assert not any("under each other" in match.why for match in find_names(read_layer(post_text(BOARD))))
