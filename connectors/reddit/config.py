"""A Reddit source's settings, and the listings that they mean."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated

from pydantic import Field, StringConstraints, model_validator

from connectors.kind import Settings, without
from connectors.listing import Listing
from connectors.reddit.parse import COMMENT, SITE, SUBMISSION

PAGE_SIZE = 100
LISTING_CAP = 1000
"""Reddit shows about this many things of any listing."""

SubredditName = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_]{2,50}$"), without("^/?(r/)?")]

UserName = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_-]{2,50}$"), without("^/?(u(ser)?/)?")]
Multireddit = Annotated[
    str, StringConstraints(pattern=r"^[A-Za-z0-9_-]{2,50}/m/\w{1,50}$"), without("^/?(u(ser)?/)?")
]


class RedditSearch(Settings):
    """A search, over all of Reddit or within one subreddit."""

    query: str = Field(min_length=1, max_length=512)
    subreddit: SubredditName | None = None


def search_entry(query: str) -> dict[str, str]:
    """A query over all of Reddit, as an entry of `searches`."""
    return {"query": query}


class RedditConfig(Settings):
    """Settings of one Reddit source."""

    subreddits: tuple[SubredditName, ...] = ()
    """Names without "r/"; their new submissions are read."""
    searches: tuple[RedditSearch, ...] = ()
    users: tuple[UserName, ...] = ()
    """Names without "u/"; what they submit is read."""
    multireddits: tuple[Multireddit, ...] = ()
    """Custom feeds that their owners made public: "owner/m/name"."""
    include_comments: bool = False
    """Whether new comments of the subreddits, users and custom feeds are read too."""
    first_run_posts: int = Field(default=100, ge=1, le=LISTING_CAP)
    """How far back the first run of a listing reaches."""
    posts_per_run: int = Field(default=LISTING_CAP, ge=PAGE_SIZE, le=LISTING_CAP)
    """How many posts of a listing one run reads at most; Reddit itself shows about 1000."""
    contact: str | None = None
    """The Reddit account answerable for the application; Reddit asks for it in the user agent."""
    reddit_url: str = SITE
    oauth_url: str = "https://oauth.reddit.com"

    @model_validator(mode="after")
    def _watches_something(self) -> RedditConfig:
        if not (self.subreddits or self.searches or self.users or self.multireddits):
            raise ValueError("Name at least one of subreddits, searches, users and multireddits")
        return self


@dataclass(frozen=True, slots=True)
class Request:
    """How Reddit is asked for a listing."""

    path: str
    kind: str
    params: Mapping[str, str | int]


def listings(config: RedditConfig) -> tuple[Listing, ...]:
    """The listings that a source reads, each once, in the order of its settings."""
    found = [_place(f"r/{name}", "new") for name in config.subreddits]
    found += [_place(f"user/{name}", "submitted", {"sort": "new"}) for name in config.users]
    found += [_place(f"user/{name}", "new") for name in config.multireddits]
    if config.include_comments:
        places = [f"r/{name}" for name in config.subreddits]
        places += [f"user/{name}" for name in (*config.users, *config.multireddits)]
        found += [_place(place, "comments") for place in places]
    found += [_search_listing(search) for search in config.searches]
    return tuple(found)


def _place(place: str, part: str, params: Mapping[str, str | int] | None = None) -> Listing:
    kind, slash = (COMMENT, "/") if part == "comments" else (SUBMISSION, "")
    return Listing(f"{place}/{part}", Request(f"{place}/{part}{slash}", kind, params or {}), PAGE_SIZE)


def _search_listing(search: RedditSearch) -> Listing:
    where = search.subreddit or "all"
    params: dict[str, str | int] = {"q": search.query, "sort": "new", "t": "all", "type": "link"}
    params |= {"restrict_sr": 1} if search.subreddit else {}
    request = Request(f"r/{where}/search/", SUBMISSION, params)
    return Listing(f"search in r/{where}: {search.query}", request, PAGE_SIZE)
