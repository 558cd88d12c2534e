"""PDQ: the published hash, and what it is for."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from detectors.pdq import pdq, pdq_hex


def picture(seed: int, size: tuple[int, int] = (300, 220)) -> np.ndarray[tuple[int, ...], np.dtype[np.uint8]]:
    """A picture of a few soft shapes, the same for the same seed."""
    coarse = np.random.default_rng(seed).integers(0, 256, (9, 7, 3), dtype=np.uint8)
    return cv2.resize(coarse, (size[1], size[0]), interpolation=cv2.INTER_CUBIC).astype(np.uint8)


REFERENCE = {
    1: ("94fce695f931b6fdd999d498196b9000a294086f6e26d962ff83ba97009cae87", 100),
    2: ("332a937699071333df2ffb62b18cdb331a73909d82b0d58c193ec16c5162b765", 100),
    3: ("ba9426bf4924ba762a90249b699cc4521963ff60556fd589598fa46da09dff90", 100),
}


@pytest.mark.parametrize("seed", REFERENCE)
def test_the_bits_are_the_reference_s(seed: int) -> None:
    """Hash and quality as the ThreatExchange implementation (pdqhash 0.2.8) gives them."""
    assert pdq_hex(picture(seed)) == REFERENCE[seed]


def test_copies_are_near_and_other_pictures_far() -> None:
    """Smaller, darker and recompressed copies differ in few bits, other pictures in about half."""
    original = picture(1)
    hashed, _ = pdq(original)
    jpeg = cv2.imdecode(cv2.imencode(".jpg", original, [cv2.IMWRITE_JPEG_QUALITY, 30])[1], cv2.IMREAD_COLOR)
    copies = (cv2.resize(original, (165, 225), interpolation=cv2.INTER_AREA), original // 2, jpeg)
    for copy in copies:
        assert np.count_nonzero(pdq(copy.astype(np.uint8))[0] != hashed) <= 31
    assert np.count_nonzero(pdq(picture(2))[0] != hashed) > 90


def test_a_blank_page_has_no_quality() -> None:
    """White paper is near all other white paper, and says so."""
    assert pdq(np.full((300, 200, 3), 255, np.uint8))[1] == 0


def test_a_grey_picture_is_hashed_as_it_is() -> None:
    """One channel or three equal ones make the same hash."""
    grey = picture(4)[..., 0]
    assert (pdq(grey)[0] == pdq(np.repeat(grey[..., None], 3, axis=2))[0]).all()
