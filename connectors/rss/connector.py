"""The feed connector: each feed asked whether it changed, its new and edited entries told oldest first.

The checkpoint holds of each feed what to ask with and the digests of its entries. The new validators are
stored with a feed's last batch only: a crash before it asks for the whole feed again.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from itertools import islice
from typing import Annotated, Any

from pydantic import Field, StringConstraints

from connectors.availability import attachment_probes, web_probe
from connectors.base import Batch, Checkpoint, ConnectorError, Post, PostRef, Probe, SourceCheck
from connectors.kind import ConnectorContext, ConnectorKind, Settings
from connectors.known import foreign_checkpoint
from connectors.listing import BATCH_SIZE
from connectors.pages import PageReader, Validators, WebPage, raise_first
from connectors.rss.parse import PLATFORM, parse_feed

KEPT_BESIDES = 500
"""Entries that are remembered beyond those that the feed shows now."""
PAUSE_SECONDS = 1.0

Address = Annotated[str, StringConstraints(max_length=2000, pattern=r"^https?://\S+$")]


class RssConfig(Settings):
    """Settings of one source of feeds."""

    feeds: tuple[Address, ...] = Field(min_length=1, max_length=100)
    """Addresses of RSS, Atom, RDF or JSON feeds."""


class RssConnector:
    """Reads feeds. Implements Connector and ChecksAvailability."""

    platform = PLATFORM

    def __init__(self, config: RssConfig, context: ConnectorContext) -> None:
        self._feeds = tuple(dict.fromkeys(config.feeds))
        self._reader = PageReader(context, pause=PAUSE_SECONDS)

    def fetch(self, checkpoint: Checkpoint | None) -> Iterator[Batch]:
        """Yield new and edited entries. A feed in trouble does not stop the others; its error comes last."""
        state = _State(checkpoint, self._feeds)
        errors: list[tuple[str, ConnectorError]] = []
        for feed in self._feeds:
            try:
                page = self._reader.get(feed, state.validators(feed))
                if page is not None:
                    yield from _news(state, feed, page)
            except ConnectorError as error:
                errors.append((feed, error))
        raise_first(errors)

    def check(self) -> SourceCheck:
        """Read each feed once."""
        for feed in self._feeds:
            try:
                page = self._reader.get(feed)
                if page is not None:
                    parse_feed(page, feed)
            except ConnectorError as error:
                return SourceCheck(False, f"{feed}: {error}")
        return SourceCheck(True, f"{len(self._feeds)} feed(s) answer.")

    def check_availability(self, post: PostRef) -> tuple[Probe, ...]:
        """The entry's page and its files; that an entry left its feed proves nothing."""
        fetcher = self._reader.fetcher
        return (web_probe(fetcher, "page", post.url), *attachment_probes(fetcher, post))

    def close(self) -> None:
        """Nothing is kept open."""


class _State:
    """The checkpoint while a run moves it on."""

    def __init__(self, checkpoint: Checkpoint | None, feeds: tuple[str, ...]) -> None:
        try:
            stored = dict(checkpoint["feeds"]) if checkpoint is not None else {}
            known = {feed: stored[feed] for feed in feeds if feed in stored}
            self._validators = {feed: Validators.stored(value) for feed, value in known.items()}
            self._seen = {feed: dict.fromkeys(map(str, value["seen"])) for feed, value in known.items()}
        except (KeyError, TypeError, ValueError, AttributeError) as error:
            raise foreign_checkpoint("feed") from error

    def validators(self, feed: str) -> Validators:
        """What to ask with."""
        return self._validators.get(feed, Validators())

    def seen(self, feed: str) -> dict[str, None]:
        """The digests of the entries that were given."""
        return self._seen.get(feed, {})

    def add(self, feed: str, keys: list[str]) -> None:
        """Note entries as given."""
        self._seen[feed] = {**self.seen(feed), **dict.fromkeys(keys)}

    def finish(self, feed: str, validators: Validators, shown: list[str]) -> None:
        """A feed was told whole: forget what it stopped to show long ago."""
        rest = [key for key in self.seen(feed) if key not in set(shown)]
        older = islice(rest, max(0, len(rest) - KEPT_BESIDES), None)
        self._seen[feed] = dict.fromkeys([*older, *shown])
        self._validators[feed] = validators

    def checkpoint(self) -> dict[str, Any]:
        """As JSON values."""
        feeds = {
            feed: {**self.validators(feed).stored_as(), "seen": list(seen)}
            for feed, seen in self._seen.items()
        }
        return {"feeds": feeds}


def _news(state: _State, feed: str, page: WebPage) -> Iterator[Batch]:
    posts = {_key(post): post for post in parse_feed(page, feed)}
    fresh = [key for key in posts if key not in state.seen(feed)]
    gap = _gap(state, feed, shown=len(posts), fresh=len(fresh))
    *parts, last = [fresh[start : start + BATCH_SIZE] for start in range(0, max(1, len(fresh)), BATCH_SIZE)]
    for part in parts:
        state.add(feed, part)
        yield Batch(tuple(posts[key] for key in part), state.checkpoint(), gap=gap)
        gap = None
    changed = page.validators != state.validators(feed)
    state.finish(feed, page.validators, list(posts))
    if last or changed:
        yield Batch(tuple(posts[key] for key in last), state.checkpoint(), gap=gap)


def _gap(state: _State, feed: str, *, shown: int, fresh: int) -> str | None:
    if state.seen(feed) and shown and fresh == shown:
        return f"{feed}: none of the entries seen last is shown any more; some may have been missed."
    return None


def _key(post: Post) -> str:
    """An entry in one wording."""
    parts = [post.external_id, post.text, [attachment.url for attachment in post.attachments]]
    return hashlib.sha256(json.dumps(parts).encode()).hexdigest()[:16]


def _build(config: RssConfig, credentials: None, context: ConnectorContext) -> RssConnector:
    return RssConnector(config, context)


KIND = ConnectorKind(
    name=PLATFORM,
    summary="Reads RSS, Atom, RDF and JSON feeds.",
    config=RssConfig,
    credentials=None,
    build=_build,
    requests=lambda config: len(config.feeds),
)
