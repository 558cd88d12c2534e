"""The X connector: recent search, newest first down to the newest known post, under a daily cap.

X bills each post once a UTC day, however often it is read on that day. So what a crash makes this read again
costs nothing, and counting the posts that were stored is counting what is billed.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence, Set
from contextlib import closing
from dataclasses import replace
from itertools import chain
from typing import Any

from connectors.availability import GONE, PRESENT, UNKNOWN, attachment_probes
from connectors.base import (
    AuthenticationFailed,
    Batch,
    Checkpoint,
    ConnectorError,
    PayloadChanged,
    Post,
    PostRef,
    Probe,
    RateLimited,
    Rejected,
    SourceCheck,
    SourceClosed,
)
from connectors.http import status_error
from connectors.kind import ConnectorContext, ConnectorKind
from connectors.known import Known, foreign_checkpoint
from connectors.limits import Limits
from connectors.listed import KnownByAddress, ListedConnector
from connectors.listing import Entry, Listing, Page, changed
from connectors.payload import Json
from connectors.query import Grammar
from connectors.streaming import listen
from connectors.traffic import Rate
from connectors.trust import require_trusted
from connectors.x.config import LARGEST_PAGE, SMALLEST_PAGE, XConfig, XCredentials
from connectors.x.meter import Meter, until_midnight
from connectors.x.parse import PLATFORM, parse_item, parse_items, parse_lookup
from connectors.x.stream import open_stream, sync_rules

SEARCH = "/2/tweets/search/recent"
POSTS = "posts"
"""The meter of what is billed."""
REWIND_MS, SNOWFLAKE_SHIFT = 60_000, 22
"""An id is milliseconds shifted by so many bits (Snowflake)."""
FIELDS = {
    "tweet.fields": "created_at,author_id,attachments,edit_history_tweet_ids,note_tweet",
    "expansions": "author_id,attachments.media_keys",
    "user.fields": "username",
    "media.fields": "url,preview_image_url,variants,alt_text,type",
}
_ADDRESS = re.compile(r"https?://(?:www\.|mobile\.)?(?:x|twitter)\.com/(?:i/web|\w+)/status/(?P<id>\d+)")


class XConnector(KnownByAddress, ListedConnector):
    """Reads searches and accounts. Implements ChecksAvailability and ChecksManyPosts besides."""

    platform = PLATFORM
    name = "X"
    address = _ADDRESS

    def __init__(self, config: XConfig, token: str, context: ConnectorContext) -> None:
        self._config = config
        self._context = context
        self._api = context.client(
            config.api_url, headers={"Authorization": f"Bearer {token}"}, limits=Limits("x-rate-limit-")
        )
        found = [Listing(query, query, LARGEST_PAGE) for query in config.queries]
        super().__init__(found, self._api, first_run_posts=config.first_run_posts)
        self._newest: dict[str, str] = {}
        self._left = config.posts_per_day
        self._rewind = 0
        """How far before the newest known post a search begins, as a difference of ids."""

    def fetch(self, checkpoint: Checkpoint | None) -> Iterator[Batch]:
        """Yield what is new since `checkpoint`. Raises RateLimited (until midnight UTC) at the cap.

        A search that the cap cut short gives its newest posts, and says that older ones were missed.
        """
        meter = Meter(checkpoint, self._config.posts_per_day, self._context.now)
        self._left = meter.left
        self._newest = _newest(checkpoint)
        for batch in super().fetch(checkpoint):
            meter.add(len(batch.posts) + len(batch.rejected))
            yield replace(batch, checkpoint=meter.beside(batch.checkpoint))

    def check(self) -> SourceCheck:
        """Ask how much may still be read; nothing is searched, since every post costs."""
        try:
            answer = self._get("/2/usage/tweets", {})
        except ConnectorError as error:
            return SourceCheck(False, str(error))
        used = answer["data"].get("project_usage").value
        return SourceCheck(True, "X answers.", {} if used is None else {"posts read this month": str(used)})

    def page(self, listing: Listing, after: Any, limit: int) -> Page:
        """A page of posts newer than the newest known one, within what is left of the day's cap."""
        try:
            size = self._affordable(limit)
        except RateLimited:
            if after is None:
                raise
            return Page(())  # what was read, and billed, is told
        since = self._newest.get(listing.key)
        params = {"query": listing.request, "max_results": str(size), **FIELDS}
        params |= {"since_id": str(max(1, int(since) - self._rewind))} if since else {}
        params |= {"next_token": after} if after else {}
        items: Sequence[Any] = ()
        try:
            answer = self._get(SEARCH, params)
            items = parse_items(answer)
        finally:
            self._context.traffic.give_back(POSTS, size - len(items))
        self._left -= len(items)
        entries = [Entry(item.post["id"].text(), item) for item in items]
        more = answer["meta"].get("next_token").text_or() or None
        if more is None and since:
            # All that followed it was shown, so the known post itself would come next.
            entries.append(Entry(since, None))
        return Page(tuple(entries), more)

    def _affordable(self, limit: int) -> int:
        """The size of a page within this source's cap and that of all together. Raises RateLimited."""
        if self._left < SMALLEST_PAGE:
            raise RateLimited("The daily cap of posts is reached.", until_midnight(self._context.now()))
        traffic = self._context.traffic
        granted = traffic.spend(POSTS, max(SMALLEST_PAGE, min(limit, self._left, LARGEST_PAGE)))
        if granted < SMALLEST_PAGE:
            traffic.give_back(POSTS, granted)
            raise RateLimited("Today's posts of X are shared out.", until_midnight(self._context.now()))
        return granted

    def post(self, listing: Listing, item: Any) -> Post:
        """An item as a post."""
        return parse_item(item, listing.key)

    def check_availability(self, post: PostRef) -> tuple[Probe, ...]:
        """The post in the API, which costs like reading it, and its pictures."""
        return self.check_many([post])[0]

    def check_many(self, posts: Sequence[PostRef]) -> list[tuple[Probe, ...]]:
        """As `check_availability` for each post, a hundred of them in one request; each is billed."""
        fetcher = self._context.fetcher()
        parts = [posts[start : start + LARGEST_PAGE] for start in range(0, len(posts), LARGEST_PAGE)]
        api = chain.from_iterable(map(self._api_probes, parts))
        return [(found, *attachment_probes(fetcher, post)) for post, found in zip(posts, api, strict=True)]

    def _api_probes(self, posts: Sequence[PostRef]) -> Iterator[Probe]:
        """As many as may be asked about today."""
        ids = [found[1] if (found := _ADDRESS.match(post.url)) else post.external_id for post in posts]
        try:
            granted = self._context.traffic.spend(POSTS, len(ids))
            shown, gone = parse_lookup(self._asked("/2/tweets", {"ids": ",".join(ids[:granted])}))
        except ConnectorError as error:
            yield from (Probe("API", UNKNOWN, str(error)) for _ in ids)
            return
        yield from (_verdict(each, shown, gone) for each in ids[:granted])
        yield from (Probe("API", UNKNOWN, "Today's posts of X are shared out.") for _ in ids[granted:])

    def _get(self, path: str, params: Mapping[str, str]) -> Json:
        """An answer that has something to say. Raises SourceClosed for one that holds errors only."""
        answer = self._asked(path, params)
        errors = list(answer.get("errors").items_or_none())
        if errors and not answer.get("meta") and not answer.get("data"):
            raise SourceClosed(f"X does not show this ({errors[0].get('title').text_or('no reason')}).")
        return answer

    def _asked(self, path: str, params: Mapping[str, str]) -> Json:
        answer = self._api.ask(path, params)
        if not answer.is_success:
            raise status_error("X", answer.status_code, answer.headers)
        return Json(self._api.parsed(answer))


