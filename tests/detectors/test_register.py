"""The register's rule: who is recognised on a page, by what, and what is said of it."""

from __future__ import annotations

import pickle
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from detectors.assess import Assessment, assess
from detectors.base import Box, Content, Explanation, Finding, TextLayer, Word
from detectors.examine import Examiner
from detectors.register.candidates import MOST_CANDIDATES, candidates_of
from detectors.register.match import Register, match_findings
from detectors.table import ExaminerConfig, detectors_for
from tests.detectors.registers import KEY, person, register_of

NUMBER, BORN = "9990000018", "1950-02-01"
PELLOW = person(NUMBER, "pellow", BORN, "LS999ZZ", "K1234567")
OTHER_KEY = b"k" * 32
LETTER = """Example Hospitals NHS Trust
Discharge summary
NHS Number: 999 000 0018
Patient: Mr Owen Pellow
Date of birth: 01/02/1950
Address: 3 High Street, Leeds LS99 9ZZ
Hospital No: K1234567"""


def page(text: str) -> TextLayer:
    """A text as an engine would hand it over, a row for each line."""
    words = [
        Word(word, Box(60 * at, 40 * row, 50, 20), 0.9, row)
        for row, line in enumerate(text.splitlines())
        for at, word in enumerate(line.split())
    ]
    return TextLayer("ocr", tuple(words))


def read(text: str) -> list[Finding]:
    """What the detectors say of a page that was read from a picture."""
    content = Content(page(text))
    return [found for detector in detectors_for(ExaminerConfig()) for found in detector.detect(content)]


def matches(text: str, *registers: Register, needed: int = 2) -> list[Finding]:
    """The matches of a page read from a picture."""
    return match_findings(read(text), registers, needed=needed, text=page(text).text)


def fields(found: list[Finding]) -> list[list[str]]:
    """By which fields each match was made."""
    return [match.explanation.facts["fields"] for match in found]


def test_a_valid_number_is_enough() -> None:
    """A number of the register, alone on a page, is a match by the primary rule, in its place."""
    (found,) = matches("NHS Number: 999 000 0018", register_of(*PELLOW))
    facts = found.explanation.facts
    assert (facts["rule"], facts["fields"], facts["misread"]) == ("primary", ["number"], False)
    assert found.box is not None
    assert found.masked == "pas"


def test_the_numbers_of_all_four_nations_are_one_space() -> None:
    """A CHI and an H&C number are found as an NHS number is."""
    register = register_of(*person("0101336489"), *person("3200000015"))
    assert fields(matches("CHI No: 0101336489", register)) == [["number"]]
    assert fields(matches("H&C No: 320 000 0015", register)) == [["number"]]


def test_a_number_that_is_not_there_matches_nothing() -> None:
    """A valid number of somebody else, whose look-alikes are in the register, is somebody else's."""
    register = register_of(*(row for n in range(9) for row in person(f"999000{n}018")))
    assert matches("NHS Number: 999 123 4560", register) == []
    assert matches("NHS Number: 999 000 0026", register_of(*person(NUMBER))) == []


def test_a_misread_digit_is_bridged() -> None:
    """A number that fails its check digit by one look-alike digit is found, and said to be misread."""
    (found,) = matches("NHS Number: 999 000 0078", register_of(*PELLOW))
    assert found.explanation.facts["misread"]
    assert found.explanation.facts["rule"] == "primary"


def test_a_misread_digit_counts_for_less_alone() -> None:
    """A bridged number beside a supporting field is nearly as good as one that was read; alone, less."""
    alone = "NHS Number: 999 000 0078"
    scores = [
        max(found.score for found in matches(text, register_of(*PELLOW)))
        for text in (alone, f"{alone}\nHosp No: K1234567", "NHS Number: 999 000 0018")
    ]
    assert scores == sorted(set(scores))


def test_what_somebody_typed_is_never_bridged() -> None:
    """Post text is what it is: a typed number that fails its check digit is nobody's."""
    config = ExaminerConfig(registers=(register_of(*PELLOW),))
    found = Examiner(config).examine_text("NHS Number: 999 000 0078").findings
    assert [f for f in found if f.kind == "register_match"] == []


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("Patient: Mr Owen Pellow\nDOB: 01/02/1950\nLS99 9ZZ", [["surname_birth", "postcode_birth"]]),
        (
            "Patient: Mr Owen Pellow\nDOB: 1 Feb 1950\nHosp No: K1234567",
            [["surname_birth", "hospital_number"]],
        ),
        (
            "DOB: 01/02/50\nAddress: 3 High Street LS99 9ZZ\nMRN: K1234567",
            [["postcode_birth", "hospital_number"]],
        ),
        ("Patient: Mr Owen Pellow\nDOB: 01/02/1950", []),
        ("Patient: Mr Owen Pellow\nHosp No: K1234567", []),
        ("Patient: Mr Owen Pellow\nDOB: 02/02/1950\nAddress: 3 High Street LS99 9ZZ", []),
    ],
)
def test_supporting_fields_match_together(text: str, found: list[list[str]]) -> None:
    """Two different supporting fields make a match, one does not, nor do two of different dates."""
    assert fields(matches(text, register_of(*PELLOW))) == found


