"""The corpus generator: layouts, captures, what is held to be readable, the manifest."""

from __future__ import annotations

import json
import re
from collections import Counter
from dataclasses import replace
from pathlib import Path
from random import Random

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from benchmarks.corpus import base, output
from benchmarks.corpus.base import NUMBER_KINDS, Layout, LayoutsUnusable, layouts
from benchmarks.corpus.captures import CAPTURES
from benchmarks.corpus.damage import cropped_through, scan, turned
from benchmarks.corpus.legible import readings
from benchmarks.corpus.output import NumberNotMarked, Post, Task, plan, post, write
from benchmarks.corpus.pages import Renamed
from benchmarks.corpus.people import draw_patient, draw_scot
from benchmarks.corpus.rows import digits, row, shows
from benchmarks.synth.browser import _BENCHMARKS, _FOLDERS, Browser
from benchmarks.synth.documents import Document, Exposure
from benchmarks.synth.numbers import IssuedNumberShown, audit, check_digit, draw_nhs_number, spaced
from benchmarks.synth.people import draw_person
from benchmarks.synth.posts import Written
from benchmarks.synth.scenes import Mark, Picture

TRAIN = layouts("train")
NUMBERS = frozenset(NUMBER_KINDS)


def printed_number() -> Picture:
    """A white page with one marked number in an even hand."""
    pixels = np.full((700, 500, 3), 250, np.uint8)
    cv2.putText(
        pixels, "999 123 4567", (120, 330), cv2.FONT_HERSHEY_SIMPLEX, 1.0, (20, 20, 20), 2, cv2.LINE_AA
    )
    return Picture(
        pixels, (Mark("nhs_number", "999 123 4567", ((118, 298), (330, 298), (330, 342), (118, 342))),)
    )


def shown(picture: Picture) -> list[bool]:
    """Whether each number of the picture is held to be readable, beside the printed page."""
    return [reading.legible for reading in readings(printed_number(), picture, NUMBERS)]


# Layouts


def test_names_are_unique_and_captures_exist() -> None:
    """A layout's name is its own, its captures are in the table, and a picture has a caption."""
    assert max(Counter(layout.name for layout in TRAIN).values()) == 1
    for layout in TRAIN:
        assert set(layout.captures) <= set(CAPTURES), layout.name
        assert bool(layout.captures) == bool(layout.captions), layout.name
        assert layout.split == "train"


def test_both_labels_have_pictures_and_words() -> None:
    """Leaks and benign layouts are in balance, so that a decision cannot win by guessing."""
    counts = Counter(layout.label for layout in TRAIN)
    assert 0.5 < counts["leak"] / counts["benign"] < 2


@settings(max_examples=40, deadline=None)
@given(st.sampled_from(TRAIN), st.integers(0, 2**32))
def test_every_layout_keeps_the_number_rule(layout: Layout, seed: int) -> None:
    """Leaks expose somebody, benign posts nobody, and no number on them could be issued."""
    made = post(layout, Task("train", layout.name, 0, seed))
    audit([(made.id, made.readable)])
    assert bool(made.exposure and made.exposure.people) == (layout.label == "leak")
    assert made.text.strip() or made.page


def test_no_template_hides_another() -> None:
    """Each template name exists in one folder only, so a page is never drawn from another's file."""
    found = Counter(
        file.relative_to(_BENCHMARKS / folder / "html").as_posix()
        for folder in _FOLDERS
        for file in (_BENCHMARKS / folder / "html").rglob("*.html")
    )
    assert [name for name, count in found.items() if count > 1] == []


def test_two_layouts_of_one_name_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    """A name twice, or none at all, stops the run with a sentence that says what to mend."""
    monkeypatch.setattr(base, "_found", lambda _: iter((TRAIN[0], TRAIN[0])))
    with pytest.raises(LayoutsUnusable, match=f"two layouts of train are named {TRAIN[0].name}"):
        layouts("train")
    monkeypatch.setattr(base, "_found", lambda _: iter(()))
    with pytest.raises(LayoutsUnusable, match="heldout has no layouts"):
        layouts("heldout")


def test_unseen_layouts_are_dealt_by_turns(monkeypatch: pytest.MonkeyPatch) -> None:
    """Pictures and words of each label go to validation and test by turns, whatever split they name."""
    whole = tuple(
        replace(TRAIN[0], name=f"{label}{n}{way}", label=label, captures=(way,) if way else ())
        for label in ("leak", "benign")
        for way in ("", "scan")
        for n in range(3)
    )
    monkeypatch.setattr(base, "_found", lambda _: iter(whole))
    parts = {split: layouts(split) for split in base.UNSEEN}
    assert [layout.name for layout in parts["test"]] == ["benign1", "benign1scan", "leak1", "leak1scan"]
    assert sorted(layout.name for part in parts.values() for layout in part) == sorted(
        layout.name for layout in whole
    )
    assert all(layout.split == split for split, part in parts.items() for layout in part)


