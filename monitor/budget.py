"""How much of a day's cap a source may take now. Pure.

Each source has an equal share. Beyond it, a source takes what the day has released so far and nobody has
used: of a cap of 100, 50 until noon. So a quiet source keeps its share while there is time to use it, and
nothing is left over at midnight that a busy one needed.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

DAY = 86_400


@dataclass(frozen=True, slots=True)
class Meter:
    """One cap and how far it is used up."""

    cap: int
    used: int
    """By all sources."""
    own: int
    """By the one that asks."""
    sharers: int
    seconds: float
    """Since the day began."""

    @property
    def allowed(self) -> int:
        """Units that the source may take now."""
        share = self.cap / max(1, self.sharers) - self.own
        released = self.cap * self.seconds / DAY - self.used
        return max(0, min(self.cap - self.used, math.floor(max(share, released))))

    @property
    def wait(self) -> float:
        """Seconds until the source may take a unit; 0 when it may now."""
        if self.allowed:
            return 0.0
        midnight = DAY - self.seconds
        if self.used >= self.cap:
            return midnight
        return min(midnight, (self.used + 1) * DAY / self.cap - self.seconds)
