"""Records of app.bsky.feed.post as posts: pure functions over their JSON.

Documentation: the lexicons app.bsky.feed.post, app.bsky.embed.* and app.bsky.feed.defs. A record looks the
same in the AppView's views and in Jetstream's events.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from datetime import datetime

from connectors.base import Attachment, Author, LinkCard, PayloadChanged, Post
from connectors.payload import Json

PLATFORM = "bluesky"
COLLECTION = "app.bsky.feed.post"
BLOB_SCHEME = "at-blob:"
"""Attachments are named "at-blob:DID/CID": where the bytes are is looked up when they are wanted."""
_EMBED = "app.bsky.embed."


def parse_view(view: Json, context: str) -> Post:
    """A post as the AppView shows it. Raises PayloadChanged."""
    author = view["author"]
    did, handle = author["did"].text(), author["handle"].text()
    return parse_record(
        view["record"], view["uri"].text(), Author(did, handle, _profile(did)), view.get("indexedAt"), context
    )


def parse_record(record: Json, uri: str, author: Author, seen_at: Json, context: str) -> Post:
    """A post record. `seen_at` is when the network saw it, for a time the author wrote wrongly."""
    embed = _media_embed(record.get("embed"))
    return Post(
        platform=PLATFORM,
        external_id=uri,
        url=permalink(uri),
        text=record["text"].text(),
        author=author,
        posted_at=_moment(record.get("createdAt")) or _moment(seen_at),
        attachments=tuple(_attachments(embed, author.external_id)),
        context=context,
        card=_card(embed.get("external")),
        tags=tuple(tag.text_or() for tag in record.get("tags").items_or_none() if tag.text_or()),
    )


def author_of(did: str) -> Author:
    """An author of whom only the DID is known."""
    return Author(did, did, _profile(did))


def post_uri(did: str, rkey: str) -> str:
    """The at:// address of a post: its identity."""
    return f"at://{did}/{COLLECTION}/{rkey}"


def permalink(uri: str) -> str:
    """The page of a post. It names the DID, because handles change."""
    did, _, rkey = uri.removeprefix("at://").partition(f"/{COLLECTION}/")
    return f"{_profile(did)}/post/{rkey}"


def has_pictures(record: Json) -> bool:
    """Whether a post shows a picture or a video."""
    return any(True for _ in _attachments(_media_embed(record.get("embed")), ""))


def languages(record: Json) -> set[str]:
    """The languages that a post says it is in, without their regions."""
    return {lang.text_or().partition("-")[0].lower() for lang in record.get("langs").items_or_none()}


def _profile(did: str) -> str:
    return f"https://bsky.app/profile/{did}"


def _media_embed(embed: Json) -> Json:
    """The part of an embed that shows something: of a quote with media, the media."""
    return embed.get("media") if embed.get("$type").text_or() == _EMBED + "recordWithMedia" else embed


def _attachments(embed: Json, did: str) -> Iterator[Attachment]:
    for image in embed.get("images").items_or_none():
        yield from _blob(image.get("image"), did, image.get("alt").text_or() or None)
    yield from _blob(embed.get("video"), did, embed.get("alt").text_or() or None)
    yield from _blob(embed.get("external").get("thumb"), did, None)


def _blob(blob: Json, did: str, alt_text: str | None) -> Iterator[Attachment]:
    """A blob by its content's digest (`ref.$link`), or as the oldest records wrote it (`cid`)."""
    cid = blob.get("ref").get("$link").text_or() or blob.get("cid").text_or()
    if cid:
        yield Attachment(f"{BLOB_SCHEME}{did}/{cid}", blob.get("mimeType").text_or() or None, alt_text)


def _card(external: Json) -> LinkCard | None:
    if not external:
        return None
    title, description = external.get("title").text_or(), external.get("description").text_or()
    return LinkCard(external.get("uri").text_or() or None, title, description)


def _moment(written: Json) -> datetime | None:
    with suppress(PayloadChanged):
        return written.moment()
    return None
