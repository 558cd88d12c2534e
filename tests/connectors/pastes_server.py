"""A loopback paste site: a JSON list of the newest, bare texts, and pages."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from connectors.base import Connector
from tests.connectors.abilities import NO_SKEW, UNICODE
from tests.connectors.loopback import Answer, Asked, LoopbackServer
from tests.connectors.served import ServedPlatform

EPOCH = 1_790_000_000


class PasteServer(LoopbackServer):
    """Pastes by their keys, oldest first."""

    def __init__(self) -> None:
        super().__init__()
        self.pastes: dict[str, dict[str, Any]] = {}
        self.published = 0
        self.shown = 1000
        self.lost = False

    def publish(self, text: str) -> str:
        """A new paste."""
        self.published += 1
        key = f"k{self.published:06d}"
        self.pastes[key] = {"text": text, "date": str(EPOCH + self.published)}
        return key

    def answer(self, asked: Asked) -> Answer:
        """The list, a text or a page."""
        if asked.path == "list":
            return Answer({"pastes": None} if self.lost else self._list())
        if asked.path == "archive":
            links = "".join(f'<a class="paste" href="/{key}">x</a>' for key in self._newest())
            return Answer(f"<a href='/about'>About</a>{links}".encode(), 200, {"Content-Type": "text/html"})
        found = self.pastes.get(asked.query.get("i", asked.path))
        text = found["text"].encode() if found else b""
        return Answer(text, 200 if found else 404, {"Content-Type": "text/plain; charset=utf-8"})

    def _newest(self) -> list[str]:
        return list(self.pastes)[::-1][: self.shown]

    def _list(self) -> list[dict[str, Any]]:
        return [
            {"key": key, "title": "", "user": "ann", "date": self.pastes[key]["date"]}
            for key in self._newest()
        ]


class PastePlatform(ServedPlatform[PasteServer]):
    """A site whose list is JSON."""

    def connect(self, *, good: bool = True, skew: timedelta = NO_SKEW) -> Connector:
        """A connector to it."""
        url = self._server.url
        settings = {"listing": f"{url}/list", "raw": f"{url}/raw?i={{id}}", "page": f"{url}/{{id}}"}
        return self.built("pastes", settings | {"first_run_posts": 500}, None, skew)

    def publish(self, count: int) -> None:
        """Pastes."""
        for _ in range(count):
            self._expected.add(f"{self._server.place}/{self._server.publish(UNICODE)}")

    def drift(self) -> str:
        """A list that is none."""
        self._server.lost = True
        return "list"

    def close_by_policy(self) -> None:
        """The address is not allowed to read the list."""
        self._server.standing = Answer(b"", 403)

    def remove(self) -> str:
        """A removed paste is nowhere."""
        return f"{self._server.place}/{self._server.pastes.popitem()[0]}"

    def overflow(self) -> None:
        """The list shows the newest only."""
        self._server.shown = 20
        self.publish(40)