# People


@given(st.integers(0, 2**32))
def test_people_are_nobody(seed: int) -> None:
    """A drawn patient has a number that is never issued; a Scot a published test value."""
    patient, scot = draw_patient(Random(seed)), draw_scot(Random(seed))
    audit([("patient", patient.nhs), ("scot", scot.nhs)])
    assert patient.nhs_number[0] == "9"
    assert scot.nhs_number[:6] == scot.born.strftime("%d%m%y")
    assert (int(scot.nhs_number[8]) % 2 == 1) == (scot.sex == "Male")


# What can be read


def test_a_plain_page_is_readable_and_a_covered_number_is_not() -> None:
    """The page itself reads; with the middle of the number boxed out, or blurred away, it does not."""
    page = printed_number()
    assert shown(page) == [True]
    covered, blurred = page.pixels.copy(), cv2.GaussianBlur(page.pixels, (0, 0), 7)
    covered[290:350, 190:260] = 0
    assert shown(Picture(covered, page.marks)) == [False]
    assert shown(Picture(np.asarray(blurred, np.uint8), page.marks)) == [False]


def test_small_digits_and_those_outside_are_not_readable() -> None:
    """Digits under nine pixels do not count, and a mark beyond the frame is not seen at all."""
    page = printed_number()
    small = scan(None, Picture(page.pixels[:, :], page.marks), 3)
    pixels = cv2.resize(page.pixels, None, fx=0.3, fy=0.3, interpolation=cv2.INTER_AREA)
    quad = tuple((x * 0.3, y * 0.3) for x, y in page.marks[0].quad)
    assert shown(small) == [True]
    assert shown(Picture(pixels, (replace(page.marks[0], quad=quad),))) == [False]
    assert shown(Picture(page.pixels[:, :300], page.marks)) == []


@pytest.mark.parametrize("seed", range(4))
def test_marks_follow_turns_and_crops(seed: int) -> None:
    """Turned by quarters the number still reads at its mark; a crop keeps the mark it was aimed at."""
    as_is = lambda _browser, page, _seed: page  # noqa: E731
    assert shown(turned(as_is)(None, printed_number(), seed)) == [True]
    assert shown(cropped_through(as_is)(None, printed_number(), seed)) in ([True], [])


@pytest.mark.needs_chromium
@pytest.mark.parametrize("name", ["screen_photo", "chat", "story"])
def test_a_capture_repeats_and_differs_by_seed(chromium, name: str) -> None:
    """The same page and seed give the same picture; another seed gives another setting."""
    take, opened = CAPTURES[name], Browser(chromium)
    first, again, other = (take(opened, printed_number(), seed) for seed in (5, 5, 6))
    assert np.array_equal(first.pixels, again.pixels)
    assert first.marks == again.marks
    assert first.pixels.shape != other.pixels.shape or not np.array_equal(first.pixels, other.pixels)


# The manifest


@given(st.integers(0, 2**32))
def test_numbers_are_found_however_they_are_spelt(seed: int) -> None:
    """Spaced, circled, with zero-width signs, or in words: the reader's number is there."""
    number = draw_nhs_number(Random(seed))
    circled = "".join("\u24ea" if d == "0" else chr(0x2460 + int(d) - 1) for d in number)
    words = ["zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine"]
    for text in (spaced(number), circled, "\u200b".join(number), " ".join(words[int(d)] for d in number)):
        assert shows(f"her number is {text}, ok", number)
    assert digits("double seven") == "77"
    assert not shows(number[:9], number)


def leak(text: str, number: str) -> dict:
    """The row of a post of words about one person."""
    person = replace(draw_patient(Random(1)), nhs_number=number)
    layout = Layout("t", "train", "leak", "text_gossip", "patient_record", lambda _: Written(text))
    return row("t-000", layout, text, text, Exposure("text_post", "", (person,)))


def test_a_post_of_words_lists_only_numbers_it_shows() -> None:
    """Naming somebody is a leak without numbers; an order's number beside it is a decoy."""
    number, order = draw_nhs_number(Random(4)), draw_nhs_number(Random(5))
    told = leak(f"NHS no {spaced(number)}", number)
    assert (told["nhs_numbers"], told["id_scheme"], told["file"], told["capture"]) == (
        [number],
        "nhs",
        None,
        "text",
    )
    silent = leak(f"she is on ward 4, my parcel is {order}", number)
    assert (silent["nhs_numbers"], silent["nhs_numbers_illegible"]) == ([], [])
    assert silent["decoys_passing_mod11"] == [order]


