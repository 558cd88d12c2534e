"""A paste site's list and its pastes as posts: pure functions. The list is JSON, or a page of links."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from contextlib import suppress
from datetime import datetime
from urllib.parse import urlsplit

from connectors.base import Author, ConfigurationInvalid, PayloadChanged, Post
from connectors.html import absolute
from connectors.pages import WebPage
from connectors.payload import Json
from connectors.text import clean_text
from connectors.web.parse import decoded

PLATFORM = "pastes"
_ID = re.compile(r"[\w.-]{1,200}")


def parse_json_list(page: WebPage, id_field: str) -> tuple[tuple[str, Json], ...]:
    """(id, entry) in their order: of an array, or the first array of an object. Raises PayloadChanged."""
    try:
        answer = Json(json.loads(page.data), "list")
    except (ValueError, RecursionError) as error:
        raise PayloadChanged("list", "is no JSON") from error
    arrays = (
        [answer, *(answer[name] for name in answer.value)] if isinstance(answer.value, dict) else [answer]
    )
    found = next((each for each in arrays if isinstance(each.value, list)), answer)
    return tuple((_identity(entry[id_field]), entry) for entry in found.items())


def parse_html_list(page: WebPage, selector: str) -> tuple[tuple[str, Json], ...]:
    """The same of the links that a selector chooses: an id is the last part of a link's path."""
    from selectolax.lexbor import LexborHTMLParser, SelectolaxError  # noqa: PLC0415

    try:
        nodes = LexborHTMLParser(clean_text(decoded(page))).css(selector)
    except SelectolaxError as error:
        raise ConfigurationInvalid(f"links: {selector!r} is no CSS selector.") from error
    if not nodes:
        raise PayloadChanged("list.links", "none is chosen by the selector")
    return tuple(_links(page, [node.attributes.get("href") or "" for node in nodes]))


def _links(page: WebPage, addresses: list[str]) -> Iterator[tuple[str, Json]]:
    for address in addresses:
        url = absolute(page.url, address) or ""
        name = urlsplit(url).path.rstrip("/").rpartition("/")[2]
        if _ID.fullmatch(name):
            yield name, Json({}, "entry")


def _identity(field: Json) -> str:
    """An id that is fit to stand in an address."""
    text = str(field.value) if isinstance(field.value, int) else field.text()
    if not _ID.fullmatch(text):
        raise PayloadChanged(field.path, "is no id of a paste")
    return text


def parse_paste(identity: str, entry: Json, text: str, url: str) -> Post:
    """A paste; its title, author and time as far as the list has them. Raises PayloadChanged."""
    host = urlsplit(url).netloc
    title, name = (entry.get(field).text_or() for field in ("title", "user"))
    return Post(
        platform=PLATFORM,
        external_id=f"{host}/{identity}",
        url=url,
        text="\n\n".join(part for part in (title, clean_text(text)) if part),
        author=Author(f"{host}/{name}", name) if name else None,
        posted_at=_moment(entry.get("date")) or _moment(entry.get("created_at")),
        context=host,
    )


def _moment(value: Json) -> datetime | None:
    """Seconds since 1970 or ISO 8601."""
    with suppress(PayloadChanged):
        return value.unix_time()
    with suppress(PayloadChanged):
        return value.moment()
    return None
