"""Scanning gives the same lines on every run, with any number of worker processes and in any order."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from monitor.demo.sample import FEED
from monitor.pipeline.pool import ExaminePool, PoolLimits
from monitor.scan import Scanner, collect_items
from monitor.settings import Settings
from monitor.templates import base_config

POSTS = ("demo-02", "demo-05")


def sample(folder: Path) -> Path:
    """Two posts of the sample feed with their photographs, and two of words alone."""
    lines = [json.loads(line) for line in (FEED / "posts.jsonl").read_text("utf-8").splitlines()]
    chosen = [line for line in lines if line["id"] in POSTS]
    for line in chosen:
        for file in line["files"]:
            (folder / file).parent.mkdir(exist_ok=True)
            (folder / file).write_bytes((FEED / file).read_bytes())
    chosen += [
        {"id": "said", "text": "NHS No 999 888 7771 DOB 01/02/1950", "context": ["look who was in A&E"]}
    ]
    chosen += [{"id": "missing", "files": ["gone.png"], "alt": ["#LeakedRecords"]}]
    feed = folder / "posts.jsonl"
    feed.write_text("".join(json.dumps(line) + "\n" for line in chosen))
    return feed


def documents(feed: Path, workers: int, *, turned: bool = False) -> list[dict[str, Any]]:
    """The public form of each post, scanned by so many processes that did nothing before."""
    settings = Settings(accept_unissued_numbers=True, workers=workers)
    items = collect_items([feed])
    with ExaminePool(PoolLimits(workers, settings.examine_timeout, settings.worker_memory_mb)) as pool:
        results = list(Scanner(pool, base_config(settings), settings).scan(items[::-1] if turned else items))
    told = [result.document() | {"seconds": 0.0} for result in results]
    return told[::-1] if turned else told


@pytest.mark.timeout(400)
def test_the_number_of_workers_changes_nothing(tmp_path: Path) -> None:
    """One process and two, first to last and last to first: every post has the same line but for its time."""
    feed = sample(tmp_path)
    alone = documents(feed, 1)
    assert [document["id"] for document in alone] == [*POSTS, "said", "missing"]
    assert any(document["alert"] for document in alone)
    assert documents(feed, 2, turned=True) == alone
