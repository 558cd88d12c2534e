"""A loopback Reddit: OAuth, listings and search in the shape that Reddit's own answers have.

The posts are invented. The fields, their types and the headers follow the recordings that PRAW publishes.
"""

from __future__ import annotations

import base64
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any
from urllib.parse import parse_qsl

from connectors.base import Connector
from tests.connectors.abilities import NO_SKEW, UNICODE
from tests.connectors.loopback import Answer, Asked, LoopbackServer, running
from tests.connectors.served import KeyedPlatform, PagedPlatform

CLIENT_ID, CLIENT_SECRET = "loopback-app", "loopback-secret"
EPOCH = 1_790_000_000.0
JSON = {"Content-Type": "application/json; charset=UTF-8"}


def submission(number: int, subreddit: str = "nursing_uk", **fields: Any) -> dict[str, Any]:
    """A self post as Reddit lists it; `fields` change or add."""
    short = f"z{number:05d}"
    data: dict[str, Any] = {
        "approved_at_utc": None,
        "subreddit": subreddit,
        "selftext": "",
        "author_fullname": f"t2_a{number % 7}",
        "saved": False,
        "title": f"Post {number}",
        "subreddit_name_prefixed": f"r/{subreddit}",
        "name": f"t3_{short}",
        "removed_by_category": None,
        "thumbnail": "self",
        "is_self": True,
        "created_utc": EPOCH + number,
        "over_18": False,
        "id": short,
        "author": f"writer_{number % 7}",
        "permalink": f"/r/{subreddit}/comments/{short}/post_{number}/",
        "url": f"https://www.reddit.com/r/{subreddit}/comments/{short}/post_{number}/",
        "media": None,
        "is_video": False,
    }
    return data | fields


def comment(number: int, subreddit: str = "nursing_uk", **fields: Any) -> dict[str, Any]:
    """A comment as Reddit lists it."""
    short = f"k{number:05d}"
    data: dict[str, Any] = {
        "subreddit": subreddit,
        "link_title": "Post 1",
        "link_id": "t3_z00001",
        "body": f"Comment {number}",
        "author": f"writer_{number % 7}",
        "author_fullname": f"t2_a{number % 7}",
        "name": f"t1_{short}",
        "id": short,
        "parent_id": "t3_z00001",
        "created_utc": EPOCH + number,
        "permalink": f"/r/{subreddit}/comments/z00001/post_1/{short}/",
        "subreddit_name_prefixed": f"r/{subreddit}",
        "edited": False,
    }
    return data | fields


@dataclass
class Failure:
    """How the next answers fail."""

    status: int
    left: int = 1
    headers: dict[str, str] = field(default_factory=dict)
    body: bytes = b"{}"


class RedditServer(LoopbackServer):
    """Listings by path ("r/nursing_uk/new"), each newest first; everything that was ever in one by name."""

    def __init__(self) -> None:
        super().__init__()
        self.listings: dict[str, list[dict[str, Any]]] = {}
        self.things: dict[str, dict[str, Any]] = {}
        self.redirected: set[str] = set()
        self.failure: Failure | None = None
        self.remaining = 990.0
        self.reset = "15"
        self.cap = 1000
        self.page_limit = 100
        self.shared: dict[str, str] = {}
        """Where short links lead."""
        self.closed: dict[str, int] = {}
        """Paths that are refused, with the status."""
        self.reports: list[dict[str, str]] = []
        self.complaints: list[list[str]] = []
        """What a report is answered with."""

    def add(self, path: str, *things: dict[str, Any]) -> None:
        """Publish things, oldest first."""
        listing = self.listings.setdefault(path, [])
        for thing in things:
            listing.insert(0, thing)
            self.things[thing.get("name", "")] = thing

    def answer(self, asked: Asked) -> Answer:
        """A token, a listing, single things or a report, unless told to fail."""
        path = asked.path.strip("/")
        if path == "api/v1/access_token":
            return self._token(asked)
        failure = self.failure
        if failure and failure.left > 0:
            failure.left -= 1
            return Answer(failure.body, failure.status, JSON | failure.headers)
        if self.has_expired():
            return Answer(b"{}", 401, JSON)
        if path in self.redirected:
            return Answer(b"", 302, {"Location": "https://www.reddit.com/subreddits/search.json?q=gone"})
        return self._limited(self._found(path, asked))

    def _found(self, path: str, asked: Asked) -> Answer:
        if path in self.closed:
            return Answer({"reason": "private", "error": self.closed[path]}, self.closed[path])
        if path in self.shared:
            return Answer(b"", 302, {"Location": self.shared[path]})
        if path == "api/report":
            self.reports.append(dict(parse_qsl(asked.body.decode())))
            return Answer({"json": {"errors": self.complaints}})
        if path == "api/info":
            named = [self.things[name] for name in asked.query["id"].split(",") if name in self.things]
            return Answer(_listing(named, None))
        if any(thing.get("permalink") == f"/{asked.path}" for thing in self.things.values()):
            return Answer(b"<html>")
        page = self.page(path, asked.query)
        return Answer(page or {"message": "Not Found", "error": 404}, 200 if page else 404)

    def _token(self, asked: Asked) -> Answer:
        """An access token for the application that has the right secret."""
        wanted = base64.b64encode(f"{CLIENT_ID}:{CLIENT_SECRET}".encode()).decode()
        if asked.headers.get("authorization") != f"Basic {wanted}" or self.valid_answers == -1:
            return Answer({"message": "Unauthorized", "error": 401}, 401)
        return Answer({"access_token": "t", "token_type": "bearer", "expires_in": 86400, "scope": "*"})

    def _limited(self, answer: Answer) -> Answer:
        self.remaining -= 1
        limits = {"x-ratelimit-remaining": str(self.remaining), "x-ratelimit-used": "10"}
        answer.headers.update({**limits, "x-ratelimit-reset": self.reset})
        return answer

    def page(self, path: str, query: dict[str, str]) -> dict[str, Any] | None:
        """One page of a listing as Reddit answers it, None where there is no such listing."""
        if path not in self.listings:
            return None
        things = self.listings[path][: self.cap]
        names = [thing["name"] for thing in things]
        after, limit = query.get("after"), min(int(query.get("limit", "25")), self.page_limit)
        start = names.index(after) + 1 if after in names else 0 if after is None else len(names)
        part = things[start : start + limit]
        more = part[-1]["name"] if part and start + limit < len(things) else None
        return _listing(part, more)


