"""The shipped list of health organisations: every one is known by its name, in four nations, also misread."""

from __future__ import annotations

import tracemalloc
from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from detectors.base import by_kind
from detectors.examine import Examiner
from detectors.letterhead import find_letterheads
from detectors.normalise import post_text, read_layer
from detectors.organisations import Organisation, named_in, organisations
from detectors.table import ExaminerConfig

EXAMINER = Examiner(ExaminerConfig(accept_unissued=True))
NAMES = [(name, each) for each in organisations() for name in (each.name, each.welsh) if name]


def named(text: str) -> list[Organisation]:
    """The organisations that a text names."""
    return [each.organisation for each in named_in(read_layer(post_text(text)))]


def test_the_list_covers_four_nations() -> None:
    """England's trusts, Scotland's boards, Wales's bodies in both languages, Northern Ireland's trusts."""
    counted = Counter(each.country for each in organisations())
    assert counted["england"] >= 200
    assert sum(each.code.startswith("S08") for each in organisations()) == 14
    assert counted["scotland"] >= 20
    assert sum(each.code.startswith("7A") for each in organisations()) == 7
    assert all(each.welsh for each in organisations() if each.country == "wales")
    assert counted["northern_ireland"] == 6
    codes = [each.code for each in organisations() if each.code]
    assert len(codes) == len(set(codes))


@pytest.mark.parametrize("case", [str, str.upper])
def test_every_organisation_is_known_by_its_name(case: type[str]) -> None:
    """Each name, English or Welsh, in ordinary case or capitals, names its own body and no other."""
    wrong = [name for name, organisation in NAMES if named(f"Dear Sir,\n{case(name)}\nTel") != [organisation]]
    assert wrong == []


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("Leeds Teaching Hospitals\nNHS Trust", "RR8"),
        ("Leed5 Teachlng Hospitals NH5 Trust", "RR8"),
        ("LeedsTeachingHospitalsNHSTrust", "RR8"),
        ("Guy\u2019s and St Thomas\u2019 NHS Foundation Trust", "RJ1"),
        ("Great 0rmond Street Hospita1 for Chiidren NHS F0undation Trust", "RP4"),
        ("Cambridge Universily Hospitals NHS Foundation Trust", "RGT"),
        ("NHS Lothlan University Hospitals Division", "S08000024"),
        ("NHS Greater Glasgow & Clyde", "S08000031"),
        ("Bwrdd lechyd Prifysgol Bae Abertawe", "7A3"),
        ("Bwrdd Iechyd Prifysgol\nBetsi Cadwaladr\nUniversity Health Board", "7A1"),
    ],
)
def test_a_misread_name_is_still_known(text: str, code: str) -> None:
    """Look-alike letters, lost spaces, a lost letter, a name over two rows: the body stays the same."""
    assert [each.code for each in named(text)] == [code]


@pytest.mark.parametrize(
    "text",
    [
        "Castlebourne Hospitals NHS Foundation Trust",
        "South East London NHS Foundation Trust",
        "NHS Five",
        "NHS number 999 012 3454",
        "trust the NHS",
        "Highland cattle",
        "NHS Highlands of Scotland tour",
    ],
)
def test_what_is_not_on_the_list_is_not_named(text: str) -> None:
    """An unlisted body, another word in a listed one's place, and ordinary talk name nobody."""
    assert named(text) == []


@pytest.mark.parametrize(
    ("text", "facts"),
    [
        ("Airedale NHS Foundation Trust", ("Airedale NHS Foundation Trust", "england", "RCF")),
        ("NHS Tayside", ("NHS Tayside", "scotland", "S08000030")),
        (
            "Bwrdd Iechyd Prifysgol Hywel Dda",
            ("Hywel Dda University Health Board", "wales", "7A2"),
        ),
        ("Western HSC Trust", ("Western Health and Social Care Trust", "northern_ireland", None)),
    ],
)
def test_a_letterhead_tells_the_organisation(text: str, facts: tuple[str, str, str | None]) -> None:
    """Findings name the body, its country and its code where one is published."""
    found = [match.facts for match in find_letterheads(read_layer(post_text(text)))]
    told = {(f["organisation"], f["country"], f.get("ods_code")) for f in found if "organisation" in f}
    assert told == {facts}


def test_a_welsh_letter_is_read_as_an_english_one() -> None:
    """Labels, headings and the marking of a Welsh letter are known in Welsh."""
    letter = (
        "Bwrdd Iechyd Prifysgol Caerdydd a'r Fro\nPREIFAT A CHYFRINACHOL\nEnw'r claf: Gwenllian Pritchard\n"
        "Rhif GIG: 999 012 3454\nDyddiad Geni: 14/03/1951\nCyfeiriad: 12 Heol y Bont, Caerdydd CF10 1AA\n"
        "Rhif Ysbyty: K4471802\nMeddyg Teulu: Dr Rhys Bevan\nMeddyginiaeth: apixaban 5 mg"
    )
    findings = EXAMINER.examine_text(letter).findings
    (number,) = by_kind(findings, "nhs_number")
    assert (number.valid, number.explanation.facts["label"]) == (True, "beside")
    kinds = {finding.kind for finding in findings}
    assert {"date_of_birth", "person_name", "hospital_number", "marking", "letterhead"} <= kinds
    headings = {finding.masked for finding in by_kind(findings, "clinical_heading")}
    assert {"rhif gig", "dyddiad geni", "meddyg teulu", "meddyginiaeth"} <= headings
    countries = {f.explanation.facts.get("country") for f in by_kind(findings, "letterhead")}
    assert "wales" in countries


def test_the_list_is_small_in_memory() -> None:
    """The list and its keys take well under a megabyte."""
    tracemalloc.start()
    organisations.cache_clear()
    assert named("NHS Fife")
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 1_000_000


@given(st.text(max_size=60), st.sampled_from([name for name, _ in NAMES]), st.text(max_size=60))
def test_places_lie_in_the_text(before: str, name: str, after: str) -> None:
    """Whatever stands round a name, places are inside the text and in order."""
    page = read_layer(post_text(f"{before} {name} {after}"))
    for each in named_in(page):
        assert 0 <= each.start < each.end <= len(page.text)
