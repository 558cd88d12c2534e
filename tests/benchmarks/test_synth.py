"""The generator of the sample feed, and the feed that is shipped."""

from __future__ import annotations

import json
from dataclasses import replace
from functools import cache
from pathlib import Path
from random import Random

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

import monitor.demo
from benchmarks.synth import documents, everyday, output
from benchmarks.synth.browser import Browser
from benchmarks.synth.drawing import code128
from benchmarks.synth.lens import Lens
from benchmarks.synth.numbers import (
    IssuedNumberShown,
    audit,
    check_digit,
    could_be_issued,
    draw_decoy,
    draw_nhs_number,
    draw_prescription_id,
    passes,
    spaced,
    ten_digit_numbers,
)
from benchmarks.synth.optics import View, camera
from benchmarks.synth.posts import Post, plan, template_page
from benchmarks.synth.scenes import Mark, Picture, Setting, cropped, framed, photograph, scanned
from benchmarks.synth.sheet import Relief, Sheet

SEED = 7
DEMO = Path(monitor.demo.__file__).parent
IMAGES = DEMO / "feed" / "images"
RELIEFS = {
    "flat": Relief(),
    "folded": Relief(folds=(("y", -3.0, 0.5), ("x", 0.4, 0.4))),
    "curled": Relief(curl=0.8, wave=0.4),
    "band": Relief(bow=1.2),
}


@cache
def shipped() -> list[dict]:
    """The posts of the shipped feed."""
    return [json.loads(line) for line in (DEMO / "feed" / "posts.jsonl").read_text("utf-8").splitlines()]


@cache
def expected() -> dict[str, dict]:
    """What is expected of the shipped feed."""
    return json.loads((DEMO / "expected.json").read_text("utf-8"))


def planned(seed: int) -> list[tuple[str, str, str]]:
    """A plan as it would be written, without the places of the marks."""
    return [(output.feed_line(p), json.dumps(output.truth(p)), p.readable) for p in plan(seed)]


def issued_bodies() -> st.SearchStrategy[str]:
    """Nine digits of a range that is issued to people; made at run time, so no file holds such a number."""
    digits = st.text("0123456789", min_size=9, max_size=9)
    england = st.builds(lambda first, rest: first + rest[1:], st.sampled_from("467"), digits)
    ireland = st.builds(lambda two, rest: str(two) + rest[2:], st.integers(32, 39), digits)
    scotland = st.builds(
        lambda day, rest: day.strftime("%d%m%y") + rest[6:], st.dates(min_value=_day(1920)), digits
    )
    return st.one_of(england, ireland, scotland).filter(lambda nine: check_digit(nine) is not None)


def _day(year: int):
    from datetime import date

    return date(year, 1, 1)


def straightened(pixels: np.ndarray, mark: Mark, height: int = 48, margin: float = 0.15) -> np.ndarray:
    """The marked place, turned upright."""
    quad = np.asarray(mark.quad, np.float32)
    wide = np.linalg.norm(quad[1] - quad[0]) / np.linalg.norm(quad[3] - quad[0]) * height
    m = margin * height
    to = np.array([[m, m], [m + wide, m], [m + wide, m + height], [m, m + height]], np.float32)
    size = (round(wide + 2 * m), round(height + 2 * m))
    return cv2.warpPerspective(pixels, cv2.getPerspectiveTransform(quad, to), size)


def marks_of(name: str, kind: str = "nhs_number") -> list[Mark]:
    """The shipped marks of one kind of a post."""
    return [
        Mark(m["kind"], m["text"], tuple(map(tuple, m["quad"])))
        for m in expected()[name]["marks"]
        if m["kind"] == kind
    ]


# The plan


def test_a_seed_fixes_posts_and_truth() -> None:
    """The same seed gives the same lines, truths and page texts; another seed gives other people."""
    assert planned(SEED) == planned(SEED)
    assert planned(SEED) != planned(SEED + 1)


