"""A loopback Tumblr: a tag and a blog, in the New Post Format."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from connectors.base import Connector
from tests.connectors.abilities import NO_SKEW, UNICODE
from tests.connectors.loopback import Answer, Asked, LoopbackServer
from tests.connectors.served import KeyedPlatform, PagedPlatform

KEY = "loopback-key"
EPOCH = 1_790_000_000


class TumblrServer(LoopbackServer):
    """Posts of one blog, all with one tag. Three posts share each second."""

    def __init__(self) -> None:
        super().__init__()
        self.posts: list[dict[str, Any]] = []
        """Oldest first."""
        self.page_limit = 20
        self.published = 0
        self.lost = False

    def publish(self, text: str, **fields: Any) -> dict[str, Any]:
        """A new post."""
        self.published += 1
        identity = 790_000_000_000_000_000 + self.published
        made = {
            "id": identity,
            "id_string": str(identity),
            "blog_name": "ward",
            "post_url": f"https://www.tumblr.com/ward/{identity}/slug",
            "timestamp": EPOCH + self.published // 3,
            "tags": ["nhs"],
            "content": [{"type": "text", "text": text}],
            "trail": [],
        } | fields
        self.posts.append(made)
        return made

    def answer(self, asked: Asked) -> Answer:
        """A page of the tag or the blog, or one post."""
        if asked.query.get("api_key") != KEY or self.has_expired():
            return Answer({"meta": {"status": 401, "msg": "Unauthorized"}}, 401)
        if "id" in asked.query:
            found = [post for post in self.posts if post["id_string"] == asked.query["id"]]
            return self._whole({"posts": found}) if found else Answer({"meta": {"status": 404}}, 404)
        before = int(asked.query.get("before", "9999999999"))
        newest_first = [post for post in self.posts[::-1] if post["timestamp"] < before]
        part = newest_first[: min(int(asked.query["limit"]), self.page_limit)]
        return self._whole(part if asked.path == "v2/tagged" else {"posts": part, "total_posts": 9})

    def _whole(self, response: Any) -> Answer:
        headers = {"x-ratelimit-perhour-remaining": "999", "x-ratelimit-perhour-reset": "1800"}
        meta = {"status": 200, "msg": "OK"}
        return Answer({"meta": meta} if self.lost else {"meta": meta, "response": response}, 200, headers)


class TumblrPlatform(KeyedPlatform[TumblrServer], PagedPlatform[TumblrServer]):
    """A tag."""

    largest_page = 20

    def connect(self, *, good: bool = True, skew: timedelta = NO_SKEW) -> Connector:
        """A connector to the loopback server."""
        settings = {"tags": ["#nhs"], "first_run_posts": 500, "api_url": self._server.url}
        credentials = {"api_key": KEY if good else "wrong"}
        return self.built("tumblr", settings, credentials, skew)

    def publish(self, count: int) -> None:
        """Posts."""
        for _ in range(count):
            self._expected.add(self._server.publish(UNICODE)["id_string"])

    def publish_malformed(self) -> str:
        """A post without its content."""
        del self._server.publish("broken")["content"]
        return "content"

    def limit(self, seconds: int) -> None:
        """As Tumblr says it: how long, and no Retry-After."""
        headers = {"x-ratelimit-perhour-remaining": "0", "x-ratelimit-perhour-reset": str(seconds)}
        self._server.standing = Answer({"meta": {"status": 429}}, 429, headers)

    def drift(self) -> str:
        """An answer without its response."""
        self._server.lost = True
        return "response"

    def close_by_policy(self) -> None:
        """Refused to us."""
        self._server.standing = Answer({"meta": {"status": 403}}, 403)

    def remove(self) -> str:
        """A deleted post is nowhere."""
        return str(self._server.posts.pop()["id_string"])

    def overflow(self) -> None:
        """More than a run reads."""
        self.publish(550)
