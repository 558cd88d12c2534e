"""Every text detector on arbitrary text: no failure, places inside the text, masks that hide, one answer."""

from __future__ import annotations

from collections.abc import Sequence

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from detectors.base import Box, Content, Finding, TextLayer, Word
from detectors.identifiers import IDENTIFIERS
from detectors.normalise import read_layer
from detectors.table import TEXT_DETECTORS, ExaminerConfig

CONFIG = ExaminerConfig(accept_unissued=True)
TELLING = """
NHS No ; NHS Number: ; Rhif GIG ; CHI ; H&C No ; DOB ; D.O.B. ; Patient: ; Mrs ; Dr ; Ward ;
MRN ; Hospital No ; Lab No ; UBRN ; Access code ; NI No ; Tel: ; GMC ; NMC PIN ; ODS code ;
SNOMED CT ; Prescription ID ; Address ; Postcode ; NHS Foundation Trust ;
Private and Confidential ; SPECIMEN ; 999 012 3454 ; 9990123454 ; 99901 23454 ; 0101011237 ;
14/03/1951 ; 14 March 1951 ; AB123456C ; Amelia Oakenfold ; OAKENFOLD, Amelia (Mrs) ;
12 High Street ; LS1 4AP ; a.b@example.org ; 020 7946 0018 ; 5 mg ; sepsis ; K4471802 ;
D1E2F3-A81001-12345X ; 22298006 ; I48.9 ; RR8
"""
"""What detectors look for, parted by semicolons: texts are made of these, of anything, and of digits."""
PIECES = st.one_of(
    st.sampled_from([*map(str.strip, TELLING.split(";")), "\n", "\t", " | ", "\u200b"]),
    st.text(max_size=12),
    st.from_regex(r"[0-9OoIl|SBZ ]{6,14}", fullmatch=True),
)
EXAMPLES = 12
TEXTS = st.lists(PIECES, max_size=14).map(" ".join)


def layer(origin: str, text: str) -> TextLayer:
    """The text as somebody typed it, as a barcode held it, or laid out on a page."""
    if origin != "ocr":
        return TextLayer("post" if origin == "post" else "code", plain=text)
    words = [
        Word(word, Box(20 + 90 * at, 20 + 30 * row, 80, 24), 0.9, row)
        for row, line in enumerate(text.split("\n"))
        for at, word in enumerate(line.split())
    ]
    return TextLayer("ocr", tuple(words))


def findings(name: str, content: Content) -> Sequence[Finding]:
    """What a detector, made anew, says of a text that was not read before."""
    read_layer.cache_clear()
    return tuple(TEXT_DETECTORS[name](CONFIG).detect(content))


def digits(text: str) -> str:
    """The decimal digits of a text."""
    return "".join(str(int(character)) for character in text if character.isdecimal())


@pytest.mark.parametrize("origin", ["post", "ocr", "code"])
@pytest.mark.parametrize("name", TEXT_DETECTORS)
@settings(max_examples=EXAMPLES, deadline=None)
@given(text=TEXTS)
def test_any_text(name: str, origin: str, text: str) -> None:
    """A detector answers any text alike each time, says where, and shows no identifier."""
    content = Content(layer(origin, text))
    found = findings(name, content)
    assert found == findings(name, content)
    for finding in found:
        assert 0 <= finding.score <= 1
        assert finding.span is not None
        assert 0 <= finding.span[0] < finding.span[1] <= len(content.text.text)
        assert (finding.box is not None) == (origin == "ocr")
        if finding.kind in IDENTIFIERS and finding.value:
            clear, shown = digits(finding.value), digits(finding.masked)
            assert len(clear) < 5 or clear not in shown
            assert finding.value not in finding.masked
            assert finding.value not in repr(finding)
