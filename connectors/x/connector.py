"""The X connector: recent search, newest first down to the newest known post, under a daily cap.

X bills each post once a UTC day, however often it is read on that day. So what a crash makes this read again
costs nothing, and counting the posts that were stored is counting what is billed.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import timedelta
from typing import Annotated, Any, Literal

from pydantic import Field, SecretStr, StringConstraints, model_validator

from connectors.availability import GONE, PRESENT, UNKNOWN, attachment_probes, looked
from connectors.base import (
    AuthenticationFailed,
    Batch,
    Checkpoint,
    ConnectorError,
    Post,
    PostRef,
    Probe,
    RateLimited,
    SourceCheck,
    SourceClosed,
)
from connectors.http import status_error
from connectors.kind import ConnectorContext, ConnectorKind, Settings, without
from connectors.known import foreign_checkpoint
from connectors.limits import Limits
from connectors.listed import KnownByAddress, ListedConnector
from connectors.listing import Entry, Listing, Page
from connectors.payload import Json
from connectors.query import Grammar
from connectors.traffic import Rate
from connectors.trust import require_trusted
from connectors.x.parse import PLATFORM, parse_item, parse_items

SEARCH = "/2/tweets/search/recent"
SMALLEST_PAGE, LARGEST_PAGE = 10, 100
POSTS = "posts"
"""The meter of what is billed."""
NOT_FOUND = "resource-not-found"
_FIELDS = {
    "tweet.fields": "created_at,author_id,attachments,edit_history_tweet_ids,note_tweet",
    "expansions": "author_id,attachments.media_keys",
    "user.fields": "username",
    "media.fields": "url,preview_image_url,variants,alt_text,type",
}
_ADDRESS = re.compile(r"https?://(?:www\.|mobile\.)?(?:x|twitter)\.com/(?:i/web|\w+)/status/(?P<id>\d+)")

Handle = Annotated[str, StringConstraints(pattern=r"^\w{1,15}$"), without("^@+")]


class XCredentials(Settings):
    """The bearer token of an application with a paid plan."""

    bearer_token: SecretStr


class XConfig(Settings):
    """Settings of one source of X. Reading costs money, so it must be said that this is known."""

    accept_costs: Literal[True]
    """X bills each post that is read; a source without this is refused."""
    posts_per_day: int = Field(ge=SMALLEST_PAGE, le=1_000_000)
    """The cap: after so many posts nothing more is read on that UTC day."""
    searches: tuple[Annotated[str, StringConstraints(min_length=1, max_length=512)], ...] = ()
    """Queries of the recent search, which reaches seven days back."""
    users: tuple[Handle, ...] = ()
    """Handles without "@"; their posts are read."""
    first_run_posts: int = Field(default=20, ge=SMALLEST_PAGE, le=1000)
    """How far back the first run of a listing reaches."""
    api_url: str = "https://api.x.com"

    @model_validator(mode="after")
    def _watches_something(self) -> XConfig:
        if not self.searches and not self.users:
            raise ValueError("Name at least one of searches and users")
        return self


class XConnector(KnownByAddress, ListedConnector):
    """Reads searches and accounts. Implements ChecksAvailability besides."""

    platform = PLATFORM
    name = "X"
    address = _ADDRESS

    def __init__(self, config: XConfig, token: str, context: ConnectorContext) -> None:
        self._config = config
        self._context = context
        self._api = context.client(
            config.api_url, headers={"Authorization": f"Bearer {token}"}, limits=Limits("x-rate-limit-")
        )
        queries = [*config.searches, *(f"from:{user}" for user in config.users)]
        found = [Listing(query, query, LARGEST_PAGE) for query in queries]
        super().__init__(found, self._api, first_run_posts=config.first_run_posts)
        self._newest: dict[str, str] = {}
        self._left = config.posts_per_day

    def fetch(self, checkpoint: Checkpoint | None) -> Iterator[Batch]:
        """Yield what is new since `checkpoint`. Raises RateLimited (until midnight UTC) at the cap.

        A search that the cap cut short gives its newest posts, and says that older ones were missed.
        """
        day = self._context.now().strftime("%Y-%m-%d")
        spent = _spent(checkpoint, day)
        self._left = self._config.posts_per_day - spent
        self._newest = _newest(checkpoint)
        for batch in super().fetch(checkpoint):
            spent += len(batch.posts) + len(batch.rejected)
            meter = {"day": day, "posts": spent}
            yield Batch(batch.posts, {**batch.checkpoint, "meter": meter}, batch.rejected, batch.gap)

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
        params = {"query": listing.request, "max_results": str(size), **_FIELDS}
        params |= {"since_id": since} if since else {}
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
            raise RateLimited("The daily cap of posts is reached.", self._until_midnight())
        traffic = self._context.traffic
        granted = traffic.spend(POSTS, max(SMALLEST_PAGE, min(limit, self._left, LARGEST_PAGE)))
        if granted < SMALLEST_PAGE:
            traffic.give_back(POSTS, granted)
            raise RateLimited("Today's posts of X are shared out.", self._until_midnight())
        return granted

    def post(self, listing: Listing, item: Any) -> Post:
        """An item as a post."""
        return parse_item(item, listing.key)

    def check_availability(self, post: PostRef) -> tuple[Probe, ...]:
        """The post in the API, which costs like reading it, and its pictures."""
        fetcher = self._context.fetcher()
        return (looked("API", lambda: self._api_probe(post)), *attachment_probes(fetcher, post))

    def _api_probe(self, post: PostRef) -> Probe:
        """X answers 200 for what is gone, with the reason in its errors."""
        found = _ADDRESS.match(post.url)
        answer = self._asked("/2/tweets", {"ids": found[1] if found else post.external_id})
        if any(True for _ in answer.get("data").items_or_none()):
            return Probe("API", PRESENT, "The API shows it.")
        kinds = [error.get("type").text_or() for error in answer.get("errors").items_or_none()]
        if any(kind.endswith(NOT_FOUND) for kind in kinds):
            return Probe("API", GONE, "The API finds no such post.")
        return Probe("API", UNKNOWN, "The API does not show it to us: protected, suspended or withheld.")

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

    def _until_midnight(self) -> float:
        now = self._context.now()
        midnight = (now + timedelta(days=1)).replace(hour=0, minute=0, second=0, microsecond=0)
        return (midnight - now).total_seconds()


def _spent(checkpoint: Checkpoint | None, day: str) -> int:
    """How many posts were counted on this day."""
    try:
        meter = checkpoint["meter"] if checkpoint is not None else {"day": day, "posts": 0}
        return int(str(meter["posts"])) if meter["day"] == day else 0
    except (KeyError, TypeError, ValueError) as error:
        raise foreign_checkpoint("X") from error


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
    return XConnector(config, credentials.bearer_token.get_secret_value(), context)


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
