"""The Tumblr connector: tags and blogs, newest first, read by overlap."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Annotated, Any
from urllib.parse import quote

from pydantic import Field, SecretStr, StringConstraints, field_validator, model_validator

from connectors.availability import GONE, UNKNOWN, attachment_probes, looked, status_probe
from connectors.base import (
    AuthenticationFailed,
    Batch,
    Checkpoint,
    ConnectorError,
    Post,
    PostRef,
    Probe,
    SourceCheck,
)
from connectors.fetch import GuardedFetcher
from connectors.http import ApiClient, status_error
from connectors.kind import ConnectorContext, ConnectorKind, Settings
from connectors.limits import Limits
from connectors.listing import Entry, Listing, ListingReader, Page
from connectors.payload import Json
from connectors.trust import require_trusted
from connectors.tumblr.parse import PLATFORM, parse_post, post_id

PAGE_SIZE = 20
POSTS_PER_RUN = 500
_LARGEST_PROBED = 64 * 2**20
_ADDRESS = re.compile(r"https?://(?:www\.tumblr\.com/([\w-]+)/|([\w-]+)\.tumblr\.com/post/)(\d+)")

Tag = Annotated[str, StringConstraints(min_length=1, max_length=140)]
Blog = Annotated[str, StringConstraints(max_length=100, pattern=r"^[\w-]+(\.[\w-]+)*$")]


class TumblrCredentials(Settings):
    """The consumer key of a registered application."""

    api_key: SecretStr


class TumblrConfig(Settings):
    """Settings of one Tumblr source."""

    tags: tuple[Tag, ...] = ()
    """Without "#"."""
    blogs: tuple[Blog, ...] = ()
    """Names, or hosts of blogs that have their own."""
    first_run_posts: int = Field(default=60, ge=1, le=POSTS_PER_RUN)
    """How far back the first run of a listing reaches."""
    api_url: str = "https://api.tumblr.com"

    @field_validator("tags", mode="before")
    @classmethod
    def _without_sign(cls, value: object) -> object:
        if not isinstance(value, list | tuple):
            return value
        return [name.strip().lstrip("#") if isinstance(name, str) else name for name in value]

    @model_validator(mode="after")
    def _watches_something(self) -> TumblrConfig:
        if not self.tags and not self.blogs:
            raise ValueError("Name at least one of tags and blogs")
        return self


@dataclass(frozen=True, slots=True)
class Query:
    """How a listing is asked for; `is_blog` tells where its posts are in the answer."""

    path: str
    params: Mapping[str, str]
    is_blog: bool


class TumblrConnector:
    """Reads tags and blogs. Implements Connector, ListedPlatform and what can be asked of a post."""

    platform = PLATFORM

    def __init__(self, config: TumblrConfig, key: str, context: ConnectorContext) -> None:
        self._config = config
        self._key = key
        self._context = context
        self._limits = Limits("x-ratelimit-perhour-")
        self._api = ApiClient(
            config.api_url, user_agent=context.user_agent, limits=self._limits, sleep=context.sleep
        )
        self._listings = _listings(config)

    def fetch(self, checkpoint: Checkpoint | None) -> Iterator[Batch]:
        """Yield what is new since `checkpoint`; a listing's first run takes its newest only."""
        reader = ListingReader(
            self,
            checkpoint,
            self._listings,
            name="Tumblr",
            first_run_posts=self._config.first_run_posts,
            posts_per_run=POSTS_PER_RUN,
        )
        yield from reader.batches()

    def check(self) -> SourceCheck:
        """Ask each listing for one post."""
        for listing in self._listings:
            try:
                self.page(listing, None, 1)
            except ConnectorError as error:
                return SourceCheck(False, f"{listing.key}: {error}")
        left = self._limits.remaining
        details = {} if left is None else {"requests left this hour": f"{left:g}"}
        return SourceCheck(True, f"Tumblr answers for {len(self._listings)} listing(s).", details)

    def close(self) -> None:
        """Release connections."""
        self._api.close()

    def page(self, listing: Listing, after: Any, limit: int) -> Page:
        """A page of posts, `after` a moment in seconds. Posts of one second may straddle two pages.

        So a page begins a second later than the last one ended, unless that would ask for the same again.
        """
        query: Query = listing.request
        params = {**query.params, "limit": str(limit)} | ({"before": str(after)} if after else {})
        response = self._get(query.path, params)["response"]
        posts = list((response["posts"] if query.is_blog else response).items())
        entries = tuple(Entry(post_id(post), post) for post in posts)
        if not posts:
            return Page(entries)
        oldest = min(post["timestamp"].integer() for post in posts)
        return Page(entries, oldest + 1 if oldest + 1 != after else oldest)

    def post(self, listing: Listing, item: Any) -> Post:
        """An item as a post."""
        found: Json = item
        return parse_post(found, listing.key)

    def is_ready(self, item: Any) -> bool:
        """Posts are whole when they are listed."""
        return True

    def resolve_permalink(self, url: str) -> str | None:
        """The id of the post at either kind of address."""
        found = _ADDRESS.match(url)
        return found[3] if found else None

    def check_availability(self, post: PostRef) -> tuple[Probe, ...]:
        """The post in the API, and its pictures, which outlive it."""
        fetcher = GuardedFetcher(
            max_bytes=_LARGEST_PROBED,
            user_agent=self._context.user_agent,
            allow_hosts=self._context.allow_hosts,
        )
        return (looked("API", lambda: self._api_probe(post)), *attachment_probes(fetcher, post))

    def _api_probe(self, post: PostRef) -> Probe:
        found = _ADDRESS.match(post.url)
        if found is None:
            return Probe("API", UNKNOWN, "Its address does not tell its blog.")
        answer = self._api.ask(_blog_path(found[1] or found[2]), self._params({"id": post.external_id}))
        if answer.is_success and not list(Json(self._api.parsed(answer))["response"]["posts"].items()):
            return Probe("API", GONE, "Its blog has no such post.")
        return status_probe("API", answer.status_code)

    def _params(self, params: Mapping[str, str]) -> dict[str, str]:
        return {**params, "npf": "true", "api_key": self._key}

    def _get(self, path: str, params: Mapping[str, str]) -> Json:
        answer = self._api.ask(path, self._params(params))
        if not answer.is_success:
            raise status_error("Tumblr", answer.status_code, answer.headers)
        return Json(self._api.parsed(answer))


def _listings(config: TumblrConfig) -> tuple[Listing, ...]:
    """The listings that a source reads, each once."""
    found = [Listing(f"#{tag}", Query("/v2/tagged", {"tag": tag}, False), PAGE_SIZE) for tag in config.tags]
    found += [Listing(blog, Query(_blog_path(blog), {}, True), PAGE_SIZE) for blog in config.blogs]
    return tuple({listing.key.lower(): listing for listing in found}.values())


def _blog_path(blog: str) -> str:
    host = blog if "." in blog else f"{blog}.tumblr.com"
    return f"/v2/blog/{quote(host, safe='')}/posts"


def _build(
    config: TumblrConfig, credentials: TumblrCredentials | None, context: ConnectorContext
) -> TumblrConnector:
    if credentials is None:
        raise AuthenticationFailed("A Tumblr source needs the consumer key of a registered application.")
    require_trusted("api_url", config.api_url, context)
    return TumblrConnector(config, credentials.api_key.get_secret_value(), context)


KIND = ConnectorKind(
    name=PLATFORM,
    summary="Reads tags and blogs of Tumblr.",
    config=TumblrConfig,
    credentials=TumblrCredentials,
    build=_build,
)
