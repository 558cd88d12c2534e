"""The Bluesky connector for the whole network: Jetstream, or the firehose without it, from where it was left.

1. hear the live stream for its first event: the end to catch up to, on the stream's own clock
2. replay from the checkpoint and give the posts that are wanted, a batch a second or fifty posts
3. `fetch` ends when that end is reached, `stream` goes on
"""

from __future__ import annotations

import time
from collections.abc import Generator, Iterator
from contextlib import closing, suppress
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
    SourceClosed,
    SourceUnavailable,
)
from connectors.bluesky.asking import BlueskyAsking
from connectors.bluesky.client import BlueskyClient
from connectors.bluesky.config import BlueskyConfig
from connectors.bluesky.events import CursorRefused, Event, NetworkStream
from connectors.bluesky.firehose import Firehose
from connectors.bluesky.jetstream import Jetstream
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
        self._streams: list[NetworkStream] = []
        if config.jetstream_url:
            self._streams.append(Jetstream(config.jetstream_url, config, context))
        if config.firehose_url:
            self._streams.append(Firehose(config.firehose_url, context))

    def fetch(self, checkpoint: Checkpoint | None) -> Iterator[Batch]:
        """Yield what the network said since `checkpoint`; the first run reaches `first_run_seconds` back."""
        heard = self._heard(checkpoint)
        yield from self._told(heard, heard.live)

    def check(self) -> SourceCheck:
        """Hear the live stream for a moment."""
        try:
            stream, event = self._chosen()
        except ConnectorError as error:
            return SourceCheck(False, str(error))
        return SourceCheck(True, f"{stream.label} answers{'.' if event else ', and is silent.'}")

    def close(self) -> None:
        """Release connections."""
        self._client.close()

    def _chosen(self) -> tuple[NetworkStream, Event | None]:
        """The first stream that can be had, and its first live event, None in silence."""
        *preferred, last = self._streams
        for stream in preferred:
            with suppress(SourceUnavailable, SourceClosed):
                return stream, _live_event(stream)
        return last, _live_event(last)

    def _heard(self, checkpoint: Checkpoint | None) -> _Heard:
        stream, live = self._chosen()
        place = Place(checkpoint, stream)
        is_first = place.is_new
        if is_first:
            now = live.time_us if live else int(self._context.now().timestamp() * 1_000_000)
            place.begin(now - self._config.first_run_seconds * 1_000_000)
        return _Heard(stream, place, live, is_first)

    def _told(self, heard: _Heard, end: Event | None, *, stay: bool = False) -> Iterator[Batch]:
        pending = _Pending(heard.place)
        events = _events(heard, pending)
        with closing(events):
            for event in events:
                if event is not None:
                    self._take(event, pending)
                if pending.is_due or event is None:
                    yield from pending.batches(always=stay)
                if not stay and (event is None or (end is not None and event.position >= end.position)):
                    break
        yield from pending.batches(always=False)

    def _take(self, event: Event, pending: _Pending) -> None:
        if event.warning is not None:
            if event.warning in _TOO_LATE:
                pending.gap = f"The stream could not go on from where it was left ({event.warning})."
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
        yield from self._told(self._heard(checkpoint), None, stay=True)


@dataclass(frozen=True)
class _Heard:
    """The stream that is heard, from which place, and its first live event."""

    stream: NetworkStream
    place: Place
    live: Event | None
    is_first: bool


def _live_event(stream: NetworkStream) -> Event | None:
    """The first event from now on, or None in silence."""
    events = listen([stream.open(None)])
    with closing(events):
        return next((event for event in events if event is None or event.warning is None), None)


def _events(heard: _Heard, pending: _Pending) -> Generator[Event | None, None, None]:
    """From the place on; from the nearest moment there is where the stream does not know the place."""
    stream, place = heard.stream, heard.place
    lost = f"{stream.label} no longer has what followed the last run; posts were missed."
    if place.position is not None:
        try:
            yield from listen([stream.open(stream.after(place.position))], tick=TICK_SECONDS)
        except CursorRefused:
            pending.gap = lost
            place.forget_position()
        else:
            return
    try:
        cursor, is_whole = stream.at(place.moment, heard.live)
        line = stream.open(cursor)
    except CursorRefused:
        is_whole, line = False, stream.open(max(place.moment, FIRST_TIMESTAMP))
    if not (is_whole or heard.is_first):
        pending.gap = lost
    yield from listen([line], tick=TICK_SECONDS)


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
