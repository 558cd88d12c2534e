"""PDF documents: their own words where these can be trusted, pages in pictures, limits that hold."""

from __future__ import annotations

import time

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from detectors.base import ImageUnreadable, by_kind
from detectors.examine import Examiner
from detectors.image import ImageLimits, decode, media_type_of
from detectors.table import ExaminerConfig
from tests.detectors.documents import Line, pdf, scanned
from tests.detectors.letters import NUMBER, Letter

LETTER: tuple[Line, ...] = (
    (50, 780, 20, "Castlebourne Hospitals NHS Trust"),
    (50, 700, 12, "Patient"),
    (300, 700, 12, "Mrs Marguerite Oakenfold"),
    (50, 680, 12, "NHS Number"),
    (300, 680, 12, "999 012 3454"),
    (50, 660, 12, "Date of birth"),
    (300, 660, 12, "14/03/1951"),
    (50, 600, 12, "Diagnosis: atrial fibrillation, stage two hypertension, mildly dilated left atrium"),
    (50, 580, 12, "Medication: apixaban 5 mg twice daily"),
)


def test_a_page_s_own_words_are_taken_with_their_places() -> None:
    """A written page needs no engine, and label and value in two columns make one row."""
    document = decode(pdf([LETTER]))
    [page] = document.pages
    assert (document.format, page.kind, max(page.width, page.height)) == ("PDF", "page", 2000)
    assert page.text is not None
    assert "NHS Number 999 012 3454" in page.text.text
    at = page.text.text.index(NUMBER)
    box = page.text.box_of(at, at + len(NUMBER))
    assert box is not None
    zoom = 2000 / 842
    assert abs(box.x - 300 * zoom) < 6
    assert box.y < (842 - 680) * zoom < box.y + box.height + 2
    dark = page.pixels[box.y : box.y + box.height, box.x : box.x + box.width].min(axis=2) < 100
    assert dark.mean() > 0.05


@pytest.mark.parametrize("turn", [90, 180, 270])
def test_places_follow_a_turned_page(turn: int) -> None:
    """A page that is shown turned has its words where they are drawn."""
    [page] = decode(pdf([LETTER], page_keys=f"/Rotate {turn}")).pages
    assert page.text is not None
    [word] = [word for word in page.text.words if word.text.startswith("Castlebourne")]
    x, y, width, height = word.box
    assert page.pixels[y : y + height, x : x + width].min() < 100
    outside = page.pixels.copy()
    for each in page.text.words:
        left, top, wide, high = each.box
        outside[max(top - 4, 0) : top + high + 4, max(left - 4, 0) : left + wide + 4] = 255
    assert outside.min() > 100


def test_the_words_of_a_document_are_examined() -> None:
    """The patient of a written page is found, on its page, where it stands."""
    examiner = Examiner(ExaminerConfig(engine="rapidocr", accept_unissued=True))
    examined = examiner.examine_image(pdf([[(50, 700, 12, "contents " * 25)], LETTER]))
    [number] = by_kind(examined.findings, "nhs_number")
    assert (number.page, number.value, number.valid) == (1, "9990123454", True)
    assert number.box is not None
    assert (examined.frames, examined.engine) == (2, None)
    assert {page for page, _ in examined.safe_boxes} == {1}


def test_a_scan_is_left_to_the_engine(letter: Letter) -> None:
    """A page that is a picture has no text of its own."""
    [page] = decode(scanned(letter.picture)).pages
    assert page.text is None
    assert max(page.pixels.shape) == 2000


def test_words_behind_a_scan_are_not_trusted() -> None:
    """What some other program read on a scan does not stand for the scan."""
    picture = "<< /Type /XObject /Subtype /Image /Width 2 /Height 2 /ColorSpace /DeviceGray"
    picture += " /BitsPerComponent 8 /Length 4 >>\nstream\nabcd\nendstream"
    data = pdf([LETTER], content="500 0 0 700 0 0 cm /Im Do\n", extra=[picture])
    assert decode(data).pages[0].text is not None
    shown = data.replace(b"/Resources << ", b"/Resources << /XObject << /Im 6 0 R >> ")
    assert decode(shown).pages[0].text is None


def test_a_page_with_hardly_a_word_is_left_to_the_engine() -> None:
    """A running title does not stand for what is drawn below it."""
    assert decode(pdf([[(50, 700, 12, "Scanned with a telephone")]])).pages[0].text is None


def test_a_form_is_left_to_the_engine() -> None:
    """What is filled into a form is not in the page's text."""
    form = "/AcroForm << /Fields [] >> "
    data = pdf([LETTER]).replace(b"/Type /Catalog ", b"/Type /Catalog " + form.encode())
    assert decode(data).pages[0].text is None


