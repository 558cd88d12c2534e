"""A loopback Reddit: OAuth, listings and search in the shape that Reddit's own answers have.

The posts are invented. The fields, their types and the headers follow the recordings that PRAW publishes.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any
from urllib.parse import parse_qsl, urlsplit

CLIENT_ID, CLIENT_SECRET = "loopback-app", "loopback-secret"
EPOCH = 1_790_000_000.0


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


class RedditServer(ThreadingHTTPServer):
    """Listings by path ("r/nursing_uk/new"), each newest first."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.listings: dict[str, list[dict[str, Any]]] = {}
        self.redirected: set[str] = set()
        self.failure: Failure | None = None
        self.asked: list[tuple[str, dict[str, str]]] = []
        self.remaining = 990.0
        self.reset = "15"
        self.cap = 1000
        self.page_limit = 100
        self.valid_answers: int | None = None
        """How many more answers the credentials are good for; None for ever."""

    @property
    def place(self) -> str:
        """As an allow-list names it."""
        return f"127.0.0.1:{self.server_address[1]}"

    def add(self, path: str, *things: dict[str, Any]) -> None:
        """Publish things, oldest first."""
        listing = self.listings.setdefault(path, [])
        for thing in things:
            listing.insert(0, thing)

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
        children = [{"kind": thing["name"].partition("_")[0], "data": thing} for thing in part]
        data = {"after": more, "dist": len(part), "modhash": None, "children": children, "before": None}
        return {"kind": "Listing", "data": data}


class _Handler(BaseHTTPRequestHandler):
    server: RedditServer

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002
        """Quiet."""

    def do_POST(self) -> None:
        """Hand out an access token to the application that has the right secret."""
        self.rfile.read(int(self.headers.get("content-length") or 0))
        wanted = base64.b64encode(f"{CLIENT_ID}:{CLIENT_SECRET}".encode()).decode()
        if self.headers.get("authorization") != f"Basic {wanted}" or self.server.valid_answers == 0:
            self._answer(401, {"message": "Unauthorized", "error": 401})
            return
        self._answer(200, {"access_token": "t", "token_type": "bearer", "expires_in": 86400, "scope": "*"})

    def do_GET(self) -> None:
        """Answer a listing, or fail as told."""
        parts = urlsplit(self.path)
        path, query = parts.path.strip("/"), dict(parse_qsl(parts.query))
        self.server.asked.append((path, query))
        failure = self.server.failure
        if failure and failure.left > 0:
            failure.left -= 1
            self._send(failure.status, failure.body, failure.headers)
        elif self.server.valid_answers == 0:
            self._send(401, b"{}", {})
        elif path in self.server.redirected:
            self._send(302, b"", {"Location": "https://www.reddit.com/subreddits/search.json?q=gone"})
        else:
            if self.server.valid_answers is not None:
                self.server.valid_answers -= 1
            page = self.server.page(path, query)
            self._answer(200 if page else 404, page or {"message": "Not Found", "error": 404})

    def _answer(self, status: int, payload: dict[str, Any]) -> None:
        self.server.remaining -= 1
        limits = {
            "x-ratelimit-remaining": str(self.server.remaining),
            "x-ratelimit-used": "10",
            "x-ratelimit-reset": self.server.reset,
        }
        self._send(status, json.dumps(payload).encode(), limits)

    def _send(self, status: int, body: bytes, headers: dict[str, str]) -> None:
        self.send_response(status)
        base = {"Content-Type": "application/json; charset=UTF-8", "Content-Length": str(len(body))}
        for name, value in (base | headers).items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)


@contextmanager
def reddit_server() -> Iterator[RedditServer]:
    """A running Reddit on a free loopback port."""
    server = RedditServer()
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield server
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
