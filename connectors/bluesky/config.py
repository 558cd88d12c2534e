"""A Bluesky source's settings, and the listings that they mean."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Literal

from pydantic import Field, SecretStr, StringConstraints, model_validator

from connectors.kind import Settings, without
from connectors.listing import Listing

MODERATION_SERVICE = "did:plc:ar7c4by46qjdydhdevvrndac"
"""Bluesky's own labeler, which takes reports."""

Actor = Annotated[
    str,
    StringConstraints(max_length=300, pattern=r"^(did:[a-z]+:[\w.:%-]+|[\w-]+(\.[\w-]+)+)$"),
    without("^@+"),
]
FeedUri = Annotated[
    str, StringConstraints(max_length=300, pattern=r"^at://[^/]+/app\.bsky\.feed\.generator/[^/]+$")
]


class BlueskyCredentials(Settings):
    """An account, with an app password: searching and reporting need one."""

    identifier: str
    """Its handle or address."""
    password: SecretStr


class BlueskyConfig(Settings):
    """Settings of one Bluesky source: either listings, or the whole network."""

    actors: tuple[Actor, ...] = ()
    """Handles without "@", or DIDs; their posts are read."""
    searches: tuple[Annotated[str, StringConstraints(min_length=1, max_length=500)], ...] = ()
    """Queries of the post search; they need credentials."""
    feeds: tuple[FeedUri, ...] = ()
    """at:// addresses of feed generators that list the newest first."""
    network: Literal["images", "all"] | None = None
    """Whether the whole network is heard: posts with pictures only, or all."""
    languages: tuple[Annotated[str, StringConstraints(pattern=r"^[a-z]{2,3}$")], ...] = ()
    """Of the network, only posts in these languages and posts that name none."""
    stream: bool = False
    """Whether to stay connected; only with `network`."""
    compress: bool = False
    """Whether the network comes compressed (zstd); only for Jetstream 2."""
    first_run_posts: int = Field(default=100, ge=1, le=1000)
    """How far back the first run of a listing reaches."""
    first_run_seconds: int = Field(default=600, ge=0, le=86_400)
    """How far back the first run over the network reaches."""
    jetstream_url: str | None = "wss://jetstream.us-west.bsky.network"
    jetstream_version: Literal[1, 2] = 2
    firehose_url: str | None = None
    """A relay or server whose raw firehose is heard while Jetstream cannot be had."""
    appview_url: str = "https://public.api.bsky.app"
    service_url: str = "https://bsky.social"
    """Where the account signs in."""
    plc_url: str = "https://plc.directory"
    cdn_url: str = "https://cdn.bsky.app"
    labeler_url: str = "https://mod.bsky.app"
    labeler_did: str = MODERATION_SERVICE

    @model_validator(mode="after")
    def _watches_something(self) -> BlueskyConfig:
        listed = bool(self.actors or self.searches or self.feeds)
        if listed == (self.network is not None):
            raise ValueError("Name either network, or at least one of actors, searches and feeds")
        if self.stream and self.network is None:
            raise ValueError("Only a source of the network can stream")
        if self.network is not None and self.jetstream_url is None and self.firehose_url is None:
            raise ValueError("The network is heard from jetstream_url or firehose_url; name one")
        if self.compress and self.jetstream_version == 1:
            raise ValueError("Jetstream 1 has no dictionary to fetch, so compress needs version 2")
        return self


@dataclass(frozen=True, slots=True)
class Query:
    """How a listing is asked for: an XRPC method, its parameters, and where its posts are in the answer."""

    method: str
    params: Mapping[str, str]
    items: str
    needs_session: bool = False


def listings(config: BlueskyConfig) -> tuple[Listing, ...]:
    """The listings that a source reads, each once."""
    found = [
        Listing(f"@{actor}", Query("app.bsky.feed.getAuthorFeed", {"actor": actor}, "feed"))
        for actor in config.actors
    ]
    found += [Listing(feed, Query("app.bsky.feed.getFeed", {"feed": feed}, "feed")) for feed in config.feeds]
    found += [
        Listing(
            f"search: {query}",
            Query("app.bsky.feed.searchPosts", {"q": query, "sort": "latest"}, "posts", needs_session=True),
        )
        for query in config.searches
    ]
    return tuple(found)
