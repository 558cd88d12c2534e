"""Messages of Telegram's own protocol (MTProto) as posts: pure functions over Telethon's objects.

Documentation: the types Message, MessageMediaPhoto, MessageMediaDocument and MessageMediaWebPage of
Telegram's API. An album is several messages of one `grouped_id`; its first is its identity, as on the web.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from itertools import groupby
from typing import Any

from connectors.base import Attachment, Author, LinkCard, PayloadChanged, Post
from connectors.telegram.parse import PLATFORM, SITE
from connectors.text import clean_text

SCHEME = "telegram:"
"""Attachments are named "telegram:channel/1001": the connector reads the file of that message."""
_SHOWN = ("image/", "video/", "application/pdf")


def albums(messages: Sequence[Any]) -> list[list[Any]]:
    """Messages, oldest first, as posts: each alone, those of an album together; no joins and pins."""
    written = [message for message in messages if is_written(message)]
    return [list(group) for _, group in groupby(written, key=_group)]


def is_written(message: Any) -> bool:
    """Whether somebody wrote it: neither empty (deleted) nor a notice of the channel itself."""
    return getattr(message, "action", None) is None and getattr(message, "date", None) is not None


def _group(message: Any) -> Any:
    return ("album", message.grouped_id) if message.grouped_id else ("message", message.id)


def edited_at(message: Any) -> int:
    """When it was last edited, in seconds since 1970; 0 for never."""
    return int(message.edit_date.timestamp()) if message.edit_date and not message.edit_hide else 0


def parse_album(parts: Sequence[Any], channel: str) -> Post:
    """The messages of one post. Raises PayloadChanged."""
    first = parts[0]
    if not isinstance(first.date, datetime):
        raise PayloadChanged("message.date", "is no moment")
    return Post(
        platform=PLATFORM,
        external_id=f"{channel}/{first.id}",
        url=f"{SITE}/{channel}/{first.id}",
        text="\n\n".join(_words(parts)),
        author=Author(channel, channel, f"{SITE}/{channel}"),
        posted_at=first.date.astimezone(UTC),
        attachments=tuple(found for part in parts for found in _attachments(part, channel)),
        context=channel,
        card=next((card for card in map(_card, parts) if card), None),
    )


def _words(parts: Sequence[Any]) -> Iterator[str]:
    forwarded = getattr(parts[0].fwd_from, "from_name", None)
    if forwarded:
        yield f"Forwarded from {clean_text(forwarded)}"
    for part in parts:
        if part.message:
            yield clean_text(part.message)
        yield from _poll(part.media)
        yield from _file_name(part.media)


def _poll(media: Any) -> Iterator[str]:
    poll = getattr(media, "poll", None)
    if poll is not None:
        yield clean_text(_plain(poll.question))
        yield from (clean_text(_plain(answer.text)) for answer in poll.answers)


def _plain(text: Any) -> str:
    """Text with entities, or plain as older layers have it."""
    return str(getattr(text, "text", text))


def _file_name(media: Any) -> Iterator[str]:
    for attribute in getattr(getattr(media, "document", None), "attributes", None) or []:
        name = getattr(attribute, "file_name", None)
        if name:
            yield clean_text(name)


def _attachments(message: Any, channel: str) -> Iterator[Attachment]:
    """A photo, or a document that can be looked at."""
    url, media = f"{SCHEME}{channel}/{message.id}", message.media
    page = getattr(media, "webpage", None)
    if getattr(media, "photo", None) is not None or getattr(page, "photo", None) is not None:
        yield Attachment(url, "image/jpeg")
        return
    kind = getattr(getattr(media, "document", None), "mime_type", None) or ""
    if kind.startswith(_SHOWN):
        yield Attachment(url, clean_text(kind))


def _card(message: Any) -> LinkCard | None:
    page = getattr(message.media, "webpage", None)
    title, description = (getattr(page, name, None) or "" for name in ("title", "description"))
    if page is None or not (title or description):
        return None
    return LinkCard(page.url, clean_text(title), clean_text(description))


def message_name(url: str) -> tuple[str, int] | None:
    """(channel, number) of an attachment's address, None for another's."""
    channel, slash, number = url.removeprefix(SCHEME).partition("/")
    if not url.startswith(SCHEME) or not slash or not number.isdecimal():
        return None
    return channel, int(number)
