"""What the program wants of every request that connectors make: its turn before, a look at the answer after.

Connectors know what a platform allows; only the program knows who else asks it. So a connector's clients ask
for their turn here, and whatever costs more than a request is taken from a meter before it is asked for.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Protocol


@dataclass(frozen=True, slots=True)
class Rate:
    """How often one host may be asked: `requests` in `seconds`, and how many of them at once after a rest."""

    requests: float
    seconds: float
    burst: int = 1

    @property
    def interval(self) -> float:
        """Seconds between two requests in the long run."""
        return self.seconds / self.requests


CAREFUL = Rate(1, 1, burst=5)
"""For hosts that say nothing of their limits."""


@dataclass(frozen=True, slots=True)
class Exchange:
    """A request and its whole answer; without what was sent, which holds credentials."""

    method: str
    url: str
    """Without parameters."""
    status: int
    headers: Mapping[str, str]
    body: bytes = field(repr=False)
    wait: float | None = None
    """Seconds that the answer asks us to stay away; None when it does not."""


class Traffic(Protocol):
    """The program's part in a connector's requests."""

    def turn(self, host: str) -> None:
        """Wait until `host` may be asked. Raises RateLimited when that is long, or a day's cap is reached."""
        ...

    def heard(self, host: str, exchange: Exchange) -> None:
        """Hear an answer. Raises nothing."""
        ...

    def spend(self, meter: str, wanted: int) -> int:
        """Take up to `wanted` units of what a day allows, before they are spent; how many, at least one.

        Raises RateLimited, until there are some again, when there are none.
        """
        ...

    def give_back(self, meter: str, unused: int) -> None:
        """Return units that were taken and not spent. What a crash keeps stays counted."""
        ...


class Unwatched:
    """For a connector that nobody shares anything with."""

    def turn(self, host: str) -> None:
        """At once."""

    def heard(self, host: str, exchange: Exchange) -> None:
        """Nothing is kept."""

    def spend(self, meter: str, wanted: int) -> int:
        """All of it."""
        return wanted

    def give_back(self, meter: str, unused: int) -> None:
        """Nothing is counted."""


UNWATCHED = Unwatched()
