"""Threads of imageboards as posts: pure functions over their JSON.

Documentation: the 4chan API (threads, thread objects); vichan adds `extra_files`.
"""

from __future__ import annotations

from collections.abc import Iterator, Set
from dataclasses import dataclass
from urllib.parse import urlsplit

from connectors.base import Attachment, Author, Post
from connectors.boards.config import Places
from connectors.html import html_text
from connectors.payload import Json
from connectors.text import clean_text

PLATFORM = "boards"


@dataclass(frozen=True, slots=True)
class Listed:
    """A thread as a board lists it."""

    number: int
    modified: int
    """Unix time of its last change: a post, and also a deletion."""


def parse_threads(pages: Json) -> tuple[Listed, ...]:
    """The threads of a board, those that changed longest ago first. Raises PayloadChanged."""
    threads = [thread for page in pages.items() for thread in page["threads"].items()]
    listed = [Listed(each["no"].integer(), each["last_modified"].integer()) for each in threads]
    return tuple(sorted(listed, key=lambda thread: (thread.modified, thread.number)))


def parse_post(post: Json, first: Json, board: str, places: Places, skipped: Set[str]) -> Post:
    """One post of a thread, whose first post is `first`. Raises PayloadChanged."""
    number, thread = post["no"].integer(), first["no"].integer()
    is_reply = number != thread
    subject = first.get("sub").text_or()
    return Post(
        platform=PLATFORM,
        external_id=post_id(places, board, number),
        url=places.page(board, thread, number),
        text=_words(post),
        author=_author(post),
        posted_at=post["time"].unix_time(),
        attachments=tuple(_files(post, board, places, skipped)),
        context=f"/{board}/ {html_text(subject)}".strip(),
        thread=(_words(first),) if is_reply and _words(first) else (),
    )


def post_id(places: Places, board: str, number: int) -> str:
    """A post's identity: numbers count within a board."""
    return f"{urlsplit(places.pages).netloc}/{board}/{number}"


def has_file(post: Json) -> bool:
    """Whether a post has a file that is still there."""
    return bool(post.get("tim").value) and not post.get("filedeleted").value


def _words(post: Json) -> str:
    parts = (html_text(post.get("sub").text_or()), html_text(post.get("com").text_or()))
    return "\n\n".join(part for part in parts if part)


def _author(post: Json) -> Author | None:
    """Somebody who can be told apart: by a tripcode. Names alone can be anybody's."""
    trip = post.get("trip").text_or()
    return Author(trip, f"{post.get('name').text_or()}{trip}") if trip else None


def _files(post: Json, board: str, places: Places, skipped: Set[str]) -> Iterator[Attachment]:
    for file in (post, *post.get("extra_files").items_or_none()):
        if has_file(file) and file.get("md5").text_or() not in skipped:
            name = clean_text(f"{file['tim'].value}{file['ext'].text()}")
            original = file.get("filename").text_or()
            alt_text = f"{original}{file['ext'].text()}" if original else None
            yield Attachment(places.file(board, name), alt_text=alt_text)
