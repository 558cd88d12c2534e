"""From a recogniser's columns of characters to a line of words: the best path of CTC.

Each column of the network's output is a distribution over its characters, the first of which says "none";
a character that lasts several columns is one (Graves et al., "Connectionist Temporal Classification", ICML
2006, section 3.2).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Columns = npt.NDArray[np.float32]
"""Probabilities, shape (columns, characters)."""

_GAP = 5
"""Characters more columns apart than this stand in two words, though no space was read."""
_MIN_CONFIDENCE = 0.5


@dataclass(frozen=True, slots=True)
class Line:
    """One recognised band: its words as (text, start, end), places as shares of the band's length."""

    words: tuple[tuple[str, float, float], ...]
    confidence: float

    @property
    def text(self) -> str:
        """The words joined by spaces."""
        return " ".join(text for text, _, _ in self.words)


def line_of(columns: Columns, characters: Sequence[str], used: float) -> Line:
    """What the columns say; no words where the network is unsure.

    `used` is the share of the columns that the strip filled; the rest is padding.
    """
    best = columns.argmax(axis=1)
    kept = best != 0
    kept[1:] &= best[1:] != best[:-1]
    places = np.flatnonzero(kept)
    if not len(places):
        return Line((), 0.0)
    confidence = float(columns[places, best[places]].mean())
    if confidence < _MIN_CONFIDENCE:
        return Line((), confidence)
    read = [(characters[best[place]], int(place)) for place in places]
    return Line(tuple(_words(read, max(len(columns) * used, 1.0))), confidence)


def _words(read: Sequence[tuple[str, int]], length: float) -> Iterator[tuple[str, float, float]]:
    word: list[tuple[str, int]] = []
    before = 0
    for character, place in read:
        if word and (character.isspace() or place - before > _GAP):
            yield _placed(word, length)
            word = []
        if not character.isspace():
            word.append((character, place))
        before = place
    if word:
        yield _placed(word, length)


def _placed(word: Sequence[tuple[str, int]], length: float) -> tuple[str, float, float]:
    start, end = (word[0][1] - 0.5) / length, (word[-1][1] + 1.5) / length
    return "".join(character for character, _ in word), max(0.0, start), min(1.0, end)
