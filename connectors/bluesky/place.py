"""How far a source has heard the network: its checkpoint."""

from __future__ import annotations

import hashlib
from itertools import islice

from connectors.base import Checkpoint
from connectors.bluesky.events import Event, NetworkStream
from connectors.bluesky.jetstream import REWIND_US
from connectors.known import foreign_checkpoint

RECENT_KEPT = 400


class Place:
    """The position in one stream, a moment for other streams, and what was given last."""

    def __init__(self, checkpoint: Checkpoint | None, stream: NetworkStream) -> None:
        self._stream = stream
        self.position: int | None = None
        self.time_us = 0
        self._recent: dict[str, None] = {}
        if checkpoint is not None:
            self._resume(checkpoint)

    def _resume(self, checkpoint: Checkpoint) -> None:
        try:
            stored = checkpoint["jetstream"]
            same = stored["stream"] == self._stream.name
            self.position = int(stored["position"]) if same else None
            self.time_us = int(stored["time_us"])
            self._recent = dict.fromkeys(map(str, stored["recent"]))
        except (KeyError, TypeError, ValueError) as error:
            raise foreign_checkpoint("Bluesky network") from error

    @property
    def is_new(self) -> bool:
        """Whether nothing was ever heard."""
        return self.position is None and self.time_us == 0

    @property
    def moment(self) -> int:
        """A moment, in microseconds, before anything that was not given."""
        return max(0, self.time_us - REWIND_US)

    def begin(self, time_us: int) -> None:
        """Begin at a moment."""
        self.time_us = time_us

    def forget_position(self) -> None:
        """The position is of no use any more: go on from the oldest there is after the moment."""
        self.position = None

    def is_known(self, event: Event) -> bool:
        """Whether the event was given before."""
        passed = self._stream.is_exact and self.position is not None and event.position <= self.position
        return passed or _key(event) in self._recent

    def pass_by(self, event: Event, *, given: bool) -> None:
        """Move on over an event, and remember it when it was given."""
        self.position = event.position if self._stream.is_exact else max(self.position or 0, event.position)
        self.time_us = max(self.time_us, event.time_us)
        if given:
            self._recent[_key(event)] = None
            surplus = len(self._recent) - RECENT_KEPT
            for key in list(islice(self._recent, max(0, surplus))):
                del self._recent[key]

    def checkpoint(self) -> Checkpoint:
        """As JSON values."""
        place = {"stream": self._stream.name, "position": self.position or 0, "time_us": self.time_us}
        return {"jetstream": {**place, "recent": list(self._recent)}}


def _key(event: Event) -> str:
    parts = (event.did, *(event.commit.get(name).text_or() for name in ("rkey", "operation", "rev")))
    return hashlib.sha256("/".join(parts).encode()).hexdigest()[:12]
