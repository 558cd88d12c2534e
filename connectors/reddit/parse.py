"""Reddit's answers as posts: pure functions over the recorded shapes of its listings.

Fields are read from the JSON itself, never from PRAW's objects, whose missing attributes fetch lazily.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from connectors.base import Attachment, Author, LinkCard, PayloadChanged, Post
from connectors.reddit.images import (
    GONE_TEXTS,
    Fields,
    as_list,
    as_map,
    as_text,
    distinct,
    inline_images,
    is_removed,
    submission_images,
)
from connectors.text import clean_text

SITE = "https://www.reddit.com"
SUBMISSION, COMMENT = "t3", "t1"


@dataclass(frozen=True, slots=True)
class Page:
    """One page of a listing, newest first."""

    items: tuple[Fields, ...]
    after: str | None
    """The fullname to continue after, or None at the end."""


def parse_page(payload: object, kind: str) -> Page:
    """The things of one kind in a listing's JSON. Raises PayloadChanged naming the path that is wrong."""
    data = payload.get("data") if isinstance(payload, Mapping) else None
    if not isinstance(data, Mapping) or not isinstance(data.get("children"), list):
        raise PayloadChanged("data.children", "Reddit's listing has no list of children")
    children = [child for child in data["children"] if isinstance(child, Mapping)]
    items = tuple(
        child["data"] for child in children if child.get("kind") == kind and as_map(child.get("data"))
    )
    after = data.get("after")
    return Page(items, after if isinstance(after, str) and after else None)


def fullname(data: Fields) -> str:
    """The thing's fullname ("t3_abc"), or a digest standing in for a missing one."""
    name = data.get("name")
    if isinstance(name, str) and name:
        return name
    return "unnamed-" + hashlib.sha256(json.dumps(data, sort_keys=True).encode()).hexdigest()[:24]


def parse_thing(data: Fields, site: str = SITE) -> Post:
    """A submission or a comment as a post. Raises PayloadChanged naming the field that is wrong."""
    return parse_comment(data, site) if "body" in data else parse_submission(data, site)


def parse_submission(data: Fields, site: str = SITE) -> Post:
    """A submission: title and text, and its pictures in the order readers see them."""
    removed = is_removed(data)
    selftext = as_text(data.get("selftext"))
    body = "" if selftext in GONE_TEXTS else selftext
    text = "\n\n".join(part for part in (_text(data, "title"), body) if part)
    attachments = () if removed else tuple(distinct(submission_images(data)))
    return replace(_post(data, text, attachments, site), card=_card(data), thread=_crossposted(data))


def parse_comment(data: Fields, site: str = SITE) -> Post:
    """A comment: its text and the pictures in it."""
    removed = is_removed(data)
    body = _text(data, "body")
    text = "" if body in GONE_TEXTS else body
    post = _post(data, text, () if removed else tuple(distinct(inline_images(data, body))), site)
    title = clean_text(as_text(data.get("link_title")))
    return replace(post, thread=(title,) if title else ())


def _card(data: Fields) -> LinkCard | None:
    """What Reddit shows of the page a submission links to; its own pages and pictures have no card."""
    shown = as_map(as_map(data.get("secure_media") or data.get("media")).get("oembed"))
    title, description = (clean_text(as_text(shown.get(name))) for name in ("title", "description"))
    if not (title or description):
        return None
    url = as_text(data.get("url_overridden_by_dest")) or as_text(shown.get("url"))
    return LinkCard(clean_text(url) or None, title, description)


def _crossposted(data: Fields) -> tuple[str, ...]:
    """The title and text of the post that a submission shows again: another author's words."""
    shown = [as_map(parent) for parent in as_list(data.get("crosspost_parent_list"))[:1]]
    return tuple(text for parent in shown if (text := _words(parent)))


def _words(data: Fields) -> str:
    body = as_text(data.get("selftext"))
    parts = (as_text(data.get("title")), "" if body in GONE_TEXTS else body)
    return clean_text("\n\n".join(part for part in parts if part))


def is_unfinished(data: Fields) -> bool:
    """Whether Reddit is still processing a picture of this thing, so that it will look different soon."""
    entries = as_map(data.get("media_metadata")).values()
    return any(as_map(entry).get("status") == "unprocessed" for entry in entries)


def created_at(data: Fields) -> datetime:
    """When it was posted, UTC. Raises PayloadChanged."""
    value = data.get("created_utc")
    try:
        if isinstance(value, int | float) and not isinstance(value, bool):
            return datetime.fromtimestamp(value, tz=UTC)
    except (ValueError, OverflowError, OSError):
        pass
    raise PayloadChanged(f"{fullname(data)}.created_utc", "is not a time in seconds")


def _post(data: Fields, text: str, attachments: tuple[Attachment, ...], site: str) -> Post:
    return Post(
        platform="reddit",
        external_id=_text(data, "name"),
        url=site.rstrip("/") + _permalink(data),
        text=clean_text(text),
        author=_author(data, site),
        posted_at=created_at(data),
        attachments=attachments,
        tags=tuple(clean_text(tag) for tag in (as_text(data.get("link_flair_text")),) if tag),
        context=clean_text(f"r/{data['subreddit']}") if isinstance(data.get("subreddit"), str) else None,
    )


def _permalink(data: Fields) -> str:
    given = data.get("permalink")
    if isinstance(given, str) and given.startswith("/"):
        return clean_text(given)
    own = _text(data, "name").partition("_")[2]
    parent = as_text(data.get("link_id")).partition("_")[2]
    return f"/comments/{parent}/_/{own}/" if parent else f"/comments/{own}/"


def _author(data: Fields, site: str) -> Author | None:
    handle = data.get("author")
    if not isinstance(handle, str) or handle in {"", "[deleted]"}:
        return None
    stable = data.get("author_fullname")
    external_id = stable if isinstance(stable, str) and stable else handle
    return Author(
        clean_text(external_id), clean_text(handle), f"{site.rstrip('/')}/user/{clean_text(handle)}"
    )


def _text(data: Fields, field: str) -> str:
    value = data.get(field)
    if not isinstance(value, str):
        raise PayloadChanged(f"{fullname(data)}.{field}", "is missing or is not text")
    return value
