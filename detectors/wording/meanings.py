"""What the words of a text mean, pooled: so that a condition or a deed counts that no phrase list holds.

`meanings.npz` holds 25 numbers for each of the 30,000 commonest English words: the first principal components
of GloVe vectors (Pennington and others, GloVe: Global Vectors for Word Representation, EMNLP 2014; 6B tokens,
100 dimensions, PDDL 1.0), one byte each. `scripts/pack-meanings` makes it.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from importlib.resources import as_file, files

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
SIZE = 75
"""The mean, the greatest and the least of each of the 25."""
_MEAN_SHARE, _EXTREME_SHARE = 1.5, 0.3


@cache
def _table() -> tuple[dict[str, int], Floats]:
    with as_file(files(__package__).joinpath("meanings.npz")) as path, np.load(path) as stored:
        known = str(stored["words"]).split("\n")
        return {word: place for place, word in enumerate(known)}, stored["vectors"] * float(stored["scale"])


def meanings_of(tokens: Sequence[str]) -> Floats:
    """SIZE numbers; zeros when no word is known."""
    places, vectors = _table()
    known = [places[token] for token in tokens if token in places]
    if not known:
        return np.zeros(SIZE)
    these = vectors[known]
    pooled = [these.mean(axis=0) * _MEAN_SHARE, these.max(axis=0) * _EXTREME_SHARE]
    return np.concatenate([*pooled, these.min(axis=0) * _EXTREME_SHARE])