def _listing(things: list[dict[str, Any]], after: str | None) -> dict[str, Any]:
    children = [{"kind": thing["name"].partition("_")[0], "data": thing} for thing in things]
    data = {"after": after, "dist": len(things), "modhash": None, "children": children, "before": None}
    return {"kind": "Listing", "data": data}


class RedditPlatform(KeyedPlatform[RedditServer], PagedPlatform[RedditServer]):
    """A Reddit with a subreddit, its comments, and a search that shares posts with it."""

    largest_page = 100
    _paths = ("r/nursing_uk/new", "r/nursing_uk/comments", "r/all/search")

    def __init__(self, server: RedditServer) -> None:
        super().__init__(server)
        for path in self._paths:
            server.listings[path] = []

    def connect(self, *, good: bool = True, skew: timedelta = NO_SKEW) -> Connector:
        """A connector to the loopback server."""
        url = self._server.url
        settings = {
            "subreddits": ["r/nursing_uk"],
            "include_comments": True,
            "searches": [{"query": "discharge letter"}],
            "first_run_posts": 500,
            "reddit_url": url,
            "oauth_url": url,
        }
        secret = CLIENT_SECRET if good else "wrong"
        return self.built("reddit", settings, {"client_id": CLIENT_ID, "client_secret": secret}, skew)

    def publish(self, count: int) -> None:
        """Submissions and comments by turns; every fourth submission is also a search result."""
        for _ in range(count):
            self._count += 1
            thing = comment(self._count, body=UNICODE)
            if self._count % 2:
                thing = submission(self._count, title=UNICODE)
            self._server.add(self._paths[1 - self._count % 2], thing)
            if self._count % 8 == 1:
                self._server.add(self._paths[2], thing)
            self._expected.add(thing["name"])

    def limit(self, seconds: int) -> None:
        """As Reddit says it."""
        headers = {"retry-after": str(seconds)}
        self._server.failure = Failure(429, left=99, headers=headers)

    def drift(self) -> str:
        """A listing without children."""
        self._server.failure = Failure(200, left=99, body=b'{"kind": "Listing", "data": {"after": null}}')
        return "data.children"

    def publish_malformed(self) -> str:
        """A submission without a title."""
        broken = submission(90_000)
        del broken["title"]
        self._server.add(self._paths[0], broken)
        return "title"

    def close_by_policy(self) -> None:
        """A subreddit that went private."""
        self._server.listings.clear()

    def remove(self) -> str:
        """A removed post leaves its listing, and is shown as removed."""
        removed = self._server.listings[self._paths[0]].pop(0)
        removed["removed_by_category"] = "moderator"
        return str(removed["name"])

    def overflow(self) -> None:
        """Reddit shows a part of a listing only."""
        self._server.cap = 40
        self.publish(200)


@contextmanager
def reddit_server() -> Iterator[RedditServer]:
    """A running Reddit on a free loopback port."""
    with running(RedditServer()) as server:
        yield server