def test_leaks_and_harmless_posts_balance() -> None:
    """A plan has at least as many harmless posts as leaks, and words alone among both."""
    posts = plan(SEED)
    leaks = [p for p in posts if p.exposure]
    assert 12 <= len(leaks) <= len(posts) - len(leaks)
    assert {bool(p.exposure) for p in posts if p.page is None} == {True, False}
    assert len({p.id for p in posts}) == len(posts)


@settings(max_examples=30)
@given(seed=st.integers(0, 2**32), name=st.sampled_from(sorted(documents.DOCUMENTS)))
def test_documents_show_their_people_and_nobody_real(seed: int, name: str) -> None:
    """Every document shows the numbers of the people it says it exposes, and none that could be issued."""
    document = documents.DOCUMENTS[name](Random(seed))
    audit([(name, document.page.text)])
    shown = ten_digit_numbers(document.page.text)
    assert document.exposure.people
    assert {p.nhs_number for p in document.exposure.people} <= shown


def test_the_template_is_blank() -> None:
    """The registered form names the trust and shows no patient: no ten-digit number, no date of birth."""
    text = template_page(SEED).text
    assert "Ashmarket and Vale Hospitals" in text
    assert "DOB" not in text
    assert not ten_digit_numbers(text)


# The number rule


@given(
    nine=issued_bodies(),
    form=st.sampled_from(["{}{}{}", "{} {} {}", "{}-{}-{}", "NHS No:{}\u00a0{}\u00a0{}."]),
)
def test_the_audit_refuses_issued_numbers(nine: str, form: str) -> None:
    """A valid number of any issued range stops the run, however it is spaced, and is not repeated."""
    number = nine + (check_digit(nine) or "")
    with pytest.raises(IssuedNumberShown) as refused:
        audit([("a page", f"see {form.format(number[:3], number[3:6], number[6:])} above")])
    assert number not in str(refused.value)


@given(st.integers(0, 2**32))
def test_drawn_numbers_are_nobodys(seed: int) -> None:
    """Patients' numbers and decoys are valid, never issued, and pass the audit."""
    rng = Random(seed)
    for number in (draw_nhs_number(rng), draw_decoy(rng), draw_decoy(rng, "5"), draw_decoy(rng, "87")):
        assert passes(number)
        assert not could_be_issued(number)
        audit([("a caption", f"{number} or {spaced(number)}")])


def test_the_audit_comes_before_writing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A post with an issued number stops the run before a folder is made."""
    number = next(f"70000000{n}{c}" for n in range(10) if (c := check_digit(f"70000000{n}")))
    bad = [replace(post, text=f"ring {number}") for post in plan(SEED)]
    monkeypatch.setattr(output, "plan", lambda _: bad)
    with pytest.raises(IssuedNumberShown, match="demo-01"):
        output.build(tmp_path / "feed", SEED)
    assert not list(tmp_path.iterdir())


@given(st.integers(0, 2**32))
def test_prescription_identifiers_check(seed: int) -> None:
    """A drawn prescription identifier satisfies ISO/IEC 7064 MOD 37-2."""
    alphabet = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ+"
    *body, last = draw_prescription_id(Random(seed), "A99999").replace("-", "")
    total = 0
    for character in body:
        total = (total + alphabet.index(character)) * 2 % 37
    assert (total + alphabet.index(last)) % 37 == 1


@given(st.text([chr(c) for c in range(32, 127)], min_size=1, max_size=24))
def test_bars_have_the_width_of_code_128(text: str) -> None:
    """Start, characters, check and stop take 11 modules each and 2 more, between two quiet zones of 10."""
    code = code128(text)
    assert code.width == 11 * (len(text) + 3) + 2 + 20
    ends = [left + wide for left, wide in code.bars]
    assert all(end < left for end, (left, _) in zip(ends, code.bars[1:], strict=False))
    assert ends[-1] == code.width - 10


# Geometry


def printed_bar() -> Picture:
    """A white A5 page with one black bar, marked."""
    pixels = np.full((1000, 700, 3), 255, np.uint8)
    pixels[300:340, 380:600] = 0
    return Picture(pixels, (Mark("bar", "", ((380, 300), (600, 300), (600, 340), (380, 340))),))


def overlap(picture: Picture) -> float:
    """Shared area of the marked quad and the dark pixels round it, over their union."""
    quad = np.asarray(picture.marks[0].quad)
    mask = np.zeros(picture.pixels.shape[:2], np.uint8)
    cv2.fillPoly(mask, [np.rint(quad).astype(np.int32)], 1)
    left, top = np.floor(quad.min(0)).astype(int) - 12
    right, bottom = np.ceil(quad.max(0)).astype(int) + 12
    part, dark = mask[top:bottom, left:right], picture.pixels[top:bottom, left:right].mean(-1) < 110
    return float((part & dark).sum() / (part | dark).sum())


@pytest.mark.parametrize("relief", RELIEFS.values(), ids=RELIEFS)
def test_marks_cover_what_they_mark_in_a_photograph(relief: Relief) -> None:
    """Through fold, curl, turn and perspective, the mark's corners still hold the dark bar."""
    sheet = Sheet((14.8, 21.1), (0.4, -0.3), 7.0, relief)
    setting = Setting((700, 820), View((0, 0), 30, 22, 12, -6), sheet, "counter", lens=Lens(0.5, noise=0.008))
    assert overlap(photograph(printed_bar(), setting, 3)) > 0.85


