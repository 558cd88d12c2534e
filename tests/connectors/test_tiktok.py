"""TikTok's Research API: videos with their stills, tokens that end, the day's requests, gone or hidden."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.base import AuthenticationFailed, PayloadChanged, PostRef, RateLimited, SourceUnavailable
from connectors.payload import Json
from connectors.registry import build
from connectors.tiktok.parse import created_on, parse_video
from tests.connectors.abilities import context_for
from tests.connectors.loopback import Answer, running
from tests.connectors.tiktok_server import EPOCH, KEY, SECRET, TiktokServer
from tests.connectors.wellformed import VALUES, assert_well_formed

NOON = datetime(2026, 11, 25, 12, tzinfo=UTC)


@pytest.fixture
def server() -> Iterator[TiktokServer]:
    """A TikTok without videos."""
    with running(TiktokServer()) as made:
        yield made


@pytest.fixture
def connector(server: TiktokServer) -> Iterator[Any]:
    """A connector to it, at noon."""
    settings = {"keywords": ["nhs letter"], "api_url": server.url, "site_url": server.url}
    context = replace(context_for(server.place), now=lambda: NOON)
    made = build("tiktok", settings, {"client_key": KEY, "client_secret": SECRET}, context)
    yield made
    made.close()


def raw(**fields: Any) -> dict[str, Any]:
    """A video as the API gives it."""
    return {
        "id": 7_400_000_000_000_000_001,
        "username": "ann.b",
        "video_description": "Look",
        "voice_to_text": "at this letter",
        "create_time": EPOCH,
        "hashtag_names": ["nhs"],
    } | fields


def test_a_video(server: TiktokServer, connector: Any) -> None:
    """Its words are its description and what is said; the still comes from the embedding service."""
    post = parse_video(Json(raw()), "https://x.example/still.jpg", "nhs")
    assert (post.external_id, post.text) == ("7400000000000000001", "Look\n\nat this letter")
    assert post.url == "https://www.tiktok.com/@ann.b/video/7400000000000000001"
    server.publish("one")
    (batch,) = connector.fetch(None)
    assert [file.url for file in batch.posts[0].attachments] == [f"{server.url}/still.jpg"]


@given(st.dictionaries(st.sampled_from(sorted(raw())), VALUES))
def test_any_values_in_the_fields(fields: dict[str, Any]) -> None:
    """Whatever stands in a video's fields, it is parsed or said to have changed."""
    with suppress(PayloadChanged):
        assert_well_formed([parse_video(Json(raw(**fields)), None, "")])


@given(st.text() | st.integers().map(str))
def test_any_id(identity: str) -> None:
    """An id tells a moment or none."""
    moment = created_on(identity)
    assert moment is None or moment.tzinfo is UTC


def test_what_is_asked(server: TiktokServer, connector: Any) -> None:
    """The words, the region and the last days."""
    server.publish("one")
    list(connector.fetch(None))
    body = next(asked.json for asked in server.asked if asked.path.endswith("query/"))
    assert [condition["field_name"] for condition in body["query"]["and"]] == ["keyword", "region_code"]
    assert (body["start_date"], body["end_date"]) == ("20261123", "20261125")


def test_a_token_that_ended_is_renewed(server: TiktokServer, connector: Any) -> None:
    """A run goes on with a new token."""
    server.publish("one")
    list(connector.fetch(None))
    server.tokens += 1
    server.publish("two")
    assert sum(len(batch.posts) for batch in connector.fetch(None)) == 2


def test_the_day_is_spent(server: TiktokServer, connector: Any) -> None:
    """The source waits for midnight UTC."""
    server.closed = Answer({"data": {}, "error": {"code": "rate_limit_exceeded"}}, 429)
    with pytest.raises(RateLimited):
        list(connector.fetch(None))
    server.closed = Answer({"data": {}, "error": {"code": "rate_limit_exceeded"}}, 403)
    with pytest.raises(RateLimited) as limited:
        list(connector.fetch(None))
    assert limited.value.retry_after == 12 * 3600


def test_no_video_without_its_still_for_a_moment(server: TiktokServer, connector: Any) -> None:
    """When the embedding service is away, the video waits instead of being kept without its picture."""
    server.publish("one")
    list(connector.fetch({"listings": {"nhs letter": []}}))
    server.away = True
    with pytest.raises(SourceUnavailable):
        list(connector.fetch({"listings": {"nhs letter": []}}))


def test_private_is_not_gone(server: TiktokServer, connector: Any) -> None:
    """The API and the embedding service are asked apart; 400 proves nothing."""
    made = server.publish("one")
    ref = PostRef(str(made["id"]), f"{server.url}/@ann/video/{made['id']}")
    verdicts = [probe.availability.value for probe in connector.check_availability(ref)]
    assert verdicts == ["present", "present", "unknown"]
    server.videos.clear()
    server.embedding = 400
    verdicts = [probe.availability.value for probe in connector.check_availability(ref)]
    assert verdicts == ["gone", "unknown", "gone"]


def test_it_takes_a_client() -> None:
    """Without an approved client there is no source."""
    with pytest.raises(AuthenticationFailed, match="approved"):
        build("tiktok", {"keywords": ["nhs"]}, None, context_for())
