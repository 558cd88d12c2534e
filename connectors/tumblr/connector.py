"""The Tumblr connector: tags and blogs, newest first, read by overlap."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Any
from urllib.parse import quote

from pydantic import Field, SecretStr, StringConstraints, model_validator

from connectors.availability import GONE, UNKNOWN, attachment_probes, looked, status_probe
from connectors.base import (
    AuthenticationFailed,
    Post,
    PostRef,
    Probe,
)
from connectors.http import status_error
from connectors.kind import ConnectorContext, ConnectorKind, Settings, without
from connectors.limits import Limits
from connectors.listed import KnownByAddress, ListedConnector
from connectors.listing import Entry, Listing, Page
from connectors.payload import Json
from connectors.query import Grammar
from connectors.traffic import Rate
from connectors.trust import require_trusted
from connectors.tumblr.parse import PLATFORM, parse_post, post_id

PAGE_SIZE = 20
_ADDRESS = re.compile(r"https?://(?:www\.tumblr\.com/([\w-]+)/|([\w-]+)\.tumblr\.com/post/)(?P<id>\d+)")

Tag = Annotated[str, StringConstraints(min_length=1, max_length=140), without("^#+")]
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
    first_run_posts: int = Field(default=60, ge=1, le=500)
    """How far back the first run of a listing reaches."""
    api_url: str = "https://api.tumblr.com"

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


class TumblrConnector(KnownByAddress, ListedConnector):
    """Reads tags and blogs. Implements ChecksAvailability besides."""

    platform = PLATFORM
    name = "Tumblr"
    posts_per_run = 500
    address = _ADDRESS

    def __init__(self, config: TumblrConfig, key: str, context: ConnectorContext) -> None:
        self._key = key
        self._context = context
        limits = Limits("x-ratelimit-perhour-")
        self._api = context.client(config.api_url, limits=limits)
        super().__init__(_listings(config), self._api, first_run_posts=config.first_run_posts, limits=limits)

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

    def check_availability(self, post: PostRef) -> tuple[Probe, ...]:
        """The post in the API, and its pictures, which outlive it."""
        fetcher = self._context.fetcher()
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
    return tuple(found)


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
    grammar=Grammar("tags", "hashtags", longest=140),
    requests=lambda config: len(_listings(config)),
    rate=Rate(270, 60, burst=20),
    daily={"requests": 5000},
)
