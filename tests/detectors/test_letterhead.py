"""Evidence of the sender: organisations, markings, the NHS blue."""

from __future__ import annotations

import numpy as np
import pytest

from detectors.base import Content, TextLayer
from detectors.letterhead import NhsBlue, blue_share, find_letterheads, find_markings
from detectors.normalise import post_text, read_layer


def strongest(text: str) -> float:
    """The best letterhead score of a text."""
    return max((m.score for m in find_letterheads(read_layer(post_text(text)))), default=0.0)


@pytest.mark.parametrize(
    "text",
    [
        "Castlebourne Hospitals NHS Foundation Trust",
        "Marlbury Medical Centre",
        "St Oswald's Surgery",
        "Bwrdd Iechyd Prifysgol Hywel Dda",
        "NHS Greater Glasgow and Clyde",
        "Belfast Health and Social Care Trust",
        "Northmoor Hospice",
    ],
)
def test_health_organisations_are_recognised(text: str) -> None:
    """By the shape of their name or by the fixed lists, in all four nations."""
    assert strongest(text) >= 0.3


@pytest.mark.parametrize(
    "text", ["Paws & Claws Animal Hospital", "Orchard Veterinary Surgery", "my surgery was fine"]
)
def test_others_are_not(text: str) -> None:
    """Veterinary practices and the ordinary word are no letterhead."""
    assert strongest(text) == 0


def test_the_letters_nhs_alone_are_weak() -> None:
    """Everybody writes NHS."""
    assert 0 < strongest("I love the NHS") <= 0.2


@pytest.mark.parametrize(
    "marking", ["PRIVATE AND CONFIDENTIAL", "OFFICIAL-SENSITIVE", "Cyfrinachol", "Staff in Confidence"]
)
def test_markings_are_found(marking: str) -> None:
    """Protective markings, English and Welsh."""
    assert [m.kind for m in find_markings(read_layer(post_text(marking)))] == ["marking"]


def test_the_nhs_blue_is_weak_evidence() -> None:
    """A lozenge of #005EB8 is seen, and never scores more than a hint; a grey page has none."""
    page = np.full((400, 300, 3), 240, dtype=np.uint8)
    assert list(NhsBlue().detect(Content(TextLayer("ocr"), page))) == []
    page[20:60, 180:280] = (0, 94, 184)
    [finding] = NhsBlue().detect(Content(TextLayer("ocr"), page))
    assert blue_share(page) == pytest.approx(0.033, abs=0.01)
    assert finding.score <= 0.1
