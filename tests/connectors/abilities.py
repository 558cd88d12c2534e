"""What a platform under a test's control can do: the part all have, and abilities that some have."""

from __future__ import annotations

from contextvars import ContextVar
from datetime import UTC, datetime, timedelta
from typing import Protocol, runtime_checkable

from connectors.base import Connector
from connectors.kind import ConnectorContext
from connectors.traffic import UNWATCHED, Traffic

UNICODE = "\u0631\u0633\u0627\u0644\u0629 \U0001f3e5 Llythyr o\u2019r ysbyty \u4f60\u597d"
NO_SKEW = timedelta(0)
TRAFFIC: ContextVar[Traffic] = ContextVar("TRAFFIC", default=UNWATCHED)
"""What gives their turns to the requests of connectors that are made meanwhile."""


def context_for(*places: str, skew: timedelta = NO_SKEW) -> ConnectorContext:
    """A context whose clock is wrong by `skew`, that trusts `places` and never sleeps."""
    return ConnectorContext(
        "leakwatch/0.1.0",
        lambda: datetime.now(UTC) + skew,
        frozenset(places),
        sleep=lambda seconds: None,
        traffic=TRAFFIC.get(),
    )


class Platform(Protocol):
    """A platform under a test's control."""

    needs_credentials: bool

    def connect(self, *, good: bool = True, skew: timedelta = NO_SKEW) -> Connector:
        """A connector to it, with good or with refused credentials, and a clock that is wrong by `skew`."""
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


@runtime_checkable
class Paged(Protocol):
    """Its pages can be made smaller than what is asked for."""

    page_size: int


@runtime_checkable
class Limited(Protocol):
    """It can refuse for too many requests."""

    def limit(self, seconds: int) -> None:
        """Answer that nothing is left for so long, in the platform's own headers."""
        ...


@runtime_checkable
class Drifting(Protocol):
    """Its answers can lose their documented shape."""

    def drift(self) -> str:
        """Lose a field that every answer has; a part of its path."""
        ...


@runtime_checkable
class Malformed(Protocol):
    """A single post can lose its documented shape."""

    def publish_malformed(self) -> str:
        """Publish a post that lacks a field; the field's name."""
        ...


@runtime_checkable
class Expiring(Protocol):
    """Its credentials can expire during a run."""

    def expire_after(self, answers: int) -> None:
        """Refuse the credentials after so many answers."""
        ...

    def renew(self) -> None:
        """Accept them again."""
        ...


@runtime_checkable
class Closing(Protocol):
    """It can be closed by policy while it still answers."""

    def close_by_policy(self) -> None:
        """Show nothing from now on, and say so the way the platform does."""
        ...


@runtime_checkable
class Editable(Protocol):
    """Its connector sees edits."""

    def edit(self) -> str:
        """Change the text of the newest post to "edited"; its external id."""
        ...


@runtime_checkable
class Removing(Protocol):
    """Posts can be deleted on it."""

    def remove(self) -> str:
        """Delete the newest post; its external id."""
        ...


@runtime_checkable
class Overflowing(Protocol):
    """More can be posted than it shows, so that posts are missed."""

    def overflow(self) -> None:
        """Publish more than can be reached again."""
        ...


ABILITIES = (Paged, Limited, Drifting, Malformed, Expiring, Closing, Editable, Removing, Overflowing)
