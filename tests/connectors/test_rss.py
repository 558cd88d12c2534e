"""Feeds: every kind as posts, and conditional requests against a loopback site."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import suppress
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.base import Attachment, Author, PayloadChanged, Post, SourceClosed
from connectors.pages import Validators, WebPage
from connectors.registry import build
from connectors.rss.parse import parse_feed
from tests.connectors.abilities import UNICODE, context_for
from tests.connectors.loopback import running
from tests.connectors.rss_server import FeedServer
from tests.connectors.wellformed import VALUES, assert_well_formed

FEED = "https://n.example/feed"
AT = datetime(2026, 11, 24, 10, tzinfo=UTC)
RSS = """<?xml version="1.0"?><rss version="2.0" xmlns:media="http://search.yahoo.com/mrss/"
 xmlns:content="http://purl.org/rss/1.0/modules/content/"><channel><title>News</title>
<item><title>A letter</title>
<guid isPermaLink="false">17</guid><link>/17</link><pubDate>Tue, 24 Nov 2026 10:00:00 GMT</pubDate>
<author>Ann</author><category>nhs</category><description>short</description>
<content:encoded>&lt;p&gt;Long &amp;amp; whole&lt;/p&gt;&lt;img src="a.png" alt="A page"&gt;</content:encoded>
<enclosure url="https://n.example/e.pdf" type="application/pdf" length="1"/>
<enclosure url="https://n.example/e.mp3" type="audio/mpeg" length="1"/>
<media:content url="https://n.example/m.jpg" medium="image"/></item></channel></rss>"""
ATOM = """<feed xmlns="http://www.w3.org/2005/Atom"><title>News</title><entry><title>A letter</title>
<id>tag:n.example,2026:17</id><link href="https://n.example/17"/><updated>2026-11-24T11:00:00+01:00</updated>
<author><name>Ann</name></author><content type="html">&lt;p&gt;Long&lt;/p&gt;</content></entry></feed>"""
ITEM = {
    "id": "17",
    "url": "https://n.example/17",
    "title": "A letter",
    "content_html": "<p>Long</p><img src='b.png' alt='B'>",
    "image": "https://n.example/i.jpg",
    "date_published": "2026-11-24T10:00:00Z",
    "authors": [{"name": "Ann"}],
    "tags": ["nhs"],
    "attachments": [{"url": "https://n.example/e.pdf", "mime_type": "application/pdf"}],
}
JSON = {"version": "https://jsonfeed.org/version/1.1", "title": "News", "items": [ITEM]}


def parsed(document: str | bytes) -> tuple[Post, ...]:
    """A document as posts."""
    data = document.encode() if isinstance(document, str) else document
    return parse_feed(WebPage(data, "https://n.example/dir/feed", "", Validators()), FEED)


def test_rss() -> None:
    """The longer text counts, addresses are made absolute, sound is left out."""
    assert parsed(RSS) == (
        Post(
            platform="rss",
            external_id=f"{FEED}#17",
            url="https://n.example/17",
            text="A letter\n\nLong & whole",
            author=Author("Ann", "Ann"),
            posted_at=AT,
            attachments=(
                Attachment("https://n.example/e.pdf", "application/pdf"),
                Attachment("https://n.example/m.jpg"),
                Attachment("https://n.example/dir/a.png", alt_text="A page"),
            ),
            context="News",
            tags=("nhs",),
        ),
    )


def test_atom() -> None:
    """An id that is unique in the world is the post's own."""
    (post,) = parsed(ATOM)
    assert (post.external_id, post.url, post.posted_at) == (
        "tag:n.example,2026:17",
        "https://n.example/17",
        AT,
    )
    assert (post.text, post.author) == ("A letter\n\nLong", Author("Ann", "Ann"))


def test_json_feed() -> None:
    """JSON Feed gives the same."""
    (post,) = parsed(json.dumps(JSON))
    assert (post.external_id, post.text, post.posted_at) == (f"{FEED}#17", "A letter\n\nLong", AT)
    assert [attachment.url for attachment in post.attachments] == [
        "https://n.example/i.jpg", "https://n.example/e.pdf", "https://n.example/dir/b.png"
    ]  # fmt: skip


def test_an_entry_without_anything() -> None:
    """An entry that has neither id nor address is known by its words."""
    (post,) = parsed(
        "<rss version='2.0'><channel><item><description>words</description></item></channel></rss>"
    )
    assert post.external_id.startswith(f"{FEED}#")
    assert (post.url, post.text, post.posted_at, post.context) == (FEED, "words", None, "n.example")


@pytest.mark.parametrize(
    "document", ["<html><body>Hi</body></html>", "", "{}", "{", '{"version": "1"}', "\x00"]
)
def test_what_is_no_feed(document: str) -> None:
    """Anything else is a feed that changed."""
    with pytest.raises(PayloadChanged, match="feed"):
        parsed(document)


@given(st.binary() | st.text(alphabet="<>/rss channelitem\"'=&;!D[]").map(lambda t: RSS[:200] + t))
def test_any_document(document: Any) -> None:
    """Whatever is answered, it is parsed or said to have changed."""
    with suppress(PayloadChanged):
        assert_well_formed({post.external_id: post for post in parsed(document)}.values())


@given(st.dictionaries(st.sampled_from(sorted(ITEM)), VALUES))
def test_any_json_item(fields: dict[str, Any]) -> None:
    """Whatever stands in an item's fields, it is parsed."""
    found = parsed(json.dumps(JSON | {"items": [fields]}))
    assert len(found) == 1
    assert_well_formed(found)


@pytest.fixture
def site() -> Iterator[FeedServer]:
    """A site with an empty feed."""
    with running(FeedServer()) as server:
        yield server


def test_unchanged_is_not_sent_again(site: FeedServer) -> None:
    """What the server gave to ask with is sent, and kept only once the feed was told whole."""
    for number in range(120):
        site.entries[site.entry_url(f"e/{number}")] = UNICODE
    connector = build("rss", {"feeds": [f"{site.url}/feed.xml"]}, None, context_for(site.place))
    batches = list(connector.fetch(None))
    assert [len(batch.posts) for batch in batches] == [50, 50, 20]
    etags = [batch.checkpoint["feeds"][f"{site.url}/feed.xml"]["etag"] for batch in batches]
    assert etags[:2] == [None, None]
    assert list(connector.fetch(batches[-1].checkpoint)) == []
    assert site.asked[-1].headers["if-none-match"] == etags[2]


def test_a_broken_feed_stops_no_other(site: FeedServer) -> None:
    """A feed that is gone is told after the others were read."""
    site.entries[site.entry_url("e/1")] = "one"
    feeds = [f"{site.url}/gone.xml", f"{site.url}/feed.xml"]
    batches = build("rss", {"feeds": feeds}, None, context_for(site.place)).fetch(None)
    assert [post.text for post in next(batches).posts] == ["Entry\n\none"]
    with pytest.raises(SourceClosed, match=r"gone\.xml"):
        next(batches)
