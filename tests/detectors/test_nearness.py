"""Nearness: the same answer as looking at every span."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from detectors.identifiers.nearness import any_near

PLACES = st.tuples(st.integers(0, 400), st.integers(1, 60)).map(lambda pair: (pair[0], sum(pair)))


@given(st.lists(PLACES, max_size=30).map(sorted), PLACES, st.integers(0, 50))
def test_it_is_what_looking_at_all_gives(
    spans: list[tuple[int, int]], place: tuple[int, int], reach: int
) -> None:
    """A span is near that ends shortly before the place or begins shortly after it."""
    start, end = place
    every = any(0 <= start - last <= reach or 0 <= first - end <= reach for first, last in spans)
    assert any_near(spans, start, end, reach) == every
