"""Texts: sealed while they are needed, masked wherever people see them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from detectors.examine import Examiner
from detectors.table import ExaminerConfig
from monitor.core import Core
from monitor.errors import NotFound
from monitor.storage.base import new_id
from monitor.storage.post import PostRevision
from monitor.texts import HIDDEN, PostText, drop_text, mask_text, open_text, seal_text
from monitor.vault import EvidenceAltered

NUMBER = "9990123454"
EXAMINER = Examiner(ExaminerConfig(accept_unissued=True))
GAPS = ("", " ", "-", ".", " - ", "\u00a0", "\u2009", "\u200b", "\u2013", "\u00b7", "_")
DIGITS = ("0123456789", "０１２３４５６７８９", "𝟎𝟏𝟐𝟑𝟒𝟓𝟔𝟕𝟖𝟗")


def masked(text: str) -> str:
    """The text as the pipeline masks it."""
    return mask_text(text, EXAMINER.examine_text(text).findings)


@given(st.sampled_from(GAPS), st.sampled_from(GAPS), st.sampled_from(DIGITS), st.sampled_from([3, 1, 2, 5]))
def test_a_number_is_hidden_however_it_is_spaced(first: str, second: str, digits: str, size: int) -> None:
    """Grouped and parted in any way, in any script's digits, no digit of a number stays."""
    written = "".join(digits[int(digit)] for digit in NUMBER)
    text = f"NHS No {written[:size]}{first}{written[size:6]}{second}{written[6:]} on the door"
    shown = masked(text)
    assert not set(shown) & set(written)
    assert shown.startswith("NHS No ")
    assert shown.endswith(" on the door")
    assert len(shown) == len(text)


@given(st.text(max_size=60), st.integers(10**5, 10**14), st.text(max_size=60))
def test_any_long_number_is_hidden(before: str, number: int, after: str) -> None:
    """Six digits or more in a row are hidden, whatever they mean and whatever surrounds them."""
    shown = mask_text(before + str(number) + after, ())
    assert len(shown) == len(before) + len(str(number)) + len(after)
    assert str(number) not in shown
    assert HIDDEN in shown


@given(st.text(max_size=200))
def test_masking_changes_nothing_else(text: str) -> None:
    """Every character either stays where it was or is hidden."""
    shown = masked(text)
    assert len(shown) == len(text)
    assert all(now in (HIDDEN, was) for was, now in zip(text, shown, strict=True))


def test_a_name_is_hidden_each_time() -> None:
    """A person's name is hidden where it was found and wherever it is said again, as a whole word."""
    row = "Patient: Mrs Amelia Tregarth, NHS No 999 012 3454, DOB 14/03/1951."
    shown = masked(f"{row} Poor amelia\ntregarth! Ameliatregarthian.")
    assert "melia\n" not in shown
    assert "1951" not in shown
    assert shown.startswith("Patient: ")
    assert shown.endswith("! Ameliatregarthian.")


def test_short_numbers_stay() -> None:
    """Doses, prices and times are left for people to read."""
    text = "Ramipril 2.5 mg at 9:30, bed 12, paid 4.50"
    assert masked(text) == text


def test_a_text_is_sealed_under_its_revision(core: Core) -> None:
    """A sealed text opens again for its own revision only, and not once it was dropped."""
    text = PostText(
        "look: 999 012 3454 \ud83d\ude00".encode("utf-16", "surrogatepass").decode("utf-16"), ("an alt", "")
    )
    revision = PostRevision(id=new_id())
    seal_text(core.vault, revision, text)
    assert b"999" not in (revision.text_ciphertext or b"")
    assert open_text(core.vault, revision) == text
    assert text.whole.endswith("\nan alt")
    assert "999" not in repr(text)
    other = PostRevision(id=new_id(), text_ciphertext=revision.text_ciphertext, text_key=revision.text_key)
    with pytest.raises(EvidenceAltered):
        open_text(core.vault, other)
    drop_text(revision)
    with pytest.raises(NotFound):
        open_text(core.vault, revision)
