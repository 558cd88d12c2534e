"""The unseen and fresh posts of words: enough of them, whole, telling of somebody exactly where they leak."""

from __future__ import annotations

import re
from collections import Counter
from pathlib import Path
from random import Random

import pytest

from benchmarks.corpus.base import Layout
from benchmarks.corpus.fresh import texts as fresh
from benchmarks.corpus.output import Task, post
from benchmarks.corpus.unseen import texts as unseen
from benchmarks.synth.documents import TODAY
from benchmarks.synth.numbers import CHI_TEST_VALUES, could_be_issued, passes

LAYOUTS = (*unseen.LAYOUTS, *fresh.LAYOUTS)
WHO = (unseen.Who(), unseen.Who(Path(fresh.__file__).parent))
OPEN_SLOT = re.compile(r"\{[A-Za-z_]+\d?\}")


@pytest.mark.parametrize(("found", "prefix"), [(unseen.LAYOUTS, "un_"), (fresh.LAYOUTS, "fr_")])
def test_there_are_enough_of_each_kind(found: tuple[Layout, ...], prefix: str) -> None:
    """At least sixty ways to leak in words and sixty harmless ones, half and half, each name its own."""
    words = Counter(layout.label for layout in found)
    assert min(words.values()) >= 60
    assert 0.9 < words["leak"] / words["benign"] < 1.1
    assert len({layout.name for layout in found}) == len(found)
    for layout in found:
        assert layout.name.startswith(prefix + ("t_" if layout.label == "leak" else "b_t_"))


@pytest.mark.parametrize("label", ["leak", "benign"])
def test_posts_are_whole(label: str) -> None:
    """Forms differ, slots are filled, a seed says the same again, and a leak lets one tell who is meant."""
    for layout in (one for one in LAYOUTS if one.label == label):
        tasks = [Task(layout.split, layout.name, index, 6) for index in range(6)]
        made = [post(layout, task) for task in tasks]
        assert len({one.text for one in made}) > 1, layout.name
        assert made[0].text == post(layout, tasks[0]).text, layout.name
        for one in made:
            people = one.exposure.people if one.exposure else ()
            assert not OPEN_SLOT.search(one.text), layout.name
            assert bool(people) == (label == "leak"), layout.name
            assert all(named(one.text, person) for person in people), layout.name


def named(text: str, person) -> bool:
    """Whether a text has the person's given or family name, in whatever case."""
    return any(name.lower() in text.lower() for name in (person.given, person.family))


@pytest.mark.parametrize("nation", ["england", "wales", "ni", "scotland"])
def test_people_are_nobody(nation: str) -> None:
    """A Scot bears a published test value, everybody else a valid number that is never issued."""
    for seed in range(20):
        person = WHO[seed % 2].patient(Random(seed), (19, 95), "Female", nation)
        assert (person.nhs_number in CHI_TEST_VALUES) == (nation == "scotland")
        assert passes(person.nhs_number)
        assert not could_be_issued(person.nhs_number)
        assert person.sex == "Female"
        assert 18 <= person.age(TODAY) <= 95
