"""A loopback instance that speaks the Mastodon API, in the shape that Mastodon's own answers have.

The statuses are invented. Fields, headers, page order and events follow the API's documentation and the
recordings that Mastodon.py publishes.
"""

from __future__ import annotations

import json
import queue
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler
from typing import Any

from connectors.base import Connector
from tests.connectors.abilities import NO_SKEW, UNICODE
from tests.connectors.loopback import Answer, Asked, LoopbackServer
from tests.connectors.served import KeyedPlatform, PagedPlatform

TOKEN = "loopback-token"
EPOCH = datetime(2026, 11, 1, tzinfo=UTC)


class MastodonServer(LoopbackServer):
    """Statuses in one order, each with the timelines it stands in."""

    def __init__(self) -> None:
        super().__init__()
        self.statuses: dict[str, dict[str, Any]] = {}
        self.timelines: dict[str, list[str]] = {"timelines/tag/nhs": [], "timelines/public": [],
                                                "accounts/77/statuses": []}  # fmt: skip
        self.page_limit = 40
        self.access = "public"
        self.needs_token = False
        self.limited_for: int | None = None
        self.reports: list[dict[str, Any]] = []
        self.listeners: dict[str, list[queue.Queue[bytes | None]]] = {}
        self.streaming = ""
        self._next = 116_000_000_000_000_000

    def status(self, text: str, **fields: Any) -> dict[str, Any]:
        """A new status, not yet in a timeline."""
        self._next += 65_536_001
        number = str(self._next)
        account = {
            "id": "77",
            "username": "ward",
            "acct": "ward",
            "url": f"{self.url}/@ward",
            "uri": f"{self.url}/users/ward",
        }
        made = {
            "id": number,
            "created_at": (EPOCH + timedelta(seconds=len(self.statuses))).isoformat().replace("+00:00", "Z"),
            "edited_at": None,
            "spoiler_text": "",
            "uri": f"{self.url}/users/ward/statuses/{number}",
            "url": f"{self.url}/@ward/{number}",
            "content": f"<p>{text}</p>",
            "reblog": None,
            "account": account,
            "media_attachments": [],
            "tags": [],
            "card": None,
            "poll": None,
        } | fields
        self.statuses[made["id"]] = made
        return made

    def post(self, text: str, *timelines: str, **fields: Any) -> dict[str, Any]:
        """A status in these timelines, told to whoever listens to them."""
        made = self.status(text, **fields)
        for timeline in timelines:
            self.timelines[timeline].append(made["id"])
        self.tell(timelines, "update", json.dumps(made))
        return made

    def tell(self, timelines: tuple[str, ...], event: str, payload: str) -> None:
        """Send an event to the listeners of these timelines."""
        for timeline in timelines:
            for listener in self.listeners.get(timeline, []):
                listener.put(f"event: {event}\ndata: {payload}\n\n".encode())

    def hang_up(self) -> None:
        """End every stream."""
        for listeners in self.listeners.values():
            for listener in listeners:
                listener.put(None)

    def answer(self, asked: Asked) -> Answer:
        """The API, the pages, the pictures."""
        if asked.path == "api/v2/instance":
            return Answer(self._instance())
        if asked.path.startswith("@"):
            return Answer(b"<html>", 200 if asked.path.rpartition("/")[2] in self.statuses else 404)
        if not self._allowed(asked):
            return Answer({"error": "The access token is invalid"}, 401)
        found = self._api(asked)
        if found.status == 200 and isinstance(found.body, list):
            found.headers.update(self._limits(299, 300))
        return found

    def _allowed(self, asked: Asked) -> bool:
        token = asked.headers.get("authorization")
        known = token == f"Bearer {TOKEN}" or (token is None and not self.needs_token)
        return known and not self.has_expired()

    def _api(self, asked: Asked) -> Answer:
        path = asked.path.removeprefix("api/v1/")
        if self.limited_for is not None:
            return Answer({"error": "Too many requests"}, 429, self._limits(0, self.limited_for))
        if path in self.timelines:
            return Answer(self._page(self.timelines[path], asked.query))
        found = self._one(path, asked)
        return Answer(found) if found else Answer({"error": "Record not found"}, 404)

    def _one(self, path: str, asked: Asked) -> dict[str, Any] | None:
        if path == "accounts/lookup":
            return {"id": "77", "acct": asked.query["acct"]}
        if path.startswith("statuses/"):
            return self.statuses.get(path.removeprefix("statuses/"))
        if path == "reports" and asked.method == "POST":
            self.reports.append(asked.json)
            return {"id": str(len(self.reports)), "action_taken": False, "category": "other"}
        if path == "api/v2/search":
            wanted = asked.query["q"]
            hits = [each for each in self.statuses.values() if wanted in (each["uri"], each["url"])]
            return {"accounts": [], "statuses": hits, "hashtags": []}
        return None

    def _page(self, ids: list[str], query: dict[str, str]) -> list[dict[str, Any]]:
        if self.access == "disabled":
            return []
        limit = min(int(query.get("limit", "20")), self.page_limit)
        newest_first = sorted((i for i in ids if i in self.statuses), key=lambda i: (len(i), i), reverse=True)
        if "max_id" in query:
            newest_first = [i for i in newest_first if int(i) < int(query["max_id"])]
        if "min_id" in query:
            above = [i for i in newest_first if int(i) > int(query["min_id"])]
            return [self.statuses[i] for i in above[-limit:]]
        return [self.statuses[i] for i in newest_first[:limit]]

    def _instance(self) -> dict[str, Any]:
        feeds = {"local": self.access, "remote": self.access}
        access = {"live_feeds": feeds, "hashtag_feeds": feeds}
        configuration = {"urls": {"streaming": self.streaming}, "timelines_access": access}
        return {"domain": self.place, "version": "4.7.3", "configuration": configuration}

    def _limits(self, remaining: int, seconds: int) -> dict[str, str]:
        reset = (datetime.now(UTC) + timedelta(seconds=seconds)).isoformat().replace("+00:00", "Z")
        return {
            "X-RateLimit-Limit": "300",
            "X-RateLimit-Remaining": str(remaining),
            "X-RateLimit-Reset": reset,
        }

    def stream(self, asked: Asked, handler: BaseHTTPRequestHandler) -> bool:
        """Server-sent events of a timeline, with a heartbeat first."""
        if not asked.path.startswith("api/v1/streaming/"):
            return False
        name = asked.path.removeprefix("api/v1/streaming/")
        timeline = f"timelines/tag/{asked.query['tag']}" if name == "hashtag" else "timelines/public"
        events: queue.Queue[bytes | None] = queue.Queue()
        self.listeners.setdefault(timeline, []).append(events)
        handler.send_response(200)
        handler.send_header("Content-Type", "text/event-stream")
        handler.send_header("Connection", "close")
        handler.close_connection = True
        handler.end_headers()
        handler.wfile.write(b":thump\n\n")
        while (event := events.get()) is not None:
            try:
                handler.wfile.write(event)
            except OSError:
                break
        return True


