"""The Bluesky connector for the whole network: Jetstream from where it was left.

1. hear the live stream for its first event: the end to catch up to, on the instance's own clock
2. replay from the checkpoint and give the posts that are wanted, a batch a second or fifty posts
3. `fetch` ends when that end is reached, `stream` goes on
"""

from __future__ import annotations

import time
from collections.abc import Generator, Iterator
from contextlib import closing
from dataclasses import dataclass, field

from connectors.base import (
    Batch,
    Checkpoint,
    ConnectorError,
    Deletion,
    PayloadChanged,
    Post,
    Rejected,
    SourceCheck,
)
from connectors.bluesky.asking import BlueskyAsking
from connectors.bluesky.client import BlueskyClient
from connectors.bluesky.config import BlueskyConfig
from connectors.bluesky.jetstream import CursorTooOld, Event, Jetstream
from connectors.bluesky.parse import PLATFORM, author_of, has_pictures, languages, parse_record, post_uri
from connectors.bluesky.place import Place
from connectors.kind import ConnectorContext
from connectors.listing import BATCH_SIZE, changed, sorted_out
from connectors.payload import Json
from connectors.streaming import listen

BATCH_SECONDS = 1.0
TICK_SECONDS = 0.5
PROGRESS_US = 60_000_000
"""After so much of the network without a wanted post, the checkpoint moves all the same."""
FIRST_TIMESTAMP = 1_000_000_000_000_000
"""From here on Jetstream takes a cursor for a moment in microseconds."""
_TOO_LATE = frozenset({"OutdatedCursor", "FutureCursor"})


class NetworkConnector(BlueskyAsking):
    """Hears the network. Implements Connector and, by its base, what can be asked."""

    platform = PLATFORM

    def __init__(self, config: BlueskyConfig, client: BlueskyClient, context: ConnectorContext) -> None:
        super().__init__(config, client, context)
        self._jetstream = Jetstream(config, context)

    def fetch(self, checkpoint: Checkpoint | None) -> Iterator[Batch]:
        """Yield what the network said since `checkpoint`; the first run reaches `first_run_seconds` back."""
        end = self._live_event()
        place = Place(checkpoint, self._config)
        self._begin(place, end)
        yield from self._told(place, end)

    def check(self) -> SourceCheck:
        """Hear the live stream for a moment."""
        try:
            event = self._live_event()
        except ConnectorError as error:
            return SourceCheck(False, str(error))
        return SourceCheck(True, "Jetstream answers." if event else "Jetstream answers, and is silent.")

    def close(self) -> None:
        """Release connections."""
        self._client.close()

    def _live_event(self) -> Event | None:
        """The first event from now on, or None in silence."""
        events = listen([self._jetstream.open(None)])
        with closing(events):
            return next((event for event in events if event is None or event.warning is None), None)

    def _begin(self, place: Place, live: Event | None) -> None:
        """A first run begins some time before the live event, or before our own clock's now."""
        if not place.is_new:
            return
        now = live.time_us if live else int(self._context.now().timestamp() * 1_000_000)
        place.begin(now - self._config.first_run_seconds * 1_000_000)

    def _told(self, place: Place, end: Event | None, *, stay: bool = False) -> Iterator[Batch]:
        pending = _Pending(place)
        events = self._events(place, pending)
        with closing(events):
            for event in events:
                if event is not None:
                    self._take(event, pending)
                if pending.is_due or event is None:
                    yield from pending.batches(always=stay)
                if not stay and (event is None or (end is not None and event.position >= end.position)):
                    break
        yield from pending.batches(always=False)

    def _events(self, place: Place, pending: _Pending) -> Generator[Event | None, None, None]:
        try:
            line = self._jetstream.open(place.cursor)
        except CursorTooOld:
            pending.gap = "Jetstream no longer has what followed the last run; posts were missed."
            place.forget_position()
            line = self._jetstream.open(max(place.cursor, FIRST_TIMESTAMP))
        return listen([line], tick=TICK_SECONDS)

    def _take(self, event: Event, pending: _Pending) -> None:
        if event.warning is not None:
            if event.warning in _TOO_LATE:
                pending.gap = f"Jetstream could not go on from where it was left ({event.warning})."
            return
        if pending.place.is_known(event):
            return
        found = self._found(event)
        pending.add(event, found)

    def _found(self, event: Event) -> Post | Rejected | Deletion | None:
        if not event.operation:
            return None
        uri = post_uri(event.did, event.commit.get("rkey").text_or("unknown"))
        if event.operation == "delete":
            return Deletion(uri, "deleted by its author")
        try:
            record = event.commit["record"]
            if not self._is_wanted(record):
                return None
            seen_at = Json(event.commit.get("time").value)
            return parse_record(record, uri, author_of(event.did), seen_at, "Bluesky")
        except PayloadChanged as error:
            return changed("Bluesky", uri, error)

    def _is_wanted(self, record: Json) -> bool:
        spoken = languages(record)
        if self._config.languages and spoken and not spoken & set(self._config.languages):
            return False
        return self._config.network == "all" or has_pictures(record)


class StreamingNetworkConnector(NetworkConnector):
    """One that stays connected. Implements Streams besides."""

    def stream(self, checkpoint: Checkpoint | None) -> Iterator[Batch]:
        """Catch up, then yield posts and deletions as the network says them. Raises ConnectorError."""
        place = Place(checkpoint, self._config)
        if place.is_new:
            self._begin(place, self._live_event())
        yield from self._told(place, None, stay=True)


@dataclass
class _Pending:
    """What was heard and not yet given."""

    place: Place
    results: list[Post | Rejected] = field(default_factory=list)
    deletions: list[Deletion] = field(default_factory=list)
    gap: str | None = None
    _given_at: float = field(default_factory=time.monotonic)
    _given_us: int | None = None

    def add(self, event: Event, found: Post | Rejected | Deletion | None) -> None:
        """Note an event and what it gave."""
        if self._given_us is None:
            self._given_us = self.place.time_us
        self.place.pass_by(event, given=found is not None)
        if isinstance(found, Deletion):
            self.deletions.append(found)
        elif found is not None:
            self.results.append(found)

    @property
    def is_due(self) -> bool:
        """Whether it is time for a batch."""
        return len(self.results) >= BATCH_SIZE or time.monotonic() - self._given_at >= BATCH_SECONDS

    def batches(self, *, always: bool) -> Iterator[Batch]:
        """A batch when there is something to tell, the place moved far, or `always`."""
        self._given_at = time.monotonic()
        moved_us = self.place.time_us - (self._given_us or self.place.time_us)
        if not (self.results or self.deletions or self.gap or always or moved_us >= PROGRESS_US):
            return
        posts, rejected = sorted_out(self.results)
        yield Batch(posts, self.place.checkpoint(), rejected, self.gap, tuple(self.deletions))
        self.results, self.deletions, self.gap, self._given_us = [], [], None, None
