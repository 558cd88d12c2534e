"""A loopback X: recent search in the shape of recorded answers, single posts, and the month's usage."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
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
        self.media: list[dict[str, Any]] = []

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
        if asked.path == "2/usage/tweets":
            return Answer({"data": {"project_usage": "17"}})
        if asked.path == "2/tweets":
            found = [post for post in self.posts if post["id"] == asked.query["ids"]]
            problem = {"title": "Not Found Error", "type": f"{PROBLEMS}/resource-not-found"}
            return Answer({"data": found} if found else {"errors": [problem]})
        return self._page(asked.query)

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
