"""Likeness: every copy of a page is found, and no other patient's letter is the same page."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from PIL import Image, ImageDraw

from detectors.base import Box, Pixels
from detectors.image import decode
from detectors.likeness import MIN_SCALE, Likeness, likeness
from tests.detectors.letters import NAME, Letter, clinic_letter, encoded, landscape


def _bordered(page: Image.Image) -> Image.Image:
    width, height = page.size
    framed = Image.new("RGB", (width * 6 // 5, height * 6 // 5), "#202020")
    framed.paste(page, (width // 10, height // 10))
    return framed


def _captioned(page: Image.Image) -> Image.Image:
    width, height = page.size
    tall = Image.new("RGB", (width, height + 160), "white")
    tall.paste(page, (0, 160))
    ImageDraw.Draw(tall).text((20, 50), "you will not believe this", "black", font_size=50)
    return tall


def _screenshot(page: Image.Image) -> Image.Image:
    phone = Image.new("RGB", (1080, 1900), "#181a1e")
    phone.paste(page.resize((1080, round(page.height * 1080 / page.width))), (0, 180))
    draw = ImageDraw.Draw(phone)
    draw.text((40, 80), "someone · 2h", "white", font_size=44)
    draw.text((40, 1790), "1.2k likes", "white", font_size=44)
    return phone


def _cut(page: Image.Image) -> Image.Image:
    width, height = page.size
    return page.crop((width // 20, height // 20, width * 19 // 20, height * 19 // 20))


def _dimmed(page: Image.Image) -> Image.Image:
    return Image.fromarray((np.asarray(page) * 0.4).astype(np.uint8))


COPIES: dict[str, Callable[[Image.Image], Image.Image]] = {
    "as it is": lambda page: page,
    "smaller": lambda page: page.resize((page.width * 7 // 10, page.height * 7 // 10)),
    "bordered": _bordered,
    "captioned": _captioned,
    "in a screenshot": _screenshot,
    "cropped": _cut,
    "tilted": lambda page: page.rotate(4, expand=True, fillcolor="white", resample=Image.Resampling.BICUBIC),
    "turned": lambda page: page.transpose(Image.Transpose.ROTATE_90),
    "mirrored": lambda page: page.transpose(Image.Transpose.FLIP_LEFT_RIGHT),
    "dimmed": _dimmed,
    "inverted": lambda page: Image.fromarray(255 - np.asarray(page)),
}


def _saved(page: Image.Image, quality: int = 60) -> Pixels:
    return decode(encoded(page, "JPEG", quality=quality)).frames[0]


def _compared(first: Pixels, second: Pixels) -> Likeness:
    found = likeness(first, second)
    assert found is not None
    return found


@pytest.mark.parametrize("edit", COPIES)
def test_an_edited_copy_is_the_same_page(letter: Letter, edit: str) -> None:
    """Recompressed, resized, framed, cropped, turned, mirrored or inverted: it stays the same page."""
    copy = _saved(COPIES[edit](letter.picture.convert("RGB")))
    assert _compared(copy, letter.pixels).verdict == "same"


@pytest.mark.parametrize("edit", COPIES)
def test_another_patients_letter_is_never_the_same_page(letter: Letter, edit: str) -> None:
    """Only name and number differ, in two lines of the page; no edit makes the pages one."""
    other = clinic_letter(name="Tobias Wren", number="999 000 0018")
    found = likeness(_saved(COPIES[edit](other.picture.convert("RGB"))), letter.pixels)
    assert found is None or found.verdict != "same"


def test_a_name_on_a_coloured_band_tells_two_patients_apart() -> None:
    """Beside a band's hard edge a small name weighs little in a tile; its quarter of the tile tells."""
    pages = []
    for name in ("Owen Pellow", "Tobias Wren"):
        page = clinic_letter(name="", number="").picture.convert("RGB")
        draw = ImageDraw.Draw(page)
        draw.rectangle((0, 180, page.width, 215), fill="#003087")
        draw.text((560, 186), name, "white", font_size=20)
        pages.append(page)
    assert _compared(_saved(pages[0], 90), np.asarray(pages[0])).verdict == "same"
    assert _compared(_saved(pages[1], 90), np.asarray(pages[0])).verdict != "same"


def test_a_light_copy_of_a_dark_page_is_the_same_page(letter: Letter) -> None:
    """Which of the two came from a dark mode does not matter."""
    dark = (255 - letter.pixels).astype(np.uint8)
    assert _compared(_saved(letter.picture.convert("RGB")), dark).verdict == "same"