def test_a_page_with_an_issued_number_is_never_written() -> None:
    """Drawing again does not help where every draw shows an issued number: the run stops."""
    number = next(f"70000000{n}{c}" for n in range(10) if (c := check_digit(f"70000000{n}")))
    layout = Layout("bad", "train", "benign", "joke", "unknown", lambda _: Written(f"ring {number}"))
    with pytest.raises(IssuedNumberShown):
        post(layout, Task("train", "bad", 0, 1))


def test_a_leak_that_shows_nobody_is_taken_again(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where nothing tells whom a leak exposes another way is tried; a benign picture may hide all."""
    monkeypatch.setitem(CAPTURES, "hidden", lambda _, page, __: Picture(page.pixels * 0, page.marks))
    ways = ("hidden", "scan")
    layout = Layout("t", "train", "leak", "letter", "patient_record", lambda _: Written(""), ways)
    made = Post("t-000", layout, "", None, None, "hidden", 1)
    assert output._take(None, made, printed_number())[0] == "scan"
    harmless = replace(made, layout=replace(layout, label="benign"))
    assert output._take(None, harmless, printed_number())[0] == "hidden"


@pytest.mark.needs_chromium
def test_a_number_without_a_mark_is_refused(chromium) -> None:
    """A page that prints an exposed person's number unmarked has no truth about where it stands."""
    page = next(layout for layout in TRAIN if layout.name == "feed_wristband").draw(Random(2))
    assert isinstance(page, Document)
    post_ = Post("x", TRAIN[0], "", page.page, page.exposure, "scan", 1)
    leaking = replace(TRAIN[0], label="leak")
    with pytest.raises(NumberNotMarked):
        output._require_marks(replace(post_, layout=leaking), set())


@pytest.mark.needs_chromium
def test_a_corpus_is_written(tmp_path: Path) -> None:
    """One leak and one benign picture: files, rows in the plan's order, numbers with their places."""
    tasks = plan("train", 1, 11, ["feed_blood_app", "feed_job"])
    rows = write(tasks, tmp_path, 2)
    lines = (tmp_path / "manifest.jsonl").read_text("utf-8").splitlines()
    assert [json.loads(line) for line in lines] == json.loads(json.dumps(rows))
    assert [row["label"] for row in rows] == ["leak", "benign"]
    assert all((tmp_path / row["file"]).stat().st_size == row["bytes"] for row in rows)
    found = rows[0]["nhs_numbers"] + rows[0]["nhs_numbers_illegible"]
    assert len(found) == len(rows[0]["names"]) == 1
    assert rows[1]["nhs_numbers"] == []


def test_an_unknown_layout_is_named() -> None:
    """--only with a name no layout has says so instead of writing nothing."""
    with pytest.raises(LayoutsUnusable, match="no layout of train is named nobody"):
        plan("train", 1, 11, ["nobody"])


def test_only_texts_or_only_pictures_are_planned() -> None:
    """--only takes a kind as well as names: posts of words need no browser, so they can be drawn alone."""
    pictures = {task.layout for task in plan("train", 1, 11, ["pictures"])}
    words = {task.layout for task in plan("train", 1, 11, ["texts"])}
    assert pictures == {layout.name for layout in TRAIN if layout.captures}
    assert words == {layout.name for layout in TRAIN} - pictures
    named = next(iter(words))
    assert {task.layout for task in plan("train", 1, 11, ["pictures", named])} == pictures | {named}


TAKEN_LEAKS = [layout for layout in TRAIN if layout.label == "leak" and layout.captures]


@pytest.mark.parametrize("layout", TAKEN_LEAKS[::9], ids=lambda layout: layout.name)
def test_a_twin_is_the_same_page_of_another_patient(layout: Layout) -> None:
    """Neither name nor number of the first is left on it, and no line is added or lost."""
    made = post(layout, Task("train", layout.name, 0, 5))
    assert made.page
    assert made.exposure
    others = {one: draw_person(Random(3), sex=one.sex) for one in made.exposure.people}
    twin = Renamed.of(made.page, others)
    for one in others:
        assert not shows(twin.text, one.nhs_number)
        assert not re.search(rf"\b{re.escape(one.family)}\b", twin.text, re.IGNORECASE)
    assert len(twin.text.splitlines()) == len(made.page.text.splitlines())
