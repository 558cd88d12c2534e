"""Clinical codes: SNOMED CT arithmetic, and the words that ICD-10 and OPCS-4 codes need before them."""

from __future__ import annotations

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from stdnum import verhoeff

from detectors.identifiers.clinical_codes import (
    find_icd10_codes,
    find_opcs4_codes,
    find_snomed_codes,
    is_snomed_id,
)
from detectors.normalise import post_text, read_layer


def snomed(text: str) -> list[str]:
    """The SNOMED CT codes of a post."""
    return [m.masked for m in find_snomed_codes(read_layer(post_text(text)))]


def icd(text: str) -> list[str]:
    """The ICD-10 codes of a post."""
    return [m.masked for m in find_icd10_codes(read_layer(post_text(text)))]


def opcs(text: str) -> list[str]:
    """The OPCS-4 codes of a post."""
    return [m.masked for m in find_opcs4_codes(read_layer(post_text(text)))]


concepts = (
    st.integers(100, 99_999_999).map(lambda n: f"{n}00").map(lambda b: b + verhoeff.calc_check_digit(b))
)


@pytest.mark.parametrize(
    "code",
    ["22298006", "73211009", "38341003", "373942005", "317972000", "887201000000105", "1102421000000108"],
)
def test_published_codes_pass(code: str) -> None:
    """International and UK concepts, with and without a namespace."""
    assert is_snomed_id(code)
    assert snomed(f"SNOMED CT: {code}") == [code]


@pytest.mark.parametrize(
    "code", ["22298007", "22289006", "73211090", "1774790121", "00102", "022298006", "1" * 19, "", "2229800a"]
)
def test_wrong_codes_fail(code: str) -> None:
    """A wrong check digit, a transposition, a partition that does not exist, wrong lengths."""
    assert not is_snomed_id(code)
    assert snomed(f"SNOMED CT: {code}") == []


@given(concepts, st.data())
def test_every_single_substitution_is_caught(code: str, data: st.DataObject) -> None:
    """Changing any one digit of a passing id makes it fail."""
    assume(is_snomed_id(code))
    place = data.draw(st.integers(0, len(code) - 1))
    other = data.draw(st.sampled_from([d for d in "0123456789" if d != code[place]]))
    assert not is_snomed_id(code[:place] + other + code[place + 1 :])


@given(concepts, st.data())
def test_every_adjacent_transposition_is_caught(code: str, data: st.DataObject) -> None:
    """Swapping two different neighbours makes a passing id fail."""
    place = data.draw(st.integers(0, len(code) - 2))
    swapped = code[:place] + code[place + 1] + code[place] + code[place + 2 :]
    assert swapped == code or not is_snomed_id(swapped)


def test_a_page_must_name_the_terminology() -> None:
    """One number in a hundred and fifty passes by chance."""
    assert snomed("asthma 22298006") == []
    assert snomed("dm+d 317972000 furosemide") == ["317972000"]


@pytest.mark.parametrize(
    ("text", "codes"),
    [
        ("Diagnosis: I21.9 myocardial infarction", ["I21.9"]),
        ("Diagnoses J45X, U07.1", ["J45X", "U07.1"]),
        ("ICD-10 I21", ["I21"]),
        ("ICD10: E11.9 and M16.1", ["E11.9", "M16.1"]),
        ("Diagnosis: B33", []),
        ("Diagnosis: pneumonia, ward A12", []),
        ("lives at B33 8TH, paper A4, I21.9", []),
    ],
)
def test_icd_10_codes_follow_a_diagnosis(text: str, codes: list[str]) -> None:
    """Three characters alone need the name ICD: they may be half of a postcode."""
    assert icd(text) == codes


@pytest.mark.parametrize(
    ("text", "codes"),
    [
        ("Procedure: W37.1 total hip replacement", ["W37.1"]),
        ("OPCS-4 H33.4, H33.5", ["H33.4", "H33.5"]),
        ("Operation I21.9", []),
        ("version W37.1", []),
        ("Procedure: W37", []),
        ("Diagnosis: I21.9\nProcedure: K40.1", ["K40.1"]),
    ],
)
def test_opcs_4_codes_follow_a_procedure(text: str, codes: list[str]) -> None:
    """The letter I is no chapter, and the nearer word says which kind a code is."""
    assert opcs(text) == codes


def test_the_nearer_word_decides() -> None:
    """A procedure's code is no diagnosis, and the reverse."""
    text = "Diagnosis: M16.1\nProcedure: W37.1"
    assert (icd(text), opcs(text)) == (["M16.1"], ["W37.1"])
