"""The reading benchmark: which pictures it takes, what counts as read, what its table says."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from benchmarks.reading import GROUPS, Reading, Result, corpus, demo_feed, is_read, measure, table


def test_the_sample_feed_is_the_default_corpus() -> None:
    """Every picture of the shipped feed is there once, with numbers on leaks only."""
    pictures = demo_feed()
    assert len({picture.path for picture in pictures}) == len(pictures) == 26
    assert all(picture.path.is_file() for picture in pictures)
    assert {picture.group for picture in pictures} == set(GROUPS)
    assert all(picture.group == "leak" for picture in pictures if picture.numbers)


def test_a_corpus_is_a_folder_with_a_manifest(tmp_path: Path) -> None:
    """Rows with a file become pictures; natural photos are a group of their own."""
    rows = [
        {"file": "a.jpg", "label": "leak", "category": "letter", "nhs_numbers": ["9990123454"]},
        {"file": "b.jpg", "label": "benign", "category": "natural_photo"},
        {"file": None, "label": "benign"},
    ]
    (tmp_path / "manifest.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    first, second = corpus(tmp_path)
    assert (first.path, first.group, first.numbers) == (tmp_path / "a.jpg", "leak", ("9990123454",))
    assert (second.group, second.numbers) == ("natural photo", ())


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("NHS No 999 012 3454.", True),
        ("9990123454", True),
        ("9 9 9|0 1 2|3 4 5 4", True),
        ("999 012 34545", False),
        ("999 012\n3454", False),
        ("999 012 3455", False),
    ],
)
def test_a_number_counts_when_all_its_digits_stand_together(text: str, expected: bool) -> None:
    """Spaces and one sign between digits do not matter; another digit or a new line does."""
    assert is_read("9990123454", text) is expected


def test_the_table_counts_pictures_whole_and_numbers_each() -> None:
    """A picture counts when all its numbers were read; groups without pictures have no cost."""
    readings = (
        Reading("leak", (True, False), 2.0),
        Reading("leak", (True,), 1.0),
        Reading("benign", (), 0.5),
    )
    row = table([Result("rapidocr", readings, 1.24, 321)]).splitlines()[-1]
    assert row == "| rapidocr | 1 of 2 | 2 of 3 | 1.50 / 1.95 | 0.50 / 0.50 | - | 1.2 | 321 |"


def test_an_engine_is_measured_on_pictures() -> None:
    """A letter of the sample feed is read, and reading it costs time and memory."""
    picture = next(picture for picture in demo_feed() if picture.numbers)
    result = measure("rapidocr", [picture])
    assert result.readings[0].read == (True,)
    assert result.readings[0].seconds > 0
    assert result.megabytes > 50
