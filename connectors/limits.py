"""What a platform's headers say is left of its request limit.

    header names                                  reset is written as         platforms
    x-ratelimit-remaining, x-ratelimit-reset      ISO 8601, Unix, seconds     Mastodon API, GitHub, Discord
    ratelimit-remaining, ratelimit-reset          Unix seconds                AT Protocol
    x-rate-limit-remaining, x-rate-limit-reset    Unix seconds                X

A moment is counted from the answer's own Date header, so that the two clocks need not agree.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

from connectors.base import RateLimited

_EARLIEST_MOMENT = 1_000_000_000.0
"""A number above it is a Unix time, one below it a length in seconds."""


class Limits:
    """The budget of one platform and credential, as its last answer told it. `prefix` ends in a hyphen."""

    def __init__(self, prefix: str, clock: Callable[[], float] = time.monotonic) -> None:
        self._prefix = prefix
        self._clock = clock
        self._ends_at = 0.0
        self.remaining: float | None = None

    def note(self, headers: Mapping[str, str]) -> None:
        """Read an answer's headers; names in lower case or case-insensitive."""
        remaining = _number(headers.get(self._prefix + "remaining"))
        reset = _seconds(headers.get(self._prefix + "reset"), headers.get("date"))
        if remaining is not None and reset is not None:
            self.remaining, self._ends_at = remaining, self._clock() + reset

    @property
    def wait(self) -> float:
        """Seconds until the budget is renewed; 0 when that is over or was never said."""
        return max(0.0, self._ends_at - self._clock())

    def require(self, host: str) -> None:
        """Raise RateLimited when nothing is left until the renewal."""
        if self.remaining is not None and self.remaining < 1 and self.wait > 0:
            raise RateLimited(f"The request limit of {host} is spent for now.", self.wait)


def _seconds(value: str | None, date: str | None) -> float | None:
    """Seconds until a reset, from any of its forms."""
    number = _number(value)
    if number is not None and number < _EARLIEST_MOMENT:
        return max(0.0, number)
    try:
        moment = datetime.fromisoformat(value or "").timestamp() if number is None else number
        now = parsedate_to_datetime(date or "").astimezone(UTC).timestamp()
    except (ValueError, TypeError, OverflowError):
        return None
    return max(0.0, moment - now)


def _number(value: str | None) -> float | None:
    try:
        number = float(value or "")
    except ValueError:
        return None
    return number if math.isfinite(number) else None
