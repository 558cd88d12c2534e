"""Listings that show the newest first: read down to what is known, told oldest first.

1. page through the listing until a page holds something known, or the platform's or our limit
2. leave what is not ready yet, and all that is newer, to the next run
3. yield the new posts oldest first, so that what is known stays one unbroken stretch at any stop
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from connectors.base import Batch, Checkpoint, Deletion, PayloadChanged, Post, Rejected, SourceClosed
from connectors.known import KNOWN_KEPT, Known

BATCH_SIZE = 50


@dataclass(frozen=True, slots=True)
class Entry:
    """One item of a listing. `key` is remembered: the item's id, and its version where edits are shown."""

    key: str
    item: Any


@dataclass(frozen=True, slots=True)
class Page:
    """One page of a listing, newest first."""

    entries: tuple[Entry, ...]
    after: Any = None
    """How to ask for the next page; None at the end."""


@dataclass(frozen=True, slots=True)
class Listing:
    """One endless list of a platform's, newest first."""

    key: str
    """Its name in the checkpoint and for people."""
    request: Any
    """How its platform is asked for it."""
    page_size: int = 100
    is_ordered: bool = True
    """Whether the newest really come first; else all that it shows is read each time, up to the limit."""


class ListedPlatform(Protocol):
    """What a platform with such listings gives the reader."""

    def page(self, listing: Listing, after: Any, limit: int) -> Page:
        """A page of at most `limit` items, from the newest or after a page. Raises ConnectorError."""
        ...

    def post(self, listing: Listing, item: Any) -> Post | Deletion:
        """An item as a post, or that it is gone. Raises PayloadChanged naming the field that is wrong."""
        ...

    def is_ready(self, item: Any) -> bool:
        """Whether the item can be told now; one that cannot waits with all that is newer."""
        ...


@dataclass(frozen=True, slots=True)
class News:
    """What a listing has that is not known, newest first."""

    entries: tuple[Entry, ...]
    gap: str | None = None


class ListingReader:
    """One run over the listings of a source. `name` is the platform's name for people."""

    def __init__(
        self,
        platform: ListedPlatform,
        checkpoint: Checkpoint | None,
        listings: Sequence[Listing],
        *,
        name: str,
        first_run_posts: int,
        posts_per_run: int,
        kept: int = KNOWN_KEPT,
    ) -> None:
        self._platform = platform
        self._name = name
        self._listings = listings
        self._first_run_posts = first_run_posts
        self._posts_per_run = posts_per_run
        self._known = Known(checkpoint, [listing.key for listing in listings], of=name, kept=kept)

    def batches(self) -> Iterator[Batch]:
        """Everything new; a listing's first run takes its newest posts only.

        A listing that is closed to us does not stop the others; SourceClosed is raised after them.
        """
        closed: list[str] = []
        for listing in self._listings:
            try:
                yield from self._read(listing)
            except SourceClosed as error:
                closed.append(f"{listing.key}: {error}")
        if closed:
            raise SourceClosed(" ".join(closed))

    def _read(self, listing: Listing) -> Iterator[Batch]:
        first = self._known.of(listing.key) is None
        news = self._collect(listing, self._known.of(listing.key))
        if first and not news.entries:
            self._known.add(listing.key, ())
            yield Batch((), self._known.checkpoint())
        ready = self._ready(news.entries)
        gap = news.gap
        for start in range(0, len(ready), BATCH_SIZE):
            yield self._batch(listing, ready[start : start + BATCH_SIZE], gap)
            gap = None

    def _collect(self, listing: Listing, known: Mapping[str, None] | None) -> News:
        """Page down to the first page that holds something known, or to the limit."""
        limit = self._first_run_posts if known is None else self._posts_per_run
        found: dict[str, Entry] = {}
        read, after, met = 0, None, False
        while read < limit and not met:
            page = self._platform.page(listing, after, min(listing.page_size, limit - read))
            fresh, met = unknown_part(page.entries, known or {})
            if not listing.is_ordered:
                fresh, met = [entry for entry in page.entries if entry.key not in (known or {})], False
            found |= {entry.key: entry for entry in fresh}
            read += len(page.entries)
            after = page.after
            if after is None or not page.entries:
                met = met or not listing.is_ordered
                break
        gap = _gap(listing, known, met=met, at_limit=read >= limit) if found else None
        return News(tuple(found.values())[:limit], gap)

    def _ready(self, entries: Sequence[Entry]) -> list[Entry]:
        """Oldest first, up to the first that is not ready."""
        ready: list[Entry] = []
        for entry in reversed(entries):
            if not self._platform.is_ready(entry.item):
                break
            ready.append(entry)
        return ready

    def _batch(self, listing: Listing, entries: Sequence[Entry], gap: str | None) -> Batch:
        results = [self._parsed(listing, entry) for entry in entries if not self._known.anywhere(entry.key)]
        self._known.add(listing.key, [entry.key for entry in entries])
        gone = tuple(result for result in results if isinstance(result, Deletion))
        posts, rejected = sorted_out(result for result in results if not isinstance(result, Deletion))
        return Batch(posts, self._known.checkpoint(), rejected, gap, gone)

    def _parsed(self, listing: Listing, entry: Entry) -> Post | Rejected | Deletion:
        try:
            return self._platform.post(listing, entry.item)
        except PayloadChanged as error:
            return changed(self._name, entry.key, error)


def changed(platform: str, external_id: str, error: PayloadChanged) -> Rejected:
    """An item that lost its documented shape, kept under its id."""
    return Rejected(external_id, f"{platform}'s answer has changed: {error}.")


def sorted_out(results: Iterable[Post | Rejected]) -> tuple[tuple[Post, ...], tuple[Rejected, ...]]:
    """Posts and rejected items apart, each in order."""
    every = tuple(results)
    posts = tuple(result for result in every if isinstance(result, Post))
    return posts, tuple(result for result in every if isinstance(result, Rejected))


def unknown_part(entries: Sequence[Entry], known: Mapping[str, None]) -> tuple[list[Entry], bool]:
    """The unknown entries of a page above its lowest known one, and whether it holds a known one at all.

    Between known posts may stand one that moderators approved late; below them is only what is older than
    the source.
    """
    places = [place for place, entry in enumerate(entries) if entry.key in known]
    reach = entries[: places[-1]] if places else entries
    return [entry for entry in reach if entry.key not in known], bool(places)


def _gap(listing: Listing, known: Mapping[str, None] | None, *, met: bool, at_limit: bool) -> str | None:
    """Why posts may have been missed. A listing known to have been empty has a gap only at the limit."""
    if known is None or met or not (known or at_limit):
        return None
    return f"{listing.key}: none of the posts seen last were reached again; older ones may have been missed."
