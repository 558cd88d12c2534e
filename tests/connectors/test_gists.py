"""Gists: files as words and attachments, versions, and GitHub's own ways of refusing."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.base import (
    Attachment,
    Author,
    Availability,
    Batch,
    PayloadChanged,
    PostRef,
    RateLimited,
    SourceClosed,
)
from connectors.gists.parse import parse_gist
from connectors.payload import Json
from connectors.registry import build
from tests.connectors.abilities import context_for
from tests.connectors.gists_server import GistsServer
from tests.connectors.loopback import Answer, running
from tests.connectors.wellformed import VALUES, assert_well_formed

RAW = "https://gist.githubusercontent.com/ann/1/raw"


def gist(**fields: Any) -> dict[str, Any]:
    """A gist as GitHub gives it."""
    picture = {"filename": "b.png", "type": "image/png", "raw_url": f"{RAW}/b.png", "content": "\u2030PNG"}
    notes = {"filename": "a.txt", "type": "text/plain", "raw_url": f"{RAW}/a.txt", "content": "words"}
    return {
        "id": "aa5a315d61ae9438b18d",
        "html_url": "https://gist.github.com/ann/aa5a315d61ae9438b18d",
        "description": "Ward list",
        "updated_at": "2026-11-24T10:00:00Z",
        "owner": {"login": "ann", "id": 5, "html_url": "https://github.com/ann"},
        "files": {"b.png": picture, "a.txt": notes},
    } | fields


def test_a_gist() -> None:
    """Description, names and contents are its words; pictures are attachments."""
    post = parse_gist(Json(gist()), "public gists")
    assert post.text == "Ward list\n\na.txt\nwords\n\nb.png"
    assert post.attachments == (Attachment(f"{RAW}/b.png", "image/png"),)
    assert post.author == Author("5", "ann", "https://github.com/ann")
    assert post.posted_at == datetime(2026, 11, 24, 10, tzinfo=UTC)
    assert parse_gist(Json(gist(owner=None)), "").author is None


@given(st.dictionaries(st.sampled_from(sorted(gist())), VALUES))
def test_any_values_in_the_fields(fields: dict[str, Any]) -> None:
    """Whatever stands in a gist, it is parsed or said to have changed."""
    with suppress(PayloadChanged):
        assert_well_formed([parse_gist(Json(gist(**fields)), "")])


@pytest.fixture
def server() -> Iterator[GistsServer]:
    """A GitHub without gists."""
    with running(GistsServer()) as made:
        yield made


def connect(server: GistsServer, **settings: Any) -> Any:
    """A connector to it, without a token."""
    values = {"users": ["ann"], "api_url": server.url} | settings
    return build("gists", values, None, context_for(server.place))


def test_gone_between_list_and_look(server: GistsServer) -> None:
    """A gist that is deleted after it was listed is kept as it was listed."""
    made = server.publish("words", description="Listed")
    server.blocked.add(made["id"])
    batch, _ = connect(server).fetch(None)
    assert [post.text for post in batch.posts] == ["Listed\n\nnotes.txt"]


def test_taken_down_for_legal_reasons(server: GistsServer) -> None:
    """A gist that GitHub blocked is gone."""
    made = server.publish("words")
    ref = PostRef(made["id"], made["html_url"])
    assert connect(server).check_availability(ref)[0].availability == Availability.PRESENT
    server.blocked.add(made["id"])
    assert connect(server).check_availability(ref)[0].availability == Availability.GONE


def test_the_second_limit(server: GistsServer) -> None:
    """GitHub's limit of bursts is a 403 with a Retry-After."""
    server.standing = Answer({"message": "secondary rate limit"}, 403, {"Retry-After": "75"})
    with pytest.raises(RateLimited) as limited:
        list(connect(server).fetch(None))
    assert limited.value.retry_after == 75


def test_an_unchanged_listing_costs_nothing(server: GistsServer) -> None:
    """GitHub's 304 is told from news, and a listing in trouble neither stops nor spoils another."""
    server.publish("one")
    connector = connect(server, public=True)
    *_, last = connector.fetch(None)
    assert list(connector.fetch(last.checkpoint)) == []
    made = server.publish("two")
    assert [post.text for batch in connector.fetch(last.checkpoint) for post in batch.posts] == [
        "notes.txt\ntwo"
    ]
    halfway = next(iter(connector.fetch(last.checkpoint)))
    server.asked.clear()
    *_, end = connector.fetch(halfway.checkpoint)
    assert f"gists/{made['id']}" not in [asked.path for asked in server.asked]
    server.asked.clear()
    assert list(connector.fetch(end.checkpoint)) == []
    assert [asked.path for asked in server.asked] == ["gists/public", "users/ann/gists"]


def test_a_closed_listing_leaves_the_others_what_they_ask_with(server: GistsServer) -> None:
    """What was told of the open one is kept; the closed one is asked for anew."""
    server.publish("one")
    given: list[Batch] = []
    with pytest.raises(SourceClosed, match="@gone"):
        given.extend(connect(server, users=["gone", "ann"]).fetch(None))
    assert list(given[-1].checkpoint["validators"]) == ["@ann"]


@pytest.mark.parametrize(
    ("url", "found"),
    [
        ("https://gist.github.com/ann/aa5a315d61ae9438b18d", "aa5a315d61ae9438b18d"),
        ("https://gist.github.com/aa5a315d61ae9438b18d#file-a-txt", "aa5a315d61ae9438b18d"),
        ("https://github.com/ann/x", None),
    ],
)
def test_permalinks(server: GistsServer, url: str, found: str | None) -> None:
    """An address leads to the gist's id."""
    assert connect(server).resolve_permalink(url) == found
