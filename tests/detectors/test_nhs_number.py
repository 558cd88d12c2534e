"""NHS, CHI and H&C numbers: arithmetic, ranges, labels, look-alikes, masks."""

from __future__ import annotations

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from detectors.base import Box, TextLayer, Word
from detectors.identifiers.digits import digit_groups
from detectors.identifiers.masking import mask_number
from detectors.identifiers.nhs_number import PatientNumbers, pass_rate
from detectors.identifiers.numbers import (
    is_chi,
    passes_modulus_10,
    passes_modulus_11,
    starts_with_date,
    use_of,
)
from detectors.normalise import Match, post_text, read_layer


def check_digit(nine: str) -> int | None:
    """The modulus 11 check digit, worked out independently of the code under test."""
    c = 11 - sum(int(d) * w for d, w in zip(nine, range(10, 1, -1), strict=True)) % 11
    return {11: 0, 10: None}.get(c, c)


def ocr(*rows: str) -> TextLayer:
    """A page as an engine reads it: one word per gap, a row every 30 pixels, 10 pixels a character."""
    words = []
    for line, row in enumerate(rows):
        at = 0
        for text in row.split(" "):
            if text:
                words.append(Word(text, Box(at * 10, line * 30, len(text) * 10, 24), 0.95, line))
            at += len(text) + 1
    return TextLayer("ocr", tuple(words))


def numbers(layer: TextLayer | str, *, accept: bool = True) -> list[Match]:
    """The patient numbers of a page or a post."""
    page = read_layer(post_text(layer) if isinstance(layer, str) else layer)
    return list(PatientNumbers(accept_unissued=accept)(page))


synthetic = (
    st.integers(min_value=0, max_value=999_999)
    .map(lambda n: f"999{n:06d}")
    .filter(lambda nine: check_digit(nine) is not None and len(set(nine)) > 1)
    .map(lambda nine: f"{nine}{check_digit(nine)}")
)


@pytest.mark.parametrize(
    "number", ["9434765919", "9990000018", "9990123454", "9998887771", "9990000123", "0306406152"]
)
def test_right_check_digits_pass(number: str) -> None:
    """Published and test-range vectors pass modulus 11."""
    assert passes_modulus_11(number)


@pytest.mark.parametrize(
    "number",
    ["9434765918", "9344765919", "9991234560", "9876543211"]
    + [f"999123456{d}" for d in range(10)]
    + [f"999000000{d}" for d in range(10)],
)
def test_wrong_check_digits_fail(number: str) -> None:
    """A wrong digit, a transposition, and prefixes that are never issued (check digit 10) all fail."""
    assert not passes_modulus_11(number)


@pytest.mark.parametrize("digit", "0123456789")
def test_repdigits_never_pass(digit: str) -> None:
    """All ten repdigits satisfy the arithmetic and are refused, labelled or not."""
    assert not passes_modulus_11(digit * 10)
    assert not passes_modulus_10(digit * 10)
    assert numbers(f"NHS number {digit * 10}") == []


@given(synthetic, st.integers(0, 9), st.integers(1, 9))
def test_every_single_substitution_is_caught(number: str, place: int, shift: int) -> None:
    """Changing any one digit of a passing number makes it fail."""
    changed = str((int(number[place]) + shift) % 10)
    assert not passes_modulus_11(number[:place] + changed + number[place + 1 :])


@given(synthetic, st.integers(0, 8))
def test_every_adjacent_transposition_is_caught(number: str, place: int) -> None:
    """Swapping two different neighbours makes a passing number fail."""
    swapped = number[:place] + number[place + 1] + number[place] + number[place + 2 :]
    assert swapped == number or not passes_modulus_11(swapped)


@given(st.text("0123456789", min_size=10, max_size=10))
def test_masks_show_five_digits_at_most(number: str) -> None:
    """A mask never shows more than five of the ten digits."""
    assert sum(c.isdigit() for c in mask_number(number)) == 5


@pytest.mark.parametrize(
    "form", ["{}{}{}", "{} {} {}", "{}-{}-{}", "{}.{}.{}", "{}\u00a0{}\u202f{}", "{}_{}_{}"]
)
@given(number=synthetic)
def test_grouping_makes_no_difference(form: str, number: str) -> None:
    """However a labelled number is grouped, the same value is found with the same verdict."""
    written = form.format(number[:3], number[3:6], number[6:])
    found = numbers(f"NHS no {written} thanks")
    assert [(m.kind, m.value, m.valid) for m in found] == [("nhs_number", number, True)]


@pytest.mark.parametrize(
    "written",
    [
        "9 9 9 0 0 0 0 0 1 8",
        "99 90 00 00 18",
        "⑨⑨⑨⓪⓪⓪⓪⓪①⑧",
        "".join(chr(0xFF10 + int(d)) for d in "9990000018"),
        "".join(chr(0x1D7CE + int(d)) for d in "9990000018"),
        "9990\u200b000\u200b018",
        "999\n000\n0018",
        "999/000/0018",
        "nine nine nine zero zero zero zero zero one eight",
        "triple nine double zero triple zero one eight",
    ],
)
def test_disguised_digits_are_read(written: str) -> None:
    """Spacing, full-width, circled, mathematical, zero-width-parted and spelled digits are one number."""
    assert [m.value for m in numbers(f"her NHS number {written}, lol")] == ["9990000018"]


