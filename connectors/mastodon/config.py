"""A Mastodon source's settings, and the timelines that they mean."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Literal
from urllib.parse import quote

from pydantic import Field, StringConstraints, model_validator

from connectors.instance import InstanceConfig
from connectors.kind import without

MOST_AT_ONCE = 40
"""The API gives at most so many statuses in one answer."""

Hashtag = Annotated[str, StringConstraints(max_length=100, pattern=r"^\w+$"), without("^#+")]
Acct = Annotated[str, StringConstraints(max_length=300, pattern=r"^[\w.-]+(@[\w.:-]+)?$"), without("^@+")]


class MastodonConfig(InstanceConfig):
    """Settings of one Mastodon source."""

    hashtags: tuple[Hashtag, ...] = ()
    """Without "#"."""
    public: Literal["local", "remote", "all"] | None = None
    """Whether the public timeline is read: the server's own posts, those of others, or both."""
    accounts: tuple[Acct, ...] = ()
    """"name" or "name@host", without the first "@"."""
    only_media: bool = False
    """Whether posts without pictures are left out."""
    first_run_posts: int = Field(default=100, ge=1, le=1000)
    """How far back the first run of a timeline reaches."""
    stream: bool = False
    """Whether to stay connected and hear of posts as they appear."""
    transport: Literal["sse", "websocket"] = "sse"
    """How to stay connected; some servers offer the one, some the other."""

    @model_validator(mode="after")
    def _watches_something(self) -> MastodonConfig:
        if not self.hashtags and not self.accounts and self.public is None:
            raise ValueError("Name at least one of hashtags, public and accounts")
        return self


@dataclass(frozen=True, slots=True)
class Timeline:
    """One timeline of an instance. `key` names it in the checkpoint and for people."""

    key: str
    path: str
    params: Mapping[str, str]
    feed: Literal["hashtag_feeds", "live_feeds"] | None = None
    """The part of the instance's policy that governs it."""
    parts: tuple[str, ...] = ()
    """Which of "local" and "remote" it shows."""
    stream: tuple[str, ...] = ()
    """Its name in the streaming API, and a hashtag; empty when it cannot be streamed."""
    acct: str | None = None
    """The account it is of, whose id must be looked up first."""


def timelines(config: MastodonConfig) -> tuple[Timeline, ...]:
    """The timelines that a source reads, each once."""
    media = {"only_media": "true"} if config.only_media else {}
    found = [_hashtag(tag, media) for tag in config.hashtags]
    found += [_public(config.public, media)] if config.public else []
    found += [Timeline(f"@{acct}", "", media, acct=acct) for acct in config.accounts]
    return tuple({timeline.key.lower(): timeline for timeline in found}.values())


def _hashtag(tag: str, media: Mapping[str, str]) -> Timeline:
    path = f"/api/v1/timelines/tag/{quote(tag, safe='')}"
    return Timeline(f"#{tag}", path, media, "hashtag_feeds", ("local", "remote"), ("hashtag", tag))


def _public(which: str, media: Mapping[str, str]) -> Timeline:
    part = {which: "true"} if which != "all" else {}
    parts = (which,) if which != "all" else ("local", "remote")
    name = "public" if which == "all" else f"public:{which}"
    key = f"public timeline ({which})"
    return Timeline(key, "/api/v1/timelines/public", {**media, **part}, "live_feeds", parts, (name,))
