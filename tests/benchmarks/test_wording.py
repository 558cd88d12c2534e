"""The families that wording is learnt from, and what a fit may learn."""

from __future__ import annotations

from random import Random

import numpy as np
import pytest

from benchmarks import wording
from benchmarks.synth.numbers import passes, ten_digit_numbers
from benchmarks.synth.posts import Written
from benchmarks.wording import LEARNT, START, Post, Regression, middle_of, rarities
from detectors.wording.sentences import SIZE

ISSUED = ("4", "6", "7")
WORDS = [layout for layout in wording.written_layouts() if layout.name.startswith("w_")]


def post(text: str, *, leak: bool, family: str) -> Post:
    """A post of these tokens in which nothing was found."""
    return Post(tuple(text.split()), np.zeros(SIZE), {}, leak, family)


TOLD = [post("guess who came in", leak=True, family=f"leak {n}") for n in range(4)]
PLAIN = [post("rest in peace dear friend", leak=False, family=f"benign {n}") for n in range(4)]


def test_every_family_fills_and_obeys_the_number_rule() -> None:
    """No slot is left open, and no number drawn could have been issued to somebody."""
    assert len(WORDS) > 1_000
    for layout in WORDS:
        drawn = layout.draw(Random(layout.name))
        assert isinstance(drawn, Written)
        assert drawn.text.strip()
        issued = [n for n in ten_digit_numbers(drawn.text) if n.startswith(ISSUED) and passes(n)]
        assert not issued, layout.name


def test_a_phrase_needs_families_and_no_name() -> None:
    """What one family says is chance; what a person is called is nobody's business."""
    known = rarities([*TOLD, *PLAIN, post("kaz says hello", leak=True, family="odd")], frozenset({"peace"}))
    assert {"guess who", "rest"} <= set(known)
    assert not {"hello", "peace", "in peace"} & set(known)


def test_a_fit_tells_the_sides_apart_and_leaves_the_filters_alone() -> None:
    """Phrases move the score; what posts of words cannot teach stays where reason put it."""
    regression = Regression(rarities([*TOLD, *PLAIN], frozenset()), tuple(START))
    weights = regression.fit([*TOLD, *PLAIN], benign=1.0)
    told, plain = regression.inputs([TOLD[0], PLAIN[0]]) @ weights
    assert told > plain
    for name, weight in zip(regression.names, weights[1:], strict=False):
        assert name in LEARNT or weight == pytest.approx(START[name])


def test_the_same_posts_give_the_same_weights() -> None:
    """A fit is a pure function."""
    regression = Regression(rarities([*TOLD, *PLAIN], frozenset()), tuple(START))
    assert np.array_equal(regression.fit([*TOLD, *PLAIN]), regression.fit([*TOLD, *PLAIN]))


def test_the_middle_lies_between_the_sides() -> None:
    """A point half way between leaks and the rest speaks for neither, however many there are of each."""
    weights = np.zeros(1 + SIZE)
    weights[-1] = 2.0
    points = {True: 0.9, False: 0.1}
    posts = [Post((), np.eye(SIZE)[-1] * points[leak], {}, leak, "family") for leak in (True, False, False)]
    assert middle_of(posts, weights) == pytest.approx(1.0)
