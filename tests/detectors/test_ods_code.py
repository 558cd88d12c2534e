"""Organisations' codes: labels, letterheads, shapes."""

from __future__ import annotations

import pytest

from detectors.identifiers.ods_code import find_ods_codes
from detectors.normalise import post_text, read_layer


def found(text: str) -> list[str]:
    """The codes of a post."""
    return [m.masked for m in find_ods_codes(read_layer(post_text(text)))]


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("ODS code: RH8", "RH8"),
        ("ODS RH802", "RH802"),
        ("Trust code TAK01", "TAK01"),
        ("Practice code Z94081", "Z94081"),
        ("practice code: A23856001", "A23856001"),
        ("Organisation code 7A101", "7A101"),
        ("Site code: NV701", "NV701"),
        ("ODS code is A1B2C", "A1B2C"),
        ("Pharmacy code FA512", "FA512"),
        ("Larkhill Surgery (A23856)", "A23856"),
        ("Castlebourne Hospitals NHS Trust (RH8)", "RH8"),
    ],
)
def test_codes_need_a_label_or_a_name(text: str, code: str) -> None:
    """The shapes are too short to mean anything alone."""
    assert found(text) == [code]
    assert found(code) == []


@pytest.mark.parametrize(
    "text",
    [
        *("Postcode LS1 4AP", "practice A23856", "source code A1B2C", "Room (A23856)"),
        *("ODS code pending", "methods R22"),
    ],
)
def test_other_words_are_none(text: str) -> None:
    """Brackets without an organisation, other codes, words that end like a label."""
    assert found(text) == []


def test_a_code_is_reported_once() -> None:
    """However often a page prints it."""
    assert found("Practice code Z94081\nODS code: Z94081") == ["Z94081"]
