"""The wording of posts: what is read of them, what speaks for whom, and that nothing personal is shown."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from detectors.assess import assess
from detectors.base import Finding, by_kind
from detectors.examine import Examiner
from detectors.lexicons import words
from detectors.normalise import post_text, read_layer
from detectors.table import ExaminerConfig
from detectors.wording.model import wording
from detectors.wording.sentences import SIZE, pieces_in, point_of
from detectors.wording.tokens import MOST_TOKENS, spoken, tokens_of

EXAMINER = Examiner(ExaminerConfig(accept_unissued=True))
GOSSIP = (
    "guess who came into resus last night. Zofia Nowak from the chippy, overdose. you didn't hear it from me"
)
PIECES = 8_000
WARD = pieces_in("ward")
NEWS = "Our thoughts are with the family of Zofia Nowak, who died of cancer. Funeral details to follow."


def tokens(text: str) -> tuple[str, ...]:
    """The tokens of a post's text."""
    return tokens_of(read_layer(post_text(text)))


def worded(text: str) -> Finding:
    """What is said of a post's wording."""
    [finding] = by_kind(EXAMINER.examine_text(text).findings, "wording")
    return finding


def test_what_is_personal_becomes_a_sign() -> None:
    """Names of people, numbers, addresses and accounts are not read; shorthand and everyday words are."""
    text = "I looked up Zofia Nowak, DOB 01/02/1950, tell @kaz https://a.example/x\nnhs 999 000 0018"
    assert tokens(text) == (
        "i", "looked", "up", "<person>", ",", "dob", "<number>", ",", "tell", "<account>", "<address>",
        "<row>", "nhs", "<number>",
    )  # fmt: skip


def test_what_looks_like_a_sign_is_none() -> None:
    """Somebody who types "<person>" names nobody."""
    assert tokens("the <person> tag, a <number> tag") == (
        "the", "<", "person", ">", "tag", ",", "a", "<", "number", ">", "tag",
    )  # fmt: skip


@pytest.mark.parametrize("word", ["Pargeter", "KOWALCZYK", "Brackenford"])
def test_an_unknown_word_with_a_capital_may_be_a_name(word: str) -> None:
    """It becomes a sign, wherever it stands."""
    assert tokens(f"so {word} was there") == ("so", "<name>", "was", "there")


def test_a_long_text_is_read_from_its_beginning() -> None:
    """What a text costs is bounded."""
    assert len(tokens("a b " * 50_000)) == MOST_TOKENS


def test_no_phrase_holds_a_name() -> None:
    """Phrases are shown to reviewers: none of their words is a name that people bear."""
    names = words("given_names") | words("family_names")
    shown = {word for phrase in wording().weights for word in phrase.split()}
    assert not (shown & names) - words("ordinary_words")


def test_texts_that_say_alike_are_near() -> None:
    """Though they share no word; nothing said is nowhere."""
    asked, alike, other = map(
        point_of, ("what is your age?", "How old are you", "the parcel is behind the green bin")
    )
    assert asked.shape == (SIZE,)
    assert float(np.linalg.norm(asked)) == pytest.approx(1)
    assert asked @ alike > 0.5 > asked @ other
    assert not point_of(" ").any()


@given(st.text(max_size=80))
def test_a_text_is_cut_into_known_pieces(text: str) -> None:
    """Any text: each piece has a place in the network's table, and known letters are lost nowhere."""
    assert all(0 <= piece < PIECES for piece in pieces_in(text))
    doubled = pieces_in(f"{text} ward")
    assert doubled[-len(WARD) :] == WARD


def test_all_of_a_long_text_is_read() -> None:
    """What stands behind the network's longest input moves the point; what it costs is bounded."""
    start = "the weather was fine and the bins were late again " * 20
    assert point_of(start) @ point_of(start + "she died of an overdose " * 20) < 0.99
    assert np.array_equal(point_of(start * 10), point_of(start * 20))


def test_who_is_named_does_not_matter() -> None:
    """The network is given the same people, whoever stands in a post."""
    assert spoken(tokens("Zofia Nowak, 41, is in resus")) == spoken(tokens("Amir Begum, 78, is in resus"))


@pytest.mark.parametrize(
    "text", ["NHS No: 999 012 3454 DOB 14/07/1945", "Zofia Nowak 14/07/1945 sepsis ward 6"]
)
def test_a_few_typed_details_have_no_tone(text: str) -> None:
    """Labels and numbers are a record, however plain they look: only what was found counts."""
    found = EXAMINER.examine_text(text).findings
    assert not by_kind(found, "wording")
    assert assess(found).alert


def test_gossip_is_told_from_a_notice() -> None:
    """The same person and the same care: what decides is who tells what."""
    told, plain = worded(GOSSIP), worded(NEWS)
    assert (told.masked, plain.masked) == ("telling", "plain")
    assert assess(EXAMINER.examine_text(GOSSIP).findings).alert
    assert not assess(EXAMINER.examine_text(NEWS).findings).alert


def test_the_reason_names_phrases_and_nobody() -> None:
    """A reviewer reads which phrases counted; the person named stays out of it."""
    why = worded(GOSSIP).explanation.why
    assert why.startswith("worded like telling another's secret")
    assert not {"zofia", "nowak"} & set(why.lower().replace('"', " ").split())


def test_wording_is_weighed_where_there_is_no_picture() -> None:
    """The factors of a post of words sum to its score, the wording among them."""
    verdict = assess(EXAMINER.examine_text(GOSSIP).findings)
    assert "worded_telling" in {factor.name for factor in verdict.factors}
    assert 0 < verdict.score < 1


def test_where_nobody_is_named_no_secret_is_told() -> None:
    """Short banter can be worded like gossip: without a name or a number it speaks for nothing."""
    assert worded("told you so, not a word to anyone, overdose again").masked == "plain"


@pytest.mark.parametrize("text", ["", "ok", "\N{SMILING FACE WITH SUNGLASSES}" * 3, "\x00" * 9])
def test_next_to_nothing_says_nothing(text: str) -> None:
    """A word or a sign has no wording; nothing fails."""
    found = by_kind(EXAMINER.examine_text(text).findings, "wording")
    assert all(math.isfinite(finding.score) for finding in found)
