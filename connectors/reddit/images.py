"""The pictures of a Reddit thing, in the order readers see them: pure functions over its JSON."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import PurePosixPath
from typing import Any
from urllib.parse import urlsplit

from connectors.base import Attachment
from connectors.text import clean_text

Fields = Mapping[str, Any]

GONE_TEXTS = frozenset({"[removed]", "[deleted]"})
_MEDIA_HOSTS = frozenset({"i.redd.it", "preview.redd.it"})
_IMAGE_SUFFIXES = frozenset(
    {".avif", ".bmp", ".gif", ".heic", ".jpeg", ".jpg", ".png", ".tif", ".tiff", ".webp"}
)
_LINK = re.compile(r"https?://[^\s<>()\[\]\"'`]+")


def is_removed(data: Fields) -> bool:
    """Whether moderators, the author or Reddit took the content away."""
    gone_text = {as_text(data.get("selftext")), as_text(data.get("body"))} & GONE_TEXTS
    return bool(data.get("removed_by_category") or gone_text)


def submission_images(data: Fields) -> Iterator[Attachment]:
    """The submission's own pictures, else those of the post it crossposts, else a preview or still."""
    found = [
        *_gallery_images(data),
        *_linked_image(data),
        *inline_images(data, as_text(data.get("selftext"))),
    ]
    if not found:
        parents = [as_map(parent) for parent in as_list(data.get("crosspost_parent_list"))[:1]]
        found = [image for parent in parents if not is_removed(parent) for image in submission_images(parent)]
    yield from found or _preview_images(data)


def _gallery_images(data: Fields) -> Iterator[Attachment]:
    metadata = as_map(data.get("media_metadata"))
    for item in as_list(as_map(data.get("gallery_data")).get("items")):
        if not as_map(item).get("is_deleted"):
            yield from _metadata_image(
                metadata.get(str(as_map(item).get("media_id"))), as_map(item).get("caption")
            )


def _linked_image(data: Fields) -> Iterator[Attachment]:
    url = data.get("url_overridden_by_dest") or data.get("url")
    if isinstance(url, str) and (_is_image_url(url) or (data.get("post_hint") == "image" and _is_web(url))):
        yield Attachment(_plain(url))


def inline_images(data: Fields, text: str) -> Iterator[Attachment]:
    """Pictures placed in the text: uploaded ones (their id stands in it) and links to image files."""
    uploaded = {} if as_map(data.get("gallery_data")) else as_map(data.get("media_metadata"))
    placed = [(text.find(key), entry) for key, entry in uploaded.items() if key in text]
    for _, entry in sorted(placed, key=lambda pair: pair[0]):
        yield from _metadata_image(entry, None)
    for link in _LINK.findall(_plain(text)):
        if _is_image_url(trimmed := link.rstrip(".,;:!?*_")):
            yield Attachment(trimmed)


def _metadata_image(entry: object, caption: object) -> Iterator[Attachment]:
    fields = as_map(entry)
    source = as_map(fields.get("s"))
    url = source.get("u") or source.get("gif") or source.get("mp4")
    if fields.get("status") != "valid" or not isinstance(url, str):
        return
    media_type = fields.get("m") if isinstance(fields.get("m"), str) else None
    alt_text = clean_text(caption) if isinstance(caption, str) and caption else None
    yield Attachment(_plain(url), "image/jpeg" if media_type == "image/jpg" else media_type, alt_text)


def _preview_images(data: Fields) -> Iterator[Attachment]:
    """Reddit's own picture of a link's page, or the still of a video."""
    for image in as_list(as_map(data.get("preview")).get("images")):
        url = as_map(as_map(image).get("source")).get("url")
        if isinstance(url, str) and _is_web(url):
            yield Attachment(_plain(url))


def distinct(attachments: Iterable[Attachment]) -> Iterator[Attachment]:
    """Each picture once: Reddit names one upload by several addresses."""
    seen: set[str] = set()
    for attachment in attachments:
        identity = _identity(attachment.url)
        if identity not in seen:
            seen.add(identity)
            yield attachment


def _identity(url: str) -> str:
    parts = _split(url)
    if parts is None or parts[0] not in _MEDIA_HOSTS:
        return url
    return PurePosixPath(parts[1]).stem.rpartition("-v0-")[2]


def _is_image_url(url: str) -> bool:
    parts = _split(url) if _is_web(url) else None
    if parts is None:
        return False
    return parts[0] in _MEDIA_HOSTS or PurePosixPath(parts[1]).suffix.lower() in _IMAGE_SUFFIXES


def _split(url: str) -> tuple[str, str] | None:
    """(host, path), or None for something that is no URL."""
    try:
        parts = urlsplit(url)
        return parts.hostname or "", parts.path
    except ValueError:
        return None


def _is_web(url: str) -> bool:
    return url.startswith(("https://", "http://"))


def _plain(text: str) -> str:
    """Without Reddit's escapes. Not html.unescape, which would read "&copy=" in a query as a sign."""
    return clean_text(text.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&"))


def as_map(value: object) -> Fields:
    """`value` when it is a JSON object, else an empty one."""
    return value if isinstance(value, Mapping) else {}


def as_list(value: object) -> Sequence[Any]:
    """`value` when it is a JSON list, else an empty one."""
    return value if isinstance(value, list) else []


def as_text(value: object) -> str:
    """`value` when it is text, else nothing."""
    return value if isinstance(value, str) else ""
