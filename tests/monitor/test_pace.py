"""The pace of a source: always within its bounds, soon where it should be."""

from __future__ import annotations

import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from monitor.pace import MANY, Bounds, Told, adapted, spread

BOUNDS = st.lists(st.floats(1, 90_000), min_size=3, max_size=3).map(lambda times: Bounds(*sorted(times)))
TOLD = st.builds(Told, st.integers(0, 500), st.booleans(), st.booleans())


@settings(max_examples=100)
@given(
    bounds=BOUNDS,
    before=st.none() | st.floats(0.001, 1e9),
    runs=st.lists(TOLD, max_size=20),
    chance=st.floats(0, 1),
)
def test_a_wait_is_always_bounded(
    bounds: Bounds, before: float | None, runs: list[Told], chance: float
) -> None:
    """Whatever runs tell, and whatever was stored: never faster than allowed, never starved."""
    for told in runs:
        pace = adapted(bounds, before, told)
        assert bounds.least <= pace.seconds <= bounds.most
        assert bounds.least <= spread(bounds, pace.seconds, chance) <= bounds.most
        assert pace.reason
        before = pace.seconds


@settings(max_examples=50)
@given(bounds=BOUNDS)
def test_a_busy_source_is_fast_soon(bounds: Bounds) -> None:
    """From the longest wait, as many busy runs lead to the shortest as halvings do; a gap leads at once."""
    wait = bounds.most
    for _ in range(math.ceil(math.log2(bounds.most / bounds.least))):
        wait = adapted(bounds, wait, Told(MANY)).seconds
    assert wait == pytest.approx(bounds.least)
    assert adapted(bounds, bounds.most, Told(0, gap=True)).seconds == bounds.least


@settings(max_examples=50)
@given(bounds=BOUNDS, failed=st.booleans())
def test_a_quiet_source_slows_down(bounds: Bounds, failed: bool) -> None:
    """Runs without news, or failing ones, lead from the shortest wait to the longest, and stay there."""
    wait = bounds.least
    for _ in range(math.ceil(math.log(bounds.most / bounds.least, 1.5)) + 1):
        wait = adapted(bounds, wait, Told(0, failed=failed)).seconds
    assert wait == pytest.approx(bounds.most)


def test_it_says_why() -> None:
    """The reason names the direction and what the last run found."""
    bounds = Bounds(60, 300, 1800)
    assert adapted(bounds, None, Told(12)).reason == "faster: 12 new posts in the last run"
    assert adapted(bounds, 60, Told(1)).reason == "as fast as allowed: 1 new post in the last run"
    assert adapted(bounds, 600, Told(0)).reason == "slower: nothing new in the last run"
    assert adapted(Bounds(7, 7, 7), None, Told(99)).seconds == 7
