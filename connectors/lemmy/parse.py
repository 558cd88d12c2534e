"""Lemmy's views as posts: pure functions over the JSON of API versions 3 and 4.

Version 4 renamed `published` to `published_at`, `updated` to `updated_at`, an actor's `actor_id` to `ap_id`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import datetime
from pathlib import PurePosixPath

from connectors.base import Attachment, Author, LinkCard, Post
from connectors.payload import Json
from connectors.text import address_parts

PLATFORM = "lemmy"
_IMAGE = re.compile(r"!\[([^\[\]]{0,300})\]\(\s*<?(https?://[^\s)>]+)")
_IMAGE_SUFFIXES = frozenset(
    {".avif", ".bmp", ".gif", ".heic", ".jpeg", ".jpg", ".png", ".tif", ".tiff", ".webp"}
)


def parse_view(view: Json) -> Post:
    """A post or a comment with its surroundings. Raises PayloadChanged."""
    return _comment(view) if view.get("comment") else _post(view)


def identity(view: Json) -> str:
    """The address by which all servers know it."""
    return (view["comment"] if view.get("comment") else view["post"])["ap_id"].text()


def version(view: Json) -> str:
    """What changes when it is edited, removed or deleted."""
    thing = view["comment"] if view.get("comment") else view["post"]
    updated = (thing.get("updated_at") or thing.get("updated")).text_or()
    return f"{updated} gone".strip() if is_gone(thing) else updated


def is_gone(thing: Json) -> str | None:
    """Why a post or comment is no longer shown, or None."""
    if thing.get("removed").value is True:
        return "removed by moderators"
    return "deleted by its author" if thing.get("deleted").value is True else None


def _post(view: Json) -> Post:
    post = view["post"]
    shown = is_gone(post) is None
    body = post.get("body").text_or() if shown else ""
    return Post(
        platform=PLATFORM,
        external_id=post["ap_id"].text(),
        url=post["ap_id"].address(),
        text="\n\n".join(part for part in (post["name"].text(), body) if part),
        author=_author(view["creator"]),
        posted_at=_published(post),
        attachments=tuple(_attachments(post, body)) if shown else (),
        context=_context(view),
        card=_card(post),
    )


def _comment(view: Json) -> Post:
    comment = view["comment"]
    content = comment["content"].text() if is_gone(comment) is None else ""
    title = view.get("post").get("name").text_or()
    return Post(
        platform=PLATFORM,
        external_id=comment["ap_id"].text(),
        url=comment["ap_id"].address(),
        text=content,
        author=_author(view["creator"]),
        posted_at=_published(comment),
        attachments=tuple(_inline(content)),
        context=_context(view),
        thread=(title,) if title else (),
    )


def _published(thing: Json) -> datetime:
    return (thing["published_at"] if thing.get("published_at") else thing["published"]).moment()


def _author(creator: Json) -> Author:
    url = (creator.get("ap_id") or creator.get("actor_id")).text_or()
    name = creator["name"].text()
    host = address_parts(url)[0]
    return Author(url or name, f"{name}@{host}" if host else name, url or None)


def _context(view: Json) -> str | None:
    community = view.get("community")
    url = (community.get("ap_id") or community.get("actor_id")).text_or()
    name = community.get("name").text_or()
    return f"!{name}@{address_parts(url)[0]}" if name else None


def _attachments(post: Json, body: str) -> Iterator[Attachment]:
    """The linked picture, else the preview of the linked page; then pictures within the text."""
    url, preview = post.get("url").text_or(), post.get("thumbnail_url").text_or()
    kind = post.get("url_content_type").text_or()
    found: dict[str, Attachment] = {}
    if url and (kind.startswith(("image/", "video/")) or _is_image(url)):
        found[url] = Attachment(url, kind or None, post.get("alt_text").text_or() or None)
    elif preview:
        found[preview] = Attachment(preview)
    for attachment in _inline(body):
        found.setdefault(attachment.url, attachment)
    yield from found.values()


def _inline(markdown: str) -> Iterator[Attachment]:
    for alt_text, url in _IMAGE.findall(markdown):
        yield Attachment(url, alt_text=alt_text.strip() or None)


def _is_image(url: str) -> bool:
    return PurePosixPath(address_parts(url)[1]).suffix.lower() in _IMAGE_SUFFIXES


def _card(post: Json) -> LinkCard | None:
    title, description = post.get("embed_title").text_or(), post.get("embed_description").text_or()
    return LinkCard(post.get("url").text_or() or None, title, description) if title or description else None
