"""Benchmarks: the corpus they read, their arithmetic, and the report of a run."""

from __future__ import annotations

import json
import shutil
from collections.abc import Sequence
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from typer.testing import CliRunner

from monitor.benchmark.corpus import Case, read_corpus
from monitor.benchmark.detection import Report
from monitor.benchmark.measure import Measured, Run
from monitor.benchmark.statistics import Share, average_precision, brier, calibration, curve, recall_at
from monitor.benchmark.systems import Verdict
from monitor.cli import app
from monitor.demo.sample import FEED
from monitor.errors import InvalidInput

SCORED = st.lists(st.tuples(st.floats(0, 1), st.booleans()), min_size=1, max_size=30)
LEAK = "found this. Patient: Ann Smith DOB 14/07/1945 NHS No 999 000 0018, admitted to ward 4 with pneumonia"


def write_corpus(folder: Path, rows: Sequence[object]) -> Path:
    """A corpus folder with these rows."""
    folder.mkdir(exist_ok=True)
    (folder / "manifest.jsonl").write_text("".join(f"{json.dumps(row)}\n" for row in rows), "utf-8")
    return folder


def measured(
    name: str, *, leak: bool, alert: bool, numbers: Sequence[str] = (), read: Sequence[str] = ()
) -> Measured:
    """A text post with its truth and a verdict on it."""
    case = Case(name, "words", None, leak, "notes", numbers=tuple(numbers), illegible=("9990123454",))
    return Measured(case, Verdict(alert, 0.9 if alert else 0.1, frozenset(read)), 0.5)


def test_a_corpus_is_read_with_its_truth(tmp_path: Path) -> None:
    """A row becomes a case; what is missing has a neutral value."""
    (tmp_path / "a.jpg").write_bytes(b"jpeg")
    rows = [
        {"id": "one", "file": "a.jpg", "label": "leak", "nhs_numbers": ["9990000018"], "capture": "photo"},
        {"id": "two", "post_text": "hello", "label": "benign"},
    ]
    one, two = read_corpus(write_corpus(tmp_path, rows))
    assert (one.medium, one.leak, one.numbers, one.capture) == ("picture", True, ("9990000018",), "photo")
    assert (two.medium, two.leak, two.category, two.text) == ("text", False, "unknown", "hello")


@pytest.mark.parametrize(
    ("row", "says"),
    [
        ({"label": "leak"}, "line 1 is not an object with a label and an id or a file"),
        ([], "line 1 is not an object"),
        ({"id": "x", "label": "bad"}, 'must be "leak" or "benign"'),
        ({"file": "gone.jpg", "label": "leak"}, "names gone.jpg, which is not beside the manifest"),
    ],
)
def test_a_wrong_row_is_named_in_one_sentence(tmp_path: Path, row: object, says: str) -> None:
    """The line and what is wrong with it are told."""
    with pytest.raises(InvalidInput, match=says):
        read_corpus(write_corpus(tmp_path, [row]))


def test_a_folder_without_a_manifest_is_no_corpus(tmp_path: Path) -> None:
    """The sentence names the folder and what is missing."""
    with pytest.raises(InvalidInput, match=r"has no manifest\.jsonl"):
        read_corpus(tmp_path)


def test_the_sample_feed_is_a_corpus() -> None:
    """Without a folder the shipped feed is read: 28 posts, 13 of them leaks."""
    cases = read_corpus(None)
    assert (len(cases), sum(case.leak for case in cases)) == (28, 13)


@given(st.integers(0, 50), st.integers(1, 50))
def test_an_interval_holds_its_share(hits: int, more: int) -> None:
    """The 95 % interval of a share contains it and stays within 0 and 1."""
    share = Share(hits, hits + more)
    low, high = share.interval
    assert 0 <= low <= share.value <= high <= 1


@given(SCORED)
def test_a_lower_threshold_never_loses_a_leak(scored: list[tuple[float, bool]]) -> None:
    """Recall and false alerts only grow as the threshold falls; bins hold every post once."""
    points = curve(scored)
    assert [p.recall for p in points] == sorted(p.recall for p in points)
    assert [p.false_alerts for p in points] == sorted(p.false_alerts for p in points)
    assert sum(b.leaks.total for b in calibration(scored)) == len(scored)


def test_a_perfect_ranking_has_the_best_figures() -> None:
    """Area 1, full recall without a false alert, no error of the score; the reverse is worse."""
    perfect, reverse = [(1.0, True), (0.0, False)], [(0.0, True), (1.0, False)]
    assert average_precision(curve(perfect)) == recall_at(curve(perfect), 0.0) == 1.0
    assert brier(perfect) == 0.0
    assert (average_precision(curve(reverse)), recall_at(curve(reverse), 0.0), brier(reverse)) == (0.5, 0, 1)


def test_numbers_are_counted_on_leaks_and_illegible_ones_neither_way() -> None:
    """A number read counts, one invented lowers the precision, an illegible one that was read does not."""
    number, other, illegible = "9990000018", "9998887771", "9990123454"
    run = Run(
        "leakwatch",
        (
            measured("a", leak=True, alert=True, numbers=[number], read=[number, illegible]),
            measured("b", leak=True, alert=False, numbers=[number], read=[other]),
            measured("c", leak=False, alert=True, read=[number]),
        ),
        1.0,
        100,
    )
    report = Report.of(run)
    assert (report.numbers("text"), report.number_precision) == (Share(1, 2), Share(1, 2))
    assert report.alerted(leak=True) == Share(1, 2)
    assert report.alerted(leak=False) == Share(1, 1)
    assert [m.case.identifier for m in report.wrong] == ["b", "c"]


@pytest.mark.needs_tesseract
def test_the_command_measures_leakwatch_beside_plain_ocr(tmp_path: Path) -> None:
    """It prints both systems, writes the plots and the figures, and leakwatch tells a leak from an order."""
    shutil.copy(FEED / "images" / "demo-05.jpg", tmp_path / "receipt.jpg")
    rows = [
        {"id": "leak", "post_text": LEAK, "label": "leak", "nhs_numbers": ["9990000018"]},
        {"id": "order", "post_text": "where is my order 9990000018?", "label": "benign"},
        {"id": "receipt", "file": "receipt.jpg", "post_text": "", "label": "benign", "category": "receipt"},
    ]
    write_corpus(tmp_path, rows)
    options = ["--against", "pytesseract", "--plots", str(tmp_path / "plots"), "--workers", "1"]
    figures = tmp_path / "figures.json"
    done = CliRunner().invoke(
        app, ["benchmark", "detection", "--corpus", str(tmp_path), "--json", str(figures), *options]
    )
    assert done.exit_code == 0, done.output
    ours, plain = json.loads(figures.read_text())
    assert (ours["recall"]["text"], ours["false_alerts"]) == (1.0, {"picture": 0.0, "text": 0.0})
    assert (plain["recall"]["text"], plain["false_alerts"]["text"]) == (1.0, 1.0)
    assert "| leaks in text that alert | 1 of 1: 1.000" in done.stdout
    assert sorted(p.name for p in (tmp_path / "plots").iterdir()) == [
        "calibration.svg",
        "precision-recall.svg",
    ]


def test_an_unknown_system_is_refused() -> None:
    """The sentence names what there is to compare with."""
    done = CliRunner().invoke(app, ["benchmark", "detection", "--against", "guesswork"])
    assert done.exit_code != 0
    assert isinstance(done.exception, InvalidInput)
