"""What the network says, whichever way it is heard."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from connectors.bluesky.parse import COLLECTION
from connectors.payload import Json
from connectors.streaming import Line


class CursorRefused(Exception):
    """A stream cannot go on from there: too old, or not a place of this stream."""


@dataclass(frozen=True, slots=True)
class Event:
    """One event. `commit` is empty for everything but changes of records."""

    position: int
    """Where it stands in its stream; later events have higher ones."""
    time_us: int
    """When the stream's server saw it, in microseconds since 1970."""
    did: str = ""
    commit: Json = Json(None)  # noqa: RUF009  immutable
    warning: str | None = None
    """What the server says about the stream itself; such an event moves nothing."""

    @property
    def operation(self) -> str:
        """ "create", "update" or "delete" of a post; else nothing."""
        is_post = self.commit.get("collection").text_or() == COLLECTION
        return self.commit.get("operation").text_or() if is_post else ""


class NetworkStream(Protocol):
    """One way to hear the network."""

    @property
    def name(self) -> str:
        """Tells it from every other stream, in checkpoints."""
        ...

    @property
    def label(self) -> str:
        """Its kind, for people."""
        ...

    @property
    def is_exact(self) -> bool:
        """Whether a position is passed once only, so that all up to it are known."""
        ...

    def open(self, cursor: int | None) -> Line[Event]:
        """The events from a cursor on, or from now on. It raises ConnectorError, it or they CursorRefused."""
        ...

    def after(self, position: int) -> int:
        """The cursor to go on with after an event."""
        ...

    def at(self, time_us: int, newest: Event | None) -> tuple[int, bool]:
        """A cursor at or before a moment, and whether nothing is missing from there on, as far as is known.

        `newest` is a live event, None when the stream was silent. Raises ConnectorError.
        """
        ...
