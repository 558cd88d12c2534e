"""What stands behind a link: a page's own picture of itself, told to those who embed it. Pure, one hop.

Sources: the Open Graph protocol (ogp.me), X's card markup, `rel=image_src`, and oEmbed 1.0 (oembed.com).
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal
from urllib.parse import urlsplit

from connectors.html import absolute, html_images
from connectors.text import clean_text

Follow = Literal["none", "pictures", "all"]

MOST_LINKS = 4
MOST_FILES = 4
MOST_FILES_OF_A_PAGE = 8
MOST_WORDS = 5_000
_URL = re.compile(r"(?<!\w)https?://[^\s<>\"'\u00ab\u00bb\u201c\u201d]{4,2000}", re.IGNORECASE)
_AFTER = ".,;:!?*_)]}'"
_PICTURE = re.compile(r"\.(?:jpe?g|png|webp|gif|avif|heic|heif|tiff?|bmp)$", re.IGNORECASE)
_HOSTS = (
    "catbox.moe", "ctrlv.it", "cubeupload.com", "flic.kr", "flickr.com", "freeimage.host", "gyazo.com",
    "ibb.co", "imageshack.com", "imgbb.com", "imgbox.com", "imgchest.com", "imgur.com", "lensdump.com",
    "pasteboard.co", "photobucket.com", "postimages.org", "postimg.cc", "prnt.sc", "snipboard.io", "vgy.me",
)  # fmt: skip
"""Where pictures are put to be linked to: every page there is somebody's picture."""
_TAGS = ("og:image:secure_url", "og:image:url", "og:image", "twitter:image", "twitter:image:src")


@dataclass(frozen=True, slots=True)
class LinkedFile:
    """A file that a page names."""

    url: str
    found_as: str
    """Which part of the page named it: "og:image", "oEmbed", "img"."""


@dataclass(frozen=True, slots=True)
class LinkedPage:
    """What a page shows of itself."""

    title: str
    description: str
    files: tuple[LinkedFile, ...]
    oembed: str | None
    """Where its oEmbed answer is."""


def followed_links(text: str, card_url: str | None, follow: Follow) -> tuple[str, ...]:
    """The addresses in a post that are looked behind, in order, each once."""
    if follow == "none":
        return ()
    found = [*([card_url] if card_url else []), *addresses_in(text)]
    wanted = (url for url in dict.fromkeys(found) if follow == "all" or _leads_to_a_picture(url))
    return tuple(url for url in wanted if url.lower().startswith(("http://", "https://")))[:MOST_LINKS]


def addresses_in(text: str) -> Iterator[str]:
    """The web addresses in a text, without the sentence's punctuation."""
    return (url.rstrip(_AFTER) for url in _URL.findall(text))


def read_linked(html: str, url: str, *, whole: bool) -> LinkedPage:
    """A page's picture and words of itself; with `whole`, its pictures besides."""
    from selectolax.lexbor import LexborHTMLParser  # noqa: PLC0415

    tree = LexborHTMLParser(clean_text(html))
    told: dict[str, str] = {}
    for node in tree.css("meta[content]"):
        name = node.attributes.get("property") or node.attributes.get("name") or ""
        told.setdefault(name.lower(), node.attributes.get("content") or "")
    title = tree.css_first("title")
    files = dict.fromkeys(_named(told, url))
    if (source := tree.css_first('link[rel="image_src"]')) and (href := source.attributes.get("href")):
        files |= dict.fromkeys(_file(url, href, "image_src"))
    if whole:
        files |= dict.fromkeys(LinkedFile(image.url, "img") for image in html_images(html, url))
    oembed = tree.css_first('link[type="application/json+oembed"]')
    return LinkedPage(
        title=_words(told.get("og:title") or (title.text() if title else "")),
        description=_words(told.get("og:description") or told.get("description") or ""),
        files=_each_once(files)[: MOST_FILES_OF_A_PAGE if whole else MOST_FILES],
        oembed=absolute(url, (oembed.attributes.get("href") or "")) if oembed else None,
    )


def read_oembed(data: bytes, url: str) -> tuple[LinkedFile, ...]:
    """The picture of an oEmbed answer; nothing when it is none or has none."""
    try:
        answer = json.loads(data)
    except (ValueError, RecursionError):
        return ()
    if not isinstance(answer, dict):
        return ()
    names = ("url", "thumbnail_url") if answer.get("type") == "photo" else ("thumbnail_url",)
    found = (answer.get(name) for name in names)
    return tuple(file for each in found if isinstance(each, str) for file in _file(url, each, "oEmbed"))[:1]


def looks_like_html(data: bytes, content_type: str | None) -> bool:
    """Whether an answer is a web page, by what it says it is or by how it begins."""
    kind = (content_type or "").partition(";")[0].strip().lower()
    if kind in {"text/html", "application/xhtml+xml"}:
        return True
    return data[:512].lstrip(b"\xef\xbb\xbf \t\r\n").lower().startswith((b"<!doctype html", b"<html"))


def _leads_to_a_picture(url: str) -> bool:
    try:
        parts = urlsplit(url)
        host = (parts.hostname or "").lower()
    except ValueError:
        return False
    return bool(_PICTURE.search(parts.path)) or any(
        host == each or host.endswith(f".{each}") for each in _HOSTS
    )


def _named(told: dict[str, str], url: str) -> Iterator[LinkedFile]:
    for tag in _TAGS:
        if told.get(tag):
            yield from _file(url, told[tag], tag)


def _file(base: str, address: str, found_as: str) -> Iterator[LinkedFile]:
    if found := absolute(base, address):
        yield LinkedFile(found, found_as)


def _each_once(files: dict[LinkedFile, None]) -> tuple[LinkedFile, ...]:
    """One for each address: a page names the same picture in several ways."""
    by_url: dict[str, LinkedFile] = {}
    for file in files:
        by_url.setdefault(file.url, file)
    return tuple(by_url.values())


def _words(text: str) -> str:
    return " ".join(clean_text(text).split())[:MOST_WORDS]
