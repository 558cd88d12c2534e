"""The alerting benchmark: which posts it takes, how it counts, and that it really scans."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from benchmarks.alerting import Case, corpus, demo_feed, scan, scores, wilson


def test_the_sample_feed_is_the_default_corpus() -> None:
    """Every post of the shipped feed is there once, leaks and benign ones."""
    cases = demo_feed()
    assert len({case.identifier for case in cases}) == len(cases) == 28
    assert sum(case.leak for case in cases) == 13
    assert all(file.is_file() for case in cases for file in case.files)


def test_a_corpus_is_a_folder_with_a_manifest(tmp_path: Path) -> None:
    """Rows become posts with their text and, where they have one, their picture."""
    rows = [
        {"id": "1", "file": "a.jpg", "post_text": "look", "label": "leak", "category": "letter"},
        {"id": "2", "file": None, "post_text": "lunch", "label": "benign", "category": "text"},
    ]
    (tmp_path / "manifest.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    assert corpus(tmp_path) == [
        Case("1", "look", (tmp_path / "a.jpg",), True, "letter"),
        Case("2", "lunch", (), False, "text"),
    ]


def test_leaks_and_benign_posts_are_counted_apart() -> None:
    """A group's share is of its own label; leaks come first."""
    cases = [Case(str(n), "", (), n < 2, "chat") for n in range(4)]
    results = {"0": {"alert": True}, "1": {"alert": False}, "2": {"alert": False}, "3": {"alert": True}}
    counted = [(s.group, s.leak, s.alerted, s.total) for s in scores(cases, results)]
    assert counted == [
        ("all, text", True, 1, 2),
        ("chat", True, 1, 2),
        ("all, text", False, 1, 2),
        ("chat", False, 1, 2),
    ]


@pytest.mark.parametrize(("hits", "total", "low", "high"), [(0, 10, 0.0, 0.278), (9, 10, 0.596, 0.982)])
def test_the_interval_is_wilson_s(hits: int, total: int, low: float, high: float) -> None:
    """Published values of the score interval."""
    assert wilson(hits, total) == pytest.approx((low, high), abs=0.001)


def test_posts_are_really_scanned() -> None:
    """A text leak alerts and a joke does not, through the command a user runs."""
    leak = "NHS No 999 888 7771 Mr Owen Pellow DOB 01/02/1950 admitted with sepsis, ward 4, DNACPR"
    cases = [Case("a", leak, (), True, "text"), Case("b", "my dog ate the remote", (), False, "text")]
    results = scan(cases, workers=1)
    assert {name: result["alert"] for name, result in results.items()} == {"a": True, "b": False}
