"""Web pages as posts, and the links of a page of results: pure functions over HTML."""

from __future__ import annotations

from collections.abc import Iterator
from urllib.parse import urldefrag, urlsplit

from connectors.base import Attachment, ConfigurationInvalid, Post
from connectors.html import absolute, html_images, html_text
from connectors.pages import WebPage
from connectors.text import clean_text

PLATFORM = "web"
MOST_PICTURES = 40
_HTML_TYPES = ("text/html", "application/xhtml+xml")
_FILE_TYPES = ("image/", "application/pdf", "video/")


def parse_page(page: WebPage, address: str, selector: str | None) -> Post:
    """A page: its title, words and pictures; an address that leads to a file is that file.

    Raises ConfigurationInvalid for a selector that selects nothing or is none.
    """
    kind = page.content_type.lower()
    if kind.startswith(_FILE_TYPES):
        return Post(
            PLATFORM,
            address,
            address,
            "",
            attachments=(Attachment(page.url, kind.partition(";")[0]),),
        )
    html = decoded(page)
    shown = _selected(html, selector, address) if selector else html
    title = _title(html)
    images = [Attachment(image.url, alt_text=image.alt) for image in html_images(shown, page.url)]
    return Post(
        platform=PLATFORM,
        external_id=address,
        url=address,
        text="\n\n".join(part for part in (title, html_text(shown)) if part),
        attachments=tuple(images[:MOST_PICTURES]),
        context=urlsplit(address).netloc,
    )


def parse_links(page: WebPage, selector: str, address: str) -> tuple[str, ...]:
    """The addresses that the selected links of a page lead to, each once. Raises ConfigurationInvalid."""
    from selectolax.lexbor import LexborHTMLParser, SelectolaxError  # noqa: PLC0415

    try:
        nodes = LexborHTMLParser(decoded(page)).css(selector)
    except (SelectolaxError, ValueError) as error:
        raise ConfigurationInvalid(f"{selector!r} is not a CSS selector.") from error
    found = (absolute(page.url, node.attributes.get("href") or "") for node in nodes)
    plain = (urldefrag(url).url for url in found if url)
    return tuple(dict.fromkeys(url for url in plain if url != address))


def decoded(page: WebPage) -> str:
    """The page's text."""
    return decoded_html(page.data, page.content_type)


def decoded_html(data: bytes, content_type: str) -> str:
    """HTML in the encoding that its header or its first kilobyte names, else UTF-8."""
    for name in _encodings(data, content_type):
        try:
            return clean_text(data.decode(name))
        except (LookupError, UnicodeError):
            continue
    return clean_text(data.decode("utf-8", "replace"))


def _encodings(data: bytes, content_type: str) -> Iterator[str]:
    for source in (content_type.lower(), data[:1024].decode("ascii", "replace").lower()):
        _, found, rest = source.partition("charset=")
        if found:
            yield rest.lstrip("\"' ").split('"')[0].split("'")[0].split(";")[0].split(">")[0].strip(" /")
    yield "utf-8"


def _selected(html: str, selector: str, address: str) -> str:
    from selectolax.lexbor import LexborHTMLParser, SelectolaxError  # noqa: PLC0415

    try:
        nodes = LexborHTMLParser(html).css(selector)
    except (SelectolaxError, ValueError) as error:
        raise ConfigurationInvalid(f"{selector!r} is not a CSS selector.") from error
    if not nodes:
        raise ConfigurationInvalid(f"{selector!r} selects nothing on {urlsplit(address).netloc} any more.")
    return "\n".join(node.html or "" for node in nodes)


def _title(html: str) -> str:
    from selectolax.lexbor import LexborHTMLParser  # noqa: PLC0415

    node = LexborHTMLParser(html).css_first("title")
    return " ".join(node.text().split()) if node else ""
