"""How long to wait before a source is read again. Pure.

    a run that              the wait becomes
    may have missed posts   the shortest allowed
    found many posts        half of what it was
    found some              three quarters
    found nothing           half as long again
    could not be read       half as long again

always between the shortest and the longest, and told with up to a tenth more or less, so that sources do not
fall into step. From the longest to the shortest it takes log2(longest / shortest) busy runs, rounded up.
"""

from __future__ import annotations

from dataclasses import dataclass

MANY = 10
SPREAD = 0.1


@dataclass(frozen=True, slots=True)
class Bounds:
    """Within what a source's wait moves, in seconds; a fixed one has one value."""

    least: float
    usual: float
    most: float


@dataclass(frozen=True, slots=True)
class Told:
    """What a run said about how busy its source is."""

    posts: int = 0
    gap: bool = False
    failed: bool = False


@dataclass(frozen=True, slots=True)
class Pace:
    """The wait that a source has adapted to, in seconds, and why."""

    seconds: float
    reason: str


def adapted(bounds: Bounds, before: float | None, told: Told) -> Pace:
    """The pace after a run; `before` is the one before it, None when there was none."""
    if bounds.least == bounds.most:
        return Pace(bounds.most, "kept at a fixed pace")
    start = _within(bounds, bounds.usual if before is None else before)
    if told.gap:
        return Pace(bounds.least, "as fast as allowed: posts may have been missed")
    factor, what = _response(told)
    seconds = _within(bounds, start * factor)
    return Pace(seconds, f"{_direction(bounds, start, seconds)}: {what}")


def spread(bounds: Bounds, seconds: float, chance: float) -> float:
    """The wait moved by up to a tenth and kept within its bounds; `chance` is from 0 to 1."""
    return _within(bounds, seconds * (1 - SPREAD + 2 * SPREAD * chance))


def _response(told: Told) -> tuple[float, str]:
    if told.failed:
        return 1.5, "the last run failed"
    if told.posts >= MANY:
        return 0.5, f"{told.posts} new posts in the last run"
    if told.posts:
        return 0.75, f"{told.posts} new post{'s' * (told.posts > 1)} in the last run"
    return 1.5, "nothing new in the last run"


def _direction(bounds: Bounds, before: float, after: float) -> str:
    if after == before:
        return "as fast as allowed" if after == bounds.least else "as slow as allowed"
    return "faster" if after < before else "slower"


def _within(bounds: Bounds, seconds: float) -> float:
    return min(max(seconds, bounds.least), bounds.most)
