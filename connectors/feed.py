"""Feeds of posts as JSON lines: one JSON object a line, its files beside the feed. Pure but for opening.

    {"id": "17", "text": "look at this", "files": ["17/letter.jpg"]}

`text` or `files` may be missing. Optional: `id` (else the line's digest), `url`, `author` (a handle, or an
object with `id`, `handle`, `url`), `posted_at` (ISO 8601, UTC when it names no zone, or Unix seconds), `alt`
(the files' alternative texts), `card` (a link card: `title`, `description`, `url`), `tags`, and `context`
(the texts of the posts that this one answers, the nearest first). Other fields are left alone.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import zip_longest
from pathlib import Path
from typing import Any, BinaryIO

from connectors.base import Author, LinkCard, Rejected
from connectors.text import clean_text, shown_name

MAX_LINE_BYTES = 2**20


@dataclass(frozen=True, slots=True)
class FeedItem:
    """One post of a feed."""

    external_id: str
    line: int
    """Counted from 1."""
    text: str = ""
    files: tuple[str, ...] = ()
    """Paths as the feed gives them, relative to the feed's own folder."""
    alt_texts: tuple[str, ...] = ()
    """One for each file, empty where there is none."""
    url: str | None = None
    author: Author | None = None
    posted_at: datetime | None = None
    card: LinkCard | None = None
    tags: tuple[str, ...] = ()
    thread: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class RawLine:
    """A line as it stands in the file."""

    content: bytes
    """At most MAX_LINE_BYTES + 1 bytes of it, without its newline."""
    end: int
    """Byte offset just after the line."""
    complete: bool
    """Whether it ends in a newline."""


class _Unfit(ValueError):
    """What is wrong with a line, in words that repeat none of its content."""


def read_feed(path: Path) -> Iterator[FeedItem | Rejected]:
    """Every post of the feed at `path`, in order; a line that is no post comes as Rejected. Raises OSError.

    The last line counts even without a newline: the file is taken to be finished.
    """
    with path.open("rb") as stream:
        for number, raw in enumerate(iter_lines(stream), start=1):
            item = parse_line(raw.content, name=path.name, line=number)
            if item is not None:
                yield item


def iter_lines(stream: BinaryIO) -> Iterator[RawLine]:
    """The lines from the stream's position on; the rest of an over-long line is passed over."""
    end = stream.tell()
    while content := stream.readline(MAX_LINE_BYTES + 1):
        end += len(content)
        last = content
        while not last.endswith(b"\n") and (last := stream.readline(MAX_LINE_BYTES)):
            end += len(last)
        complete = (last or content).endswith(b"\n")
        yield RawLine(content.removesuffix(b"\n"), end, complete)


def parse_line(raw: bytes, *, name: str, line: int, start: int | None = None) -> FeedItem | Rejected | None:
    """The post on one line of the feed called `name`, None for a blank line, Rejected for anything else.

    `start` is the byte at which the line begins, for finding it in a large feed.
    """
    if not raw.removeprefix(b"\xef\xbb\xbf").strip():
        return None
    digest = hashlib.sha256(raw).hexdigest()[:32]
    try:
        return _item(_object(raw, first=line == 1), line, digest)
    except _Unfit as error:
        place = f"line {line}" if start is None else f"line {line}, byte {start}"
        return Rejected(f"line-{digest}", f"{shown_name(name)} {place}: {error}.")


def parse_sidecar(raw: bytes, *, name: str) -> FeedItem | Rejected:
    """What a file beside a loose file tells of it: one JSON object with the fields of a feed's line."""
    digest = hashlib.sha256(raw).hexdigest()[:32]
    try:
        return _item(_object(raw, first=True), 1, digest)
    except _Unfit as error:
        return Rejected(f"sidecar-{digest}", f"{shown_name(name)}: {error}.")


