"""A Mastodon source's settings, and the timelines that they mean."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Literal
from urllib.parse import quote, urlsplit

from pydantic import Field, SecretStr, StringConstraints, field_validator, model_validator

from connectors.kind import Settings

MOST_AT_ONCE = 40
"""The API gives at most so many statuses in one answer."""

Hashtag = Annotated[str, StringConstraints(max_length=100, pattern=r"^\w+$")]
Acct = Annotated[str, StringConstraints(max_length=300, pattern=r"^[\w.-]+(@[\w.:-]+)?$")]


class MastodonCredentials(Settings):
    """Access tokens by instance host, for instances that show little or nothing without one."""

    tokens: Mapping[str, SecretStr] = Field(default_factory=dict)

    def of(self, host: str) -> str | None:
        """The token for an instance, or None."""
        token = self.tokens.get(host.lower())
        return token.get_secret_value() if token else None


class MastodonConfig(Settings):
    """Settings of one Mastodon source."""

    instance: str
    """The server's address: "https://mastodon.example"."""
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

    @field_validator("instance")
    @classmethod
    def _is_an_address(cls, value: str) -> str:
        address = value.strip().rstrip("/")
        address = address if "://" in address else f"https://{address}"
        if not urlsplit(address).hostname:
            raise ValueError("Is not an address; write it like https://mastodon.example")
        return address

    @field_validator("hashtags", "accounts", mode="before")
    @classmethod
    def _without_signs(cls, value: object) -> object:
        if not isinstance(value, list | tuple):
            return value
        return [name.strip().lstrip("#@") if isinstance(name, str) else name for name in value]

    @model_validator(mode="after")
    def _watches_something(self) -> MastodonConfig:
        if not self.hashtags and not self.accounts and self.public is None:
            raise ValueError("Name at least one of hashtags, public and accounts")
        return self

    @property
    def host(self) -> str:
        """The instance's host, with its port when that is not the scheme's own."""
        return urlsplit(self.instance).netloc.lower()


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
