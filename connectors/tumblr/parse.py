"""Tumblr's posts in its New Post Format (NPF): pure functions over their JSON."""

from __future__ import annotations

from collections.abc import Iterator

from connectors.base import Attachment, Author, LinkCard, Post
from connectors.payload import Json

PLATFORM = "tumblr"


def post_id(post: Json) -> str:
    """The id as text: as a number it is longer than JavaScript keeps. Raises PayloadChanged."""
    return post["id_string"].text() if post.get("id_string") else str(post["id"].integer())


def parse_post(post: Json, context: str) -> Post:
    """A post: its own words, its pictures with those of the posts it carries on. Raises PayloadChanged."""
    trail = [part["content"] for part in post.get("trail").items_or_none()]
    blocks = [block for content in (post["content"], *trail) for block in content.items()]
    blog = post["blog_name"].text()
    return Post(
        platform=PLATFORM,
        external_id=post_id(post),
        url=post["post_url"].address(),
        text="\n".join(_texts(post["content"])),
        author=Author(blog, blog, f"https://www.tumblr.com/{blog}"),
        posted_at=post["timestamp"].unix_time(),
        attachments=tuple({found.url: found for block in blocks for found in _attachments(block)}.values()),
        context=context,
        card=next((card for card in map(_card, blocks) if card), None),
        tags=tuple(tag.text_or() for tag in post.get("tags").items_or_none() if tag.text_or()),
        thread=tuple(text for text in ("\n".join(_texts(content)) for content in reversed(trail)) if text),
    )


def _texts(content: Json) -> Iterator[str]:
    for block in content.items():
        text = block.get("text").text_or()
        if text:
            yield text


def _attachments(block: Json) -> Iterator[Attachment]:
    """A picture at its largest, a video's file or else its still, a link's picture."""
    kind = block.get("type").text_or()
    alt_text = block.get("alt_text").text_or() or None
    if kind == "image":
        yield from _largest(block.get("media"), alt_text)
    elif kind == "video" and block.get("media").get("url"):
        media = block.get("media")
        yield Attachment(media["url"].text(), media.get("type").text_or() or None)
    elif kind in {"video", "link"}:
        yield from _largest(block.get("poster"), alt_text)


def _largest(media: Json, alt_text: str | None) -> Iterator[Attachment]:
    sizes = [size for size in media.items_or_none() if size.get("url").text_or()]
    if sizes:
        size = max(sizes, key=_pixels)
        yield Attachment(size["url"].text(), size.get("type").text_or() or None, alt_text)


def _pixels(size: Json) -> int:
    width, height = size.get("width").value, size.get("height").value
    return width * height if isinstance(width, int) and isinstance(height, int) else 0


def _card(block: Json) -> LinkCard | None:
    if block.get("type").text_or() != "link":
        return None
    title, description = block.get("title").text_or(), block.get("description").text_or()
    return LinkCard(block.get("url").text_or() or None, title, description)
