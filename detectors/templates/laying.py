"""Laying a picture over a page: where do their features stand alike?

Few features of a crop or a close-up are told from all others of a form, where words and rules repeat. So
those few, or those that the index found, say only roughly where the picture lies; then every feature is
compared with what stands near its place on the page, where it need not be told from anything else, and these
pairs lay the picture exactly.
"""

from __future__ import annotations

import cv2
import numpy as np

from detectors.local_features import MIN_INLIERS, Alignment, Features, Matrix, align_pairs
from detectors.pairing import Points, alone, nearby
from detectors.templates.corners import FAR

LEAST = 7
"""Features that say together where a picture lies, up to turn, size and place; fewer do so by chance."""
_ROUGHLY = 12.0
"""Pixels by which these may miss their place: cameras look at an angle."""
_NEARBY = 16.0
"""Pixels from its place within which a feature's like is looked for."""
_ITERATIONS = 1000


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
    laid = picture.points @ roughly[:, :2].T + roughly[:, 2]
    asked, stored = nearby(laid, picture.descriptors, page.points, page.descriptors, within=_NEARBY, far=FAR)
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
    asked, stored = alone(picture.descriptors, page.descriptors, FAR)
    if len(asked) < LEAST:
        return None
    found, agreeing = similarity(picture.points[asked], page.points[stored], _ROUGHLY, _ITERATIONS)
    return found if agreeing >= LEAST else None
