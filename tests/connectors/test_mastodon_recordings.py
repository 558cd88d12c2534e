"""Mastodon's real recorded answers, where a folder of them is named by LEAKWATCH_RECORDINGS.

Mastodon.py publishes them in its source distribution (`tests/cassettes`). They hold real people's words, so
none is kept here.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
import yaml

from connectors.mastodon.parse import parse_statuses
from connectors.payload import Json


def statuses(value: Any) -> Iterator[dict[str, Any]]:
    """Every status anywhere in an answer."""
    if isinstance(value, dict):
        if value.keys() >= {"uri", "content", "account"}:
            yield value
        for inner in value.values():
            yield from statuses(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from statuses(inner)


def recorded(file: Path) -> Iterator[dict[str, Any]]:
    """The statuses among one recording's answers."""
    cassette = yaml.load(file.read_bytes(), Loader=yaml.CSafeLoader)
    for interaction in (cassette or {}).get("interactions", []):
        with suppress(ValueError, TypeError, KeyError):
            yield from statuses(json.loads(interaction["response"]["body"]["string"]))


def test_every_recorded_status_is_a_post() -> None:
    """Each status ever recorded parses, with its words, its author and its address."""
    folder = os.environ.get("LEAKWATCH_RECORDINGS")
    if not folder:
        pytest.skip("LEAKWATCH_RECORDINGS names no folder of recordings (Mastodon.py's cassettes)")
    files = [file for file in Path(folder).rglob("test_*.yaml") if file.stat().st_size < 2 * 2**20]
    found = [status for file in files for status in recorded(file)]
    if not found:
        pytest.skip(f"{folder} holds none of Mastodon.py's cassettes")
    posts = [post for status in found for post in parse_statuses(Json(status, "status"), "", "localhost")]
    assert len(posts) >= 400
    assert all(post.url and post.author and post.posted_at for post in posts)
    assert sum(len(post.attachments) for post in posts) >= 10