def test_how_many_supporting_fields_are_needed_is_settable() -> None:
    """One field can be made enough, and three required."""
    text = "Patient: Mr Owen Pellow\nDOB: 01/02/1950"
    assert fields(matches(text, register_of(*PELLOW), needed=1)) == [["surname_birth"]]
    assert fields(matches(text + "\nLS99 9ZZ", register_of(*PELLOW), needed=3)) == []
    assert len(fields(matches(text + "\nLS99 9ZZ\nMRN: K1234567", register_of(*PELLOW), needed=3))[0]) == 3


def test_two_dates_of_two_people_do_not_support_each_other() -> None:
    """A surname with one date and a postcode with another speak of two people."""
    register = register_of(
        *person("", "pellow", BORN),
        *person("", "", "1961-07-04", "LS999ZZ", ""),
        ("postcode_birth", ("LS999ZZ", "1961-07-04")),
    )
    text = "Patient: Mr Owen Pellow\nDOB: 01/02/1950\nDOB: 04/07/1961\nAddress: 3 High Street LS99 9ZZ"
    assert matches(text, register) == []


@pytest.mark.parametrize(
    "line",
    [
        "Re: P ELLOW, Owen (Mr) DOB: 01/02/1950 LS99 9ZZ",
        "Re: Mr Pel low DOB: 01/02/1950 LS99 9ZZ",
        "4 Pellow Owen M DOB 01/02/1950 LS99 9ZZ",
        "DOB 01/02/1950 Pellow LS99 9ZZ",
    ],
)
def test_words_beside_a_date_of_birth_are_tried_as_surnames(line: str) -> None:
    """Parted by an engine, or in a list without labels, a surname beside its date is found."""
    found = matches(f"Ward list\n{line}", register_of(*PELLOW))
    assert fields(found) == [["surname_birth", "postcode_birth"]]
    assert not any("ellow" in repr(each).casefold() for each in found)


@pytest.mark.parametrize(
    "name", ["PEILOW, Owen (Mr)", "PELL0W, Owen (Mr)", "Mr Owen Pell0w", "PEIIOW, Owen (Mr)"]
)
def test_a_misread_surname_is_bridged(name: str) -> None:
    """One shape that engines confuse in a surname does not hide it; two do."""
    found = matches(f"Patient: {name}\nDOB: 01/02/1950\nLS99 9ZZ", register_of(*PELLOW))
    assert bool(found) == (name != "PEIIOW, Owen (Mr)")


def test_a_digit_in_a_surname_is_bridged() -> None:
    """A zero that an engine put in place of an O is turned back, in what it read and nowhere else."""
    said = {"person_name": "PELL0W, Owen", "date_of_birth": "01/02/1950"}
    for origin, known in (("ocr", 1), ("post", 0)):
        why = Explanation("", {"origin": origin})
        findings = [Finding(kind, "d", "1", 0.5, "*", why, value) for kind, value in said.items()]
        assert len(match_findings(findings, [register_of(*PELLOW)], needed=1)) == known


def test_nothing_says_who_it_was() -> None:
    """A match names the register, its kind, owner and system, and holds no value of the page or the row."""
    (found, *_) = matches(LETTER, register_of(*PELLOW))
    told = repr(found) + found.explanation.why + str(dict(found.explanation.facts))
    assert found.value is None
    assert not [
        clear for clear in ("9990000018", "999 000 0018", "Pellow", "1950", "K1234567") if clear in told
    ]
    assert found.explanation.facts["organisation"] == "Test Trust"
    assert "in the register pas (Test Trust)" in found.explanation.why


def test_a_key_is_shown_nowhere() -> None:
    """Neither a register's repr nor an examination's signature depends on the key itself."""
    register = register_of(*PELLOW)
    assert KEY.hex() not in repr(register)
    assert str(KEY) not in repr(ExaminerConfig(registers=(register,)))


