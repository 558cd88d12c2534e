"""A loopback TikTok: the Research API as it is documented, and oEmbed."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import parse_qsl

from connectors.base import Connector
from tests.connectors.abilities import NO_SKEW, UNICODE
from tests.connectors.loopback import Answer, Asked, LoopbackServer
from tests.connectors.served import KeyedPlatform, PagedPlatform

KEY, SECRET = "loopback-key", "loopback-secret"
EPOCH = int(datetime(2026, 11, 25, tzinfo=UTC).timestamp())


class TiktokServer(LoopbackServer):
    """Videos that every search finds, in no certain order."""

    def __init__(self) -> None:
        super().__init__()
        self.videos: list[dict[str, Any]] = []
        self.published = 0
        self.tokens = 0
        self.lost = False
        self.closed: Answer | None = None
        self.away = False
        """Whether the embedding service is."""
        self.embedding = 404
        """What the embedding service answers for what is gone."""

    def publish(self, text: str, **fields: Any) -> dict[str, Any]:
        """A new video, somewhere in the list."""
        self.published += 1
        made = {
            "id": (EPOCH << 32) + self.published,
            "username": "ann",
            "video_description": text,
            "create_time": EPOCH + self.published,
            "hashtag_names": ["nhs"],
            "region_code": "GB",
        } | fields
        self.videos.insert(self.published * 7 % (len(self.videos) + 1), made)
        return made

    def answer(self, asked: Asked) -> Answer:
        """A token, a query, or what can be embedded."""
        if asked.path == "v2/oauth/token/":
            return self._token(dict(parse_qsl(asked.body.decode())))
        if self.away and asked.path == "oembed":
            return Answer({}, 503)
        if asked.path == "oembed" or asked.path.startswith("@"):
            shown = any(asked.query.get("url", asked.path).endswith(str(v["id"])) for v in self.videos)
            still = {"type": "video", "thumbnail_url": f"{self.url}/still.jpg"}
            gone = self.embedding if asked.path == "oembed" else 404
            return Answer(still) if shown else Answer({"code": 400}, gone)
        if asked.headers.get("authorization") != f"Bearer clt.{self.tokens}" or self.has_expired():
            return Answer({"data": {}, "error": {"code": "access_token_invalid"}}, 401)
        return self.closed or self._query(asked.json)

    def _token(self, form: dict[str, str]) -> Answer:
        good = form.get("client_key") == KEY and form.get("client_secret") == SECRET
        if not good or (self.valid_answers is not None and self.valid_answers < 0):
            return Answer({"error": "invalid_client", "error_description": "x"})
        self.tokens += 1
        return Answer({"access_token": f"clt.{self.tokens}", "expires_in": 7200, "token_type": "Bearer"})

    def _query(self, body: dict[str, Any]) -> Answer:
        videos = self.videos
        for condition in body["query"]["and"]:
            if condition["field_name"] == "video_id":
                videos = [v for v in videos if str(v["id"]) in condition["field_values"]]
        start = body.get("cursor", 0)
        end = start + min(body["max_count"], self.page_limit)
        data = {"videos": videos[start:end], "cursor": end, "has_more": end < len(videos), "search_id": "7"}
        if self.lost:
            del data["videos"]
        return Answer({"data": data, "error": {"code": "ok", "message": "", "log_id": "1"}})


class TiktokPlatform(KeyedPlatform[TiktokServer], PagedPlatform[TiktokServer]):
    """A search."""

    largest_page = 100

    def connect(self, *, good: bool = True, skew: timedelta = NO_SKEW) -> Connector:
        """A connector to the loopback server."""
        urls = {"api_url": self._server.url, "site_url": self._server.url}
        settings = {"keywords": ["nhs letter"], "first_run_posts": 500, **urls}
        credentials = {"client_key": KEY, "client_secret": SECRET if good else "wrong"}
        return self.built("tiktok", settings, credentials, skew)

    def publish(self, count: int) -> None:
        """Videos."""
        for _ in range(count):
            self._expected.add(str(self._server.publish(UNICODE)["id"]))

    def publish_malformed(self) -> str:
        """A video without its author."""
        del self._server.publish("broken")["username"]
        return "username"

    def drift(self) -> str:
        """An answer without its videos."""
        self._server.lost = True
        return "videos"

    def close_by_policy(self) -> None:
        """The client is not approved."""
        error = {"code": "scope_not_authorized", "message": "x"}
        self._server.closed = Answer({"data": {}, "error": error}, 403)

    def remove(self) -> str:
        """A deleted video is nowhere."""
        return str(self._server.videos.pop()["id"])

    def overflow(self) -> None:
        """More than a run reads."""
        self.publish(1100)
