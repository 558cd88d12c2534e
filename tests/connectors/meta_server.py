"""A loopback Graph API: a hashtag's media, a page's posts and oEmbed, in the shape of recorded answers."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from connectors.base import Connector
from tests.connectors.abilities import NO_SKEW, UNICODE
from tests.connectors.loopback import Answer, Asked, LoopbackServer
from tests.connectors.served import KeyedPlatform, PagedPlatform

TOKEN = "loopback-token"
ACCOUNT, HASHTAG, PAGE = "17841405309211844", "17873440459141021", "ward.news"
EPOCH = datetime(2026, 11, 1, tzinfo=UTC)


def refusal(code: int, **fields: Any) -> Answer:
    """An error of the Graph API."""
    return Answer({"error": {"message": "x", "type": "OAuthException", "code": code, **fields}}, 400)


class MetaServer(LoopbackServer):
    """Media of one hashtag in no certain order, and posts of one page newest first."""

    def __init__(self) -> None:
        super().__init__()
        self.media: list[dict[str, Any]] = []
        self.posts: list[dict[str, Any]] = []
        self.published = 0
        self.lost = False
        self.usage = '{"call_count":12,"total_time":3,"total_cputime":5}'

    def publish_media(self, caption: str, **fields: Any) -> dict[str, Any]:
        """A new medium, somewhere in the list."""
        self.published += 1
        code = f"C{self.published:09d}"
        made = {
            "id": str(17_900_000_000_000_000 + self.published),
            "caption": caption,
            "media_type": "IMAGE",
            "media_url": f"https://scontent.cdninstagram.example/{code}.jpg?oe=6104526E",
            "permalink": f"https://www.instagram.com/p/{code}/",
            "timestamp": self._moment(),
        } | fields
        self.media.insert(self.published * 7 % (len(self.media) + 1), made)
        return made

    def publish_post(self, message: str, **fields: Any) -> dict[str, Any]:
        """A new post of the page."""
        self.published += 1
        identity = f"19292868552_{self.published:015d}"
        made = {
            "id": identity,
            "message": message,
            "created_time": self._moment(),
            "permalink_url": f"{self.url}/{PAGE}/posts/{identity}",
            "from": {"id": "19292868552", "name": "Ward news"},
        } | fields
        self.posts.insert(0, made)
        return made

    def _moment(self) -> str:
        return (EPOCH + timedelta(seconds=self.published)).strftime("%Y-%m-%dT%H:%M:%S+0000")

    def answer(self, asked: Asked) -> Answer:
        """An edge, an object or a page, for the right token."""
        if "/posts/" in asked.path:
            return Answer(b"<html>", 200 if asked.path.rpartition("/")[2] in self._ids() else 404)
        if asked.headers.get("authorization") != f"Bearer {TOKEN}" or self.has_expired():
            return refusal(190)
        found = self._found(asked.path, asked.query)
        found.headers["X-App-Usage"] = self.usage
        return found

    def _found(self, path: str, query: dict[str, str]) -> Answer:
        if path == "ig_hashtag_search":
            return Answer({"data": [{"id": HASHTAG}]}) if query["q"] == "nhs" else refusal(24)
        if path == f"{HASHTAG}/recent_media":
            return self._page(self.media, query, f"{HASHTAG}/recent_media")
        if path == f"{PAGE}/posts":
            return self._page(self.posts, query, f"{PAGE}/posts")
        if path == "instagram_oembed":
            shown = query["url"] in {medium["permalink"] for medium in self.media}
            return Answer({"html": "<blockquote>"}) if shown else refusal(24)
        if path in {*self._ids(), "19292868552"}:
            return Answer({"id": path})
        return refusal(100, error_subcode=33)

    def _ids(self) -> set[str]:
        return {post["id"] for post in self.posts}

    def _page(self, items: list[dict[str, Any]], query: dict[str, str], path: str) -> Answer:
        start = int(query.get("after", "0"))
        end = start + min(int(query["limit"]), self.page_limit)
        body: dict[str, Any] = {} if self.lost else {"data": items[start:end]}
        if end < len(items):
            address = f"https://graph.facebook.com/v24.0/{path}?access_token={TOKEN}&after={end}"
            body["paging"] = {"cursors": {"after": str(end)}, "next": address}
        return Answer(body)


class MetaPlatform(KeyedPlatform[MetaServer], PagedPlatform[MetaServer]):
    """What both have alike."""

    largest_page = 50

    def credentials(self, *, good: bool) -> dict[str, str]:
        """A token."""
        return {"access_token": TOKEN if good else "wrong"}

    def drift(self) -> str:
        """An answer without its data."""
        self._server.lost = True
        return "data"

    def overflow(self) -> None:
        """More than a run reads."""
        self.publish(550)

    def publish(self, count: int) -> None:
        """New items."""
        raise NotImplementedError


class InstagramPlatform(MetaPlatform):
    """A hashtag."""

    def connect(self, *, good: bool = True, skew: timedelta = NO_SKEW) -> Connector:
        """A connector to the loopback server."""
        settings = {"hashtags": ["#nhs"], "account": ACCOUNT, "first_run_posts": 500,
                    "api_url": self._server.url}  # fmt: skip
        return self.built("instagram", settings, self.credentials(good=good), skew)

    def publish(self, count: int) -> None:
        """Media."""
        for _ in range(count):
            self._expected.add(self._server.publish_media(UNICODE)["permalink"].split("/")[-2])

    def publish_malformed(self) -> str:
        """A medium without its time."""
        del self._server.publish_media("broken")["timestamp"]
        return "timestamp"

    def close_by_policy(self) -> None:
        """The account spent its hashtags."""
        self._server.standing = refusal(18)

    def remove(self) -> str:
        """A deleted medium is nowhere."""
        return str(self._server.media.pop()["permalink"].split("/")[-2])


class FacebookPlatform(MetaPlatform):
    """A page."""

    def connect(self, *, good: bool = True, skew: timedelta = NO_SKEW) -> Connector:
        """A connector to the loopback server."""
        settings = {"pages": [PAGE], "first_run_posts": 500, "api_url": self._server.url}
        return self.built("facebook", settings, self.credentials(good=good), skew)

    def publish(self, count: int) -> None:
        """Posts."""
        for _ in range(count):
            self._expected.add(self._server.publish_post(UNICODE)["id"])

    def publish_malformed(self) -> str:
        """A post without its time."""
        del self._server.publish_post("broken")["created_time"]
        return "created_time"

    def close_by_policy(self) -> None:
        """The application may not read the page."""
        self._server.standing = refusal(10)

    def remove(self) -> str:
        """A deleted post is nowhere."""
        return str(self._server.posts.pop(0)["id"])
