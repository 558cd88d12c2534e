"""What one source of X read on a UTC day, in its checkpoint: its own cap, beside the one of all together."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

from connectors.base import Checkpoint, RateLimited
from connectors.known import foreign_checkpoint


class Meter:
    """Counts posts against a source's daily cap; a new day begins at nought."""

    def __init__(self, checkpoint: Checkpoint | None, cap: int, now: Callable[[], datetime]) -> None:
        self._cap = cap
        self._now = now
        self._day = ""
        self._posts = 0
        self._stopped: RateLimited | None = None
        self.resume(checkpoint)

    def resume(self, checkpoint: Checkpoint | None) -> None:
        """Go on from a checkpoint. Raises ConfigurationInvalid for one of another kind of source."""
        try:
            stored = {"day": "", "posts": 0} if checkpoint is None else checkpoint["meter"]
            self._day, self._posts = str(stored["day"]), int(str(stored["posts"]))
        except (KeyError, TypeError, ValueError) as error:
            raise foreign_checkpoint("X") from error

    @property
    def left(self) -> int:
        """Posts that may still be read today."""
        self._begin_day()
        return self._cap - self._posts

    def add(self, posts: int) -> None:
        """Count posts."""
        self._begin_day()
        self._posts += posts

    def stop(self, spent: RateLimited) -> None:
        """What all sources may read together is spent; `require` raises it."""
        self._stopped = spent

    def require(self) -> None:
        """Raise RateLimited (until midnight UTC) when nothing more may be read."""
        if self._stopped is not None:
            raise self._stopped
        if self.left < 1:
            raise RateLimited("The daily cap of posts is reached.", until_midnight(self._now()))

    def beside(self, checkpoint: Checkpoint) -> Checkpoint:
        """A checkpoint with the count in it."""
        self._begin_day()
        return {**checkpoint, "meter": {"day": self._day, "posts": self._posts}}

    def _begin_day(self) -> None:
        today = self._now().strftime("%Y-%m-%d")
        if self._day != today:
            self._day, self._posts = today, 0


def until_midnight(now: datetime) -> float:
    """Seconds until the UTC day ends."""
    midnight = (now + timedelta(days=1)).replace(hour=0, minute=0, second=0, microsecond=0)
    return (midnight - now).total_seconds()
