"""What a text says, as a point among what texts say: texts that say alike lie near, whatever their words.

The encoder is the lite Universal Sentence Encoder (Cer and others, Universal Sentence Encoder, 2018,
arXiv:1803.11175; Google, Apache License 2.0), a transformer of two layers over 8,000 pieces of words, run by
onnxruntime on one thread. `scripts/pack-sentences` makes its two files (`weights/README.md`).
"""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from detectors.networks import session

Floats = npt.NDArray[np.float64]
SIZE = 512
MOST_PIECES = 128
"""A longer text is read in stretches of so many pieces."""
_MOST_STRETCHES = 4
_WEIGHTS = Path(__file__).parent / "weights"
_SPACE = "\u2581"
_UNKNOWN, _UNKNOWN_SCORE = 0, -20.0
"""What a letter is that is no piece: rarer than the rarest, so that it is taken only where it must be."""


def point_of(text: str) -> Floats:
    """SIZE numbers of length 1; zeros for an empty text."""
    known = pieces_in(text)[: MOST_PIECES * _MOST_STRETCHES]
    if not known:
        return np.zeros(SIZE)
    stretches = [known[at : at + MOST_PIECES] for at in range(0, len(known), MOST_PIECES)]
    told = sum(len(stretch) * _read(stretch) for stretch in stretches)
    return np.asarray(told / np.linalg.norm(told))


@cache
def _encoder() -> Any:
    return session(_WEIGHTS / "sentences.onnx")


def _read(pieces: Sequence[int]) -> Floats:
    point = _encoder().run(None, {"pieces": np.array(pieces, np.int64)})[0][0]
    return np.asarray(point, np.float64)


@dataclass(frozen=True, slots=True)
class _Pieces:
    places: dict[str, int]
    scores: dict[str, float]
    longest: int


@cache
def _pieces() -> _Pieces:
    rows = (_WEIGHTS / "pieces.tsv").read_text("utf-8").split("\n")
    places, scores = {}, {}
    for place, row in enumerate(rows):
        if row:
            piece, score = row.split("\t")
            places[piece], scores[piece] = place, float(score)
    return _Pieces(places, scores, max(map(len, scores)))


def pieces_in(text: str) -> list[int]:
    """The pieces a text is most likely made of; unknown letters in a row are one piece.

    Viterbi over pieces' log-probabilities: Kudo, Subword Regularization (ACL 2018), section 3.2.
    """
    table = _pieces()
    spaced = "".join(_SPACE + word for word in unicodedata.normalize("NFKC", text).split())
    best = [0.0] + [float("-inf")] * len(spaced)
    came = [0] * len(best)
    for start in range(len(spaced)):
        for end in range(start + 1, min(start + table.longest, len(spaced)) + 1):
            score = table.scores.get(spaced[start:end], _UNKNOWN_SCORE if end == start + 1 else None)
            if score is not None and best[start] + score > best[end]:
                best[end], came[end] = best[start] + score, start
    cuts = [len(spaced)]
    while cuts[-1]:
        cuts.append(came[cuts[-1]])
    ends = cuts[::-1]
    known = [table.places.get(spaced[a:b], _UNKNOWN) for a, b in pairwise(ends)]
    return [piece for at, piece in enumerate(known) if piece or not at or known[at - 1]]
