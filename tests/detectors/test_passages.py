"""A post's words part by part: what each part may say of the post, and what it never may."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from detectors.assess import assess
from detectors.base import Finding, by_kind
from detectors.examine import Examiner
from detectors.features import features_of
from detectors.identifiers import IDENTIFIERS
from detectors.passages import MOST_CONTEXT, PostText
from detectors.table import ExaminerConfig

EXAMINER = Examiner(ExaminerConfig(accept_unissued=True))
RECORD = "NHS No 999 888 7771 Mr Owen Pellow DOB 01/02/1950 admitted with sepsis, ward 4, DNACPR"


def found(words: PostText) -> tuple[Finding, ...]:
    """The findings of these words."""
    return EXAMINER.examine_text(words).findings


def part(finding: Finding) -> object:
    """The part of the post that a finding stands in."""
    return finding.explanation.facts["part"]


@pytest.mark.parametrize(
    ("words", "where"),
    [
        (PostText(RECORD), "text"),
        (PostText("look", ("", f"A letter. {RECORD}")), "alt"),
        (PostText("look", ("a cat",), ("Ward list", RECORD)), "card"),
    ],
)
def test_the_authors_own_words_count_wherever_they_stand(words: PostText, where: str) -> None:
    """A record in an alternative text or a link's card alerts as one in the text does, and says where."""
    findings = found(words)
    assert assess(findings).alert
    assert {part(finding) for finding in by_kind(findings, "nhs_number", "person_name")} == {where}
    assert {finding.value for finding in by_kind(findings, "nhs_number")} == {"9998887771"}


def test_a_label_meets_its_value_across_parts() -> None:
    """The parts are one text: a number in an alternative text has the label that ends the text."""
    (number,) = by_kind(found(PostText("NHS number:", ("999 888 7771",))), "nhs_number")
    assert (number.explanation.facts["label"], part(number)) == ("beside", "alt")


def test_a_number_over_two_parts_ends_with_the_text() -> None:
    """What begins in the text and goes on in an alternative text has its place in the text alone."""
    words = PostText("NHS No 999 012", ("3454 on the door",))
    (number,) = by_kind(found(words), "nhs_number")
    assert (number.value, number.span, part(number)) == ("9990123454", (7, 14), "text")


def test_only_the_texts_own_findings_keep_their_place() -> None:
    """Places are offsets into the text; what stands elsewhere has none."""
    findings = found(PostText("Ring 020 7946 0018", (RECORD,)))
    spans = {part(finding): finding.span for finding in by_kind(findings, "phone", "nhs_number")}
    assert spans == {"text": (5, 18), "alt": None}


def test_an_answered_post_lends_its_claim_and_its_care_and_nobody() -> None:
    """What a post answers may say that care is talked about; its identifiers are its own."""
    findings = found(PostText("same here", thread=(f"look who was in A&E: {RECORD}",)))
    assert findings
    assert {part(finding) for finding in findings} == {"context"}
    assert not [finding for finding in findings if finding.value or finding.kind in IDENTIFIERS]
    assert {"claim", "clinical_term"} <= {finding.kind for finding in findings}
    features = features_of(findings)
    assert features["person"] == features["exposure"] == 0
    assert not assess(findings).alert


def test_an_answered_post_lends_less_than_the_posts_own_words() -> None:
    """Care that another post speaks of counts, and counts less than the author's own."""
    person = "Mr Owen Pellow DOB 01/02/1950"
    care = "admitted with sepsis to ward 4, DNACPR"
    alone, answering, own = (
        assess(found(words)).score
        for words in (PostText(person), PostText(person, thread=(care,)), PostText(f"{person} {care}"))
    )
    assert alone < answering < own


def test_another_authors_own_record_is_not_this_authors() -> None:
    """Somebody who answers "my results" posts no record of their own by it."""
    assert not by_kind(found(PostText("look", thread=("my results are back, my own",))), "claim")


@pytest.mark.parametrize(
    ("words", "claimed"),
    [
        (PostText("#LeakedRecords"), {"leaked"}),
        (PostText("a day #nightshift #NHS"), {"night shift"}),
        (PostText("a day", tags=("#DataBreach", "ward")), {"data breach"}),
        (PostText("#do #not #share"), set()),
        (PostText("#a"), set()),
    ],
)
def test_hashtags_claim(words: PostText, claimed: set[str]) -> None:
    """Hashtags are taken apart into words, each by itself; the platform's own list counts as well."""
    claims = [f for f in by_kind(found(words), "claim") if part(f) == "hashtag"]
    assert {claim.masked for claim in claims} == claimed


def test_hashtags_are_no_record() -> None:
    """A hashtag names no condition of a patient and no patient."""
    findings = [f for f in found(PostText("#sepsis #NHSNumber9998887771")) if part(f) == "hashtag"]
    assert {finding.kind for finding in findings} <= {"claim", "filter"}


def test_a_long_thread_costs_no_more() -> None:
    """Of a thread of any length the nearest posts are read."""
    near = ("sepsis",) * MOST_CONTEXT
    assert found(PostText("x", thread=near)) == found(PostText("x", thread=near + ("pneumonia",) * 500))


TEXT = st.text(max_size=40)
TEXTS = st.lists(TEXT, max_size=3).map(tuple)


@given(st.builds(PostText, TEXT, TEXTS, TEXTS, TEXTS, TEXTS))
def test_any_words(words: PostText) -> None:
    """Whatever stands in the parts, each finding names its part, and places lie inside the text."""
    for finding in found(words):
        assert part(finding) in {"text", "alt", "card", "hashtag", "context"}
        assert finding.span is None or 0 <= finding.span[0] < finding.span[1]
        assert part(finding) == "text" or finding.span is None
