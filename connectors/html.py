"""Text, links and pictures of HTML that a platform wrote: pure, and never executed or fetched."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from urllib.parse import urljoin

from connectors.text import clean_text

_BLOCKS = (
    "address, article, aside, blockquote, dd, div, dt, figcaption, figure, footer, h1, h2, h3, h4, h5, h6, "
    "header, hr, li, main, nav, ol, p, pre, section, table, tr, ul"
)
_UNSEEN = ["script", "style", "noscript", "template", "head"]
_SPACES = re.compile(r"[ \t\r\f\v\xa0]+")
_NEWLINES = re.compile(r" ?\n ?(?:\n ?)+")
_MARK = "\ue000"
"""A private-use character that stands for a line break while white space is folded."""


@dataclass(frozen=True, slots=True)
class HtmlImage:
    """A picture of a page."""

    url: str
    alt: str | None


def html_text(html: str) -> str:
    """What a reader sees of a fragment: paragraphs and breaks as line breaks, everything else as words."""
    from selectolax.lexbor import LexborHTMLParser  # noqa: PLC0415  only some connectors need it

    tree = LexborHTMLParser(clean_text(html).replace(_MARK, ""))
    tree.strip_tags(_UNSEEN)
    for node in tree.css("br"):
        node.replace_with(_MARK)
    for node in tree.css(_BLOCKS):
        node.insert_before(_MARK)
        node.insert_after(_MARK)
    body = tree.body
    return _folded(body.text() if body else "")


def html_images(html: str, base: str) -> Iterator[HtmlImage]:
    """The pictures of a document or fragment in order, each once, with absolute http(s) addresses."""
    from selectolax.lexbor import LexborHTMLParser  # noqa: PLC0415

    tree = LexborHTMLParser(clean_text(html))
    seen: set[str] = set()
    for node in tree.css("img, video[poster], source[srcset]"):
        named = node.attributes
        address = _address(named)
        url = absolute(base, address) if address else None
        if url and url not in seen:
            seen.add(url)
            yield HtmlImage(url, clean_text(named.get("alt") or "") or None)


def absolute(base: str, address: str) -> str | None:
    """`address` as an absolute http(s) URL, or None for what is none (data:, javascript:, malformed)."""
    try:
        url = urljoin(base, address.strip())
    except ValueError:
        return None
    return clean_text(url) if url.lower().startswith(("http://", "https://")) else None


def _address(named: dict[str, str | None]) -> str | None:
    """The largest file that the element names; lazy loaders keep it beside a placeholder."""
    candidates = named.get("srcset") or named.get("data-srcset")
    if candidates and (largest := _largest(candidates)):
        return largest
    return named.get("data-src") or named.get("src") or named.get("poster")


def _largest(srcset: str) -> str | None:
    """The address with the greatest descriptor of a srcset (HTML, 4.8.4.2.1)."""
    found = []
    for entry in re.split(r",\s+", srcset.strip().rstrip(",")):
        address, _, descriptor = entry.strip().partition(" ")
        size = re.match(r"\d+(?:\.\d+)?", descriptor.strip())
        found.append((float(size[0]) if size else 1.0, address))
    return max(found, key=lambda pair: pair[0])[1] or None if found else None


def _folded(text: str) -> str:
    text = _SPACES.sub(" ", text.replace("\n", " ")).replace(_MARK, "\n")
    lines = _NEWLINES.sub("\n\n", _SPACES.sub(" ", text))
    return re.sub(r" ?\n ?", "\n", lines).strip()