def _object(raw: bytes, *, first: bool) -> Mapping[str, Any]:
    if len(raw) > MAX_LINE_BYTES:
        raise _Unfit(f"it is longer than {MAX_LINE_BYTES} bytes")
    try:
        parsed = json.loads(raw.decode("utf-8-sig" if first else "utf-8"))
    except UnicodeDecodeError as error:
        raise _Unfit(f"it is not UTF-8 at byte {error.start + 1}") from error
    except json.JSONDecodeError as error:
        raise _Unfit(f"it is not JSON ({error.msg} at column {error.colno})") from error
    except (ValueError, RecursionError) as error:
        raise _Unfit("it is not JSON that can be read (nested too deeply, or a number too long)") from error
    if not isinstance(parsed, dict):
        raise _Unfit("it is not a JSON object")
    return parsed


def _item(fields: Mapping[str, Any], line: int, digest: str) -> FeedItem:
    files = _files(fields)
    return FeedItem(
        external_id=_external_id(fields.get("id")) or f"line-{digest}",
        line=line,
        text=_text(fields, "text") or "",
        files=tuple(files),
        alt_texts=tuple(files.values()),
        url=_text(fields, "url"),
        author=_author(fields.get("author")),
        posted_at=_posted_at(fields.get("posted_at")),
        card=_card(fields.get("card")),
        tags=_texts(fields, "tags"),
        thread=_texts(fields, "context"),
    )


def _external_id(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, bool) or not isinstance(value, str | int):
        raise _Unfit('"id" is neither text nor a whole number')
    return clean_text(str(value)).strip()


def _text(fields: Mapping[str, Any], name: str) -> str | None:
    value = fields.get(name)
    if value is not None and not isinstance(value, str):
        raise _Unfit(f'"{name}" is not text')
    return None if value is None else clean_text(value)


def _files(fields: Mapping[str, Any]) -> dict[str, str]:
    """The paths in their order, each once, with their alternative texts."""
    paths, alts = _given(fields, "files"), _given(fields, "alt")
    if not isinstance(paths, list) or not all(isinstance(path, str) and path for path in paths):
        raise _Unfit('"files" is not a list of paths')
    if not isinstance(alts, list) or not all(alt is None or isinstance(alt, str) for alt in alts):
        raise _Unfit('"alt" is not a list of texts')
    if len(alts) > len(paths):
        raise _Unfit('"alt" has more entries than "files"')
    found: dict[str, str] = {}
    for path, alt in zip_longest(paths, alts):
        name, told = clean_text(path), clean_text(alt or "")
        found[name] = "\n".join(text for text in (found.get(name), told) if text)
    return found


def _given(fields: Mapping[str, Any], name: str) -> Any:
    value = fields.get(name)
    return [] if value is None else value


def _texts(fields: Mapping[str, Any], name: str) -> tuple[str, ...]:
    value = _given(fields, name)
    if not isinstance(value, list) or not all(isinstance(entry, str) for entry in value):
        raise _Unfit(f'"{name}" is not a list of texts')
    return tuple(clean_text(entry) for entry in value)


def _card(value: object) -> LinkCard | None:
    if value is None:
        return None
    if not isinstance(value, dict):
        raise _Unfit('"card" is not an object')
    names = ("title", "description", "url")
    if not all(isinstance(value.get(name), str | None) for name in names):
        raise _Unfit('"title", "description" or "url" of "card" is not text')
    title, description, url = (clean_text(value.get(name) or "") for name in names)
    return LinkCard(url or None, title, description)


def _author(value: object) -> Author | None:
    if value is None or value == "":
        return None
    if isinstance(value, str):
        return Author(external_id=clean_text(value), handle=clean_text(value))
    if not isinstance(value, dict):
        raise _Unfit('"author" is neither text nor an object')
    handle = _text(value, "handle")
    external_id = _external_id(value.get("id")) or handle
    if not external_id:
        raise _Unfit('"author" has neither "id" nor "handle"')
    return Author(external_id=external_id, handle=handle or external_id, url=_text(value, "url"))


def _posted_at(value: object) -> datetime | None:
    if value is None:
        return None
    try:
        if isinstance(value, str):
            moment = datetime.fromisoformat(value)
            return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).astimezone(UTC)
        if isinstance(value, int | float) and not isinstance(value, bool):
            return datetime.fromtimestamp(value, tz=UTC)
    except (ValueError, OverflowError, OSError) as error:
        raise _Unfit('"posted_at" is not a moment') from error
    raise _Unfit('"posted_at" is neither text nor a number')
