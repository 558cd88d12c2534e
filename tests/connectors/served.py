"""What platforms on a loopback server have in common for the contract test."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any, Generic, TypeVar

from connectors.base import Connector
from connectors.registry import build
from tests.connectors.abilities import NO_SKEW, Platform, context_for
from tests.connectors.loopback import Answer, LoopbackServer, running

Server = TypeVar("Server", bound=LoopbackServer)


class ServedPlatform(Generic[Server]):
    """A platform that is one server; a subclass gives `connect` and `publish`."""

    needs_credentials = False

    def __init__(self, server: Server) -> None:
        self._server = server
        self._expected: set[str] = set()
        self._count = 0

    @property
    def expected(self) -> set[str]:
        """The ids of what was published."""
        return self._expected

    def limit(self, seconds: int) -> None:
        """As any server says it."""
        self._server.standing = Answer(b"", 429, {"Retry-After": str(seconds)})

    def vanish(self) -> None:
        """Nobody listens any more."""
        self._server.vanish()

    def built(
        self, kind: str, settings: dict[str, Any], credentials: dict[str, Any] | None, skew: timedelta
    ) -> Connector:
        """A connector that may speak to the server."""
        return build(kind, settings, credentials, context_for(self._server.place, skew=skew or NO_SKEW))


class PagedPlatform(ServedPlatform[Server]):
    """One whose pages can be made smaller."""

    largest_page = 1000

    @property
    def page_size(self) -> int:
        """At most so many items in one answer."""
        return self._server.page_limit

    @page_size.setter
    def page_size(self, size: int) -> None:
        self._server.page_limit = min(size, self.largest_page)


class KeyedPlatform(ServedPlatform[Server]):
    """One whose credentials can end."""

    needs_credentials = True

    def expire_after(self, answers: int) -> None:
        """They are refused after so many answers."""
        self._server.valid_answers = answers

    def renew(self) -> None:
        """Accepted again."""
        self._server.valid_answers = None


def served(
    server: Callable[[], Server], platform: Callable[[Server], Platform]
) -> Callable[[Path], AbstractContextManager[Platform]]:
    """Runs the server, and gives the platform that it is."""

    @contextmanager
    def at_work(scratch: Path) -> Iterator[Platform]:
        with running(server()) as made:
            yield platform(made)

    return at_work