@pytest.mark.parametrize(
    "picture",
    [
        scanned(printed_bar(), 640, 1.5, 1),
        cropped(printed_bar(), (300, 200, 690, 700), 400),
        framed(printed_bar(), 30),
    ],
    ids=["scanned", "cropped", "framed"],
)
def test_marks_follow_scans_crops_and_frames(picture: Picture) -> None:
    """A scan's tilt, a crop's shift and scale, and a screen's frame move the marks with the pixels."""
    assert overlap(picture) > 0.85


@pytest.mark.parametrize("relief", RELIEFS.values(), ids=RELIEFS)
def test_a_sheet_is_found_where_it_is_projected(relief: Relief) -> None:
    """Looking up the picture's pixel of a point on the sheet gives that point back, to half a millimetre."""
    sheet, eye = Sheet((21, 29.7), turn=9, relief=relief), camera(View((0, 0), 45, 20, 5, 3), (420, 560))
    xs, ys = sheet.coordinates(eye)
    for u, v in ((0.2, 0.2), (0.5, 0.45), (0.8, 0.3), (0.35, 0.75)):
        px, py = np.rint(sheet.project(eye, (u, v), (1, 1))).astype(int)
        wanted = ((u - 0.5) * 21, (v - 0.5) * 29.7)
        assert (xs[py, px], ys[py, px]) == pytest.approx(wanted, abs=0.1)


def test_a_photograph_repeats() -> None:
    """The same page, setting and seed give the same pixels; another seed gives other noise."""
    setting = Setting((240, 300), View(distance=34), Sheet((14.8, 21.1)), "oak")
    first = photograph(printed_bar(), setting, 5).pixels
    assert np.array_equal(first, photograph(printed_bar(), setting, 5).pixels)
    assert not np.array_equal(first, photograph(printed_bar(), setting, 6).pixels)


# What is shipped


def test_the_shipped_feed_is_the_generators() -> None:
    """posts.jsonl and expected.json are what the generator says for the documented seed."""
    posts = plan(SEED)
    assert shipped() == [json.loads(output.feed_line(post)) for post in posts]
    for post in posts:
        assert {**expected()[post.id], "marks": []} == json.loads(json.dumps(output.truth(post)))


def test_the_shipped_feed_keeps_the_number_rule() -> None:
    """No caption, page or mark of the shipped feed shows a number that could be issued."""
    audit([(post["id"], post["text"]) for post in shipped()])
    audit([(post.id, post.readable) for post in plan(SEED)])
    audit([(name, mark["text"]) for name, said in expected().items() for mark in said["marks"]])
    for said in expected().values():
        assert all(passes(number) and number[0] == "9" for number in said["nhs_numbers"])


