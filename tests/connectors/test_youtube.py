"""YouTube: its resources as posts, what costs quota, and what its errors mean."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.base import (
    Attachment,
    AuthenticationFailed,
    Author,
    Availability,
    PayloadChanged,
    PostRef,
    RateLimited,
    SourceClosed,
)
from connectors.payload import Json
from connectors.registry import build
from connectors.traffic import Unwatched
from connectors.youtube.parse import parse_video
from tests.connectors.abilities import TRAFFIC, context_for
from tests.connectors.loopback import running
from tests.connectors.wellformed import VALUES, assert_well_formed
from tests.connectors.youtube_server import CHANNEL, KEY, YoutubeServer, refusal


@pytest.fixture
def server() -> Iterator[YoutubeServer]:
    """A channel without videos."""
    with running(YoutubeServer()) as made:
        yield made


def connect(
    server: YoutubeServer, key: str | None = KEY, now: datetime | None = None, **settings: Any
) -> Any:
    """A connector to the loopback server."""
    values = {"channels": [CHANNEL], "api_url": server.url, "site_url": server.url} | settings
    context = context_for(server.place)
    context = replace(context, now=lambda: now) if now else context
    return build("youtube", values, {"api_key": key} if key else None, context)


def posts(connector: Any) -> list[Any]:
    """Everything that is new."""
    return [post for batch in connector.fetch(None) for post in batch.posts]


def snippet(**fields: Any) -> dict[str, Any]:
    """A search result's snippet as recorded, its title escaped as the API does."""
    return {
        "publishedAt": "2026-11-24T10:00:00Z",
        "channelId": CHANNEL,
        "title": "Ward &amp; round",
        "description": "Words",
        "thumbnails": {
            "default": {"url": "https://i.ytimg.com/vi/x/default.jpg"},
            "high": {"url": "https://i.ytimg.com/vi/x/hqdefault.jpg"},
        },
        "channelTitle": "Ward",
    } | fields


def result(**fields: Any) -> dict[str, Any]:
    """A search result."""
    identity = {"kind": "youtube#video", "videoId": "gQ_1zX-F_No"}
    return {"kind": "youtube#searchResult", "id": identity, "snippet": snippet(**fields)}


def test_a_video() -> None:
    """Title and description, the channel, and the largest still."""
    post = parse_video(Json(result(), "item"), "search: ward")
    assert (post.external_id, post.url) == ("gQ_1zX-F_No", "https://www.youtube.com/watch?v=gQ_1zX-F_No")
    assert (post.text, post.posted_at) == ("Ward & round\n\nWords", datetime(2026, 11, 24, 10, tzinfo=UTC))
    assert post.author == Author(CHANNEL, "Ward", f"https://www.youtube.com/channel/{CHANNEL}")
    assert post.attachments == (Attachment("https://i.ytimg.com/vi/x/hqdefault.jpg", "image/jpeg"),)


@given(st.dictionaries(st.sampled_from(sorted(snippet())), VALUES))
def test_any_values_in_the_fields(fields: dict[str, Any]) -> None:
    """Whatever stands in a snippet, it is parsed or said to have changed."""
    with suppress(PayloadChanged):
        assert_well_formed([parse_video(Json(result(**fields), "item"), "")])


def test_without_a_key(server: YoutubeServer) -> None:
    """A channel's feed needs no key and gives the same ids, so that both ways know the same videos."""
    for number in range(20):
        server.publish(f"video {number}")
    by_feed, by_key = posts(connect(server, None)), posts(connect(server))
    assert [post.text for post in by_feed] == [f"video {number}\n\nAbout it" for number in range(5, 20)]
    assert [post.external_id for post in by_feed] == [post.external_id for post in by_key][5:]
    assert by_feed[0].attachments[0].url == by_key[5].attachments[0].url
    for settings in ({"searches": ["ward"]}, {"include_comments": True}):
        with pytest.raises(AuthenticationFailed, match="key"):
            connect(server, None, **settings)


