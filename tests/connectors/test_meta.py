"""Instagram and Facebook: posts with their files, usage in percent, and what an error proves."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.base import (
    Attachment,
    AuthenticationFailed,
    Author,
    ConfigurationInvalid,
    ConnectorError,
    LinkCard,
    PayloadChanged,
    PostRef,
    RateLimited,
    SourceClosed,
    SourceUnavailable,
)
from connectors.meta.parse import parse_media, parse_page_post
from connectors.payload import Json
from connectors.registry import build, parse_config
from tests.connectors.abilities import context_for
from tests.connectors.loopback import Answer, running
from tests.connectors.meta_server import ACCOUNT, PAGE, TOKEN, MetaServer, refusal
from tests.connectors.wellformed import VALUES, assert_well_formed

BUSINESS = '{"1":[{"total_time":101,"estimated_time_to_regain_access":7}]}'
CDN = "https://scontent.cdninstagram.example"


@pytest.fixture
def server() -> Iterator[MetaServer]:
    """A Graph API without posts."""
    with running(MetaServer()) as made:
        yield made


@pytest.fixture
def facebook(server: MetaServer) -> Iterator[Any]:
    """A connector to it."""
    settings = {"pages": ["https://www.facebook.com/" + PAGE], "api_url": server.url}
    made = build("facebook", settings, {"access_token": TOKEN}, context_for(server.place))
    yield made
    made.close()


def medium(**fields: Any) -> dict[str, Any]:
    """An album as the API gives it."""
    parts = [{"id": "1", "media_type": "IMAGE", "media_url": f"{CDN}/1.jpg"},
             {"id": "2", "media_type": "VIDEO", "media_url": f"{CDN}/2.mp4"}]  # fmt: skip
    return {
        "id": "17893085207160254",
        "caption": "Look #nhs",
        "media_type": "CAROUSEL_ALBUM",
        "media_url": f"{CDN}/1.jpg",
        "permalink": "https://www.instagram.com/p/CRyZpjhDO_k/",
        "timestamp": "2026-11-24T10:45:19+0000",
        "children": {"data": parts},
    } | fields


def page_post(**fields: Any) -> dict[str, Any]:
    """A post with an album as the API gives it."""
    images = [{"type": "photo", "media": {"image": {"src": f"{CDN}/{n}.jpg"}}} for n in (1, 2)]
    return {
        "id": "19292868552_1",
        "message": "Look",
        "created_time": "2026-11-24T10:45:19+0000",
        "permalink_url": "https://www.facebook.com/ward.news/posts/1",
        "full_picture": f"{CDN}/1.jpg",
        "from": {"id": "19292868552", "name": "Ward news"},
        "attachments": {"data": [{"type": "album", "subattachments": {"data": images}}]},
    } | fields


def test_an_album_of_instagram() -> None:
    """Its id is that of its address, so that it meets what people report; each file comes once."""
    post = parse_media(Json(medium()), "#nhs")
    assert (post.external_id, post.text, post.author) == ("CRyZpjhDO_k", "Look #nhs", None)
    assert post.attachments == (Attachment(f"{CDN}/1.jpg"), Attachment(f"{CDN}/2.mp4"))


def test_a_post_of_a_page() -> None:
    """An album gives its pictures, a shared link its card and picture."""
    post = parse_page_post(Json(page_post()), PAGE)
    assert post.author == Author("19292868552", "Ward news", "https://www.facebook.com/19292868552")
    assert [file.url for file in post.attachments] == [f"{CDN}/1.jpg", f"{CDN}/2.jpg"]
    share = {"type": "share", "title": "A letter", "unshimmed_url": "https://x.example/1"}
    shared = parse_page_post(Json(page_post(attachments={"data": [share]})), PAGE)
    assert shared.card == LinkCard("https://x.example/1", "A letter", "")
    assert [file.url for file in shared.attachments] == [f"{CDN}/1.jpg"]


@given(st.dictionaries(st.sampled_from(sorted(medium())), VALUES))
def test_any_values_in_a_medium(fields: dict[str, Any]) -> None:
    """Whatever stands in a medium's fields, it is parsed or said to have changed."""
    with suppress(PayloadChanged):
        assert_well_formed([parse_media(Json(medium(**fields)), "")])