def test_the_shipped_pictures_are_small_and_whole() -> None:
    """Every file of the feed is a JPEG of a platform's size without metadata, together under 3 MB."""
    files = [IMAGES.parent / name for post in shipped() for name in post["files"]]
    assert sorted(files) == sorted(IMAGES.iterdir())
    assert sum(file.stat().st_size for file in files) < 3_000_000
    for file in files:
        with Image.open(file) as image:
            assert (image.format, image.mode) == ("JPEG", "RGB")
            assert 1000 <= max(image.size) <= 1800
            assert not image.getexif()
            image.load()


def test_every_exposed_number_is_marked_large_enough() -> None:
    """Each exposed number of a pictured leak has its place, inside the frame and at least 16 pixels high."""
    pictured = {post["id"] for post in shipped() if post["files"]}
    for name in sorted(pictured):
        with Image.open(IMAGES / f"{name}.jpg") as image:
            wide, tall = image.size
        marks = marks_of(name)
        assert sorted(m.text.replace(" ", "") for m in marks) == sorted(expected()[name]["nhs_numbers"])
        for quad in (np.asarray(m.quad) for m in marks):
            assert (quad >= 0).all()
            assert (quad <= (wide, tall)).all()
            assert np.linalg.norm(quad[3] - quad[0]) >= 16


def test_the_marked_places_read_as_the_numbers() -> None:
    """A reader that sees only the marked places of the shipped pictures reads the numbers there."""
    from rapidocr import RapidOCR

    reader, wrong = RapidOCR(), []
    for name in sorted(n for n, said in expected().items() if said["alert"] and said["marks"]):
        pixels = cv2.imread(str(IMAGES / f"{name}.jpg"))
        for index, mark in enumerate(marks_of(name)):
            read = reader(straightened(pixels, mark), use_det=False, use_cls=False).txts
            if mark.text.replace(" ", "") not in "".join(read or ()).replace(" ", ""):
                wrong.append((name, index))
    assert not wrong


# With a browser


@pytest.mark.needs_chromium
def test_the_browser_marks_the_number(chromium) -> None:
    """On a drawn page the mark of the number holds its ink: dark inside, white just above."""
    document = documents.wristband(Random(3))
    picture = Browser(chromium).draw(document.page)
    mark = next(m for m in picture.marks if m.kind == "nhs_number")
    assert mark.text == document.exposure.people[0].nhs
    inside = straightened(picture.pixels, mark, margin=0.0).mean(-1)
    assert 0.08 < (inside < 110).mean() < 0.5
    assert (inside[:3] > 200).all()


@pytest.mark.needs_chromium
def test_marks_of_a_page_inside_a_page_move_along(chromium) -> None:
    """A letter shown in a chat keeps its marks, at the chat's scale and on the same ink."""
    letter = documents.appointment_letter(Random(5)).page
    browser = Browser(chromium)
    alone, inside = browser.draw(letter), browser.draw(everyday.chat_with(letter))
    assert [(m.kind, m.text) for m in inside.marks] == [(m.kind, m.text) for m in alone.marks]
    for there, here in zip(alone.marks, inside.marks, strict=True):
        ink = [
            (straightened(p.pixels, m, margin=0).mean(-1) < 140).mean()
            for p, m in ((alone, there), (inside, here))
        ]
        assert ink[1] == pytest.approx(ink[0], abs=0.12)


@pytest.mark.needs_chromium
def test_a_shot_goes_from_page_to_picture(chromium) -> None:
    """A post's own page and shot give a picture in which the exposed number is still marked."""
    post: Post = next(p for p in plan(SEED) if p.category == "wristband_label")
    assert post.page is not None
    assert post.shot is not None
    assert post.exposure is not None
    browser = Browser(chromium)
    picture = post.shot(browser, browser.draw(post.page), 1)
    numbers = [m.text for m in picture.marks if m.kind == "nhs_number"]
    assert numbers == [post.exposure.people[0].nhs]
