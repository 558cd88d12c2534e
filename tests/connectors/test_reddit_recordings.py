"""Reddit's real recorded answers, where a folder of them is named by LEAKWATCH_RECORDINGS.

PRAW publishes them in its source distribution (`tests/integration/cassettes`). They hold real people's words,
so none is kept here.
"""

from __future__ import annotations

import base64
import json
import os
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest

from connectors.base import ChecksManyPosts, PostRef
from connectors.kind import ConnectorContext
from connectors.reddit.parse import parse_page, parse_thing
from connectors.registry import build
from tests.connectors.reddit_server import CLIENT_ID, CLIENT_SECRET, RedditServer


@pytest.fixture(scope="module")
def listings() -> list[tuple[str, dict[str, Any]]]:
    """Every recorded listing of submissions or comments, with its recording's name."""
    folder = os.environ.get("LEAKWATCH_RECORDINGS")
    if not folder:
        pytest.skip("LEAKWATCH_RECORDINGS names no folder of recordings (PRAW's cassettes)")
    found = [
        (file.stem, payload)
        for file in sorted(Path(folder).rglob("Test*.json"))
        for payload in recorded(file)
    ]
    if not found:
        pytest.skip(f"{folder} holds none of PRAW's cassettes")
    return found


def recorded(file: Path) -> Iterator[dict[str, Any]]:
    """The listings among one recording's answers."""
    for interaction in json.loads(file.read_text(encoding="utf-8")).get("interactions", []):
        body = interaction["response"]["body"]
        text = body.get("string") or base64.b64decode(body.get("base64_string", "")).decode(
            "utf-8", "replace"
        )
        with suppress(ValueError):
            payload = json.loads(text)
            if isinstance(payload, dict) and payload.get("kind") == "Listing":
                yield payload


def test_every_recorded_thing_is_a_post(listings: list[tuple[str, dict[str, Any]]]) -> None:
    """Each submission and comment ever recorded parses, and galleries and linked images give pictures."""
    submissions = [item for _, payload in listings for item in parse_page(payload, "t3").items]
    comments = [item for _, payload in listings for item in parse_page(payload, "t1").items]
    assert len(submissions) > 1000
    assert len(comments) > 1000
    for item in (*submissions, *comments):
        assert parse_thing(item).external_id == item["name"]
    shown = [
        item
        for item in submissions
        if item.get("post_hint") == "image" and not item.get("removed_by_category")
    ]
    assert shown
    assert all(parse_thing(item).attachments for item in shown)


def test_recorded_galleries_keep_their_order(listings: list[tuple[str, dict[str, Any]]]) -> None:
    """Pictures of recorded galleries come in the order of their items."""
    galleries = [
        item
        for _, payload in listings
        for item in parse_page(payload, "t3").items
        if item.get("gallery_data") and not item.get("removed_by_category")
    ]
    assert galleries
    for item in galleries:
        wanted = [entry["media_id"] for entry in item["gallery_data"]["items"]]
        valid = [key for key in wanted if item["media_metadata"].get(key, {}).get("status") == "valid"]
        found = [attachment.url for attachment in parse_thing(item).attachments]
        assert [key in url for key, url in zip(valid, found, strict=True)] == [True] * len(valid)


@pytest.mark.parametrize(
    "name", ["TestSubredditListings.test_new", "TestSubmission.test_hide_multiple_in_batches"]
)
def test_a_recorded_listing_through_the_connector(
    listings: list[tuple[str, dict[str, Any]]], reddit: RedditServer, context: ConnectorContext, name: str
) -> None:
    """A real listing served on loopback comes through the whole connector, nothing rejected."""
    items = [item for stem, payload in listings if stem == name for item in parse_page(payload, "t3").items]
    reddit.listings["r/recorded/new"] = list({item["name"]: item for item in items}.values())
    url = f"http://{reddit.place}"
    settings = {"subreddits": ["recorded"], "first_run_posts": 1000, "reddit_url": url, "oauth_url": url}
    here = ConnectorContext(context.user_agent, context.now, frozenset({reddit.place}))
    connector = build("reddit", settings, {"client_id": CLIENT_ID, "client_secret": CLIENT_SECRET}, here)
    batches = list(connector.fetch(None))
    connector.close()
    assert [rejected for batch in batches for rejected in batch.rejected] == []
    given = [post.external_id for batch in batches for post in batch.posts]
    assert given == [item["name"] for item in reversed(reddit.listings["r/recorded/new"])]
    assert len(given) >= 90


def test_a_recorded_answer_for_information(
    listings: list[tuple[str, dict[str, Any]]], reddit: RedditServer, context: ConnectorContext
) -> None:
    """Things that Reddit really answered for are told apart: shown, or removed."""
    things = [
        item
        for stem, payload in listings
        if stem == "TestReddit.test_info"
        for kind in ("t3", "t1")
        for item in parse_page(payload, kind).items
    ]
    reddit.things = {item["name"]: item for item in things}
    settings = {"subreddits": ["recorded"], "reddit_url": reddit.url, "oauth_url": reddit.url}
    here = ConnectorContext(context.user_agent, context.now, frozenset({reddit.place}))
    connector = build("reddit", settings, {"client_id": CLIENT_ID, "client_secret": CLIENT_SECRET}, here)
    assert isinstance(connector, ChecksManyPosts)
    found = connector.check_many([PostRef(name, f"{reddit.url}/comments/{name}/") for name in reddit.things])
    connector.close()
    assert len(found) > 50
    assert {probes[0].availability.value for probes in found} == {"present", "gone"}
