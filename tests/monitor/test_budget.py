"""A day's cap is shared fairly: never exceeded, each source's share kept, nothing idle at midnight."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from monitor.budget import DAY, Meter

ASKS = st.lists(st.tuples(st.integers(0, 3), st.floats(0, 1), st.integers(1, 40)), max_size=60)


@settings(max_examples=80)
@given(cap=st.integers(0, 200), asks=ASKS)
def test_a_cap_is_never_exceeded_and_a_share_is_kept(cap: int, asks: list[tuple[int, float, int]]) -> None:
    """Whoever asks when: within the cap, or told when to come back; a share is there early."""
    used = [0] * 4
    for source, moment, wanted in sorted(asks, key=lambda ask: ask[1]):
        state = Meter(cap, sum(used), used[source], 4, moment * (DAY - 1))
        used[source] += min(wanted, state.allowed)
        assert sum(used) <= cap
        assert state.allowed or 0 < state.wait <= DAY
    early = Meter(cap, 0, 0, 4, 0)
    assert early.allowed == cap // 4


def test_what_others_leave_is_released_as_the_day_goes() -> None:
    """At noon a busy source of two may have its share; in the evening what the other left."""
    assert Meter(100, used=50, own=50, sharers=2, seconds=DAY / 2).allowed == 0
    assert Meter(100, used=50, own=50, sharers=2, seconds=DAY / 2).wait == DAY / 100
    assert Meter(100, used=50, own=50, sharers=2, seconds=DAY * 0.9).allowed == 40
    assert Meter(100, used=50, own=0, sharers=2, seconds=0).allowed == 50
    assert Meter(100, used=100, own=0, sharers=2, seconds=DAY - 60).wait == 60