class StreamingXConnector(XConnector):
    """One that stays connected. Implements Streams besides."""

    def stream(self, checkpoint: Checkpoint | None) -> Iterator[Batch]:
        """Connect, catch up by the recent search, then yield posts as they are made. Raises ConnectorError.

        The stream knows no places: what was posted meanwhile is searched for from a minute before the newest
        known post, since it does not tell posts quite in their order. At the cap RateLimited is raised.
        """
        meter = Meter(checkpoint, self._config.posts_per_day, self._context.now)
        meter.require()
        rules = sync_rules(self._api, self._config.queries)
        events = listen([open_stream(self._api, FIELDS)])
        with closing(events):
            yield from self._caught_up(checkpoint, meter, events, rules)

    def _caught_up(
        self,
        checkpoint: Checkpoint | None,
        meter: Meter,
        events: Iterator[Json | None],
        rules: Mapping[str, str],
    ) -> Iterator[Batch]:
        self._rewind = REWIND_MS << SNOWFLAKE_SHIFT
        for batch in self.fetch(checkpoint):
            checkpoint = batch.checkpoint
            yield batch
        self._rewind = 0
        meter.resume(checkpoint)
        known = Known(checkpoint, self._config.queries, of="X")
        for event in events:
            posts, rejected = ((), ()) if event is None else self._told(event, known, rules, meter)
            yield Batch(posts, meter.beside(known.checkpoint()), rejected)
            meter.require()

    def _told(
        self, event: Json, known: Known, rules: Mapping[str, str], meter: Meter
    ) -> tuple[tuple[Post, ...], tuple[Rejected, ...]]:
        """The post of one event, unless it is known or is another program's; it is billed in any case."""
        (item,) = parse_items(event)
        meter.add(1)
        try:
            self._context.traffic.spend(POSTS, 1)
        except RateLimited as spent:
            meter.stop(spent)
        matched = (rule["id"].text() for rule in event.get("matching_rules").items_or_none())
        queries = [rules[rule] for rule in matched if rule in rules]
        key = item.post["id"].text()
        if not queries or known.anywhere(key):
            return (), ()
        known.add(queries[0], [key])
        try:
            return (parse_item(item, queries[0]),), ()
        except PayloadChanged as error:
            return (), (changed("X", key, error),)


