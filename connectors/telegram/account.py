"""Telegram's channels through an account: walked forward by message numbers, edits and deletions seen.

1. a channel's first run: its newest messages
2. after that: the last messages that were given are looked at again: edited ones are told once more, missing
   ones as deleted
3. then what follows the last number, page by page; an album that a page cuts waits for the next page
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from connectors.availability import GONE, PRESENT, UNKNOWN, looked
from connectors.base import (
    AttachmentRefused,
    Batch,
    Checkpoint,
    ConnectorError,
    Deletion,
    PayloadChanged,
    Post,
    PostRef,
    Probe,
    Rejected,
    SourceCheck,
    SourceClosed,
)
from connectors.known import foreign_checkpoint
from connectors.listing import BATCH_SIZE, changed, sorted_out
from connectors.telegram.messages import albums, edited_at, is_written, message_name, parse_album
from connectors.telegram.mtproto import Channels
from connectors.telegram.parse import PLATFORM

PAGE_SIZE = 50
WINDOW = 100
"""So many of the last messages are looked at again in each run."""


@dataclass
class _Place:
    """How far a channel was read."""

    after: int = 0
    edited: int = 0
    """The newest edit that was seen, in seconds since 1970."""
    window: list[int] = field(default_factory=list)
    """The numbers of the last posts that were given, ascending."""

    def add(self, parts: Sequence[Any]) -> None:
        """Note a post as given."""
        if parts[0].id not in self.window:
            self.window = sorted([*self.window, parts[0].id])[-WINDOW:]
        self.after = max(self.after, parts[-1].id)


class AccountConnector:
    """Reads channels. Implements Connector, ReadsAttachments, ChecksAvailability."""

    platform = PLATFORM

    def __init__(self, channels: Sequence[str], client: Channels, *, first_run_posts: int) -> None:
        self._channels = tuple(dict.fromkeys(channels))
        self._client = client
        self._first_run_posts = first_run_posts

    def fetch(self, checkpoint: Checkpoint | None) -> Iterator[Batch]:
        """Yield what is new, edited or deleted; a channel's first run takes its newest messages only.

        A channel that is closed to the account does not stop the others; SourceClosed is raised after them.
        """
        places = _places(checkpoint, self._channels)
        closed: list[str] = []
        for channel in self._channels:
            try:
                yield from self._read(channel, places)
            except SourceClosed as error:
                closed.append(f"{channel}: {error}")
        if closed:
            raise SourceClosed(" ".join(closed))

    def check(self) -> SourceCheck:
        """Ask each channel for its newest message."""
        for channel in self._channels:
            try:
                self._client.newest(channel, 1)
            except ConnectorError as error:
                return SourceCheck(False, f"{channel}: {error}")
        return SourceCheck(True, f"Telegram answers for {len(self._channels)} channel(s).")

    def close(self) -> None:
        """Hang up."""
        self._client.close()

    def read_attachment(self, url: str, max_bytes: int) -> bytes:
        """A message's file, as uploaded or as Telegram keeps photos."""
        named = message_name(url)
        if named is None:
            raise AttachmentRefused("The attachment's address names no message.")
        return self._client.file(*named, max_bytes)

    def check_availability(self, post: PostRef) -> tuple[Probe, ...]:
        """The message itself, in a channel that shows messages."""
        return (looked("message", lambda: self._message_probe(post)),)

    def _message_probe(self, post: PostRef) -> Probe:
        channel, _, number = post.external_id.partition("/")
        if not number.isdecimal():
            return Probe("message", UNKNOWN, "Its id names no message.")
        found = [each for each in self._client.named(channel, [int(number)]) if each is not None]
        if any(map(is_written, found)):
            return Probe("message", PRESENT, "Its channel shows it.")
        if not any(map(is_written, self._client.newest(channel, 5))):
            return Probe("message", UNKNOWN, "Its channel shows no messages at all.")
        return Probe("message", GONE, "Its channel is there, without it.")

    def _read(self, channel: str, places: dict[str, _Place]) -> Iterator[Batch]:
        place = places.get(channel)
        if place is None:
            places[channel] = place = _Place()
            page = self._client.newest(channel, self._first_run_posts)
            if not page:
                yield Batch((), _checkpoint(places))
            yield from self._told(channel, places, albums(page))
        else:
            yield from self._looked_again(channel, places, place)
        while page := self._client.after(channel, place.after, PAGE_SIZE):
            whole = albums(_uncut(page))
            yield from self._told(channel, places, whole)
            place.after = max(place.after, _uncut(page)[-1].id)

    def _looked_again(self, channel: str, places: dict[str, _Place], place: _Place) -> Iterator[Batch]:
        """The edits and deletions among the last posts."""
        if not place.window:
            return
        seen = [part for part in self._client.newest(channel, WINDOW, place.after + 1) if is_written(part)]
        lowest = min((part.id for part in seen), default=place.after + 1)
        present = {part.id for part in seen}
        gone = [number for number in place.window if number >= lowest and number not in present]
        edits = [parts for parts in albums(seen) if max(map(edited_at, parts)) > place.edited]
        edits = [parts for parts in edits if parts[0].id in place.window]
        if not gone and not edits:
            return
        place.window = [number for number in place.window if number not in gone]
        deletions = tuple(Deletion(f"{channel}/{number}", "deleted from its channel") for number in gone)
        posts, rejected = self._parsed(channel, edits)
        place.edited = max([place.edited, *(edited_at(part) for parts in edits for part in parts)])
        yield Batch(posts, _checkpoint(places), rejected, deletions=deletions)

    def _told(self, channel: str, places: dict[str, _Place], found: list[list[Any]]) -> Iterator[Batch]:
        place = places[channel]
        for start in range(0, len(found), BATCH_SIZE):
            part = found[start : start + BATCH_SIZE]
            for parts in part:
                place.add(parts)
                place.edited = max(place.edited, *map(edited_at, parts))
            posts, rejected = self._parsed(channel, part)
            yield Batch(posts, _checkpoint(places), rejected)

    def _parsed(self, channel: str, found: list[list[Any]]) -> tuple[tuple[Post, ...], tuple[Rejected, ...]]:
        return sorted_out([_post(parts, channel) for parts in found])


def _post(parts: list[Any], channel: str) -> Post | Rejected:
    try:
        return parse_album(parts, channel)
    except PayloadChanged as error:
        return changed("Telegram", f"{channel}/{parts[0].id}", error)


def _uncut(page: list[Any]) -> list[Any]:
    """A full page without the album at its end, which may go on after it."""
    last = getattr(page[-1], "grouped_id", None)
    if len(page) < PAGE_SIZE or not last:
        return page
    whole = [message for message in page if getattr(message, "grouped_id", None) != last]
    return whole or page


def _places(checkpoint: Checkpoint | None, channels: Sequence[str]) -> dict[str, _Place]:
    try:
        stored = dict(checkpoint["channels"]) if checkpoint is not None else {}
        return {name: _place(stored[name]) for name in channels if name in stored}
    except (KeyError, TypeError, ValueError) as error:
        raise foreign_checkpoint("Telegram account") from error


def _place(stored: Mapping[str, Any]) -> _Place:
    return _Place(int(stored["after"]), int(stored["edited"]), [int(number) for number in stored["window"]])


def _checkpoint(places: dict[str, _Place]) -> Checkpoint:
    return {
        "channels": {
            name: {"after": place.after, "edited": place.edited, "window": list(place.window)}
            for name, place in places.items()
        }
    }
