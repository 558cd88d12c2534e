"""How long a platform asked us to wait: the Retry-After header in both of its forms (RFC 9110, 10.2.3)."""

from __future__ import annotations

import math
from collections.abc import Mapping
from email.utils import parsedate_to_datetime

DEFAULT_RETRY_AFTER = 60.0
"""Seconds to wait when a platform says "too many requests" and no more."""


def retry_after(headers: Mapping[str, str]) -> float | None:
    """Seconds to wait, or None when the header is missing or not understood.

    `headers` has names in lower case or is case-insensitive. A date is counted from the answer's own Date
    header, so that the two clocks need not agree.
    """
    value = headers.get("retry-after")
    if value is None:
        return None
    try:
        seconds = float(value)
    except ValueError:
        return _until(value, headers.get("date"))
    return max(0.0, seconds) if math.isfinite(seconds) else None


def _until(value: str, date: str | None) -> float | None:
    if date is None:
        return None
    try:
        gap = parsedate_to_datetime(value) - parsedate_to_datetime(date)
    except (ValueError, TypeError):
        return None
    return max(0.0, gap.total_seconds())
