"""Words become queries that a platform takes, none lost without being told."""

from __future__ import annotations

from typing import get_args

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from connectors.query import Grammar, Terms, expand, hashtag
from connectors.registry import CONNECTORS, parse_config

LONG = 90
NAMES = st.lists(st.text("abcDE &'\"#é12", min_size=2, max_size=LONG).filter(str.strip), max_size=12)
TERMS = st.builds(Terms, *(NAMES.map(tuple) for _ in range(5)))
FORMS = get_args(Grammar.__annotations__["form"]) or ("boolean", "alternatives", "words", "hashtags")

WHOLE = Terms(
    phrases=("look who was in A&E", "Look Who Was In A&E"),
    names=("Royal Example Hospital", "REH"),
    slang=("kardex",),
    context=("patient", "NHS number"),
    hashtags=("wardround",),
)


@pytest.mark.parametrize(
    ("grammar", "queries", "left_out"),
    [
        (
            Grammar("q", "boolean", 512, suffix=" -is:retweet"),
            (
                '"look who was in A&E" -is:retweet',
                '("Royal Example Hospital" OR REH OR kardex) (patient OR "NHS number") -is:retweet',
            ),
            (),
        ),
        (
            Grammar("q", "alternatives", 300, either="|"),
            ('"look who was in A&E"|"Royal Example Hospital"',),
            ("REH", "kardex"),
        ),
        (
            Grammar("q", "words", 200),
            ('"look who was in A&E"', '"Royal Example Hospital"'),
            ("REH", "kardex"),
        ),
        (
            Grammar("q", "hashtags", 100),
            ("wardround", "RoyalExampleHospital"),
            ("look who was in A&E", "REH", "kardex"),
        ),
    ],
    ids=lambda value: value.form if isinstance(value, Grammar) else "",
)
def test_each_form_of_question(grammar: Grammar, queries: tuple[str, ...], left_out: tuple[str, ...]) -> None:
    """Names stand beside context where that can be asked; what cannot be asked is told."""
    found = expand(WHOLE, grammar)
    assert found.queries == queries
    assert found.left_out == left_out


def test_alternatives_are_held_together_before_a_filter() -> None:
    """A filter binds to all alternatives and not to the last."""
    found = expand(
        Terms(phrases=("one thing", "another")), Grammar("q", "boolean", 60, suffix=" -is:retweet")
    )
    assert found.queries == ('("one thing" OR another) -is:retweet',)


@settings(max_examples=60)
@given(
    terms=TERMS,
    longest=st.integers(30, 512),
    form=st.sampled_from(FORMS),
    suffix=st.sampled_from(["", " -x"]),
)
def test_nothing_is_too_long_twice_or_lost(terms: Terms, longest: int, form: str, suffix: str) -> None:
    """Whatever the terms: queries fit, come once, and every phrase is asked for or said to be left out."""
    grammar = Grammar("q", form, longest, suffix=suffix)  # type: ignore[arg-type]
    found = expand(terms, grammar)
    assert all(0 < len(query) <= longest for query in found.queries)
    assert len({query.casefold() for query in found.queries}) == len(found.queries)
    text = " ".join([*found.queries, *found.left_out]).casefold().replace('"', " ")
    for phrase in terms.phrases:
        words = phrase.replace('"', " ").casefold().split()
        assert not words or " ".join(words) in " ".join(text.split()) or form == "hashtags"


def test_a_term_added_at_the_end_changes_only_the_last_query() -> None:
    """So a pack can grow without every listing of a source beginning anew."""
    grammar = Grammar("q", "boolean", 60)
    phrases = tuple(f"a phrase of number {number}" for number in range(9))
    before, after = expand(Terms(phrases), grammar), expand(Terms((*phrases, "one more")), grammar)
    assert after.queries[: len(before.queries) - 1] == before.queries[:-1]


@pytest.mark.parametrize(
    ("term", "tag"),
    [("St Example's", "StExamples"), ("A&E", "AAndE"), ("#NHS", "NHS"), ("ward-list", "WardList")],
)
def test_names_are_written_as_tags(term: str, tag: str) -> None:
    """As people write them."""
    assert hashtag(term) == tag


REQUIRED = {"mastodon": {"instance": "https://m.example"}, "lemmy": {"instance": "https://l.example"}}
REQUIRED["x"] = {"accept_costs": True, "posts_per_day": 10}  # type: ignore[dict-item]


@pytest.mark.parametrize("name", sorted(name for name, kind in CONNECTORS.items() if kind.grammar))
def test_a_connector_takes_the_queries_it_asks_for(name: str) -> None:
    """A full pack's queries are valid settings of each connector with a grammar, counted as requests."""
    kind = CONNECTORS[name]
    assert kind.grammar is not None
    phrases = tuple(f"who was on ward {number} last night" for number in range(40))
    tags = tuple(f"wardtag{number}" for number in range(5))
    names = ("Royal Example Hospital & Ipswich Infirmary",)
    queries = expand(Terms(phrases, names, ("kardex",), ("patient",), tags), kind.grammar).queries
    entries = [kind.grammar.entry(query) for query in queries]
    config = parse_config(name, {**REQUIRED.get(name, {}), kind.grammar.field: entries})
    assert kind.requests(config) == len(queries) > 1
