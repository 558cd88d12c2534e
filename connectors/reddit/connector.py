"""The Reddit connector: each listing is read newest-first down to what is known, and told oldest-first.

1. page through the listing until a page holds a post that is known, or the platform's or our limit
2. leave what Reddit is still processing, and all that is newer, to the next run
3. yield the new posts oldest first, so that what is known stays one unbroken stretch at any stop

The checkpoint holds the newest few hundred fullnames of each listing: one may be removed, many will not.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from urllib.parse import urlsplit

from connectors.base import (
    AuthenticationFailed,
    Batch,
    Checkpoint,
    ConfigurationInvalid,
    ConnectorError,
    PayloadChanged,
    Post,
    Rejected,
    SourceCheck,
    SourceClosed,
)
from connectors.kind import ConnectorContext, ConnectorKind
from connectors.reddit.client import RedditClient, RedditCredentials
from connectors.reddit.config import PAGE_SIZE, Listing, RedditConfig, listings
from connectors.reddit.images import Fields
from connectors.reddit.known import Known, unknown_part
from connectors.reddit.parse import (
    Page,
    created_at,
    fullname,
    is_unfinished,
    parse_page,
    parse_thing,
)

BATCH_SIZE = 50
PROCESSING_PATIENCE = 300.0
"""Seconds that a post may stay unfinished before it is taken as it is."""


@dataclass(frozen=True, slots=True)
class News:
    """What a listing has that is not known, newest first."""

    items: tuple[Fields, ...]
    gap: str | None = None


class RedditConnector:
    """Reads the listings of one source. Implements Connector."""

    platform = "reddit"

    def __init__(self, config: RedditConfig, client: RedditClient, context: ConnectorContext) -> None:
        self._config = config
        self._client = client
        self._now = context.now
        self._listings = listings(config)

    def fetch(self, checkpoint: Checkpoint | None) -> Iterator[Batch]:
        """Yield what is new since `checkpoint`; a listing's first run takes its newest posts only.

        A listing that is closed to us does not stop the others; SourceClosed is raised after them.
        """
        known = Known(checkpoint, [listing.key for listing in self._listings])
        closed: list[str] = []
        for listing in self._listings:
            try:
                yield from self._read(listing, known)
            except SourceClosed as error:
                closed.append(f"{listing.key}: {error}")
        if closed:
            raise SourceClosed(" ".join(closed))

    def check(self) -> SourceCheck:
        """Ask each listing for one post."""
        for listing in self._listings:
            try:
                self._page(listing, None, 1)
            except ConnectorError as error:
                return SourceCheck(False, f"{listing.key}: {error}")
        left = self._client.budget.remaining
        details = {} if left is None else {"requests left": f"{left:g}"}
        return SourceCheck(True, f"Reddit answers for {len(self._listings)} listing(s).", details)

    def close(self) -> None:
        """Release connections."""
        self._client.close()

    def _read(self, listing: Listing, known: Known) -> Iterator[Batch]:
        first = known.of(listing.key) is None
        news = self._collect(listing, known.of(listing.key))
        if first and not news.items:
            known.add(listing.key, ())
            yield Batch((), known.checkpoint())
        ready = self._ready(news.items)
        gap = news.gap
        for start in range(0, len(ready), BATCH_SIZE):
            yield self._batch(listing, ready[start : start + BATCH_SIZE], known, gap)
            gap = None

    def _collect(self, listing: Listing, known: Mapping[str, None] | None) -> News:
        """Page down to the first page that holds something known, or to the limit."""
        limit = self._config.first_run_posts if known is None else self._config.posts_per_run
        found: dict[str, Fields] = {}
        read, after, met = 0, None, False
        while read < limit and not met:
            page = self._page(listing, after, min(PAGE_SIZE, limit - read))
            fresh, met = unknown_part(page.items, known or {})
            found |= {fullname(item): item for item in fresh}
            read += len(page.items)
            after = page.after
            if after is None or not page.items:
                break
        gap = _gap(listing, known, met=met, at_limit=read >= limit) if found else None
        return News(tuple(found.values()), gap)

    def _page(self, listing: Listing, after: str | None, limit: int) -> Page:
        params = {**listing.params, "limit": limit} | ({"after": after} if after else {})
        return parse_page(self._client.get(listing.path, params), listing.kind)

    def _ready(self, items: Sequence[Fields]) -> list[Fields]:
        """Oldest first, up to the first that Reddit is still processing."""
        ready: list[Fields] = []
        for item in reversed(items):
            if is_unfinished(item) and self._is_recent(item):
                break
            ready.append(item)
        return ready

    def _is_recent(self, item: Fields) -> bool:
        try:
            return (self._now() - created_at(item)).total_seconds() < PROCESSING_PATIENCE
        except PayloadChanged:
            return False

    def _batch(self, listing: Listing, items: Sequence[Fields], known: Known, gap: str | None) -> Batch:
        results = [self._parsed(item) for item in items if not known.anywhere(fullname(item))]
        known.add(listing.key, [fullname(item) for item in items])
        posts = tuple(result for result in results if isinstance(result, Post))
        rejected = tuple(result for result in results if isinstance(result, Rejected))
        return Batch(posts, known.checkpoint(), rejected, gap)

    def _parsed(self, item: Fields) -> Post | Rejected:
        try:
            return parse_thing(item, self._config.reddit_url)
        except PayloadChanged as error:
            return Rejected(fullname(item), f"Reddit's answer has changed: {error}.")


def _gap(listing: Listing, known: Mapping[str, None] | None, *, met: bool, at_limit: bool) -> str | None:
    """Why posts may have been missed. A listing known to have been empty has a gap only at the limit."""
    if known is None or met or not (known or at_limit):
        return None
    return f"{listing.key}: none of the posts seen last were reached again; older ones may have been missed."


def _build(
    config: RedditConfig, credentials: RedditCredentials | None, context: ConnectorContext
) -> RedditConnector:
    if credentials is None:
        raise AuthenticationFailed("A Reddit source needs the application's client_id and client_secret.")
    for url in (config.reddit_url, config.oauth_url):
        _require_trusted(url, context)
    contact = config.contact or credentials.username
    by = f" (by /u/{contact})" if contact else ""
    client = RedditClient(
        credentials,
        user_agent=f"python:{context.user_agent.replace('/', ':')}{by}",
        reddit_url=config.reddit_url,
        oauth_url=config.oauth_url,
    )
    return RedditConnector(config, client, context)


def _require_trusted(url: str, context: ConnectorContext) -> None:
    """The credentials go there: https, or a peer that the allow-list names."""
    parts = urlsplit(url)
    if parts.scheme == "https" and parts.hostname:
        return
    if parts.scheme != "http" or not {parts.netloc, parts.hostname} & context.allow_hosts:
        raise ConfigurationInvalid(
            "reddit_url and oauth_url: plain http is only spoken to hosts on the allow-list; use https."
        )


KIND = ConnectorKind(
    name="reddit",
    summary="Reads new submissions and comments of subreddits and searches on Reddit.",
    config=RedditConfig,
    credentials=RedditCredentials,
    build=_build,
)
