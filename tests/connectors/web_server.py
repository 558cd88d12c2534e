"""A loopback site: a page of results that links to pages, with robots.txt."""

from __future__ import annotations

from datetime import timedelta

from connectors.base import Connector
from tests.connectors.abilities import NO_SKEW, UNICODE
from tests.connectors.loopback import Answer, Asked, LoopbackServer
from tests.connectors.served import ServedPlatform


class Site(LoopbackServer):
    """Pages by path, and /results that links to those under /p/, newest first."""

    def __init__(self) -> None:
        super().__init__()
        self.pages: dict[str, str] = {}
        self.robots: Answer = Answer(b"", 404)
        self.etag = False

    def answer(self, asked: Asked) -> Answer:
        """A page, or the rules for programs."""
        if asked.path == "robots.txt":
            return self.robots
        if asked.path == "results":
            links = [f'<a class="hit" href="/{path}">x</a>' for path in self.pages if path.startswith("p/")]
            return _html("<title>Results</title><a href='/about'>About</a>" + "".join(links[::-1]))
        if asked.path not in self.pages:
            return Answer(b"", 404)
        found = _html(self.pages[asked.path])
        if self.etag:
            found.headers["ETag"] = f'"{hash(self.pages[asked.path])}"'
            if asked.headers.get("if-none-match") == found.headers["ETag"]:
                return Answer(b"", 304)
        return found


def _html(body: str) -> Answer:
    return Answer(body.encode(), 200, {"Content-Type": "text/html; charset=utf-8"})


class SitePlatform(ServedPlatform[Site]):
    """A site whose results are followed."""

    def connect(self, *, good: bool = True, skew: timedelta = NO_SKEW) -> Connector:
        """A connector to the loopback site."""
        settings = {"results": [f"{self._server.url}/results"], "links": "a.hit", "pages_per_run": 1000}
        return self.built("web", settings, None, skew)

    def publish(self, count: int) -> None:
        """New pages, and so new results."""
        for _ in range(count):
            self._count += 1
            path = f"p/{self._count}"
            self._server.pages[path] = f"<p>{UNICODE}</p><img src='/{self._count}.png'>"
            self._expected.add(f"{self._server.url}/{path}")

    def close_by_policy(self) -> None:
        """Programs are asked to stay away."""
        self._server.robots = Answer(b"User-agent: *\nDisallow: /\n")

    def remove(self) -> str:
        """A page that is gone."""
        return f"{self._server.url}/{self._server.pages.popitem()[0]}"
