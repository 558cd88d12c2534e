"""What headers say is left of a request limit."""

from __future__ import annotations

import pytest

from connectors.base import RateLimited
from connectors.limits import Limits

DATE = "Wed, 25 Nov 2026 12:00:00 GMT"


@pytest.mark.parametrize(
    ("reset", "wait"),
    [
        ("2026-11-25T12:05:00.000000Z", 300),
        ("1795608300", 300),
        ("90.5", 90.5),
        ("1795608000", 0),
        ("-4", 0),
        ("soon", 0),
        ("", 0),
        ("inf", 0),
    ],
)
def test_a_reset_in_all_its_forms(reset: str, wait: float) -> None:
    """ISO moments and Unix times are counted from the answer's own date, plain numbers are lengths."""
    limits = Limits("x-ratelimit-", clock=lambda: 50.0)
    limits.note({"x-ratelimit-remaining": "0", "x-ratelimit-reset": reset, "date": DATE})
    assert limits.wait == wait


def test_a_spent_budget_is_not_overdrawn() -> None:
    """Nothing is asked while nothing is left; after the renewal it is."""
    now = [0.0]
    limits = Limits("ratelimit-", clock=lambda: now[0])
    limits.note({"ratelimit-remaining": "0", "ratelimit-reset": "30"})
    with pytest.raises(RateLimited) as limited:
        limits.require("example.org")
    assert limited.value.retry_after == 30
    now[0] = 31.0
    limits.require("example.org")


def test_headers_of_others_say_nothing() -> None:
    """Without both headers of its own, what was known stays."""
    limits = Limits("ratelimit-")
    limits.note({"ratelimit-remaining": "7"})
    limits.note({"x-ratelimit-remaining": "0", "x-ratelimit-reset": "30"})
    assert (limits.remaining, limits.wait) == (None, 0.0)
    limits.require("example.org")
