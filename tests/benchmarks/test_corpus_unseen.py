"""The unseen and fresh pictures: the same promises as the train layouts, and nothing in common with them."""

from __future__ import annotations

from collections import Counter
from typing import get_args

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from benchmarks.corpus.base import UNSEEN, Layout, Split, layouts
from benchmarks.corpus.captures import CAPTURES
from benchmarks.corpus.fresh import sheets as fresh
from benchmarks.corpus.output import Task, post
from benchmarks.corpus.unseen import sheets as unseen

LAYOUTS = (*unseen.LAYOUTS, *fresh.LAYOUTS)


@pytest.mark.parametrize("split", [*UNSEEN, "fresh"])
def test_a_split_is_in_balance(split: Split) -> None:
    """Each has as many leaks as harmless pictures, under names that only this split has."""
    pictures = Counter(layout.label for layout in layouts(split) if layout.captures)
    assert min(pictures.values()) >= 24
    assert abs(pictures["leak"] - pictures["benign"]) <= 6
    others = {layout.name for other in get_args(Split) if other != split for layout in layouts(other)}
    assert not {layout.name for layout in layouts(split)} & others


def test_names_and_captures_are_known() -> None:
    """A name tells the label, and every capture is in the table."""
    for layout in LAYOUTS:
        assert (layout.name[2:5] == "_b_") == (layout.label == "benign")
        assert set(layout.captures) <= set(CAPTURES), layout.name
        assert layout.captions


@settings(max_examples=10, deadline=None)
@given(st.sampled_from(LAYOUTS), st.integers(0, 2**32))
def test_a_page_draws_the_same_post_for_the_same_seed(layout: Layout, seed: int) -> None:
    """A post is drawn within the number rule, again alike, and exposes people exactly where it is a leak."""
    task = Task(layout.split, layout.name, 0, seed)
    first, again = post(layout, task), post(layout, task)
    assert first.readable == again.readable
    assert bool(first.exposure and first.exposure.people) == (layout.label == "leak")