@pytest.mark.parametrize(
    ("number", "use"),
    [
        ("3199999999", "unallocated"),
        ("3200000019", "hc"),
        ("3999999999", "hc"),
        ("4000000000", "nhs"),
        ("5000000000", "unallocated"),
        ("6000000000", "nhs"),
        ("7999999999", "nhs"),
        ("8000000000", "ireland"),
        ("8600000000", "unallocated"),
        ("9000000000", "unissued"),
        ("0101000000", "chi"),
    ],
)
def test_ranges_say_who_issues(number: str, use: str) -> None:
    """The prefix decides the scheme."""
    assert use_of(number) == use


@pytest.mark.parametrize(
    ("number", "either", "strict"),
    [
        ("1904851231", True, True),
        ("2902201230", True, True),
        ("0101336489", True, True),
        ("0101201234", True, False),
        ("0101011237", True, True),
        ("1904851232", False, False),
        ("0101201233", False, False),
        ("3201201234", False, False),
        ("0113201234", False, False),
        ("2902191230", False, False),
        ("0000000000", False, False),
    ],
)
def test_chi_numbers_need_a_date_and_a_check_digit(number: str, either: bool, strict: bool) -> None:
    """The published CHI vectors, with and without the newer modulus 10."""
    assert is_chi(number) is either
    assert is_chi(number, modulus_10=False) is strict


@pytest.mark.parametrize("number", ["9990000011", "9990123458", "9998887773"])
def test_modulus_10_vectors_pass(number: str) -> None:
    """Luhn vectors on bodies that are no dates pass, and fail with the next digit."""
    assert passes_modulus_10(number)
    assert not passes_modulus_10(number[:9] + str((int(number[9]) + 1) % 10))


def test_a_tenth_of_a_percent_of_random_numbers_is_a_patient() -> None:
    """One random number in eleven passes; 2.7 % lie in an issued NHS range; .33 % are CHI numbers."""
    draw = random.Random(20250101)
    sample = [f"{draw.randrange(10**10):010d}" for _ in range(60_000)]
    passing = [n for n in sample if passes_modulus_11(n)]
    assert len(passing) / len(sample) == pytest.approx(0.0909, abs=0.005)
    assert sum(use_of(n) == "nhs" for n in passing) / len(sample) == pytest.approx(0.0273, abs=0.003)
    assert sum(is_chi(n, modulus_10=False) for n in sample) / len(sample) == pytest.approx(0.0033, abs=0.001)


def test_there_are_36525_birth_dates() -> None:
    """Every DDMMYY that is a real date in some century, and no other, is a date."""
    assert sum(starts_with_date(f"{n:06d}0000") for n in range(1_000_000)) == 36_525


def test_a_labelled_number_scores_high_and_a_bare_one_low() -> None:
    """The label makes the patient; the check digit alone does not."""
    [labelled] = numbers("NHS No: 999 000 0018")
    [bare] = numbers("what is 999 000 0018 then")
    assert labelled.score > 0.9
    assert bare.score < 0.5
    assert labelled.masked == "999 *** **18"


def test_unissued_numbers_are_test_data_unless_accepted() -> None:
    """A 9xx number belongs to no patient by default, and the finding says so."""
    [finding] = numbers("NHS No: 999 000 0018", accept=False)
    assert finding.score < 0.1
    assert finding.facts["unissued"]


@pytest.mark.parametrize("accept", [True, False])
def test_published_examples_are_nobody(accept: bool) -> None:
    """The number printed in the standards scores next to nothing even with a label."""
    [finding] = numbers("NHS Number 943 476 5919", accept=accept)
    assert finding.score < 0.1
    assert finding.facts["published"]


@pytest.mark.parametrize(
    "text",
    [
        "call +44 7700 900019",
        "ring 07700 900019 now",
        "tel +447700900019",
        "(617) 555-0102",
        "whatsapp 7700900019",
        "ISBN 0306406152",
        "where is my order 9990000018",
        "tracking number 9990000018",
        "booking 999 000 0018 is confirmed",
        "UTR 99900 00018",
        "txid=9990000018",
    ],
)
def test_other_uses_are_not_reported(text: str) -> None:
    """Digits that a telephone, ISBN, order, parcel, ticket or tax context names are no patient number."""
    assert numbers(text) == []


def test_no_drama_mobile_scores_without_a_label() -> None:
    """91 of the 1000 fictional mobiles pass modulus 11 as ten digits; none scores like a patient's."""
    mobiles = [f"7700900{n:03d}" for n in range(1000)]
    assert sum(passes_modulus_11(mobile) for mobile in mobiles) == 91
    assert all(m.score <= 0.35 for mobile in mobiles for m in numbers(f"got {mobile} here"))


