"""A loopback site with a feed, its entries' pages and pictures, and validators for conditional requests."""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from html import escape

from connectors.base import Connector
from tests.connectors.abilities import NO_SKEW, UNICODE
from tests.connectors.loopback import Answer, Asked, LoopbackServer
from tests.connectors.served import ServedPlatform

EPOCH = datetime(2026, 11, 1, tzinfo=UTC)


class FeedServer(LoopbackServer):
    """One RSS feed at /feed.xml, newest first, and a page for each entry."""

    def __init__(self) -> None:
        super().__init__()
        self.entries: dict[str, str] = {}
        self.shown = 10_000
        self.whole: bytes | None = None
        """Sent instead of the feed."""

    def answer(self, asked: Asked) -> Answer:
        """The feed, when it changed; a page or a picture."""
        if asked.path != "feed.xml":
            return Answer(b"<html>", 200 if self.entry_url(asked.path) in self.entries else 404)
        body = self.feed() if self.whole is None else self.whole
        etag = f'"{hashlib.sha256(body).hexdigest()[:16]}"'
        if asked.headers.get("if-none-match") == etag:
            return Answer(b"", 304, {"ETag": etag})
        return Answer(body, 200, {"ETag": etag, "Content-Type": "application/rss+xml; charset=utf-8"})

    def entry_url(self, path: str) -> str:
        """An entry's address, which is its id."""
        return f"{self.url}/{path}"

    def feed(self) -> bytes:
        """The feed as it stands."""
        newest_first = list(enumerate(self.entries.items()))[::-1][: self.shown]
        items = "".join(self._item(number, url, text) for number, (url, text) in newest_first)
        channel = f"<title>Ward news</title><link>{self.url}</link>{items}"
        return f'<?xml version="1.0"?><rss version="2.0"><channel>{channel}</channel></rss>'.encode()

    def _item(self, number: int, url: str, text: str) -> str:
        html = escape(f'<p>{text}</p><img src="/{number}.png" alt="A letter">')
        date = format_datetime(EPOCH + timedelta(minutes=number))
        return (
            f"<item><title>Entry</title><link>{url}</link><guid>{url}</guid><pubDate>{date}</pubDate>"
            f"<description>{html}</description></item>"
        )


class FeedPlatform(ServedPlatform[FeedServer]):
    """A feed."""

    def connect(self, *, good: bool = True, skew: timedelta = NO_SKEW) -> Connector:
        """A connector to the loopback site."""
        settings = {"feeds": [f"{self._server.url}/feed.xml"]}
        return self.built("rss", settings, None, skew)

    def publish(self, count: int) -> None:
        """New entries."""
        for _ in range(count):
            self._count += 1
            url = self._server.entry_url(f"entries/{self._count}")
            self._server.entries[url] = UNICODE
            self._expected.add(url)

    def drift(self) -> str:
        """A page of HTML where the feed was."""
        self._server.whole = b"<html><body>Moved</body></html>"
        return "feed"

    def close_by_policy(self) -> None:
        """Refused to us."""
        self._server.standing = Answer(b"", 403)

    def edit(self) -> str:
        """New words under a known id."""
        url = list(self._server.entries)[-1]
        self._server.entries[url] = "edited"
        return url

    def remove(self) -> str:
        """Gone from the feed, and its page too."""
        return self._server.entries.popitem()[0]

    def overflow(self) -> None:
        """A feed shows its newest entries only."""
        self._server.shown = 20
        self.publish(40)
