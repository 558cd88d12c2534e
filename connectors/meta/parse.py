"""Instagram's media and Facebook's posts: pure functions over the Graph API's JSON."""

from __future__ import annotations

import re
from collections.abc import Iterator

from connectors.base import Attachment, Author, LinkCard, PayloadChanged, Post
from connectors.payload import Json
from connectors.text import web_address

INSTAGRAM, FACEBOOK = "instagram", "facebook"
MEDIA_ADDRESS = re.compile(r"https?://(?:www\.)?instagram\.com/(?:[\w.]+/)?(?:p|reels?|tv)/(?P<id>[\w-]+)")


def parse_media(media: Json, context: str) -> Post:
    """A medium of a hashtag: no author is told; the id is the one in its address. Raises PayloadChanged."""
    address = media["permalink"].address()
    found = MEDIA_ADDRESS.match(address)
    if found is None:
        raise PayloadChanged(f"{media.path}.permalink", "is no address of Instagram's")
    parts = list(media.get("children").get("data").items_or_none())
    return Post(
        platform=INSTAGRAM,
        external_id=found["id"],
        url=address,
        text=media.get("caption").text_or(),
        posted_at=media["timestamp"].moment(),
        attachments=tuple(Attachment(url) for url in _distinct(_media_urls([media, *parts]))),
        context=context,
    )


def _media_urls(parts: list[Json]) -> Iterator[str]:
    """The files, or of a video without one its still. They are signed, and end after some days."""
    for part in parts:
        named = (part.get("media_url").text_or(), part.get("thumbnail_url").text_or())
        yield from list(filter(None, map(web_address, named)))[:1]


def parse_page_post(post: Json, context: str) -> Post:
    """A post of a page. Raises PayloadChanged."""
    author = post.get("from")
    shown = list(post.get("attachments").get("data").items_or_none())
    parts = [part for each in shown for part in each.get("subattachments").get("data").items_or_none()]
    return Post(
        platform=FACEBOOK,
        external_id=post["id"].text(),
        url=post["permalink_url"].address(),
        text=post.get("message").text_or() or post.get("story").text_or(),
        author=_author(author) if author else None,
        posted_at=post["created_time"].moment(),
        attachments=tuple(Attachment(url) for url in _distinct(_pictures(post, parts or shown))),
        context=context,
        card=next((card for card in map(_card, shown) if card), None),
    )


def _author(author: Json) -> Author:
    identity = author["id"].text()
    return Author(identity, author.get("name").text_or(identity), f"https://www.facebook.com/{identity}")


def _pictures(post: Json, shown: list[Json]) -> Iterator[str]:
    """The pictures of an album or an attachment, else the one that stands for the post."""
    found = [web_address(part.get("media").get("image").get("src").text_or()) for part in shown]
    yield from filter(None, found if any(found) else [web_address(post.get("full_picture").text_or())])


def _card(shown: Json) -> LinkCard | None:
    if not shown.get("type").text_or().startswith("share"):
        return None
    title, description = shown.get("title").text_or(), shown.get("description").text_or()
    return LinkCard(shown.get("unshimmed_url").text_or() or None, title, description)


def _distinct(urls: Iterator[str]) -> list[str]:
    return list(dict.fromkeys(urls))
