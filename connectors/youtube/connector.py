"""The YouTube connector: uploads and comments of channels, and sparse searches, read by overlap."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Any, Literal

from pydantic import Field, SecretStr, StringConstraints, model_validator

from connectors.availability import GONE, PRESENT, attachment_probes, looked, status_probe
from connectors.base import (
    AuthenticationFailed,
    Post,
    PostRef,
    Probe,
)
from connectors.kind import ConnectorContext, ConnectorKind, Settings
from connectors.listed import KnownByAddress, ListedConnector
from connectors.listing import Entry, Listing, Page
from connectors.payload import Json
from connectors.query import Grammar
from connectors.traffic import Rate
from connectors.trust import require_trusted
from connectors.youtube.client import YoutubeClient
from connectors.youtube.parse import (
    PLATFORM,
    SITE,
    comment_version,
    parse_channel_feed,
    parse_comment,
    parse_video,
    video_id,
)

PAGE_SIZE = 50
COMMENT = "comment:"
_VIDEO = re.compile(
    r"https?://(?:(?:www|m)\.)?(?:youtube\.com/(?:watch\?(?:[^#]*&)?v=|shorts/|live/)|youtu\.be/)(?P<id>[\w-]{11})"
)

ChannelId = Annotated[str, StringConstraints(pattern=r"^UC[\w-]{22}$")]


class YoutubeCredentials(Settings):
    """A key of the Data API."""

    api_key: SecretStr


class YoutubeConfig(Settings):
    """Settings of one YouTube source."""

    channels: tuple[ChannelId, ...] = ()
    """Ids that begin with "UC"; their uploads are read."""
    searches: tuple[Annotated[str, StringConstraints(min_length=1, max_length=300)], ...] = ()
    """Queries; each run of each costs one of a day's hundred searches."""
    include_comments: bool = False
    """Whether new comments on the channels' videos are read too; takes a key."""
    first_run_posts: int = Field(default=50, ge=1, le=500)
    """How far back the first run of a listing reaches."""
    api_url: str = "https://www.googleapis.com"
    site_url: str = SITE

    @model_validator(mode="after")
    def _watches_something(self) -> YoutubeConfig:
        if not self.channels and not self.searches:
            raise ValueError("Name at least one of channels and searches")
        return self


@dataclass(frozen=True, slots=True)
class Query:
    """How a listing is asked for."""

    kind: Literal["uploads", "feed", "comments", "search"]
    resource: str
    params: Mapping[str, str]


class YoutubeConnector(KnownByAddress, ListedConnector):
    """Reads channels and searches. Implements ChecksAvailability besides."""

    platform = PLATFORM
    name = "YouTube"
    posts_per_run = 500
    address = _VIDEO

    def __init__(self, config: YoutubeConfig, client: YoutubeClient, context: ConnectorContext) -> None:
        self._client = client
        self._context = context
        found = _listings(config, has_key=client.key is not None)
        super().__init__(found, client, first_run_posts=config.first_run_posts)

    def try_listing(self, listing: Listing) -> None:
        """All but the searches: each of those is one of a day's hundred."""
        if listing.request.kind != "search":
            super().try_listing(listing)

    def page(self, listing: Listing, after: Any, limit: int) -> Page:
        """A page of a listing. A search is read one page deep, a feed has one page."""
        query: Query = listing.request
        if query.kind == "feed":
            posts = parse_channel_feed(self._client.feed(query.params["channel_id"]), listing.key)
            return Page(tuple(Entry(post.external_id, post) for post in posts))
        params = {**query.params, "maxResults": str(limit)} | ({"pageToken": after} if after else {})
        answer = self._client.get(query.resource, params)
        entries = tuple(Entry(_key(query, item), item) for item in answer["items"].items())
        more = answer.get("nextPageToken").text_or() or None
        return Page(entries, None if query.kind == "search" else more)

    def post(self, listing: Listing, item: Any) -> Post:
        """A video or a comment as a post."""
        if isinstance(item, Post):
            return item
        found: Json = item
        if listing.request.kind == "comments":
            return parse_comment(found, listing.key)
        return parse_video(found, listing.key)

    def check_availability(self, post: PostRef) -> tuple[Probe, ...]:
        """The Data API, the embedding service, and the stills. A still may outlive its video."""
        fetcher = self._context.fetcher()
        probes = [looked("API", lambda: self._api_probe(post.external_id))] if self._client.key else []
        if not post.external_id.startswith(COMMENT):
            probes.append(looked("oEmbed", lambda: self._oembed_probe(post.external_id)))
        return (*probes, *attachment_probes(fetcher, post))

    def _api_probe(self, external_id: str) -> Probe:
        resource = "comments" if external_id.startswith(COMMENT) else "videos"
        identity = external_id.removeprefix(COMMENT)
        answer = self._client.get(resource, {"part": "id", "id": identity})
        if next(answer["items"].items(), None) is None:
            return Probe("API", GONE, f"The Data API lists no such {resource.removesuffix('s')}.")
        return Probe("API", PRESENT, "The Data API lists it.")

    def _oembed_probe(self, identity: str) -> Probe:
        return status_probe("oEmbed", self._client.oembed_status(f"{SITE}/watch?v={identity}"))


def _key(query: Query, item: Json) -> str:
    if query.kind != "comments":
        return video_id(item)
    return f"{COMMENT}{item['id'].text()} {comment_version(item)}".strip()


def _listings(config: YoutubeConfig, *, has_key: bool) -> tuple[Listing, ...]:
    """Uploads by the playlist that every channel has of them, or by the feed where there is no key."""
    found: list[Listing] = []
    for channel in dict.fromkeys(config.channels):
        if has_key:
            params = {"playlistId": f"UU{channel[2:]}", "part": "snippet,contentDetails"}
            query = Query("uploads", "playlistItems", params)
        else:
            query = Query("feed", "", {"channel_id": channel})
        found.append(Listing(channel, query, PAGE_SIZE))
        if config.include_comments:
            params = {"allThreadsRelatedToChannelId": channel, "part": "snippet", "order": "time"}
            found.append(
                Listing(f"{channel} comments", Query("comments", "commentThreads", params), PAGE_SIZE)
            )
    for text in dict.fromkeys(config.searches):
        params = {"q": text, "part": "snippet", "type": "video", "order": "date"}
        found.append(Listing(f"search: {text}", Query("search", "search", params), PAGE_SIZE))
    return tuple(found)


def _build(
    config: YoutubeConfig, credentials: YoutubeCredentials | None, context: ConnectorContext
) -> YoutubeConnector:
    if credentials is None and (config.searches or config.include_comments):
        raise AuthenticationFailed("Searches and comments of YouTube take a key of its Data API.")
    require_trusted("api_url", config.api_url, context)
    require_trusted("site_url", config.site_url, context)
    key = credentials.api_key.get_secret_value() if credentials else None
    return YoutubeConnector(config, YoutubeClient(config.api_url, config.site_url, key, context), context)


KIND = ConnectorKind(
    name=PLATFORM,
    summary="Reads uploads and comments of YouTube channels, and searches.",
    config=YoutubeConfig,
    credentials=YoutubeCredentials,
    build=_build,
    grammar=Grammar(
        "searches",
        "alternatives",
        longest=300,
        either="|",
        note="Each query of each run costs one of 100 a day.",
    ),
    requests=lambda config: len(_listings(config, has_key=True)),
    rate=Rate(5, 1, burst=10),
    daily={"searches": 100, "units": 10_000},
)
