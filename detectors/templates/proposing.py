"""Which templates are worth laying over a picture: those whose features stand in the picture as on the page.

Votes alone put sister forms before the right one, since forms share print and type. So of the most voted
templates, the paired features are asked to agree on one turn, size and place; that is far weaker than a
homography and a hundred times cheaper.
"""

from __future__ import annotations

from collections.abc import Callable

import cv2
import numpy as np
import numpy.typing as npt

from detectors.local_features import Points
from detectors.templates.index import Pairs

WEIGHED = 24
"""So many of the most voted templates are asked."""
LEAST = 8
"""Fewer features than this agree by chance, on any photograph."""
_OFF = 15.0
"""Pixels by which a feature may miss its place: paper curls, and cameras look at an angle."""
_FEWEST = 4
_ITERATIONS = 400

Places = Callable[[npt.NDArray[np.intp]], Points]
"""The places of stored features by their numbers."""


def agreeing(points: Points, pairs: Pairs, places: Places) -> int:
    """How many of a picture's features lie on a template together, up to turn, size and place."""
    single = _each_once(pairs)
    if len(single.asked) < _FEWEST:
        return 0
    cv2.setRNGSeed(1)  # the same pictures always rank alike
    matrix, mask = cv2.estimateAffinePartial2D(
        points[single.asked], places(single.stored), method=cv2.RANSAC, ransacReprojThreshold=_OFF,
        maxIters=_ITERATIONS, confidence=0.99, refineIters=0,
    )  # fmt: skip
    return int(mask.sum()) if matrix is not None else 0


def _each_once(pairs: Pairs) -> Pairs:
    """The nearest pair of each feature, on both sides."""
    for side in ("asked", "stored"):
        numbers = getattr(pairs, side)
        order = np.lexsort((pairs.distances, numbers))
        _, first = np.unique(numbers[order], return_index=True)
        pairs = pairs.chosen(order[first])
    return pairs
