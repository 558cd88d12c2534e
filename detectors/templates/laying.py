"""Laying a picture over a page: where do their features stand alike?

Few features of a crop or a close-up are told from all others of a form, where words and rules repeat. So
those few, or those that the index found, say only roughly where the picture lies; then every feature is
compared with what stands near its place on the page, where it need not be told from anything else, and these
pairs lay the picture exactly.
"""

from __future__ import annotations

import cv2
import numpy as np
import numpy.typing as npt

from detectors.local_features import (
    MIN_INLIERS,
    Alignment,
    Descriptors,
    Features,
    Matrix,
    Points,
    align_pairs,
    matches,
)
from detectors.templates.corners import FAR

LEAST = 7
"""Features that say together where a picture lies, up to turn, size and place; fewer do so by chance."""
_ROUGHLY = 12.0
"""Pixels by which these may miss their place: cameras look at an angle."""
_NEARBY = 16.0
"""Pixels from its place within which a feature's like is looked for."""
_ITERATIONS = 1000

Numbers = npt.NDArray[np.intp]


def lay(
    picture: Features, page: Features, shape: tuple[int, int], roughly: Matrix | None = None
) -> Alignment | None:
    """The homography of a picture's copy, of `shape` (height, width), into a page; None unless sane.

    `roughly` is its turn, size and place, shape (2, 3), where that is known; otherwise it is looked for.
    """
    if len(picture) < MIN_INLIERS or len(page) < MIN_INLIERS:
        return None
    if roughly is None:
        roughly = _roughly(picture, page)
    if roughly is None:
        return None
    asked, stored = _nearby(picture, page, roughly)
    return align_pairs(picture.points[asked], page.points[stored], shape)


def similarity(first: Points, second: Points, off: float, iterations: int) -> tuple[Matrix | None, int]:
    """The turn, size and place that most pairs of places agree on to `off` pixels, and how many do."""
    cv2.setRNGSeed(1)  # the same pictures always lie alike
    matrix, mask = cv2.estimateAffinePartial2D(
        first, second, method=cv2.RANSAC, ransacReprojThreshold=off, maxIters=iterations, confidence=0.995,
        refineIters=0,
    )  # fmt: skip
    return (None, 0) if matrix is None else (matrix.astype(np.float64), int(mask.sum()))


def _roughly(picture: Features, page: Features) -> Matrix | None:
    pairs = matches(picture.descriptors, page.descriptors, FAR)
    if len(pairs) < LEAST:
        return None
    found, agreeing = similarity(picture.points[pairs[:, 0]], page.points[pairs[:, 1]], _ROUGHLY, _ITERATIONS)
    return found if agreeing >= LEAST else None


def _nearby(picture: Features, page: Features, roughly: Matrix) -> tuple[Numbers, Numbers]:
    """Features of the picture and the likest of the page's near their places, each used once."""
    laid = picture.points @ roughly[:, :2].T + roughly[:, 2]
    order = np.argsort(page.points[:, 0])
    first, last = (np.searchsorted(page.points[order, 0], laid[:, 0] + off) for off in (-_NEARBY, _NEARBY))
    asked, at = spread(first, last - first)
    stored = order[at]
    level = np.abs(laid[asked, 1] - page.points[stored, 1]) < _NEARBY
    asked, stored = asked[level], stored[level]
    bits = differing(picture.descriptors, page.descriptors, asked, stored)
    near = np.flatnonzero(bits <= FAR)
    chosen = each_once(asked[near], stored[near], bits[near])
    return asked[near][chosen], stored[near][chosen]


def spread(first: Numbers, lengths: Numbers) -> tuple[Numbers, Numbers]:
    """Of runs (each from `first`, so long): to which run each place belongs, and the places, shapes (m,)."""
    runs = np.repeat(np.arange(len(lengths)), lengths)
    ends = np.cumsum(lengths)
    return runs, np.arange(len(runs)) + np.repeat(first - ends + lengths, lengths)


def differing(first: Descriptors, second: Descriptors, asked: Numbers, stored: Numbers) -> Numbers:
    """How many bits differ between pairs of descriptors, shape (m,)."""
    left, right = first.view(np.uint64), second.view(np.uint64)
    gaps = [np.bitwise_count(left[asked, n] ^ right[stored, n]) for n in range(left.shape[1])]
    return np.asarray(np.sum(gaps, axis=0, dtype=np.intp))


def each_once(asked: Numbers, stored: Numbers, bits: Numbers) -> Numbers:
    """Which of the pairs remain when of each feature, on both sides, only the likest pair does."""
    chosen = np.arange(len(bits))
    for side in (asked, stored):
        order = np.lexsort((bits[chosen], side[chosen]))
        _, first = np.unique(side[chosen][order], return_index=True)
        chosen = chosen[order[first]]
    return chosen
