"""What follows from a likeness and from numbers: pure, and never two patients in one alert."""

from __future__ import annotations

from uuid import uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from detectors.assess import assess
from detectors.base import Explanation, Finding
from monitor.pipeline.triage import MOST_ASKED, History, decide
from monitor.reposts.candidate import Candidate, Numbers, Outcome, Picture, numbers_relation

LEAK = assess([])
digests = st.frozensets(st.sampled_from("abcdef"), max_size=4)


def _candidate(picture: Picture, numbers: Numbers, **facts: bool) -> Candidate:
    return Candidate(uuid4(), picture, facts.pop("covers", True), numbers, **facts)


@pytest.mark.parametrize(
    ("picture", "numbers", "outcome"),
    [
        ("different", "within", "same_record"),
        ("bytes", "unknown", "same_record"),
        ("same", "unknown", "same_record"),
        ("possible", "unknown", "possible_repost"),
        ("different", "unknown", "different"),
        ("same", "disjoint", "possible_repost"),
        ("possible", "disjoint", "different"),
        ("different", "disjoint", "different"),
        ("bytes", "more", "possible_repost"),
        ("different", "more", "possible_repost"),
    ],
)
def test_outcomes(picture: Picture, numbers: Numbers, outcome: Outcome) -> None:
    """Numbers come first; likeness merges only where they are silent; doubt is asked of a person."""
    assert _candidate(picture, numbers).outcome == outcome


def test_doubt_keeps_a_copy_from_being_merged() -> None:
    """Another picture in the post, or another date of birth, is for a person to look at."""
    assert _candidate("same", "unknown", covers=False).outcome == "possible_repost"
    assert _candidate("same", "unknown", births_differ=True).outcome == "possible_repost"
    assert _candidate("different", "within", strange=True).outcome == "possible_repost"
    assert _candidate("possible", "within", births_differ=True).outcome == "possible_repost"
    assert _candidate("same", "within", births_differ=True).outcome == "same_record"


@given(st.sampled_from(["different", "possible", "same", "bytes"]), st.booleans(), st.booleans())
def test_disjoint_numbers_never_merge(picture: Picture, covers: bool, births: bool) -> None:
    """Whatever the pictures look like."""
    assert _candidate(picture, "disjoint", covers=covers, births_differ=births).outcome != "same_record"


@given(digests, digests, digests, digests, digests)
def test_relations_of_numbers(
    ours: frozenset[str],
    soft: frozenset[str],
    theirs: frozenset[str],
    their_soft: frozenset[str],
    own: frozenset[str],
) -> None:
    """Within means nobody new; disjoint means nobody in common; the document's own numbers say nothing."""
    found = numbers_relation((ours, soft), (theirs, their_soft), own)
    post, alert = (ours | soft) - own, (theirs | their_soft) - own
    if found == "within":
        assert post & alert
        assert ours - own <= alert
    if found == "disjoint":
        assert not (ours - own) & (theirs - own)
    if not post or not alert:
        assert found == "unknown"


def test_a_number_shared_with_everybody_says_nothing() -> None:
    """Two patients whose letters carry the trust's number in common are two patients."""
    trust = frozenset({"trust"})
    assert numbers_relation(({"a", "trust"}, set()), ({"b", "trust"}, set())) == "more"
    assert numbers_relation(({"a", "trust"}, set()), ({"b", "trust"}, set()), trust) == "disjoint"


def test_the_likeliest_alerts_are_asked_about() -> None:
    """A raised alert carries a question about each of the first candidates that may be the same."""
    alerting = assess([_number()], threshold=0.01)
    possible, different = _candidate("possible", "unknown"), _candidate("different", "disjoint")
    decision = decide(alerting, History(candidates=(possible, different)))
    assert decision.action == "raise"
    ((asked, why),) = decision.ask
    assert (asked, "much like" in why) == (possible.alert_id, True)
    assert len(decide(alerting, History(candidates=(possible,) * 9)).ask) == MOST_ASKED


def test_a_copy_too_poor_to_be_read_is_still_a_sighting() -> None:
    """Pixels say what it is, though nothing could be read; a dismissed alert takes none of these."""
    known, dismissed = _candidate("same", "unknown"), _candidate("same", "unknown", dismissed=True)
    assert decide(LEAK, History(candidates=(known,))).reason == "near_copy"
    assert decide(LEAK, History(candidates=(dismissed,))).action == "nothing"


def _number() -> Finding:
    why = Explanation("a number", {"labelled": True})
    return Finding("nhs_number", "patient_number", "1", 0.99, "999 *** **54", why, valid=True)
