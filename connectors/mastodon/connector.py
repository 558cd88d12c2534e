"""The Mastodon connector: timelines walked forward by `min_id`, newest pages first only at the beginning.

1. a timeline that was never read: its newest posts, told oldest first
2. after that: from the lowest status of the window upwards, page by page, each page a batch
3. what the window already holds in the same version is passed over

`min_id` walks without gaps; `since_id` would skip the middle when more than a page is new.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing

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
)
from connectors.instance import InstanceCredentials
from connectors.kind import ConnectorContext, ConnectorKind
from connectors.listing import BATCH_SIZE, changed, sorted_out
from connectors.mastodon.asking import MastodonAsking
from connectors.mastodon.client import MastodonClient
from connectors.mastodon.config import (
    MastodonConfig,
    Timeline,
    timelines,
)
from connectors.mastodon.parse import PLATFORM, id_order, parse_statuses, version
from connectors.mastodon.stream import Heard, sse_line, websocket_line
from connectors.mastodon.window import Window
from connectors.payload import Json
from connectors.query import Grammar
from connectors.streaming import Line, listen
from connectors.traffic import Rate
from connectors.trust import require_trusted

DEEPEST_START = 1000
"""How many posts are read of a timeline that was empty before, at most."""


class MastodonConnector(MastodonAsking):
    """Reads the timelines of one instance. Implements Connector and, by its base, what can be asked."""

    platform = PLATFORM

    def __init__(self, config: MastodonConfig, client: MastodonClient, context: ConnectorContext) -> None:
        super().__init__(client, context)
        self._config = config
        self._context = context
        self._timelines = timelines(config)

    def fetch(self, checkpoint: Checkpoint | None) -> Iterator[Batch]:
        """Yield what is new since `checkpoint`; a timeline's first run takes its newest posts only.

        A timeline that is closed to us does not stop the others; SourceClosed is raised after them.
        """
        yield from self._catch_up(self._window(checkpoint))

    def check(self) -> SourceCheck:
        """Ask each timeline for one post."""
        for timeline in self._timelines:
            try:
                self._client.require_open(timeline)
                self._client.page(timeline, 1)
            except ConnectorError as error:
                return SourceCheck(False, f"{timeline.key}: {error}")
        left = self._client.limits.remaining
        details = {} if left is None else {"requests left": f"{left:g}"}
        message = f"{self._client.host} answers for {len(self._timelines)} timeline(s)."
        return SourceCheck(True, message, details)

    def close(self) -> None:
        """Release connections."""
        self._client.close()

    def _window(self, checkpoint: Checkpoint | None) -> Window:
        return Window(checkpoint, [timeline.key for timeline in self._timelines])

    def _catch_up(self, window: Window) -> Iterator[Batch]:
        closed: list[str] = []
        for timeline in self._timelines:
            try:
                self._client.require_open(timeline)
                yield from self._read(timeline, window)
            except SourceClosed as error:
                closed.append(f"{timeline.key}: {error}")
        if closed:
            raise SourceClosed(" ".join(closed))

    def _read(self, timeline: Timeline, window: Window) -> Iterator[Batch]:
        lowest = window.lowest(timeline.key)
        if lowest is None:
            yield from self._begin(timeline, window)
            return
        while page := self._client.page(timeline, min_id=lowest):
            statuses = sorted(page, key=lambda status: id_order(status["id"].text()))
            yield from self._news(timeline, window, statuses)
            highest = statuses[-1]["id"].text()
            if id_order(highest) <= id_order(lowest):
                break
            lowest = highest

    def _begin(self, timeline: Timeline, window: Window) -> Iterator[Batch]:
        """The first statuses of a timeline: its newest, or all if it was known to be empty."""
        never_read = window.of(timeline.key) is None
        limit = self._config.first_run_posts if never_read else DEEPEST_START
        newest_first = self._newest(timeline, limit)
        if never_read and not newest_first:
            window.add(timeline.key, {})
            yield Batch((), window.checkpoint())
        oldest_first = newest_first[::-1]
        for start in range(0, len(oldest_first), BATCH_SIZE):
            yield from self._news(timeline, window, oldest_first[start : start + BATCH_SIZE])

    def _newest(self, timeline: Timeline, limit: int) -> list[Json]:
        found: list[Json] = []
        place: dict[str, str] = {}
        while len(found) < limit and (page := self._client.page(timeline, limit - len(found), **place)):
            found += page
            place = {"max_id": min((status["id"].text() for status in page), key=id_order)}
        return found[:limit]

    def _news(self, timeline: Timeline, window: Window, statuses: Sequence[Json]) -> Iterator[Batch]:
        """A batch of those statuses, oldest first, that the window does not hold in this version."""
        held = window.of(timeline.key) or {}
        unseen = [status for status in statuses if not _is_held(status, held)]
        if not unseen:
            return
        fresh = [status for status in unseen if not window.has(status["id"].text(), version(status))]
        window.add(timeline.key, {status["id"].text(): _entry(status) for status in unseen})
        results = [result for status in fresh for result in self._parsed(timeline, status)]
        posts, rejected = sorted_out({_identity(result): result for result in results}.values())
        yield Batch(posts, window.checkpoint(), rejected)

    def _parsed(self, timeline: Timeline, status: Json) -> tuple[Post | Rejected, ...]:
        context = f"{timeline.key} on {self._client.host}"
        try:
            return parse_statuses(status, context, self._client.host)
        except PayloadChanged as error:
            uri = status.get("uri").text_or() or f"{self._client.host}/{status['id'].text()}"
            return (changed(self._client.host, uri, error),)


class StreamingMastodonConnector(MastodonConnector):
    """One that can stay connected. Implements Streams besides."""

    def stream(self, checkpoint: Checkpoint | None) -> Iterator[Batch]:
        """Connect, catch up on the timelines, then yield statuses, edits and deletions as they are heard.

        Accounts have no stream of their own and are read whenever the stream begins. Raises ConnectorError.
        """
        window = self._window(checkpoint)
        lines = self._lines()
        events = listen(lines)
        with closing(events):
            yield from self._catch_up(window)
            for event in events:
                batches = [] if event is None else list(self._told(event, window))
                yield from batches or [Batch((), window.checkpoint())]

    def _lines(self) -> list[Line[Heard]]:
        lines: list[Line[Heard]] = []
        try:
            lines.extend(self._line(timeline) for timeline in self._timelines if timeline.stream)
        except ConnectorError:
            for line in lines:
                line.hang_up()
            raise
        return lines

    def _line(self, timeline: Timeline) -> Line[Heard]:
        self._client.require_open(timeline)
        if self._config.transport == "websocket":
            return websocket_line(self._client, timeline, self._context)
        return sse_line(self._client, timeline)

    def _told(self, event: Heard, window: Window) -> Iterator[Batch]:
        if event.name in {"update", "status.update"}:
            yield from self._news(event.timeline, window, [event.payload])
        elif event.name == "delete" and (uri := window.uri_of(event.payload.text_or())):
            deletion = Deletion(uri, "deleted by its author or the server")
            yield Batch((), window.checkpoint(), deletions=(deletion,))


def _is_held(status: Json, held: Mapping[str, tuple[str, str]]) -> bool:
    entry = held.get(status["id"].text())
    return entry is not None and entry[0] == version(status)


def _entry(status: Json) -> tuple[str, str]:
    return version(status), status.get("uri").text_or()


def _identity(result: Post | Rejected) -> str:
    return result.external_id


def _build(
    config: MastodonConfig, credentials: InstanceCredentials | None, context: ConnectorContext
) -> MastodonConnector:
    require_trusted("instance", config.instance, context)
    token = credentials.of(config.host) if credentials else None
    client = MastodonClient(config, token, context)
    made = StreamingMastodonConnector if config.stream else MastodonConnector
    return made(config, client, context)


KIND = ConnectorKind(
    name=PLATFORM,
    summary="Reads hashtags, the public timeline and accounts of a server that speaks the Mastodon API.",
    config=MastodonConfig,
    credentials=InstanceCredentials,
    build=_build,
    grammar=Grammar("hashtags", "hashtags", longest=100),
    requests=lambda config: len(timelines(config)),
    rate=Rate(270, 300, burst=30),
)
