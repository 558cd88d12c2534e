"""What an author says about what they post: somebody else's, or their own."""

from __future__ import annotations

import pytest

from detectors.claims import find_claims
from detectors.normalise import post_text, read_layer


def sides(text: str) -> set[object]:
    """The sides that the author takes."""
    return {claim.facts["side"] for claim in find_claims(read_layer(post_text(text)))}


@pytest.mark.parametrize(
    "text",
    [
        "my blood test results are back",
        "our anomaly scan!!",
        "app says they tried to call me twice",
        "I've finally been discharged",
        "im in labour lol",
        "WELCOME to the world little one",
    ],
)
def test_their_own(text: str) -> None:
    """Whoever speaks of what happened to themselves, or of their new baby, posts their own."""
    assert sides(text) == {"own"}


@pytest.mark.parametrize(
    "text", ["found this on the bus", "do the filing on the ward and look who was in", "guess who came in"]
)
def test_somebody_else_s(text: str) -> None:
    """Finders and people with access speak of others."""
    assert sides(text) == {"third_party"}


@pytest.mark.parametrize("text", ["call me later", "welcome home", "the app is down"])
def test_neither(text: str) -> None:
    """Words of every day claim nothing."""
    assert not sides(text)
