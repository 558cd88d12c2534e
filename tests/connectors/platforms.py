"""One platform for each connector, for the contract test: known posts, more on demand, and trouble."""

from __future__ import annotations

import hashlib
import json
import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Protocol

from connectors.base import Connector
from connectors.kind import ConnectorContext
from connectors.registry import build
from tests.connectors.reddit_server import (
    CLIENT_ID,
    CLIENT_SECRET,
    RedditServer,
    comment,
    reddit_server,
    submission,
)


class Platform(Protocol):
    """A platform under a test's control."""

    needs_credentials: bool

    def connect(self, *, good: bool = True) -> Connector:
        """A connector to it, with good or with refused credentials."""
        ...

    def publish(self, count: int) -> None:
        """Add that many posts, with foreign scripts in their text."""
        ...

    @property
    def expected(self) -> set[str]:
        """The external ids of everything that was published."""
        ...

    def vanish(self) -> None:
        """Be unavailable from now on."""
        ...


UNICODE = "\u0631\u0633\u0627\u0644\u0629 \U0001f3e5 Llythyr o\u2019r ysbyty \u4f60\u597d"


class FolderPlatform:
    """A folder with a feed in a subfolder, files beside it, and loose images."""

    needs_credentials = False

    def __init__(self, root: Path) -> None:
        self._root = root / "watched \u00e9"
        (self._root / "feeds").mkdir(parents=True)
        self._count = 0
        self._expected: set[str] = set()

    @property
    def expected(self) -> set[str]:
        """Ids of feed lines, digests of loose images."""
        return self._expected

    def connect(self, *, good: bool = True) -> Connector:
        """A connector that takes files at once."""
        context = ConnectorContext("leakwatch/0.1.0", lambda: datetime.now(UTC))
        return build("folder", {"path": str(self._root), "settle_seconds": 0}, None, context)

    def publish(self, count: int) -> None:
        """Two feed lines, then an image, and so on."""
        for _ in range(count):
            self._count += 1
            if self._count % 3:
                self._write_line()
            else:
                self._write_image()

    def vanish(self) -> None:
        """The folder is no longer mounted."""
        shutil.rmtree(self._root)

    def _write_line(self) -> None:
        name, external_id = f"file {self._count}.png", f"post-{self._count}"
        (self._root / "feeds" / name).write_bytes(b"beside" + self._count.to_bytes(4, "big"))
        line = {"id": external_id, "text": f"{UNICODE} {self._count}", "files": [name]}
        with (self._root / "feeds" / "feed.jsonl").open("a", encoding="utf-8") as feed:
            feed.write(json.dumps(line) + "\n")
        self._expected.add(external_id)

    def _write_image(self) -> None:
        content = b"loose" + self._count.to_bytes(4, "big")
        (self._root / f"{UNICODE} {self._count}.jpg").write_bytes(content)
        self._expected.add(hashlib.sha256(content).hexdigest())


class RedditPlatform:
    """A Reddit with a subreddit, its comments, and a search that shares posts with it."""

    needs_credentials = True

    def __init__(self, server: RedditServer) -> None:
        self._server = server
        self._count = 0
        self._expected: set[str] = set()
        self._paths = ("r/nursing_uk/new", "r/nursing_uk/comments", "r/all/search")
        for path in self._paths:
            server.listings[path] = []

    @property
    def expected(self) -> set[str]:
        """Fullnames."""
        return self._expected

    def connect(self, *, good: bool = True) -> Connector:
        """A connector to the loopback server."""
        url = f"http://{self._server.place}"
        settings: Mapping[str, Any] = {
            "subreddits": ["r/nursing_uk"],
            "include_comments": True,
            "searches": [{"query": "discharge letter"}],
            "first_run_posts": 500,
            "reddit_url": url,
            "oauth_url": url,
        }
        secret = CLIENT_SECRET if good else "wrong"
        context = ConnectorContext(
            "leakwatch/0.1.0", lambda: datetime.now(UTC), frozenset({self._server.place})
        )
        return build("reddit", settings, {"client_id": CLIENT_ID, "client_secret": secret}, context)

    def publish(self, count: int) -> None:
        """Submissions and comments by turns; every fourth submission is also a search result."""
        for _ in range(count):
            self._count += 1
            thing = comment(self._count, body=UNICODE)
            if self._count % 2:
                thing = submission(self._count, title=UNICODE)
            self._server.add(self._paths[1 - self._count % 2], thing)
            if self._count % 8 == 1:
                self._server.add(self._paths[2], thing)
            self._expected.add(thing["name"])

    def vanish(self) -> None:
        """Nobody listens any more."""
        self._server.shutdown()
        self._server.server_close()


@contextmanager
def folder_platform(scratch: Path) -> Iterator[Platform]:
    """A watched folder."""
    yield FolderPlatform(scratch)


@contextmanager
def reddit_platform(scratch: Path) -> Iterator[Platform]:
    """A loopback Reddit."""
    with reddit_server() as server:
        yield RedditPlatform(server)


PLATFORMS = {"folder": folder_platform, "reddit": reddit_platform}
"""By connector name; `test_every_connector_is_held_to_it` refuses a connector without one."""