@given(st.dictionaries(st.sampled_from(sorted(page_post())), VALUES))
def test_any_values_in_a_page_post(fields: dict[str, Any]) -> None:
    """Whatever stands in a post's fields, it is parsed or said to have changed."""
    with suppress(PayloadChanged):
        assert_well_formed([parse_page_post(Json(page_post(**fields)), "")])


def test_the_token_stands_in_no_address(server: MetaServer, facebook: Any) -> None:
    """Not even in the next page's, which Meta itself writes it into."""
    for number in range(60):
        server.publish_post(str(number))
    assert sum(len(batch.posts) for batch in facebook.fetch(None)) == 50
    server.page_limit = 20
    assert sum(len(batch.posts) for batch in facebook.fetch(None)) == 50
    assert [asked.query for asked in server.asked if "access_token" in asked.query] == []


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({"X-App-Usage": '{"call_count":100,"total_time":3}'}, 600),
        (
            {"X-Business-Use-Case-Usage": BUSINESS},
            420,
        ),
    ],
)
def test_spent_usage_is_not_overdrawn(
    server: MetaServer, facebook: Any, headers: dict[str, str], seconds: int
) -> None:
    """When Meta's headers say that a hundred percent is used, nothing is asked until it is less."""
    server.standing = Answer({"data": []}, 200, headers)
    list(facebook.fetch(None))
    asked = len(server.asked)
    with pytest.raises(RateLimited) as limited:
        list(facebook.fetch(None))
    assert seconds - 5 < limited.value.retry_after <= seconds
    assert len(server.asked) == asked


@pytest.mark.parametrize(
    ("answer", "error"),
    [
        (refusal(190), AuthenticationFailed),
        (refusal(4), RateLimited),
        (refusal(80002), RateLimited),
        (refusal(10), SourceClosed),
        (refusal(18), SourceClosed),
        (refusal(2), SourceUnavailable),
        (Answer(b"<html>", 400), ConfigurationInvalid),
        (Answer({"data": 5}), PayloadChanged),
    ],
)
def test_errors_by_their_codes(
    server: MetaServer, facebook: Any, answer: Answer, error: type[ConnectorError]
) -> None:
    """Meta answers 400 for nearly everything; the code tells what it is."""
    server.standing = answer
    with pytest.raises(error):
        list(facebook.fetch(None))


def test_hidden_is_not_gone(server: MetaServer, facebook: Any) -> None:
    """Meta says the same of a post that is gone and of a page it no longer shows: then nothing is proved."""
    made = server.publish_post("one")
    server.posts.clear()
    ref = PostRef(made["id"], made["permalink_url"])
    assert facebook.check_availability(ref)[0].availability.value == "gone"
    server.standing = refusal(100, error_subcode=33)
    assert facebook.check_availability(ref)[0].availability.value == "unknown"


def test_what_must_be_given() -> None:
    """An account, at most the thirty hashtags of a week, and a token."""
    with pytest.raises(ConfigurationInvalid, match="account is missing"):
        parse_config("instagram", {"hashtags": ["nhs"]})
    with pytest.raises(ConfigurationInvalid, match="hashtags"):
        parse_config("instagram", {"hashtags": [f"t{n}" for n in range(31)], "account": ACCOUNT})
    with pytest.raises(AuthenticationFailed, match="reviewed"):
        build("instagram", {"hashtags": ["nhs"], "account": ACCOUNT}, None, context_for())
    with pytest.raises(AuthenticationFailed, match="reviewed"):
        build("facebook", {"pages": [PAGE]}, None, context_for())