def test_a_register_changes_the_signature_and_does_not_reach_other_processes() -> None:
    """What was examined without a register is examined again with it; workers get a configuration without."""
    plain = ExaminerConfig()
    first = ExaminerConfig(registers=(register_of(*PELLOW),))
    second = ExaminerConfig(registers=(register_of(*PELLOW, generation=2),))
    assert len({plain.signature, first.signature, second.signature}) == 3
    assert pickle.loads(pickle.dumps(first.without_registers)) == plain


def test_another_key_finds_nothing() -> None:
    """The digests of one key are no use under another."""
    register = register_of(*PELLOW)
    assert matches(LETTER, replace(register, key=OTHER_KEY)) == []


def test_two_generations_of_one_register_say_a_thing_once() -> None:
    """While a key is rotated, old and new generation are both asked and one match comes out."""
    old, new = register_of(*PELLOW), register_of(*PELLOW, key=OTHER_KEY, generation=2)
    only_new = register_of(*person(NUMBER), key=OTHER_KEY, generation=2)
    assert len(matches("NHS Number: 999 000 0018", old, new)) == 1
    assert len(matches("NHS Number: 999 000 0018", register_of(), only_new)) == 1


def test_staff_names_count_in_registers_of_staff_only() -> None:
    """A clinician's name with a date of birth is a member of staff's, never a patient's."""
    text = "Signed: Dr Owen Pellow DOB: 01/02/1950\nLS99 9ZZ"
    assert matches(text, register_of(*PELLOW)) == []
    assert fields(matches(text, register_of(*PELLOW, kind="staff"))) == [["surname_birth", "postcode_birth"]]


def test_a_register_that_cannot_be_asked_is_noted() -> None:
    """A register without its file stops nothing and is spoken of."""
    lost = replace(register_of(*PELLOW, name="lost"), table=None)
    examined = Examiner(ExaminerConfig(registers=(lost, register_of(*PELLOW)))).examine_text(LETTER)
    assert "The register lost could not be asked." in examined.notes
    assert {f.masked for f in examined.findings if f.kind == "register_match"} == {"pas"}


def judged(text: str, *registers: Register) -> Assessment:
    """The judgement of a post's text."""
    return assess(Examiner(ExaminerConfig(registers=registers)).examine_text(text).findings)


def test_a_patient_of_the_register_decides() -> None:
    """A bare number alerts when it is a registered patient's, whatever speaks against it."""
    text = "training slide, specimen: 999 000 0018"
    assert not judged(text).alert
    known = judged(text, register_of(*PELLOW))
    assert known.alert
    assert known.severity == "high"
    assert known.reasons[0].startswith("a patient of the system PAS in the register pas")


def test_a_canary_is_always_critical_and_names_its_system() -> None:
    """A canary record raises a critical alert in every context, the author's own claim included."""
    for text in ("my own letter, NHS No 999 000 0018", "999 000 0018", LETTER, "SPECIMEN " + LETTER):
        found = judged(text, register_of(*PELLOW, kind="canary", name="traps"))
        assert (found.alert, found.severity) == (True, "critical")
        assert found.reasons[0].startswith("a canary record of the system PAS in the register traps")


def test_a_page_costs_a_bounded_number_of_lookups() -> None:
    """A page of hundreds of people is looked up within the limit, exact readings first."""
    rows = [
        f"NHS No: 999 {n:03} 0078 Mr Owen Pellow{'abcdefghij'[n % 10]} DOB: 01/02/19{n % 90 + 10}"
        for n in range(120)
    ]
    found = candidates_of(read("\n".join(rows)))
    assert len(found) <= MOST_CANDIDATES
    assert [c.doubt for c in found] == sorted(c.doubt for c in found)


VALUES = st.one_of(st.text(max_size=30), st.from_regex(r"[0-9OIl]{8,10}", fullmatch=True))
KINDS = st.sampled_from(
    ["nhs_number", "chi_number", "person_name", "staff_name", "date_of_birth", "postcode", "hospital_number"]
)


@settings(max_examples=50)
@given(st.lists(st.tuples(KINDS, VALUES, st.sampled_from(["ocr", "post", "code"])), max_size=12))
def test_any_findings_can_be_looked_up(said: list[tuple[str, str, str]]) -> None:
    """Whatever a detector hands over, looking it up raises nothing and gives the same every time."""
    findings = [
        Finding(kind, "d", "1", 0.5, "*", Explanation("", {"origin": origin}), value)
        for kind, value, origin in said
    ]
    register = register_of(*PELLOW)
    assert match_findings(findings, [register], needed=1) == match_findings(findings, [register], needed=1)
