"""A loopback Tumblr: a tag and a blog, in the New Post Format."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

from connectors.base import Connector
from connectors.registry import build
from tests.connectors.abilities import NO_SKEW, UNICODE, Platform, context_for
from tests.connectors.loopback import Answer, Asked, LoopbackServer, running

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
        self.valid_answers: int | None = None
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
        if self.valid_answers is not None:
            self.valid_answers -= 1
        if asked.query.get("api_key") != KEY or (self.valid_answers or 0) < 0:
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


class TumblrPlatform:
    """A tag."""

    needs_credentials = True

    def __init__(self, server: TumblrServer) -> None:
        self._server = server
        self._expected: set[str] = set()

    @property
    def page_size(self) -> int:
        """At most so many posts in one answer."""
        return self._server.page_limit

    @page_size.setter
    def page_size(self, size: int) -> None:
        self._server.page_limit = min(size, 20)

    @property
    def expected(self) -> set[str]:
        """Ids."""
        return self._expected

    def connect(self, *, good: bool = True, skew: timedelta = NO_SKEW) -> Connector:
        """A connector to the loopback server."""
        settings = {"tags": ["#nhs"], "first_run_posts": 500, "api_url": self._server.url}
        credentials = {"api_key": KEY if good else "wrong"}
        return build("tumblr", settings, credentials, context_for(self._server.place, skew=skew))

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

    def expire_after(self, answers: int) -> None:
        """The key is refused."""
        self._server.valid_answers = answers

    def renew(self) -> None:
        """A new key."""
        self._server.valid_answers = None

    def close_by_policy(self) -> None:
        """Refused to us."""
        self._server.standing = Answer({"meta": {"status": 403}}, 403)

    def remove(self) -> str:
        """A deleted post is nowhere."""
        return str(self._server.posts.pop()["id_string"])

    def overflow(self) -> None:
        """More than a run reads."""
        self.publish(550)

    def vanish(self) -> None:
        """Nobody listens any more."""
        self._server.vanish()


@contextmanager
def tumblr_platform(scratch: Path) -> Iterator[Platform]:
    """A loopback Tumblr."""
    with running(TumblrServer()) as server:
        yield TumblrPlatform(server)
