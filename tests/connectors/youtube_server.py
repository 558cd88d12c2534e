"""A loopback YouTube: the Data API in the shape of recorded answers, channels' feeds, and oEmbed."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from html import escape
from typing import Any

from connectors.base import Connector
from tests.connectors.abilities import NO_SKEW, UNICODE
from tests.connectors.loopback import Answer, Asked, LoopbackServer
from tests.connectors.served import KeyedPlatform, PagedPlatform

KEY = "loopback-key"
CHANNEL = "UC" + "a" * 22
EPOCH = datetime(2026, 11, 1, tzinfo=UTC)


def refusal(status: int, reason: str) -> Answer:
    """An error of the Data API."""
    errors = [{"domain": "youtube", "reason": reason, "message": reason}]
    return Answer({"error": {"errors": errors, "code": status, "message": reason}}, status)


class YoutubeServer(LoopbackServer):
    """One channel's videos and comments."""

    def __init__(self) -> None:
        super().__init__()
        self.videos: list[dict[str, Any]] = []
        """Snippets with their ids, oldest first."""
        self.comments: list[dict[str, Any]] = []
        self.page_limit = 50
        self.lost = False
        self.published = 0

    def publish(self, title: str, **fields: Any) -> dict[str, Any]:
        """A new video."""
        self.published += 1
        identity = f"v{self.published:010d}"
        made = {
            "publishedAt": (EPOCH + timedelta(seconds=self.published)).isoformat().replace("+00:00", "Z"),
            "channelId": CHANNEL,
            "title": title,
            "description": "About it",
            "thumbnails": {"high": {"url": f"{self.url}/vi/{identity}/hqdefault.jpg"}},
            "channelTitle": "Ward",
            "resourceId": {"kind": "youtube#video", "videoId": identity},
        } | fields
        self.videos.append(made)
        return made

    def comment(self, words: str) -> dict[str, Any]:
        """A new comment."""
        self.published += 1
        identity = f"Ugx{self.published}"
        snippet = {
            "authorDisplayName": "@ann",
            "authorChannelId": {"value": "UCann"},
            "authorChannelUrl": "http://www.youtube.com/channel/UCann",
            "textDisplay": words,
            "textOriginal": words,
            "videoId": "v0000000001",
            "publishedAt": "2026-11-20T10:00:00Z",
            "updatedAt": "2026-11-20T10:00:00Z",
        }
        thread = {"id": identity, "snippet": {"topLevelComment": {"id": identity, "snippet": snippet}}}
        self.comments.append(thread)
        return snippet

    def answer(self, asked: Asked) -> Answer:
        """The API for those with a key; feeds, stills and the embedding service for everybody."""
        if asked.path == "feeds/videos.xml":
            return self._feed()
        if asked.path == "oembed":
            return Answer({}, 200 if asked.query["url"].rpartition("=")[2] in self._ids() else 404)
        if asked.path.startswith("vi/"):
            return Answer(b"still")
        if asked.headers.get("x-goog-api-key") != KEY or self.has_expired():
            return refusal(400, "keyInvalid")
        return self._list(asked.path.removeprefix("youtube/v3/"), asked.query)

    def _list(self, resource: str, query: dict[str, str]) -> Answer:
        if resource == "videos":
            return Answer({"items": [{"id": i} for i in self._ids() if i == query["id"]]})
        if resource == "commentThreads":
            return self._page(self.comments, query)
        if resource == "search":
            return self._page([self._result(video) for video in self.videos], query)
        if query["playlistId"] != f"UU{CHANNEL[2:]}":
            return refusal(404, "playlistNotFound")
        return self._page([{"kind": "youtube#playlistItem", "snippet": v} for v in self.videos], query)

    def _result(self, video: dict[str, Any]) -> dict[str, Any]:
        return {"kind": "youtube#searchResult", "id": video["resourceId"], "snippet": video}

    def _page(self, items: list[dict[str, Any]], query: dict[str, str]) -> Answer:
        newest_first = items[::-1]
        start = len(items) - int(query.get("pageToken", len(items)))
        part = newest_first[start : start + min(int(query["maxResults"]), self.page_limit)]
        rest = len(items) - start - len(part)
        token = {"nextPageToken": str(rest)} if rest else {}
        return Answer(token if self.lost else {"items": part} | token)

    def _feed(self) -> Answer:
        entries = "".join(
            f"<entry><id>yt:video:{v['resourceId']['videoId']}</id><title>{escape(v['title'])}</title>"
            f"<published>{v['publishedAt']}</published><author><name>Ward</name></author>"
            f'<media:group><media:thumbnail url="{v["thumbnails"]["high"]["url"]}"/>'
            "<media:description>About it</media:description></media:group></entry>"
            for v in self.videos[::-1][:15]
        )
        names = 'xmlns="http://www.w3.org/2005/Atom" xmlns:media="http://search.yahoo.com/mrss/"'
        return Answer(f"<feed {names}><title>Ward</title>{entries}</feed>".encode())

    def _ids(self) -> list[str]:
        return [video["resourceId"]["videoId"] for video in self.videos]


class YoutubePlatform(KeyedPlatform[YoutubeServer], PagedPlatform[YoutubeServer]):
    """A channel, read through the Data API."""

    largest_page = 50

    def connect(self, *, good: bool = True, skew: timedelta = NO_SKEW) -> Connector:
        """A connector to the loopback server."""
        settings = {"channels": [CHANNEL], "first_run_posts": 500,
                    "api_url": self._server.url, "site_url": self._server.url}  # fmt: skip
        credentials = {"api_key": KEY if good else "wrong"}
        return self.built("youtube", settings, credentials, skew)

    def publish(self, count: int) -> None:
        """Videos."""
        for _ in range(count):
            self._expected.add(self._server.publish(UNICODE)["resourceId"]["videoId"])

    def publish_malformed(self) -> str:
        """A video without its title."""
        del self._server.publish("broken")["title"]
        return "title"

    def drift(self) -> str:
        """A page without its items."""
        self._server.lost = True
        return "items"

    def close_by_policy(self) -> None:
        """The channel was terminated."""
        self._server.standing = refusal(404, "playlistNotFound")

    def remove(self) -> str:
        """A removed video is in no list."""
        return str(self._server.videos.pop()["resourceId"]["videoId"])

    def overflow(self) -> None:
        """More than a run reads."""
        self.publish(550)