class MastodonPlatform(KeyedPlatform[MastodonServer], PagedPlatform[MastodonServer]):
    """An instance of which a hashtag, the public timeline and an account are read."""

    largest_page = 40

    def connect(self, *, good: bool = True, skew: timedelta = NO_SKEW) -> Connector:
        """A connector to the loopback instance."""
        settings = {
            "instance": self._server.url,
            "hashtags": ["#nhs"],
            "public": "all",
            "accounts": ["@ward"],
            "first_run_posts": 500,
        }
        credentials = {"tokens": {self._server.place: TOKEN if good else "wrong"}}
        return self.built("mastodon", settings, credentials, skew)

    def publish(self, count: int) -> None:
        """By turns in each timeline."""
        for _ in range(count):
            self._count += 1
            name = list(self._server.timelines)[self._count % 3]
            self._expected.add(self._server.post(UNICODE, name)["uri"])

    def publish_malformed(self) -> str:
        """A status without a time."""
        made = self._server.post("broken", "timelines/tag/nhs")
        del made["created_at"]
        return "created_at"

    def limit(self, seconds: int) -> None:
        """As Mastodon says it: a moment, and no Retry-After."""
        self._server.limited_for = seconds

    def drift(self) -> str:
        """Statuses without ids."""
        for status in self._server.statuses.values():
            status.pop("id")
        return "id"

    def close_by_policy(self) -> None:
        """Feeds are disabled: answers are empty, and the instance says so elsewhere."""
        self._server.access = "disabled"

    def edit(self) -> str:
        """An edit sets `edited_at`."""
        newest = self._server.statuses[max(self._server.statuses)]
        newest |= {"content": "<p>edited</p>", "edited_at": "2026-11-20T10:00:00.000Z"}
        return str(newest["uri"])

    def remove(self) -> str:
        """A deleted status is nowhere any more."""
        return str(self._server.statuses.pop(max(self._server.statuses))["uri"])
