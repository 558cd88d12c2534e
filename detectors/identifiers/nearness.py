"""What stands near a place of a text, found without looking at everything on the page."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence

LONGEST = 200
"""Characters: no name and no number is longer."""

Span = tuple[int, int]


def any_near(spans: Sequence[Span], start: int, end: int, reach: int) -> bool:
    """Whether one of the ordered spans ends at most `reach` before `start`, or begins so after `end`."""
    at = bisect_left(spans, (start - reach - LONGEST, 0))
    while at < len(spans) and spans[at][0] <= end + reach:
        first, last = spans[at]
        if 0 <= start - last <= reach or 0 <= first - end <= reach:
            return True
        at += 1
    return False
