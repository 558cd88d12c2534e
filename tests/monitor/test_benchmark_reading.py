"""The reading benchmark: what counts as read, what its table says, and a run of it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from monitor.benchmark.corpus import Case, read_corpus
from monitor.benchmark.reading import GROUPS, Reading, Result, group_of, is_read, read_with
from monitor.cli import app
from monitor.errors import InvalidInput


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


def test_pictures_are_counted_in_three_groups() -> None:
    """Natural photographs have costs of their own, apart from leaks and other benign pictures."""
    photo = Case("a", "", Path("a.jpg"), leak=False, category="natural_photo")
    benign = Case("b", "", Path("b.jpg"), leak=False)
    leak = Case("c", "", Path("c.jpg"), leak=True)
    assert {group_of(case) for case in (photo, benign, leak)} == set(GROUPS)


def test_the_table_counts_pictures_whole_and_numbers_each() -> None:
    """A picture counts when all its numbers were read; groups without pictures have no cost."""
    readings = (
        Reading("leak", (True, False), 2.0),
        Reading("leak", (True,), 1.0),
        Reading("benign", (), 0.5),
    )
    row = Result("cascade", readings, 1.24, 321).row()
    assert row == ["cascade", "1 of 2", "2 of 3", "1.50 / 1.95", "0.50 / 0.50", "-", "1.2", "321"]


def test_another_name_is_refused() -> None:
    """An engine that does not exist is one clear sentence."""
    with pytest.raises(InvalidInput, match="there are cascade, rapidocr"):
        read_with("nosuch", [], closely=False, tick=lambda: None)


def test_an_engine_is_measured_on_pictures(tmp_path: Path) -> None:
    """A letter of the sample feed is read in a fresh process, with the second look, and costs are told."""
    case = next(case for case in read_corpus(None) if case.file and case.numbers)
    assert case.file is not None
    row = {"file": str(case.file), "label": "leak", "nhs_numbers": case.numbers}
    (tmp_path / "manifest.jsonl").write_text(json.dumps(row), "utf-8")
    told = tmp_path / "figures.json"
    options = ["--corpus", str(tmp_path), "--engine", "cascade", "--closely", "--json", str(told)]
    done = CliRunner().invoke(app, ["benchmark", "reading", *options])
    assert done.exit_code == 0, done.output
    assert "| cascade | 1 of 1 |" in done.output
    (result,) = json.loads(told.read_text("utf-8"))
    assert result["readings"][0]["seconds"] > 0
    assert result["megabytes"] > 50
