"""A Lemmy source's settings, and the listings that they mean."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Literal

from pydantic import Field, StringConstraints, model_validator

from connectors.instance import InstanceConfig
from connectors.kind import without
from connectors.listing import Listing

PAGE_SIZE = 50

Community = Annotated[str, StringConstraints(max_length=300, pattern=r"^\w+(@[\w.:-]+)?$"), without("^!")]


class LemmyConfig(InstanceConfig):
    """Settings of one Lemmy source."""

    communities: tuple[Community, ...] = ()
    """"name" or "name@host"."""
    everything: Literal["local", "all"] | None = None
    """Whether all posts are read: of the server's own communities, or of all that it knows."""
    searches: tuple[Annotated[str, StringConstraints(min_length=1, max_length=200)], ...] = ()
    include_comments: bool = False
    """Whether comments of the same places are read too."""
    first_run_posts: int = Field(default=100, ge=1, le=1000)
    """How far back the first run of a listing reaches."""

    @model_validator(mode="after")
    def _watches_something(self) -> LemmyConfig:
        if not self.communities and not self.searches and self.everything is None:
            raise ValueError("Name at least one of communities, everything and searches")
        return self


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
    return tuple(found)


def _listing(key: str, kind: Literal["post", "comment"], params: Mapping[str, str]) -> Listing:
    return Listing(key, Query(f"{kind}/list", params, kind), PAGE_SIZE)
