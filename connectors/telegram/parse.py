"""The web pages of public Telegram channels as posts: pure functions over their HTML.

The pages are undocumented; their classes (`tgme_*`) have stood for years and are read off recorded pages. An
album is one message block that spans several message ids; its first is its identity.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from connectors.base import Attachment, Author, LinkCard, PayloadChanged, Post
from connectors.html import absolute, html_text
from connectors.payload import Json
from connectors.text import clean_text

if TYPE_CHECKING:
    from selectolax.lexbor import LexborNode

PLATFORM = "telegram"
SITE = "https://t.me"
_BACKGROUND = re.compile(r"background-image:\s*url\(\s*['\"]?([^'\")]+)")
_PICTURES = (
    ".tgme_widget_message_photo_wrap, .tgme_widget_message_video_thumb, .tgme_widget_message_roundvideo_thumb"
)
_TEXT = ".tgme_widget_message_text.js-message_text"


@dataclass(frozen=True, slots=True)
class Message:
    """One message block of a page."""

    post: str
    """"channel/1001"."""
    number: int
    node: Any
    """Its part of the page."""

    @property
    def key(self) -> str:
        """Its id with a digest of its words, which an edit changes."""
        words = _words(self.node)
        return f"{self.post} {hashlib.sha256(words.encode()).hexdigest()[:8]}"


@dataclass(frozen=True, slots=True)
class ChannelPage:
    """About twenty messages of a channel, oldest first."""

    title: str
    messages: tuple[Message, ...]
    has_older: bool


def parse_page(html: str, channel: str) -> ChannelPage:
    """A page of a channel. Raises PayloadChanged when it is none."""
    from selectolax.lexbor import LexborHTMLParser  # noqa: PLC0415  only this connector and pages need it

    tree = LexborHTMLParser(clean_text(html))
    if tree.css_first(".tgme_channel_history") is None:
        raise PayloadChanged("page.tgme_channel_history", "is missing")
    blocks = tree.css(".tgme_widget_message[data-post]")
    found = [_message(node) for node in blocks if "service_message" not in _classes(node)]
    title = tree.css_first(".tgme_channel_info_header_title, .tgme_widget_message_owner_name")
    return ChannelPage(
        title=_plain(title) or channel,
        messages=tuple(sorted(found, key=lambda message: message.number)),
        has_older=tree.css_first('link[rel="prev"], .tme_messages_more[data-before]') is not None,
    )


def parse_message(message: Message, title: str) -> Post:
    """A message block as a post. Raises PayloadChanged naming what is missing."""
    node, (channel, _, _) = message.node, message.post.partition("/")
    moment = node.css_first("a.tgme_widget_message_date time[datetime]")
    if moment is None:
        raise PayloadChanged("message.time", "is missing")
    return Post(
        platform=PLATFORM,
        external_id=message.post,
        url=f"{SITE}/{message.post}",
        text=_words(node),
        author=Author(channel, channel, f"{SITE}/{channel}"),
        posted_at=Json(moment.attributes.get("datetime"), "message.time").moment(),
        attachments=tuple(_attachments(node)),
        context=title,
        card=_card(node),
    )


def is_missing(embed: str) -> bool | None:
    """What an embedded message's page says: True without the message, False with it, None for neither."""
    if "tgme_widget_message_error" in embed:
        return True
    return False if "data-post=" in embed else None


def _message(node: LexborNode) -> Message:
    post = node.attributes.get("data-post") or ""
    number = post.rpartition("/")[2]
    if not number.isdecimal():
        raise PayloadChanged("message.data-post", "names no message")
    return Message(clean_text(post), int(number), node)


def _words(node: LexborNode) -> str:
    """Whom it is forwarded from, its text, a poll's question and answers, the names of its documents."""
    forwarded = _plain(node.css_first(".tgme_widget_message_forwarded_from_name"))
    parts = [f"Forwarded from {forwarded}" if forwarded else ""]
    parts += [html_text(part.html or "") for part in node.css(_TEXT)]
    parts += [_plain(part) for part in node.css(".tgme_widget_message_poll_question")]
    parts += [_plain(part) for part in node.css(".tgme_widget_message_poll_option_text")]
    parts += [_plain(part) for part in node.css(".tgme_widget_message_document_title")]
    return "\n\n".join(part for part in parts if part)


def _attachments(node: LexborNode) -> Iterator[Attachment]:
    """Photos of an album, videos or their stills, the picture of a link's preview; each once."""
    found: dict[str, Attachment] = {}
    for part in node.css(f"{_PICTURES}, .link_preview_image"):
        address = _BACKGROUND.search(part.attributes.get("style") or "")
        url = absolute(SITE, address[1]) if address else None
        if url:
            found.setdefault(url, Attachment(url))
    for video in node.css("video[src]"):
        url = absolute(SITE, video.attributes.get("src") or "")
        if url:
            found.setdefault(url, Attachment(url, "video/mp4"))
    yield from found.values()


def _card(node: LexborNode) -> LinkCard | None:
    preview = node.css_first("a.tgme_widget_message_link_preview")
    if preview is None:
        return None
    title = _plain(preview.css_first(".link_preview_title"))
    description = _plain(preview.css_first(".link_preview_description"))
    return LinkCard(absolute(SITE, preview.attributes.get("href") or ""), title, description)


def _plain(node: LexborNode | None) -> str:
    return " ".join(node.text().split()) if node is not None else ""


def _classes(node: LexborNode) -> str:
    return node.attributes.get("class") or ""
