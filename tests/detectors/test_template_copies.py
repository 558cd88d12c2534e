"""The copies that templates are laid over: what stands on an app's ground is cut out and brought closer."""

from __future__ import annotations

import numpy as np
import pytest

from detectors.base import Pixels
from detectors.local_features import reduced
from detectors.templates.copies import closer, content_box, whole


def screen(ground: int, page: int) -> Pixels:
    """A phone's screen of an even ground, a status line, and a page of 640 x 900 pixels on it."""
    pixels = np.full((1800, 900, 3), ground, np.uint8)
    pixels[20:40, 30:120] = 255 - ground
    pixels[500:1400, 130:770] = page
    pixels[540:1360:40, 170:730] = 40
    return pixels


@pytest.mark.parametrize(("ground", "page"), [(24, 250), (250, 250)])
def test_a_page_is_cut_out_of_an_apps_ground(ground: int, page: int) -> None:
    """Bars and empty ground fall away, on a dark screen and on a white one."""
    pixels = screen(ground, page)
    box = content_box(pixels, reduced(pixels))
    assert box.y == pytest.approx(500, abs=45)
    assert box.y + box.height == pytest.approx(1400, abs=45)
    assert box.width < 0.8 * 900


def test_a_photograph_is_kept_whole() -> None:
    """Where the ground is not even there is nothing to cut."""
    noise = np.random.default_rng(1).integers(0, 255, (500, 400, 3), dtype=np.uint8)
    assert content_box(noise, reduced(noise)) == (0, 0, 400, 500)


def test_a_blank_picture_is_kept_whole() -> None:
    """Where nothing stands on the ground there is nothing to cut to."""
    blank = np.full((300, 200, 3), 200, np.uint8)
    assert content_box(blank, reduced(blank)) == (0, 0, 200, 300)


def test_places_follow_from_the_first_look_into_the_closer_one() -> None:
    """A mark of the reduced picture lies where the copy's matrix takes it."""
    pixels = screen(24, 250)
    pixels[900:916, 400:416] = 0
    grey = reduced(pixels)
    copy = closer(pixels, grey, content_box(pixels, grey))[0]
    x, y, _ = copy.matrix @ (408 * grey.shape[1] / 900, 908 * grey.shape[0] / 1800, 1)
    assert copy.grey[round(y), round(x)] < 20
    assert copy.grey.shape[1] > 1.2 * grey.shape[1] * 640 / 900


def test_a_mostly_dark_picture_is_tried_both_ways_round() -> None:
    """Dark screens show light print; a dim photograph shows dark print."""
    assert len(whole(np.full((50, 40), 30, np.uint8))) == 2
    assert len(whole(np.full((50, 40), 200, np.uint8))) == 1