def test_words_under_a_black_bar_are_read() -> None:
    """A number that was only painted over is still in the document, and is found."""
    [page] = decode(pdf([LETTER], content="0 g 290 675 200 20 re f\n")).pages
    assert page.text is not None
    assert NUMBER in page.text.text


def test_pages_are_capped() -> None:
    """No more pages are drawn than the limits allow; fewer where an engine must read them."""
    document = decode(pdf([LETTER] * 6), ImageLimits(max_pages=4, max_frames=2))
    assert len(document.pages) == 4
    assert "4 of 6 pages examined" in document.notes
    blank = [Image.new("RGB", (100, 140), "white")] * 5
    assert len(decode(scanned(*blank), ImageLimits(max_frames=2)).pages) == 2


def test_a_page_that_claims_any_size_is_drawn_at_one() -> None:
    """Neither a page of miles nor one of a hair's breadth costs more than a letter."""
    for box in ("0 0 14400 14400", "0 0 900000 900000", "0 0 3 3", "0 0 900000 1"):
        [page] = decode(pdf([LETTER], box=box)).pages
        assert max(page.pixels.shape) <= 2000


def test_a_page_of_too_many_objects_is_not_drawn() -> None:
    """A page bomb is refused before it is drawn."""
    with pytest.raises(ImageUnreadable, match="No page"):
        decode(pdf([LETTER], content="0 0 1 1 re f\n" * 60_000))


def test_a_picture_bomb_in_a_page_is_not_drawn() -> None:
    """A picture's declared size is weighed before anything of it is decoded."""
    picture = (
        "<< /Type /XObject /Subtype /Image /Width 60000 /Height 60000 /ColorSpace /DeviceGray"
        " /BitsPerComponent 8 /Length 4 >>\nstream\nabcd\nendstream"
    )
    data = pdf([LETTER], content="500 0 0 500 0 0 cm /Im Do\n", extra=[picture]).replace(
        b"/Resources << ", b"/Resources << /XObject << /Im 6 0 R >> "
    )
    started = time.process_time()
    with pytest.raises(ImageUnreadable, match="No page"):
        decode(data)
    assert time.process_time() - started < 2


def test_an_encrypted_document_is_refused() -> None:
    """A document that needs a password says so."""
    locked = "<< /Filter /Standard /V 1 /R 2 /P -4 /O (12345678901234567890123456789012)"
    locked += " /U (12345678901234567890123456789012) >>"
    data = pdf([LETTER], trailer="/Encrypt 6 0 R /ID [(a) (a)]", extra=[locked])
    with pytest.raises(ImageUnreadable, match="encrypted"):
        decode(data)


@pytest.mark.parametrize("data", [b"%PDF-1.7\n", pdf([LETTER])[:300], b"%PDF-1.7" + b"\0" * 999])
def test_a_damaged_document_is_refused_in_one_sentence(
    data: bytes, capfd: pytest.CaptureFixture[str]
) -> None:
    """Nothing is written anywhere, and the error is one sentence."""
    with pytest.raises(ImageUnreadable, match=r"^[^\n]*\.$"):
        decode(data)
    assert capfd.readouterr() == ("", "")


def test_a_document_without_pages_is_refused() -> None:
    """There is nothing to look at."""
    with pytest.raises(ImageUnreadable):
        decode(pdf([]))


@given(st.lists(st.tuples(st.integers(9, 2000), st.integers(0, 255)), min_size=1, max_size=40))
def test_damaged_bytes_decode_or_are_refused(damage: list[tuple[int, int]]) -> None:
    """Whatever bytes are changed, the outcome is pages or ImageUnreadable, nothing else."""
    data = bytearray(pdf([LETTER]))
    for at, value in damage:
        data[at % (len(data) - 9) + 9] = value
    assert media_type_of(bytes(data)) == "application/pdf"
    try:
        document = decode(bytes(data))
    except ImageUnreadable:
        return
    assert all(isinstance(page.pixels, np.ndarray) and page.pixels.shape[2] == 3 for page in document.pages)


def test_a_document_says_who_made_it() -> None:
    """Program and time are told; an author's name and a title are only said to be there."""
    info = "<< /Producer (Scanner 3) /Author (Marguerite Oakenfold) /Title (Oakenfold M) >>"
    facts = decode(pdf([LETTER], trailer="/Info 6 0 R", extra=[info])).facts
    assert {fact.name: fact.shown for fact in facts} == {
        "software": "Scanner 3",
        "owner": "present",
        "title": "present",
    }
