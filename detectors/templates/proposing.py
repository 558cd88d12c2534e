"""Which templates are worth laying over a picture: those whose features stand in the picture as on the page.

Votes alone put sister forms before the right one, since forms share print and type. So of the most voted
templates, the paired features are asked to agree on one turn, size and place; that is far weaker than a
homography and a hundred times cheaper.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from detectors.local_features import Matrix
from detectors.pairing import Points, each_once
from detectors.templates.index import Pairs
from detectors.templates.laying import similarity

WEIGHED = 24
"""So many of the most voted templates are asked."""
LEAST = 6
"""Fewer features than this agree by chance; the index finds about half of those there are."""
_OFF = 15.0
"""Pixels by which a feature may miss its place: paper curls, and cameras look at an angle."""
_ITERATIONS = 400

Places = Callable[[npt.NDArray[np.intp]], Points]
"""The places of stored features by their numbers."""


@dataclass(frozen=True, eq=False)
class Proposal:
    """How many of a picture's features lie on a template together, and their turn, size and place."""

    weight: int
    roughly: Matrix | None


def proposal(points: Points, pairs: Pairs, places: Places) -> Proposal | None:
    """How far a picture's features lie on a template together; None where they do by chance."""
    single = pairs.chosen(each_once(pairs.asked, pairs.stored, pairs.distances))
    if len(single.asked) < LEAST:
        return None
    roughly, weight = similarity(points[single.asked], places(single.stored), _OFF, _ITERATIONS)
    return Proposal(weight, roughly) if weight >= LEAST else None