@pytest.mark.parametrize("size", [1.0, 0.7, 0.5])
def test_two_digits_of_a_number_tell_two_patients_apart(size: float) -> None:
    """All else on the page is alike, and the copy shows it as small as half its size."""
    one, other = (clinic_letter(number=number) for number in ("999 123 4567", "999 128 4562"))
    picture = one.picture.convert("RGB").resize((round(1000 * size), round(1414 * size)))
    for known, verdict in ((one, "same"), (other, "possible")):
        named = [place for text, place in known.places.items() if text.startswith("999")]
        found = likeness(_saved(picture), known.pixels, named)
        assert found is not None
        assert (found.verdict == "same") == (verdict == "same" and found.scale >= MIN_SCALE)


def test_a_name_at_the_pages_edge_is_compared_in_a_framed_copy(letter: Letter) -> None:
    """A frame makes the page smaller, and takes none of its tiles away."""
    width, height = letter.picture.size
    edge = [Box(8, 8, 300, 30), Box(width - 60, height // 2, 50, 20)]
    framed = _saved(_bordered(letter.picture.convert("RGB")), 80)
    assert likeness(framed, letter.pixels, edge).verdict == "same"  # type: ignore[union-attr]


def test_a_name_along_a_crops_edge_is_compared(letter: Letter) -> None:
    """The grid's tiles end before the edge; another name there is seen all the same."""
    places = [letter.places[NAME]]
    for page, verdict in ((letter, "same"), (clinic_letter(name="Tobias Wren"), "possible")):
        picture = page.picture.convert("RGB")
        cut = _saved(picture.crop((0, places[0].y - 7, *picture.size)), 90)
        assert likeness(cut, letter.pixels, places).verdict == verdict  # type: ignore[union-attr]


def test_where_the_names_are_not_known_nothing_may_be_cut_off(letter: Letter) -> None:
    """A strip of print that is missing may be the name; blank paper is not."""
    page = letter.picture.convert("RGB")
    width, height = page.size
    for top, verdict in ((0, "same"), (100, "possible")):
        cut = _saved(page.crop((20, top, width - 20, height)), 90)
        assert likeness(cut, letter.pixels, None).verdict == verdict  # type: ignore[union-attr]


def test_without_the_patient_the_rest_of_a_letter_is_everybodys(letter: Letter) -> None:
    """Where the copy cuts off what names somebody on the known page, a person decides."""
    page = letter.picture.convert("RGB")
    cut = _saved(page.crop((0, 100, page.width, page.height)), 90)
    top, below = Box(60, 60, 300, 30), Box(60, 500, 300, 30)
    assert likeness(cut, letter.pixels, [below]).verdict == "same"  # type: ignore[union-attr]
    assert likeness(cut, letter.pixels, [below, top]).verdict == "possible"  # type: ignore[union-attr]


def test_a_page_with_the_name_covered_is_for_a_person_to_decide(letter: Letter) -> None:
    """Whose letter it is cannot be seen any more, so it is not merged; but it is found."""
    covered = letter.picture.convert("RGB")
    ImageDraw.Draw(covered).rectangle((500, 210, 980, 330), fill="black")
    assert _compared(_saved(covered), letter.pixels).verdict == "possible"


def test_a_small_picture_of_it_is_for_a_person_to_decide(letter: Letter) -> None:
    """Print too small to be compared proves nothing."""
    small = letter.picture.convert("RGB").resize((letter.picture.width // 3, letter.picture.height // 3))
    assert _compared(_saved(small, 80), letter.pixels).verdict == "possible"


def test_a_letterhead_alone_is_not_the_page(letter: Letter) -> None:
    """The top of a letter is on everybody's letter."""
    top = letter.picture.convert("RGB").crop((0, 0, letter.picture.width, 420))
    found = likeness(_saved(top), letter.pixels)
    assert found is None or found.verdict != "same"


def test_two_letters_on_one_picture_are_not_one_of_them(letter: Letter) -> None:
    """A second letter beside the known one would be hidden by a merge."""
    other = clinic_letter(name="Tobias Wren", number="999 000 0018", trust="Another Trust", colour="#883311")
    both = Image.new("RGB", (letter.picture.width * 2, letter.picture.height), "white")
    both.paste(letter.picture, (0, 0))
    both.paste(other.picture, (letter.picture.width, 0))
    found = likeness(_saved(both, 90), letter.pixels)
    assert found is None or found.verdict != "same"


def test_other_pictures_are_not_compared_at_all(letter: Letter) -> None:
    """A landscape has nothing in common with a letter."""
    assert likeness(landscape(), letter.pixels) is None


def test_the_same_pictures_always_compare_alike(letter: Letter) -> None:
    """The estimate draws at random from a fixed seed."""
    copy = _saved(_bordered(letter.picture.convert("RGB")))
    assert likeness(copy, letter.pixels) == likeness(copy, letter.pixels)
