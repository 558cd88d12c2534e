"""Feeds as posts: pure functions over their documents.

RSS, RDF and Atom are read by feedparser, which is given bytes and never fetches; JSON Feed 1 and 1.1 by the
words of its specification.
"""

from __future__ import annotations

import calendar
import hashlib
import io
import json
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlsplit

from connectors.base import Attachment, Author, PayloadChanged, Post
from connectors.html import absolute, html_images, html_text
from connectors.pages import WebPage
from connectors.payload import Json
from connectors.text import address_parts, clean_text, web_address

PLATFORM = "rss"
_SHOWN = ("image/", "video/", "application/pdf")
_JSON_FEED = "https://jsonfeed.org/version/"


def parse_feed(page: WebPage, feed: str) -> tuple[Post, ...]:
    """The entries of a feed, oldest first as far as its order tells. Raises PayloadChanged."""
    if page.data.lstrip()[:1] == b"{":
        return tuple(_json_posts(page, feed))[::-1]
    return tuple(_xml_posts(page, feed))[::-1]


def _xml_posts(page: WebPage, feed: str) -> Iterator[Post]:
    import feedparser  # noqa: PLC0415  only feeds need it

    # A file object, so that nothing in it is ever taken for an address to fetch.
    headers = {"content-location": page.url, "content-type": page.content_type}
    parsed = feedparser.parse(
        io.BytesIO(page.data), response_headers=headers, sanitize_html=False, resolve_relative_uris=False
    )
    if not parsed.get("version"):
        raise PayloadChanged("feed", "is neither RSS, Atom nor JSON Feed")
    title = _text(parsed.feed.get("title")) or urlsplit(feed).netloc
    for entry in parsed.entries:
        yield _xml_post(entry, page.url, feed, title)


def _xml_post(entry: Mapping[str, Any], base: str, feed: str, title: str) -> Post:
    html = _html(entry)
    link = absolute(base, _text(entry.get("link"))) if entry.get("link") else None
    moment = _moment(entry)
    words = _words(_text(entry.get("title")), html_text(html))
    own = _text(entry.get("id")) or link or _digest(words, str(moment))
    return Post(
        platform=PLATFORM,
        external_id=_identity(own, feed),
        url=web_address(link) or feed,
        text=words,
        author=_author(_text(entry.get("author"))),
        posted_at=moment,
        attachments=_distinct(_xml_attachments(entry, html, base)),
        context=title,
        tags=tuple(_text(tag.get("term")) for tag in entry.get("tags") or [] if _text(tag.get("term"))),
    )


def _xml_attachments(entry: Mapping[str, Any], html: str, base: str) -> Iterator[Attachment]:
    for link in entry.get("links") or []:
        if link.get("rel") == "enclosure" and _is_shown(link.get("type"), link.get("href")):
            yield from _attachment(base, link.get("href"), link.get("type"))
    for media in entry.get("media_content") or []:
        if media.get("medium") == "image" or _is_shown(media.get("type"), media.get("url")):
            yield from _attachment(base, media.get("url"), media.get("type"))
    yield from (Attachment(image.url, alt_text=image.alt) for image in html_images(html, base))
    for still in entry.get("media_thumbnail") or []:
        yield from _attachment(base, still.get("url"), None)


def _json_posts(page: WebPage, feed: str) -> Iterator[Post]:
    try:
        document = Json(json.loads(page.data), "feed")
    except (ValueError, RecursionError) as error:
        raise PayloadChanged("feed", "is neither RSS, Atom nor JSON Feed") from error
    if not document.get("version").text_or().startswith(_JSON_FEED):
        raise PayloadChanged("feed.version", "is not that of a JSON Feed")
    title = document.get("title").text_or() or urlsplit(feed).netloc
    for item in document["items"].items():
        yield _json_post(item, page.url, feed, title)


def _json_post(item: Json, base: str, feed: str, title: str) -> Post:
    html = item.get("content_html").text_or()
    link = absolute(base, item.get("url").text_or()) if item.get("url") else None
    words = _words(item.get("title").text_or(), html_text(html) or item.get("content_text").text_or())
    moment = _written(item.get("date_published")) or _written(item.get("date_modified"))
    own = item.get("id").text_or(str(item.get("id").value or "")) or link or _digest(words, str(moment))
    authors = [*item.get("authors").items_or_none(), item.get("author")]
    return Post(
        platform=PLATFORM,
        external_id=_identity(own, feed),
        url=web_address(link) or feed,
        text=words,
        author=next((_author(a.get("name").text_or()) for a in authors if a.get("name")), None),
        posted_at=moment,
        attachments=_distinct(_json_attachments(item, html, base)),
        context=title,
        tags=tuple(tag.text_or() for tag in item.get("tags").items_or_none() if tag.text_or()),
    )


def _json_attachments(item: Json, html: str, base: str) -> Iterator[Attachment]:
    for name in ("image", "banner_image"):
        yield from _attachment(base, item.get(name).value, None)
    for attached in item.get("attachments").items_or_none():
        url, media_type = attached.get("url").value, attached.get("mime_type").value
        if _is_shown(media_type, url):
            yield from _attachment(base, url, media_type)
    yield from (Attachment(image.url, alt_text=image.alt) for image in html_images(html, base))


def _html(entry: Mapping[str, Any]) -> str:
    """The longest of what an entry has to say: its content, else its summary."""
    contents = [_text(part.get("value")) for part in entry.get("content") or []]
    return max([*contents, _text(entry.get("summary"))], key=len)


def _attachment(base: str, address: object, media_type: object) -> Iterator[Attachment]:
    url = absolute(base, address) if isinstance(address, str) and address else None
    if url:
        yield Attachment(url, media_type if isinstance(media_type, str) else None)


def _is_shown(media_type: object, address: object) -> bool:
    """Whether a file is of a kind that is read; the ending tells where the type does not."""
    if isinstance(media_type, str) and media_type:
        return media_type.lower().startswith(_SHOWN)
    ending = address_parts(address)[1].lower().rpartition(".")[2] if isinstance(address, str) else ""
    return ending in {"jpg", "jpeg", "png", "webp", "gif", "avif", "heic", "tif", "tiff", "bmp", "pdf", "mp4"}


def _distinct(attachments: Iterable[Attachment]) -> tuple[Attachment, ...]:
    """Each address once, with the alternative text that any of its mentions has."""
    found: dict[str, Attachment] = {}
    for attachment in attachments:
        known = found.get(attachment.url)
        if known is None or (attachment.alt_text and not known.alt_text):
            found[attachment.url] = attachment
    return tuple(found.values())


def _identity(own: str, feed: str) -> str:
    """An entry's id where it is unique in the world, else within its feed."""
    is_unique = own.startswith(("http://", "https://", "tag:", "urn:", "yt:"))
    return own if is_unique else f"{feed}#{own}"


def _author(name: str) -> Author | None:
    return Author(name, name) if name else None


def _words(*parts: str) -> str:
    return "\n\n".join(part for part in parts if part.strip())


def _digest(*parts: str) -> str:
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()[:32]


def _moment(entry: Mapping[str, Any]) -> datetime | None:
    parsed = entry.get("published_parsed") or entry.get("updated_parsed")
    with suppress(ValueError, OverflowError, TypeError, OSError):
        return datetime.fromtimestamp(calendar.timegm(parsed), tz=UTC) if parsed else None
    return None


def _written(field: Json) -> datetime | None:
    with suppress(PayloadChanged):
        return field.moment()
    return None


def _text(value: object) -> str:
    return clean_text(value).strip() if isinstance(value, str) else ""
