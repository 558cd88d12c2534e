"""What a file of JSON beside a loose file tells of it: "a.jpg.json" or "a.json" of "a.jpg"."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from connectors.base import AttachmentRefused, Post, Rejected
from connectors.feed import MAX_LINE_BYTES, FeedItem, parse_sidecar
from connectors.files import FoundFile, read_beside


def told_beside(root: Path, file: FoundFile, item: Post | Rejected) -> Iterator[Post | Rejected]:
    """A loose file's post with what its sidecar tells; an unreadable sidecar is rejected beside it."""
    told = _sidecar(root, file) if isinstance(item, Post) else None
    if isinstance(told, Rejected):
        yield told
    if isinstance(item, Post) and isinstance(told, FeedItem):
        yield replace(
            item,
            url=told.url or item.url,
            text=told.text,
            author=told.author,
            posted_at=told.posted_at,
            card=told.card,
            tags=told.tags,
            thread=told.thread,
        )
    else:
        yield item


def _sidecar(root: Path, file: FoundFile) -> FeedItem | Rejected | None:
    """What stands in the sidecar, None when there is none."""
    for name in (f"{file.path.name}.json", f"{file.path.stem}.json"):
        if (file.path.parent / name).is_file():
            try:
                raw = read_beside(root, file.path.parent, name, MAX_LINE_BYTES)
            except AttachmentRefused as error:
                return Rejected(f"sidecar-{file.key}", str(error))
            return parse_sidecar(raw, name=name)
    return None