def _verdict(identity: str, shown: Set[str], gone: Set[str]) -> Probe:
    """X answers 200 for what it does not show, with the reason in its errors."""
    if identity in shown:
        return Probe("API", PRESENT, "The API shows it.")
    if identity in gone:
        return Probe("API", GONE, "The API finds no such post.")
    return Probe("API", UNKNOWN, "The API does not show it to us: protected, suspended or withheld.")


def _newest(checkpoint: Checkpoint | None) -> dict[str, str]:
    """The newest known post of each listing."""
    try:
        listings: dict[str, Any] = dict(checkpoint["listings"]) if checkpoint is not None else {}
        return {str(name): str(max(map(int, keys))) for name, keys in listings.items() if keys}
    except (KeyError, TypeError, ValueError) as error:
        raise foreign_checkpoint("X") from error


def _build(config: XConfig, credentials: XCredentials | None, context: ConnectorContext) -> XConnector:
    if credentials is None:
        raise AuthenticationFailed("A source of X needs the bearer token of a paid application.")
    require_trusted("api_url", config.api_url, context)
    made = StreamingXConnector if config.stream else XConnector
    return made(config, credentials.bearer_token.get_secret_value(), context)


KIND = ConnectorKind(
    name=PLATFORM,
    summary="Reads searches and accounts of X, which bills every post, within a daily cap.",
    config=XConfig,
    credentials=XCredentials,
    build=_build,
    grammar=Grammar(
        "searches", "boolean", longest=512, suffix=" -is:retweet", note="Every post found is billed."
    ),
    requests=lambda config: len(config.searches) + len(config.users),
    rate=Rate(1, 1, burst=15),
)
