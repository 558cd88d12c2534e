"""A Lemmy source's settings, and the listings that they mean."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Literal
from urllib.parse import urlsplit

from pydantic import Field, SecretStr, StringConstraints, field_validator, model_validator

from connectors.kind import Settings
from connectors.listing import Listing

PAGE_SIZE = 50

Community = Annotated[str, StringConstraints(max_length=300, pattern=r"^\w+(@[\w.:-]+)?$")]


class LemmyCredentials(Settings):
    """Sign-in tokens (JWT) by instance host; reporting and other servers' posts need one."""

    tokens: Mapping[str, SecretStr] = Field(default_factory=dict)

    def of(self, host: str) -> str | None:
        """The token for an instance, or None."""
        token = self.tokens.get(host.lower())
        return token.get_secret_value() if token else None


class LemmyConfig(Settings):
    """Settings of one Lemmy source."""

    instance: str
    """The server's address: "https://lemmy.example"."""
    communities: tuple[Community, ...] = ()
    """"name" or "name@host"."""
    everything: Literal["local", "all"] | None = None
    """Whether all posts are read: of the server's own communities, or of all that it knows."""
    searches: tuple[Annotated[str, StringConstraints(min_length=1, max_length=200)], ...] = ()
    include_comments: bool = False
    """Whether comments of the same places are read too."""
    first_run_posts: int = Field(default=100, ge=1, le=1000)
    """How far back the first run of a listing reaches."""

    @field_validator("instance")
    @classmethod
    def _is_an_address(cls, value: str) -> str:
        address = value.strip().rstrip("/")
        address = address if "://" in address else f"https://{address}"
        if not urlsplit(address).hostname:
            raise ValueError("Is not an address; write it like https://lemmy.example")
        return address

    @field_validator("communities", mode="before")
    @classmethod
    def _without_sign(cls, value: object) -> object:
        if not isinstance(value, list | tuple):
            return value
        return [name.strip().removeprefix("!") if isinstance(name, str) else name for name in value]

    @model_validator(mode="after")
    def _watches_something(self) -> LemmyConfig:
        if not self.communities and not self.searches and self.everything is None:
            raise ValueError("Name at least one of communities, everything and searches")
        return self

    @property
    def host(self) -> str:
        """The instance's host, with its port when that is not the scheme's own."""
        return urlsplit(self.instance).netloc.lower()


@dataclass(frozen=True, slots=True)
class Query:
    """How a listing is asked for."""

    path: str
    """Without the API's version."""
    params: Mapping[str, str]
    kind: Literal["post", "comment"]


def listings(config: LemmyConfig) -> tuple[Listing, ...]:
    """The listings that a source reads, each once."""
    places: list[tuple[str, dict[str, str]]] = [
        (f"!{name}", {"community_name": name}) for name in config.communities
    ]
    if config.everything:
        places.append((config.everything, {"type_": config.everything.capitalize()}))
    found = [_listing(key, "post", params) for key, params in places]
    if config.include_comments:
        found += [_listing(f"{key} comments", "comment", params) for key, params in places]
    found += [
        Listing(f"search: {query}", Query("search", {"q": query, "type_": "Posts"}, "post"), PAGE_SIZE)
        for query in config.searches
    ]
    return tuple({listing.key.lower(): listing for listing in found}.values())


def _listing(key: str, kind: Literal["post", "comment"], params: Mapping[str, str]) -> Listing:
    return Listing(key, Query(f"{kind}/list", params, kind), PAGE_SIZE)
