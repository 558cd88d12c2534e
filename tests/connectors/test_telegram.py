"""Telegram's web pages as posts: the shapes of recorded pages."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.base import Attachment, Availability, LinkCard, PayloadChanged, Post, PostRef, SourceClosed
from connectors.registry import build
from connectors.telegram.parse import is_missing, parse_message, parse_page
from tests.connectors.abilities import context_for
from tests.connectors.loopback import running
from tests.connectors.telegram_server import TelegramServer, block, page, photo, text
from tests.connectors.wellformed import assert_well_formed

CDN = "https://cdn4.telesco.pe/file"


def posts(blocks: str) -> list[Post]:
    """A page's messages as posts."""
    found = parse_page(page(blocks), "wardnews")
    return [parse_message(message, found.title) for message in found.messages]


def test_an_album() -> None:
    """One block with several photos is one post, known by its first number."""
    inside = photo(f"{CDN}/1.jpg") + photo(f"{CDN}/2.jpg") + text("Look<br/><b>here</b>")
    (post,) = posts(block("wardnews/1001", inside))
    assert (post.external_id, post.url) == ("wardnews/1001", "https://t.me/wardnews/1001")
    assert (post.text, post.context) == ("Look\nhere", "Ward news")
    assert post.posted_at == datetime(2026, 11, 1, tzinfo=UTC)
    assert post.attachments == (Attachment(f"{CDN}/1.jpg"), Attachment(f"{CDN}/2.jpg"))


def test_other_kinds_of_messages() -> None:
    """Forwards, polls, documents and videos are told by what the page shows of them."""
    inside = (
        '<div class="tgme_widget_message_forwarded_from"><a class="tgme_widget_message_forwarded_from_name">'
        '<span>Other ward</span></a></div><div class="tgme_widget_message_poll_question">Who?</div>'
        '<div class="tgme_widget_message_poll_option_text">Nobody</div>'
        '<div class="tgme_widget_message_document_title">letter.pdf</div>'
        f"<i class='tgme_widget_message_video_thumb' style=\"background-image:url('{CDN}/v.jpg')\"></i>"
        f'<video src="{CDN}/v.mp4"></video>'
    )
    (post,) = posts(block("wardnews/7", inside))
    assert post.text == "Forwarded from Other ward\n\nWho?\n\nNobody\n\nletter.pdf"
    assert [attachment.url for attachment in post.attachments] == [f"{CDN}/v.jpg", f"{CDN}/v.mp4"]


def test_a_link_preview() -> None:
    """A link's preview is a card, and its picture an attachment."""
    inside = (
        '<a class="tgme_widget_message_link_preview" href="https://n.example/x">'
        '<div class="link_preview_title">News</div><div class="link_preview_description">About</div>'
        f'<i class="link_preview_image" style="background-image:url(\'{CDN}/p.jpg\')"></i></a>'
    )
    (post,) = posts(block("wardnews/8", inside))
    assert post.card == LinkCard("https://n.example/x", "News", "About")
    assert [attachment.url for attachment in post.attachments] == [f"{CDN}/p.jpg"]


def test_service_messages_are_no_posts() -> None:
    """That a channel was renamed, or a photo changed, is nobody's post."""
    blocks = block("wardnews/1", text("one")) + block("wardnews/2", text("pinned"), kind="service_message")
    assert [post.text for post in posts(blocks)] == ["one"]


def test_the_words_of_an_answered_message_are_not_its_own() -> None:
    """What a message answers stands in a block of its own class."""
    inside = (
        '<a class="tgme_widget_message_reply"><div class="tgme_widget_message_text js-message_reply_text">'
    )
    (post,) = posts(block("wardnews/9", inside + "before</div></a>" + text("now")))
    assert post.text == "now"


@pytest.mark.parametrize(
    ("html", "missing"),
    [
        ('<div class="tgme_widget_message_error">Post not found</div>', True),
        (block("wardnews/1", text("one")), False),
        ("<html>Please wait", None),
    ],
)
def test_what_a_message_s_page_says(html: str, missing: bool | None) -> None:
    """Gone, there, or neither."""
    assert is_missing(html) is missing


@given(st.text(), st.text(alphabet="<>/=\"' divclassmessage_data-post0123"))
def test_any_page(words: str, markup: str) -> None:
    """Whatever is answered, it is parsed or said to have changed."""
    with suppress(PayloadChanged):
        assert_well_formed(posts(block("wardnews/1", text(words) + markup)))
    with suppress(PayloadChanged):
        parse_page(markup, "x")


@pytest.fixture
def server() -> Iterator[TelegramServer]:
    """A channel without messages."""
    with running(TelegramServer()) as made:
        yield made


def connect(server: TelegramServer, **settings: Any) -> Any:
    """A connector to the loopback site."""
    values = {"channels": ["wardnews"], "site": server.url} | settings
    return build("telegram", values, None, context_for(server.place))


def test_not_found_in_a_closed_channel_proves_nothing(server: TelegramServer) -> None:
    """Telegram says "not found" of closed channels too."""
    server.post("one")
    ref = PostRef("wardnews/99", "https://t.me/wardnews/99")
    assert connect(server).check_availability(ref)[0].availability == Availability.GONE
    server.messages.clear()
    assert connect(server).check_availability(ref)[0].availability == Availability.UNKNOWN
    server.is_open = False
    assert connect(server).check_availability(ref)[0].availability == Availability.UNKNOWN


@pytest.mark.parametrize(
    ("url", "found"),
    [
        ("https://t.me/wardnews/17", "wardnews/17"),
        ("https://t.me/s/wardnews/17?single", "wardnews/17"),
        ("t.me/wardnews/17", "wardnews/17"),
        ("https://t.me/wardnews", None),
        ("https://t.me/c/123456/17", None),
        ("https://example.org/wardnews/17", None),
    ],
)
def test_permalinks(server: TelegramServer, url: str, found: str | None) -> None:
    """A message's address leads to its id; those of private groups lead nowhere."""
    assert connect(server).resolve_permalink(url) == found


def test_names_of_channels(server: TelegramServer) -> None:
    """A channel may be named as people do; one that shows nothing stops no other."""
    server.post("one")
    channels = [f"{name}" for name in ("https://t.me/s/hidden_one", "@wardnews", "t.me/wardnews/")]
    batches = connect(server, channels=channels).fetch(None)
    assert [post.text for post in next(batches).posts] == ["one"]
    with pytest.raises(SourceClosed, match="hidden_one"):
        next(batches)
