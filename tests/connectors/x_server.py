"""A loopback X: recent search in the shape of recorded answers, single posts, and the month's usage."""

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

TOKEN = "loopback-bearer"
EPOCH = datetime(2026, 11, 1, tzinfo=UTC)
PROBLEMS = "https://api.twitter.com/2/problems"


class XServer(LoopbackServer):
    """Posts that every search finds."""

    def __init__(self) -> None:
        super().__init__()
        self.posts: list[dict[str, Any]] = []
        """Oldest first."""
        self.published = 0
        self.page_limit = 100
        self.lost = False
        self.is_open = True
        self.protected: set[str] = set()
        """Ids of posts whose accounts hide them."""
        self.media: list[dict[str, Any]] = []
        self.rules: dict[str, dict[str, str]] = {}
        self.ruled = 0
        self.refused: set[str] = set()
        """Queries that no rule can have."""
        self.listeners: list[queue.Queue[bytes | None]] = []

    def tell(self, post: dict[str, Any], *rules: str) -> None:
        """Send a post to whoever is connected, as matched by rules."""
        users = [{"id": "5", "username": "ann", "name": "Ann"}]
        event = {"data": post, "includes": {"users": users}, "matching_rules": [{"id": r} for r in rules]}
        self.send(json.dumps(event).encode() + b"\r\n")

    def send(self, line: bytes | None) -> None:
        """Send a line to whoever is connected; None hangs up."""
        for listener in self.listeners:
            listener.put(line)

    def stream(self, asked: Asked, handler: BaseHTTPRequestHandler) -> bool:
        """The filtered stream, a sign of life first."""
        if asked.path != "2/tweets/search/stream":
            return False
        lines: queue.Queue[bytes | None] = queue.Queue()
        handler.send_response(200)
        handler.send_header("Connection", "close")
        handler.close_connection = True
        handler.end_headers()
        handler.wfile.write(b"\r\n")
        self.listeners.append(lines)
        while (line := lines.get()) is not None:
            try:
                handler.wfile.write(line)
            except OSError:
                break
        return True

    def _rules(self, asked: Asked) -> Answer:
        if asked.method == "GET":
            return Answer({"data": list(self.rules.values())} if self.rules else {"meta": {}})
        for identity in asked.json.get("delete", {}).get("ids", []):
            del self.rules[identity]
        wanted = asked.json.get("add", [])
        made = [self._rule(**rule) for rule in wanted if rule["value"] not in self.refused]
        errors = [{"title": "InvalidRule"} for rule in wanted if rule["value"] in self.refused]
        return Answer({"data": made} | ({"errors": errors} if errors else {}), 201 if made else 200)

    def _rule(self, value: str, tag: str) -> dict[str, str]:
        self.ruled += 1
        identity = str(1_600_000_000_000_000_000 + self.ruled)
        self.rules[identity] = {"id": identity, "value": value, "tag": tag}
        return self.rules[identity]

    def publish(self, text: str, **fields: Any) -> dict[str, Any]:
        """A new post."""
        self.published += 1
        identity = str(1_990_000_000_000_000_000 + self.published)
        made = {
            "id": identity,
            "text": text,
            "author_id": "5",
            "created_at": (EPOCH + timedelta(seconds=self.published)).isoformat().replace("+00:00", ".000Z"),
            "edit_history_tweet_ids": [identity],
        } | fields
        self.posts.append(made)
        return made

    def answer(self, asked: Asked) -> Answer:
        """A search, single posts or the usage, for the right token."""
        if asked.headers.get("authorization") != f"Bearer {TOKEN}" or self.has_expired():
            return Answer({"title": "Unauthorized", "status": 401}, 401)
        if not self.is_open:
            problem = {"title": "Authorization Error", "type": f"{PROBLEMS}/not-authorized-for-resource"}
            return Answer({"errors": [problem]})
        if asked.path == "2/tweets/search/stream/rules":
            return self._rules(asked)
        if asked.path == "2/usage/tweets":
            return Answer({"data": {"project_usage": "17"}})
        if asked.path == "2/tweets":
            return self._lookup(asked.query["ids"].split(","))
        return self._page(asked.query)

    def _lookup(self, ids: list[str]) -> Answer:
        """Posts by their ids, and for each that is not shown why."""
        found = [post for post in self.posts if post["id"] in set(ids) - self.protected]
        errors = [self._problem(each) for each in ids if each not in {post["id"] for post in found}]
        return Answer(({"data": found} if found else {}) | ({"errors": errors} if errors else {}))

    def _problem(self, identity: str) -> dict[str, str]:
        """What was asked for, and why it is not shown."""
        kind = "not-authorized-for-resource" if identity in self.protected else "resource-not-found"
        about = {"resource_type": "tweet", "resource_id": identity, "parameter": "ids", "value": identity}
        return {"title": "Not Found Error", "type": f"{PROBLEMS}/{kind}", **about}

    def _page(self, query: dict[str, str]) -> Answer:
        since = int(query.get("since_id", "0"))
        newest_first = [post for post in self.posts[::-1] if int(post["id"]) > since]
        token = query.get("next_token")
        if token:
            newest_first = [post for post in newest_first if int(post["id"]) < int(token)]
        part = newest_first[: min(int(query["max_results"]), self.page_limit)]
        more = {"next_token": part[-1]["id"]} if len(part) < len(newest_first) else {}
        users = [{"id": "5", "username": "ann", "name": "Ann"}]
        body: dict[str, Any] = {"meta": {"result_count": len(part), **more}}
        body |= {"data": part, "includes": {"users": users, "media": self.media}} if part else {}
        if self.lost:
            del body["meta"]
        return Answer(body, 200, {"x-rate-limit-remaining": "449", "x-rate-limit-reset": _reset(900)})


def _reset(seconds: int) -> str:
    return str(int(datetime.now(UTC).timestamp()) + seconds)


class XPlatform(KeyedPlatform[XServer], PagedPlatform[XServer]):
    """A search."""

    def connect(self, *, good: bool = True, skew: timedelta = NO_SKEW) -> Connector:
        """A connector to the loopback server."""
        settings = {"accept_costs": True, "posts_per_day": 100_000, "searches": ["nhs letter"],
                    "first_run_posts": 500, "api_url": self._server.url}  # fmt: skip
        credentials = {"bearer_token": TOKEN if good else "wrong"}
        return self.built("x", settings, credentials, skew)

    def publish(self, count: int) -> None:
        """Posts."""
        for _ in range(count):
            self._expected.add(self._server.publish(UNICODE)["id"])

    def publish_malformed(self) -> str:
        """A post without its author."""
        del self._server.publish("broken")["author_id"]
        return "author_id"

    def limit(self, seconds: int) -> None:
        """As X says it: a moment, and no Retry-After."""
        headers = {"x-rate-limit-remaining": "0", "x-rate-limit-reset": _reset(seconds)}
        self._server.standing = Answer({"title": "Too Many Requests"}, 429, headers)

    def drift(self) -> str:
        """An answer without its meta."""
        self._server.lost = True
        return "meta"

    def close_by_policy(self) -> None:
        """200, with nothing but errors."""
        self._server.is_open = False

    def edit(self) -> str:
        """An edit is a new post that names the first."""
        first = self._server.posts.pop()
        again = self._server.publish("edited")
        again["edit_history_tweet_ids"] = [first["id"], again["id"]]
        return str(first["id"])

    def remove(self) -> str:
        """A deleted post is nowhere."""
        return str(self._server.posts.pop()["id"])

    def overflow(self) -> None:
        """More than a run reads."""
        self.publish(1100)
