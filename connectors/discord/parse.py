"""Discord's messages as posts: pure functions over their JSON. Documentation: the resource Message."""

from __future__ import annotations

from collections.abc import Iterator

from connectors.base import Attachment, Author, Post
from connectors.payload import Json

PLATFORM = "discord"
_SHOWN = ("image/", "video/", "application/pdf")
_WRITTEN = frozenset({0, 19, 20, 21, 23})
"""Types of messages that somebody wrote: plain, answers, commands' answers, beginnings of threads."""


def is_written(message: Json) -> bool:
    """Whether somebody wrote it: joins, pins and boosts are no posts."""
    return message.get("type").value in _WRITTEN


def is_blank(message: Json) -> bool:
    """Whether nothing of it is shown: so a bot without the intent MESSAGE_CONTENT sees every message."""
    parts = ("content", "attachments", "embeds", "poll", "sticker_items")
    return not any(message.get(name) for name in parts)


def parse_message(message: Json, guild: str, channel: str, context: str) -> Post:
    """A message: its words, those of its embeds and poll, its files. Raises PayloadChanged."""
    identity = message["id"].text()
    author = message["author"]
    answered = message.get("referenced_message").get("content").text_or()
    return Post(
        platform=PLATFORM,
        external_id=f"{channel}/{identity}",
        url=f"https://discord.com/channels/{guild}/{channel}/{identity}",
        text="\n\n".join(_texts(message)),
        author=Author(author["id"].text(), author["username"].text()),
        posted_at=message["timestamp"].moment(),
        attachments=tuple(_attachments(message)),
        context=context,
        thread=(answered,) if answered else (),
    )


def _texts(message: Json) -> Iterator[str]:
    parts = [message["content"].text(), message.get("poll").get("question").get("text").text_or()]
    for embed in message.get("embeds").items_or_none():
        parts += [embed.get(name).text_or() for name in ("title", "description")]
    return (part for part in parts if part)


def _attachments(message: Json) -> Iterator[Attachment]:
    """Uploaded files, then the pictures of embeds; each once. Their addresses work for about a day."""
    found: dict[str, Attachment] = {}
    for file in message["attachments"].items():
        kind = file.get("content_type").text_or().partition(";")[0]
        if not kind or kind.startswith(_SHOWN):
            alt_text = file.get("description").text_or() or file.get("filename").text_or() or None
            found.setdefault(file["url"].text(), Attachment(file["url"].text(), kind or None, alt_text))
    for embed in message.get("embeds").items_or_none():
        for name in ("image", "thumbnail"):
            url = embed.get(name).get("url").text_or()
            if url:
                found.setdefault(url, Attachment(url))
    yield from found.values()
