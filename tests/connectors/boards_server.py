"""A loopback imageboard in the shape of the 4chan API, with threads, pages and files."""

from __future__ import annotations

from datetime import timedelta
from email.utils import formatdate
from typing import Any

from connectors.base import Connector
from tests.connectors.abilities import NO_SKEW, UNICODE
from tests.connectors.loopback import Answer, Asked, LoopbackServer
from tests.connectors.served import ServedPlatform

EPOCH = 1_790_000_000


class BoardServer(LoopbackServer):
    """One board, /med/."""

    def __init__(self) -> None:
        super().__init__()
        self.threads: dict[int, list[dict[str, Any]]] = {}
        self.modified: dict[int, int] = {}
        self.number = 1000
        self.clock = EPOCH
        self.lost: str | None = None
        self._shown: dict[str, Any] = {}
        self._shown_since = EPOCH

    def post(self, text: str, thread: int | None = None, **fields: Any) -> dict[str, Any]:
        """A new post, in a new thread or under one."""
        self.number += 1
        made: dict[str, Any] = {
            "no": self.number,
            "now": "11/24/26(Tue)10:00:00",
            "time": EPOCH + self.number,
            "name": "Anonymous",
            "com": text,
            "resto": thread or 0,
            "tim": 1_790_000_000_000 + self.number,
            "ext": ".png",
            "filename": "letter",
            "md5": "uZUeZeB14FVR+Mc2ScHvVA==",
            "fsize": 5,
        }
        found = made | fields
        self.threads.setdefault(thread or self.number, []).append(found)
        self.touch(thread or self.number)
        return found

    def touch(self, thread: int) -> None:
        """A thread changed."""
        self.clock += 1
        self.modified[thread] = self.clock

    def answer(self, asked: Asked) -> Answer:
        """The list of threads, one of them, or a file."""
        *board, name = asked.path.split("/")
        if name == "threads.json":
            return self._list(asked) if board == ["med"] else Answer(b"", 404)
        number = int(name.partition(".")[0]) if name.partition(".")[0].isdigit() else 0
        if asked.path.endswith(".json") and board[1:] in (["thread"], ["res"]):
            found = self.threads.get(number)
            return Answer({"posts": found}) if found else Answer(b"", 404)
        names = {f"{each.get('tim')}" for thread in self.threads.values() for each in thread}
        return Answer(b"bytes", 200 if name.partition(".")[0] in names else 404)

    def _list(self, asked: Asked) -> Answer:
        """The list, or that it is as it was at the second that it is asked with."""
        threads = [
            {"no": number, "last_modified": self.modified[number], "replies": len(posts)}
            for number, posts in self.threads.items()
        ]
        page = {"page": 1, "threads": threads}
        if self.lost:
            del page[self.lost]
        if page != self._shown:
            self._shown, self._shown_since = page, self._shown_since + 1
        modified = formatdate(self._shown_since, usegmt=True)
        if asked.headers.get("if-modified-since") == modified:
            return Answer(b"", 304)
        return Answer([page], headers={"Last-Modified": modified})


class BoardPlatform(ServedPlatform[BoardServer]):
    """A board."""

    def connect(self, *, good: bool = True, skew: timedelta = NO_SKEW) -> Connector:
        """A connector to the loopback board."""
        urls = dict.fromkeys(("api_url", "image_url", "page_url"), self._server.url)
        return self.built("boards", {"boards": ["med"], **urls}, None, skew)

    def publish(self, count: int) -> None:
        """A new thread for every thirtieth post, else replies to the newest."""
        for _ in range(count):
            thread = None if self._count % 30 == 0 else max(self._server.threads)
            self._count += 1
            made = self._server.post(UNICODE, thread)
            self._expected.add(f"{self._server.place}/med/{made['no']}")

    def publish_malformed(self) -> str:
        """A post without its time."""
        del self._server.post("broken", max(self._server.threads))["time"]
        return "time"

    def drift(self) -> str:
        """A list without threads."""
        self._server.lost = "threads"
        return "threads"

    def close_by_policy(self) -> None:
        """Refused to us."""
        self._server.standing = Answer(b"", 403)

    def remove(self) -> str:
        """A moderator removes a reply."""
        thread = max(self._server.threads)
        removed = self._server.threads[thread].pop()
        self._server.touch(thread)
        return f"{self._server.place}/med/{removed['no']}"

    def overflow(self) -> None:
        """Every thread is pruned, and new ones take their place."""
        self._server.threads.clear()
        self._server.modified.clear()
        self._count = 0
        self.publish(5)
