"""Two readings of one picture made into one, so that the closer one adds and the first is not lost."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from itertools import groupby

from detectors.base import Box, TextLayer, Word

_SHARED = 0.5
"""A word is in the other reading when so much of its box is covered there."""
_IDENTIFYING = 9
"""A line of so many digits may hold a patient's number: kept in both spellings where the readings differ."""

Line = tuple[Word, ...]


def merged(closer: TextLayer, first: TextLayer) -> TextLayer:
    """Every line of `closer`, and from `first` what adds to it, each addition a line of its own.

    Added are the words that stand where `closer` has none, and whole lines of many digits that `closer`
    spells otherwise: which of two spellings is a number's own is for its check digit to say.
    """
    lines = _lines(closer)
    known = [_digits(line) for line in lines]
    additions: dict[int, list[Line]] = {}
    for line in _lines(first):
        added = _addition(line, closer.words, known)
        if added:
            additions.setdefault(_line_above(added, lines), []).append(added)
    ordered = list(additions.get(-1, ()))
    for at, line in enumerate(lines):
        ordered += [line, *additions.get(at, ())]
    words = tuple(replace(word, line=number) for number, line in enumerate(ordered) for word in line)
    return replace(closer, words=words)


def _addition(line: Line, others: Sequence[Word], known: Sequence[str]) -> Line:
    digits = _digits(line)
    if len(digits) >= _IDENTIFYING and not any(digits in other for other in known):
        return line
    return tuple(word for word in line if not _is_covered(word.box, others))


def _lines(layer: TextLayer) -> list[Line]:
    return [tuple(words) for _, words in groupby(layer.words, key=lambda word: word.line)]


def _digits(words: Iterable[Word]) -> str:
    return re.sub(r"\D", "", "".join(word.text for word in words))


def _is_covered(box: Box, others: Iterable[Word]) -> bool:
    covered = sum(_common(box, other.box) for other in others)
    return covered >= _SHARED * max(box.width * box.height, 1)


def _common(one: Box, other: Box) -> int:
    """The area two boxes share, in square pixels."""
    width = min(one.x + one.width, other.x + other.width) - max(one.x, other.x)
    height = min(one.y + one.height, other.y + other.height) - max(one.y, other.y)
    return max(width, 0) * max(height, 0)


def _line_above(line: Line, lines: Sequence[Line]) -> int:
    """The index of the line that this one follows, by the word that stands nearest; -1 for none."""
    place = _centre(line[0].box)
    around = [(math.dist(place, centre), at, centre) for at, centre in _centres(lines)]
    if not around:
        return -1
    _, at, centre = min(around)
    return at if centre[1] <= place[1] else at - 1


def _centres(lines: Sequence[Line]) -> Iterator[tuple[int, tuple[float, float]]]:
    for at, line in enumerate(lines):
        for word in line:
            yield at, _centre(word.box)


def _centre(box: Box) -> tuple[float, float]:
    return box.x + box.width / 2, box.y + box.height / 2
