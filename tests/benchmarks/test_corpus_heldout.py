"""The held-out layouts: the same promises as the train ones, and nothing in common with them."""

from __future__ import annotations

from collections import Counter
from random import Random

import pytest

from benchmarks.corpus.base import Layout, layouts
from benchmarks.corpus.captures import CAPTURES
from benchmarks.corpus.heldout import who
from benchmarks.corpus.heldout.texts import LAYOUTS as TEXTS
from benchmarks.corpus.output import Task, post
from benchmarks.corpus.rows import row, shows
from benchmarks.synth.documents import TODAY
from benchmarks.synth.numbers import CHI_TEST_VALUES, could_be_issued, passes

HELDOUT = layouts("heldout")


def test_no_layout_is_in_both_splits() -> None:
    """A held-out layout has a name of its own, and captures that exist."""
    assert not {layout.name for layout in HELDOUT} & {layout.name for layout in layouts("train")}
    for layout in HELDOUT:
        assert layout.split == "heldout"
        assert set(layout.captures) <= set(CAPTURES), layout.name
        assert bool(layout.captures) == bool(layout.captions), layout.name


def test_there_are_enough_of_each_kind() -> None:
    """At least forty leaks, forty harmless pictures and forty posts of words, these about half and half."""
    pictures = Counter(layout.label for layout in HELDOUT if layout.captures)
    words = Counter(layout.label for layout in TEXTS)
    assert min(pictures.values()) >= 40
    assert sum(words.values()) >= 40
    assert abs(words["leak"] - words["benign"]) <= 6


@pytest.mark.parametrize("layout", HELDOUT, ids=lambda layout: layout.name)
def test_a_layout_draws_the_same_post_for_the_same_seed(layout: Layout) -> None:
    """A post is drawn within the number rule, again alike, and exposes people exactly where it is a leak."""
    task = Task("heldout", layout.name, 0, 5)
    first, again = post(layout, task), post(layout, task)
    assert first.readable == again.readable
    assert bool(first.exposure and first.exposure.people) == (layout.label == "leak")


def test_every_shape_of_a_number_in_words_can_be_read_by_a_person() -> None:
    """Circled, spelt out, spaced or with hidden signs between: the manifest says which number it is."""
    for layout in TEXTS:
        if layout.category == "text_obfuscated":
            made = post(layout, Task("heldout", layout.name, 0, 3))
            assert made.exposure
            number = made.exposure.people[0].nhs_number
            assert shows(made.text, number), layout.name
            assert row("x", layout, made.text, made.readable, made.exposure)["nhs_numbers"] == [number]


def test_people_of_scotland_bear_published_test_values() -> None:
    """Their birth date and sex are those of the number; everybody else's number is valid and never issued."""
    for seed in range(40):
        scot, other = who.patient(Random(seed), nation="scotland"), who.patient(Random(seed))
        assert scot.nhs_number in CHI_TEST_VALUES
        assert scot.nhs_number.startswith(scot.born.strftime("%d%m%y"))
        assert (int(scot.nhs_number[8]) % 2 == 1) == (scot.sex == "Male")
        assert passes(other.nhs_number)
        assert not could_be_issued(other.nhs_number)
        assert 18 <= other.age(TODAY) <= 89