def test_comments(server: YoutubeServer) -> None:
    """Comments come with their author and place; an edited one comes again."""
    server.comment("first")
    second = server.comment("second")
    connector = connect(server, include_comments=True)
    batches = list(connector.fetch(None))
    found = [post for batch in batches for post in batch.posts]
    assert [post.text for post in found] == ["first", "second"]
    assert found[1].url == "https://www.youtube.com/watch?v=v0000000001&lc=Ugx2"
    assert found[1].author == Author("UCann", "@ann", "http://www.youtube.com/channel/UCann")
    second |= {"textOriginal": "changed", "updatedAt": "2026-11-21T10:00:00Z"}
    (again,) = connector.fetch(batches[-1].checkpoint)
    assert [(post.external_id, post.text) for post in again.posts] == [("comment:Ugx2", "changed")]


def test_calls_are_metered(server: YoutubeServer) -> None:
    """Searches come from a meter of their own, everything else with a key costs units."""
    spent: list[str] = []

    class Meters(Unwatched):
        def spend(self, meter: str, wanted: int) -> int:
            spent.append(meter)
            return wanted

    token = TRAFFIC.set(Meters())
    connector = connect(server, searches=["nhs"])
    TRAFFIC.reset(token)
    posts(connector)
    assert sorted(spent) == ["searches", "units"]


def test_a_search_costs_one_call(server: YoutubeServer) -> None:
    """A search is read one page deep, and trying the source costs none of a day's hundred."""
    for number in range(120):
        server.publish(f"video {number}")
    connector = connect(server, channels=[], searches=["ward"], first_run_posts=500)
    assert connector.check().ok
    assert server.asked == []
    assert len(posts(connector)) == 50
    assert [asked.path for asked in server.asked] == ["youtube/v3/search"]
    assert "key" not in server.asked[0].query


@pytest.mark.parametrize(
    ("status", "reason", "error"),
    [
        (403, "quotaExceeded", RateLimited),
        (403, "rateLimitExceeded", RateLimited),
        (400, "keyInvalid", AuthenticationFailed),
        (403, "commentsDisabled", SourceClosed),
        (404, "playlistNotFound", SourceClosed),
    ],
)
def test_errors_have_reasons(server: YoutubeServer, status: int, reason: str, error: type[Exception]) -> None:
    """A refusal means what its reason says."""
    server.standing = refusal(status, reason)
    with pytest.raises(error):
        posts(connect(server))


def test_a_spent_quota_waits_for_midnight_in_california(server: YoutubeServer) -> None:
    """The quota's day ends at midnight Pacific time."""
    server.standing = refusal(403, "quotaExceeded")
    with pytest.raises(RateLimited) as limited:
        posts(connect(server, now=datetime(2026, 11, 25, 7, 0, tzinfo=UTC)))
    assert limited.value.retry_after == 3600


def test_a_comment_that_is_gone(server: YoutubeServer) -> None:
    """A video's probes are the API and the embedding service; without a key only the latter."""
    identity = server.publish("one")["resourceId"]["videoId"]
    ref = PostRef(identity, "https://www.youtube.com/watch?v=x")
    assert [p.subject for p in connect(server).check_availability(ref)] == ["API", "oEmbed"]
    (probe,) = connect(server, None).check_availability(ref)
    assert (probe.subject, probe.availability) == ("oEmbed", Availability.PRESENT)


@pytest.mark.parametrize(
    "url",
    [
        "https://www.youtube.com/watch?v=gQ_1zX-F_No",
        "https://m.youtube.com/watch?app=x&v=gQ_1zX-F_No&t=5",
        "https://youtu.be/gQ_1zX-F_No?si=x",
        "https://www.youtube.com/shorts/gQ_1zX-F_No",
    ],
)
def test_permalinks(server: YoutubeServer, url: str) -> None:
    """All addresses of a video lead to its id."""
    assert connect(server).resolve_permalink(url) == "gQ_1zX-F_No"
    assert connect(server).resolve_permalink("https://www.youtube.com/@ward") is None
