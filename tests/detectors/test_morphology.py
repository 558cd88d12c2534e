"""Medical words by their endings."""

from __future__ import annotations

import pytest

from detectors.clinical import find_terms
from detectors.morphology import medical_kind
from detectors.normalise import post_text, read_layer


@pytest.mark.parametrize(
    ("word", "kind"),
    [
        ("cholangitis", "condition"),
        ("thrombocytopenia", "condition"),
        ("orchidectomy", "procedure"),
        ("colposcopy", "procedure"),
        ("trandolapril", "medicine"),
        ("osimertinib", "medicine"),
        ("lymecycline", "medicine"),
    ],
)
def test_words_are_medical_by_their_ending(word: str, kind: str) -> None:
    """No list holds these words; the ending tells them."""
    assert medical_kind(word) == kind


@pytest.mark.parametrize(
    "word",
    ["april", "photography", "sympathy", "economy", "milestone", "season", "nostalgia", "ukraine", "itis"],
)
def test_everyday_words_are_not(word: str) -> None:
    """Words of everyday life with such an ending, and an ending alone, are no medical words."""
    assert medical_kind(word) is None


def test_a_word_that_the_lexicon_holds_counts_once() -> None:
    """A term of the lexicon is not told a second time by its ending."""
    terms = [m.masked for m in find_terms(read_layer(post_text("on amlodipine for osteoarthritis")))]
    assert sorted(terms) == ["amlodipine", "osteoarthritis"]
