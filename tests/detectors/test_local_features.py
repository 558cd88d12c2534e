"""Local features: a page is found again inside other pictures of it, and only sane placements count."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from detectors.local_features import (
    AREA,
    align,
    cover,
    extract,
    page_features,
    reduced,
    sane,
    warp,
    working_copy,
)
from tests.detectors.letters import Letter, landscape


def test_a_crop_is_placed_where_it_was_cut(letter: Letter) -> None:
    """The homography of a crop into its page is the shift of its corner."""
    page = reduced(letter.pixels)
    top, left = page.shape[0] // 5, page.shape[1] // 8
    crop = np.ascontiguousarray(page[top : page.shape[0] * 3 // 4, left:])
    found = align(extract(crop, 800), extract(page, 800), crop.shape)
    assert found is not None
    assert np.allclose(found.matrix, [[1, 0, left], [0, 1, top], [0, 0, 1]], atol=0.6)


def test_a_tilted_copy_is_laid_over_its_page(letter: Letter) -> None:
    """After warping, a copy that was turned by ten degrees covers the page and correlates with it."""
    page = reduced(letter.pixels)
    height, width = page.shape
    turn = cv2.getRotationMatrix2D((width / 2, height / 2), 10, 0.8)
    tilted = cv2.warpAffine(page, turn, (width, height), borderValue=128).astype(np.uint8)
    found = align(extract(tilted, 800), extract(page, 800), tilted.shape)
    assert found is not None
    laid, covered = warp(tilted, found.matrix, page.shape), cover(tilted.shape, found.matrix, page.shape)
    assert covered.mean() > 0.9
    assert np.corrcoef(laid[covered], page[covered])[0, 1] > 0.8


def test_unrelated_pictures_are_not_aligned(letter: Letter) -> None:
    """A landscape is nowhere in a letter, and a blank page has nothing to align."""
    page, scene = reduced(letter.pixels), reduced(landscape())
    blank = np.full((400, 300), 255, np.uint8)
    assert align(extract(scene, 800), extract(page, 800), scene.shape) is None
    assert align(extract(blank, 800), extract(page, 800), blank.shape) is None
    assert len(extract(blank, 800)) == 0


def test_a_pages_features_are_those_of_smaller_budgets(letter: Letter) -> None:
    """At the first sizes all, shared out among all sizes most: what was kept before still matches."""
    page = reduced(letter.pixels)
    found = page_features(page)
    for some, alone, least in (
        (found.of_first(6), extract(page, 600, 6), 0.98),
        (found.share(500), extract(page, 500), 0.75),
    ):
        assert abs(len(some) - len(alone)) <= 3
        held = {each.tobytes() for each in some.descriptors}
        assert np.mean([each.tobytes() in held for each in alone.descriptors]) > least


def test_dark_print_is_the_form_everything_is_brought_to(letter: Letter) -> None:
    """An inverted page has the working copy of the page; neither is larger than the agreed area."""
    page, dark = working_copy(letter.pixels), working_copy(255 - letter.pixels)
    assert page.size <= AREA * 1.01
    assert np.abs(page.astype(int) - dark).max() <= 2


@pytest.mark.parametrize(
    "matrix",
    [
        [[-1, 0, 300], [0, 1, 0], [0, 0, 1]],
        [[0.01, 0, 0], [0, 0.01, 0], [0, 0, 1]],
        [[1, 0, 0], [0, 1, 0], [-0.004, 0, 1]],
        [[1, 0.99, 0], [1, 1, 0], [0, 0, 1]],
    ],
    ids=["mirrored", "tiny", "behind the camera", "a sliver"],
)
def test_impossible_placements_are_refused(matrix: list[list[float]]) -> None:
    """No camera shows a page mirrored, as a speck, folded over or as a sliver."""
    assert not sane(np.array(matrix, np.float64), (400, 300))
