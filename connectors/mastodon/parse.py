"""Statuses of the Mastodon API as posts: pure functions over its JSON.

Documentation: the entities Status, MediaAttachment, PreviewCard, Poll and Quote of the Mastodon API.
"""

from __future__ import annotations

from collections.abc import Iterator

from connectors.base import Attachment, Author, LinkCard, Post
from connectors.html import html_text
from connectors.payload import Json
from connectors.text import web_address

PLATFORM = "mastodon"
_SEEN_KINDS = frozenset({"image", "gifv", "video", "unknown"})


def parse_statuses(status: Json, context: str, host: str) -> tuple[Post, ...]:
    """The post that a status shows (a boosted one for a boost) and one it quotes. Raises PayloadChanged."""
    shown = status["reblog"] if status.get("reblog") else status
    quoted = shown.get("quote").get("quoted_status")
    return tuple(parse_status(part, context, host) for part in (shown, quoted) if part)


def parse_status(status: Json, context: str, host: str) -> Post:
    """One status. `host` completes the handles of the instance's own accounts. Raises PayloadChanged."""
    uri = status["uri"].text()
    return Post(
        platform=PLATFORM,
        external_id=uri,
        url=_page(status, uri, host),
        text="\n\n".join(_texts(status)),
        author=_author(status["account"], host),
        posted_at=status["created_at"].moment(),
        attachments=tuple(_attachments(status)),
        context=context,
        card=_card(status.get("card")),
    )


def version(status: Json) -> str:
    """What changes when a status is edited."""
    return status.get("edited_at").text_or()


def id_order(status_id: str) -> tuple[int, str]:
    """Sorts ids by age: snowflakes, ULIDs and plain numbers alike, none of them a number everywhere."""
    return len(status_id), status_id


def _page(status: Json, uri: str, host: str) -> str:
    """Where people see it: a status may have no page, and the oldest servers' uris are no addresses."""
    own = f"https://{host}/statuses/{status.get('id').text_or()}"
    return web_address(status.get("url").text_or()) or web_address(uri) or own


def _texts(status: Json) -> Iterator[str]:
    options = [option.get("title").text_or() for option in status.get("poll").get("options").items_or_none()]
    parts = (status.get("spoiler_text").text_or(), html_text(status["content"].text()), "\n".join(options))
    return (part for part in parts if part.strip())


def _author(account: Json, host: str) -> Author:
    handle = account["acct"].text()
    url = account.get("url").text_or() or None
    return Author(
        external_id=account.get("uri").text_or() or url or account["id"].text(),
        handle=handle if "@" in handle else f"{handle}@{host}",
        url=url,
    )


def _attachments(status: Json) -> Iterator[Attachment]:
    found = [image for item in status["media_attachments"].items() for image in _attachment(item)]
    if not found:
        found = [Attachment(url) for url in [status.get("card").get("image").text_or()] if url]
    yield from found


def _attachment(item: Json) -> Iterator[Attachment]:
    """The file on the instance, else where it came from; of a video with neither, its still."""
    addresses = (item.get(name).text_or() for name in ("url", "remote_url", "preview_url"))
    url = next((address for address in addresses if address), None)
    if url and item["type"].text() in _SEEN_KINDS:
        yield Attachment(url, alt_text=item.get("description").text_or() or None)


def _card(card: Json) -> LinkCard | None:
    if not card:
        return None
    title, description = card.get("title").text_or(), card.get("description").text_or()
    return LinkCard(card.get("url").text_or() or None, title, description)
