"""Fingerprints: near for copies, far for others, and honest about blank pages."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from detectors.fingerprints import distance, fingerprint
from detectors.image import decode
from tests.detectors.letters import Letter, clinic_letter, encoded, landscape

hashes = st.integers(0, 2**64 - 1).map(lambda bits: f"{bits:016x}")


def test_hashes_have_their_stated_lengths(letter: Letter) -> None:
    """Two hashes of 64 bits and one of 256, in hexadecimal."""
    found = fingerprint(letter.pixels)
    assert (len(found.phash), len(found.dhash), len(found.phash256)) == (16, 16, 64)


@pytest.mark.parametrize("quality", [30, 80])
@pytest.mark.parametrize("scale", [0.4, 1.6])
def test_a_recompressed_resized_copy_is_near(letter: Letter, quality: int, scale: float) -> None:
    """Saving a picture smaller, larger or worse moves its 256-bit hash little."""
    width, height = letter.picture.size
    copy = letter.picture.resize((round(width * scale), round(height * scale)))
    again = decode(encoded(copy, "JPEG", quality=quality)).frames[0]
    assert distance(fingerprint(letter.pixels).phash256, fingerprint(again).phash256) <= 16


def test_different_pictures_are_far(letter: Letter) -> None:
    """A letter and a landscape share about half of their bits."""
    first, second = fingerprint(letter.pixels), fingerprint(landscape())
    assert distance(first.phash256, second.phash256) > 70


def test_an_inverted_picture_is_near(letter: Letter) -> None:
    """Dark mode flips a DCT hash's bits, which the distance undoes."""
    first, second = fingerprint(letter.pixels), fingerprint(255 - letter.pixels)
    assert distance(first.phash256, second.phash256) <= 8


def test_letters_to_two_people_may_look_the_same(letter: Letter) -> None:
    """Why a fingerprint only proposes: another patient's letter on the template is near."""
    other = clinic_letter(name="Tobias Wren", number="999 000 0018")
    assert distance(fingerprint(letter.pixels).phash, fingerprint(other.pixels).phash) <= 8


@pytest.mark.parametrize("level", [0, 128, 255])
def test_blank_pages_are_not_usable(level: int) -> None:
    """A page without print has no ink, though it hashes like any other blank page."""
    page = np.full((400, 300, 3), level, np.uint8)
    assert fingerprint(page).ink == 0
    assert not fingerprint(page).usable


def test_a_scanned_blank_page_is_not_usable() -> None:
    """Paper grain and a JPEG's noise do not count as ink."""
    grain = np.random.default_rng(3).normal(245, 3, (900, 640, 1)).repeat(3, axis=2)
    page = Image.fromarray(np.clip(grain, 0, 255).astype(np.uint8))
    assert not fingerprint(decode(encoded(page, "JPEG", quality=60)).frames[0]).usable


def test_print_is_usable(letter: Letter) -> None:
    """A letter has ink enough, and so has a small picture of one."""
    assert fingerprint(letter.pixels).usable
    assert fingerprint(np.asarray(letter.picture.resize((100, 141)))).usable


@given(hashes, hashes)
def test_distance_is_symmetric_and_bounded(first: str, second: str) -> None:
    """Distance is the same both ways and at most half of the bits."""
    assert distance(first, second) == distance(second, first)
    assert 0 <= distance(first, second) <= 32


@given(hashes)
def test_distance_to_itself_and_its_complement_is_zero(one: str) -> None:
    """A hash and its complement stand for the same picture."""
    complement = f"{int(one, 16) ^ (2**64 - 1):016x}"
    assert distance(one, one) == distance(one, complement) == 0


def test_hashes_of_two_kinds_do_not_compare(letter: Letter) -> None:
    """Comparing a 64-bit with a 256-bit hash is an error."""
    found = fingerprint(letter.pixels)
    with pytest.raises(ValueError, match="64 and 256 bits"):
        distance(found.phash, found.phash256)


def test_a_picture_of_one_pixel_has_a_fingerprint() -> None:
    """The smallest picture hashes without an error, and is not usable."""
    assert not fingerprint(np.zeros((1, 1, 3), np.uint8)).usable