@pytest.mark.parametrize(
    ("row", "kind"),
    [
        ("NHS No. 999 000 0018", "nhs_number"),
        ("NHSNo:9990000018", "nhs_number"),
        ("NH5 N0. 999 000 0018", "nhs_number"),
        ("NHS Numbcr 999 000 0018", "nhs_number"),
        ("N.H.S. Number 999-000-0018", "nhs_number"),
        ("Rhif GIG 999 000 0018", "nhs_number"),
        ("Rhif y GIG: 9990000018", "nhs_number"),
        ("umber: 9990000018", "nhs_number"),
        ("H&C No 999 000 0018", "hc_number"),
        ("Health and Care Number 999 000 0018", "hc_number"),
        ("CHI 190 485 1231", "chi_number"),
        ("CHI Number 0101201234", "chi_number"),
    ],
)
def test_labels_are_read_however_damaged(row: str, kind: str) -> None:
    """English and Welsh labels, clipped or misread, name the number and its scheme."""
    [finding] = numbers(ocr(row))
    assert (finding.kind, finding.valid) == (kind, True)
    assert finding.score > 0.85


def test_ocr_letters_are_repaired_inside_digit_groups_only_of_pictures() -> None:
    """An engine's 99O OO0 OOl8 is a number; the same typed by somebody is not, and pipes part columns."""
    assert [m.value for m in numbers(ocr("NHS No 999 O00 00l8"))] == ["9990000018"]
    assert numbers("NHS No 999 O00 00l8") == []
    assert [m.value for m in numbers("Smith|9990000018|12 High Street")] == ["9990000018"]


def test_a_column_heading_labels_the_numbers_below_it() -> None:
    """In a table the label stands above, not beside."""
    page = ocr(
        "Name          NHS Number      Ward",
        "SMITH, Ann    999 000 0018    A4",
        "JONES, Bob    999 012 3454    A5",
    )
    assert [(m.value, m.score > 0.85) for m in numbers(page)] == [("9990000018", True), ("9990123454", True)]


def test_a_labelled_number_that_fails_is_shown_as_misread() -> None:
    """A failing labelled number is reported as such and never corrected."""
    [finding] = numbers(ocr("NHS No 943 476 5918"))
    assert finding.valid is False
    assert finding.value == "9434765918"


@pytest.mark.parametrize(
    "text", ["12/03/1985 42", "seen 01-02-2003-44", "99-90-00-00-18-22", "1234567890123"]
)
def test_dates_and_longer_numbers_are_no_groups(text: str) -> None:
    """Ten digits inside a date or a longer number are not a group."""
    assert digit_groups(read_layer(post_text(text))) == []


def test_pass_rate_counts_unlabelled_groups() -> None:
    """What a chance filter needs: how many bare groups there are and how many pass."""
    page = read_layer(post_text("1234567890\n1234567891\n9990000018\nNHS no 9990123454"))
    assert pass_rate(page) == (3, 1)


@pytest.mark.parametrize(
    "text",
    [
        "Gemma Dalgleesh \uff19\uff19\uff19\uff10\uff10\uff10\uff10\uff10\uff11\uff18",
        "filter dodge \u2468\u2468\u2468\u24ea\u24ea\u24ea\u24ea\u24ea\u2460\u2467",
        "9\u200b9\u200b9\u200b0\u200b0\u200b0\u200b0\u200b0\u200b1\u200b8",
    ],
)
def test_a_disguised_number_weighs_more(text: str) -> None:
    """Nobody writes an order number in circled or full-width digits: who hides a number has one to hide."""
    [disguised] = numbers(text)
    [plain] = numbers("9990000018")
    assert disguised.value == plain.value == "9990000018"
    assert disguised.score > plain.score
    assert "no search" in disguised.why


@pytest.mark.parametrize("born", ["27/12/2000", "19/10/2005(20)", "08/10/2000 (25)"])
def test_a_birth_in_the_two_thousands_is_no_dialling_code(born: str) -> None:
    """The 00 of a year does not make the number behind it a telephone's."""
    assert [n.value for n in numbers(ocr(f"LLEWELLYN, Margaret {born} 999 000 0018 W7/12"))] == ["9990000018"]


def test_the_row_above_does_not_say_what_a_number_is() -> None:
    """A list's cell may end in "ref" or "tel"; the next row's number is its own."""
    assert [n.value for n in numbers(ocr("Social worker ref", "999 000 0018 A5"))] == ["9990000018"]


def test_a_number_beside_a_name_weighs_more() -> None:
    """A bare number that passes is more likely somebody's when a person is named beside it."""
    [beside] = numbers("9990000018 (that's Harpreet Grzelak)")
    [bare] = numbers("9990000018 (that's what I paid)")
    assert beside.score > bare.score


def test_a_number_that_a_narrow_label_breaks_is_one() -> None:
    """The last four digits alone on the next row belong to it; a row that goes on does not."""

    def groups(text: str) -> list[str]:
        return [group.digits for group in digit_groups(read_layer(TextLayer("ocr", plain=text)))]

    assert groups("NHS No\n999 000\n0018\nward 4") == ["9990000018"]
    assert groups("999 000\n0018 paid") == []
    assert groups("999 000\n\n0018") == []
