"""A loopback site: a page of results that links to pages, with robots.txt."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

from connectors.base import Connector
from connectors.registry import build
from tests.connectors.abilities import NO_SKEW, UNICODE, Platform, context_for
from tests.connectors.loopback import Answer, Asked, LoopbackServer, running


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


class SitePlatform:
    """A site whose results are followed."""

    needs_credentials = False

    def __init__(self, site: Site) -> None:
        self._site = site
        self._count = 0
        self._expected: set[str] = set()

    @property
    def expected(self) -> set[str]:
        """Addresses."""
        return self._expected

    def connect(self, *, good: bool = True, skew: timedelta = NO_SKEW) -> Connector:
        """A connector to the loopback site."""
        settings = {"results": [f"{self._site.url}/results"], "links": "a.hit", "pages_per_run": 1000}
        return build("web", settings, None, context_for(self._site.place, skew=skew))

    def publish(self, count: int) -> None:
        """New pages, and so new results."""
        for _ in range(count):
            self._count += 1
            path = f"p/{self._count}"
            self._site.pages[path] = f"<p>{UNICODE}</p><img src='/{self._count}.png'>"
            self._expected.add(f"{self._site.url}/{path}")

    def limit(self, seconds: int) -> None:
        """As any server says it."""
        self._site.standing = Answer(b"", 429, {"Retry-After": str(seconds)})

    def close_by_policy(self) -> None:
        """Programs are asked to stay away."""
        self._site.robots = Answer(b"User-agent: *\nDisallow: /\n")

    def remove(self) -> str:
        """A page that is gone."""
        return f"{self._site.url}/{self._site.pages.popitem()[0]}"

    def vanish(self) -> None:
        """Nobody listens any more."""
        self._site.vanish()


@contextmanager
def web_platform(scratch: Path) -> Iterator[Platform]:
    """A loopback site."""
    with running(Site()) as site:
        yield SitePlatform(site)
