"""Tumblr: the New Post Format as posts, blogs, and posts of one second."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.base import Attachment, AuthenticationFailed, Author, LinkCard, PayloadChanged
from connectors.payload import Json
from connectors.registry import build
from connectors.tumblr.parse import parse_post
from tests.connectors.abilities import context_for
from tests.connectors.loopback import running
from tests.connectors.tumblr_server import KEY, TumblrServer
from tests.connectors.wellformed import VALUES, assert_well_formed

MEDIA = "https://64.media.tumblr.com"


def image(name: str, alt_text: str | None = None) -> dict[str, Any]:
    """A picture in two sizes."""
    sizes = [(f"{MEDIA}/s/{name}", 75), (f"{MEDIA}/l/{name}", 1280)]
    media = [{"url": url, "type": "image/jpeg", "width": size, "height": size} for url, size in sizes]
    return {"type": "image", "media": media, "alt_text": alt_text}


def words(text: str) -> dict[str, Any]:
    """A block of words."""
    return {"type": "text", "text": text}


def raw(**fields: Any) -> dict[str, Any]:
    """A post as Tumblr gives it."""
    return {
        "id": 790000000000000001,
        "id_string": "790000000000000001",
        "blog_name": "ward",
        "post_url": "https://www.tumblr.com/ward/790000000000000001/look",
        "timestamp": 1795608000,
        "tags": ["nhs", "night shift"],
        "content": [words("Look"), image("a.jpg", "A letter"), words("here")],
        "trail": [],
    } | fields


def test_a_post() -> None:
    """Words in order, pictures at their largest with their alternative text, tags, the time."""
    post = parse_post(Json(raw()), "#nhs")
    assert (post.external_id, post.text) == ("790000000000000001", "Look\nhere")
    assert post.attachments == (Attachment(f"{MEDIA}/l/a.jpg", "image/jpeg", "A letter"),)
    assert post.author == Author("ward", "ward", "https://www.tumblr.com/ward")
    assert (post.tags, post.posted_at) == (("nhs", "night shift"), datetime(2026, 11, 25, 12, tzinfo=UTC))


def test_a_reblog() -> None:
    """What it carries on is its context, and the pictures there are its own too."""
    trail = [
        {"content": [{"type": "text", "text": "first"}, image("b.jpg")]},
        {"content": [{"type": "text", "text": "second"}]},
    ]
    post = parse_post(Json(raw(content=[], trail=trail)), "")
    assert (post.text, post.thread) == ("", ("second", "first"))
    assert [attachment.url for attachment in post.attachments] == [f"{MEDIA}/l/b.jpg"]


def test_videos_and_links() -> None:
    """A video's file, else its still; a link is a card with its picture."""
    still = [{"url": f"{MEDIA}/still.jpg", "type": "image/jpeg", "width": 9, "height": 9}]
    content = [
        {"type": "video", "media": {"url": f"{MEDIA}/v.mp4", "type": "video/mp4"}, "poster": still},
        {"type": "video", "url": "https://videos.example/1", "poster": still},
        {"type": "link", "url": "https://n.example", "title": "News", "description": "About"},
    ]
    post = parse_post(Json(raw(content=content)), "")
    assert [attachment.url for attachment in post.attachments] == [f"{MEDIA}/v.mp4", f"{MEDIA}/still.jpg"]
    assert post.card == LinkCard("https://n.example", "News", "About")


@given(st.dictionaries(st.sampled_from(sorted(raw())), VALUES))
def test_any_values_in_the_fields(fields: dict[str, Any]) -> None:
    """Whatever stands in a post's fields, it is parsed or said to have changed."""
    with suppress(PayloadChanged):
        assert_well_formed([parse_post(Json(raw(**fields)), "")])


@pytest.fixture
def server() -> Iterator[TumblrServer]:
    """A Tumblr without posts."""
    with running(TumblrServer()) as made:
        yield made


def connect(server: TumblrServer, **settings: Any) -> Any:
    """A connector to it."""
    values = {"api_url": server.url} | settings
    return build("tumblr", values, {"api_key": KEY}, context_for(server.place))


def test_a_blog_and_a_tag(server: TumblrServer) -> None:
    """A blog is asked for by its host; a post that also stands under a tag comes once."""
    for number in range(30):
        server.publish(str(number))
    connector = connect(server, blogs=["ward"], tags=["nhs"])
    posts = [post for batch in connector.fetch(None) for post in batch.posts]
    assert [post.text for post in posts] == [str(number) for number in range(30)]
    assert "v2/blog/ward.tumblr.com/posts" in {asked.path for asked in server.asked}


def test_many_posts_of_one_second(server: TumblrServer) -> None:
    """Posts of one second that straddle two pages are not lost, nor is anything asked for ever."""
    for number in range(50):
        server.publish(str(number), timestamp=1795608000 + number // 8)
    found = {post.text for batch in connect(server, tags=["nhs"]).fetch(None) for post in batch.posts}
    assert found == {str(number) for number in range(50)}


@pytest.mark.parametrize(
    ("url", "found"),
    [
        ("https://www.tumblr.com/ward/790000000000000001/look", "790000000000000001"),
        ("https://ward.tumblr.com/post/790000000000000001", "790000000000000001"),
        ("https://www.tumblr.com/ward", None),
    ],
)
def test_permalinks(server: TumblrServer, url: str, found: str | None) -> None:
    """Both kinds of address lead to the post's id."""
    assert connect(server, tags=["nhs"]).resolve_permalink(url) == found


def test_without_a_key(server: TumblrServer) -> None:
    """A source without a key says what it needs."""
    with pytest.raises(AuthenticationFailed, match="consumer key"):
        build("tumblr", {"tags": ["nhs"]}, None, context_for())
