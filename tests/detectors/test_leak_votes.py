"""Votes: a known page is proposed where a copy shows the same corners of print, however small it is shown."""

from __future__ import annotations

import numpy as np
import pytest
from PIL import Image, ImageDraw

from detectors.base import Pixels
from detectors.leak_votes import LeakVotes, descriptors, features_of, known_features
from detectors.local_features import extract, page_features, reduced
from tests.detectors.letters import clinic_letter

WIDE = (2000, 1400)


def in_an_app(page: Image.Image) -> Pixels:
    """A phone's screenshot of a wide page, shown at half its size."""
    phone = Image.new("RGB", (1080, 2200), "#181a1e")
    phone.paste(page.resize((1000, round(page.height * 1000 / page.width))), (40, 600))
    ImageDraw.Draw(phone).text((40, 100), "someone, 2 h", "white", font_size=44)
    return np.asarray(phone)


def looked_at(pixels: Pixels) -> bytes:
    """A picture's features."""
    grey = reduced(pixels)
    return features_of(pixels, grey, page_features(grey))


def test_a_wide_page_is_proposed_from_a_screenshot_and_the_other_way_round() -> None:
    """Cut out of the app it has the corners of the page again, among pages of the same kind."""
    pages = {name: clinic_letter(name=name, size=WIDE).picture.convert("RGB") for name in ("Ann", "Bea")}
    looks = {name: looked_at(np.asarray(page)) for name, page in pages.items()}
    shots = {name: looked_at(in_an_app(page)) for name, page in pages.items()}
    for known, asked in ((looks, shots), (shots, looks)):
        votes = LeakVotes(list(known), [known_features(each) for each in known.values()])
        for name, features in asked.items():
            found = votes.candidates(descriptors(features))
            assert next(iter(found)) == name
            assert found[name] > 20


@pytest.mark.parametrize("dark", [False, True])
def test_features_kept_before_pages_were_described_once_still_match(dark: bool) -> None:
    """A store holds features of either kind: those are found by these."""
    page = np.asarray(clinic_letter().picture.convert("RGB"))
    pixels = 255 - page if dark else page
    whole = reduced(pixels)
    looks = [whole, (255 - whole).astype(np.uint8)] if dark else [whole]
    before = b"".join(extract(grey, 500).descriptors.tobytes() for grey in looks)
    votes = LeakVotes(["known"], [known_features(before)])
    assert votes.candidates(descriptors(looked_at(pixels)))["known"] > 100


def test_a_light_copy_of_a_dark_screenshot_is_proposed() -> None:
    """What is kept of a dark picture is found from its inverse, cut too, where no hash is near."""
    dark = in_an_app(Image.fromarray(255 - np.asarray(clinic_letter().picture.convert("RGB"))))
    light = np.ascontiguousarray(255 - dark[200:-200])
    votes = LeakVotes(["known"], [known_features(looked_at(dark))])
    assert votes.candidates(descriptors(looked_at(light)))["known"] > 20
