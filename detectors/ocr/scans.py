"""Reading a picture as if it were a scan: flattened, turned upright, scaled, then given to Tesseract.

Both ways to run Tesseract read alike; they differ in what `recognise` does.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import groupby
from typing import Any

import cv2
import numpy as np

from detectors.base import Box, Pixels, TextLayer, Word
from detectors.ocr.merging import merged
from detectors.ocr.prepare import Grey, flattened, lies_on_its_side, reading_scale
from detectors.ocr.rows import Piece, in_rows
from detectors.ocr.turning import turned_back

Table = Mapping[str, Sequence[Any]]
"""Tesseract's TSV by column: level, block_num, par_num, line_num, left, top, width, height, conf, text."""
Recognise = Callable[[Grey], Table]

SPARSE_TEXT = 11
"""Tesseract's page segmentation that finds labels, columns and stamps; the default (3) drops them."""
TIMEOUT_SECONDS = 60
_MIN_CONFIDENCE = 0.3
_POOR = 0.75
"""Below this mean confidence the page may be upside down, so the other way round is read too."""
_CLOSER = 1.4
"""How much larger the copy for reading closely is."""


class ScanReader:
    """A `TextReader` over Tesseract: one reading a picture, two where the first is poor."""

    def __init__(self, name: str, recognise: Recognise) -> None:
        self.name = name
        self._recognise = recognise

    def read(self, pixels: Pixels) -> TextLayer:
        """The words of a picture in visual rows, boxes in its pixels."""
        return self._read_upright(pixels, 1.0)

    def read_closely(self, pixels: Pixels, first: TextLayer | None = None) -> TextLayer:
        """The first reading, and what another at a larger scale adds to it."""
        return merged(self._read_upright(pixels, _CLOSER), self.read(pixels) if first is None else first)

    def _read_upright(self, pixels: Pixels, closer: float) -> TextLayer:
        """The words whichever way the page lies, read `closer` times the usual scale."""
        size = (pixels.shape[1], pixels.shape[0])
        grey = flattened(pixels)
        turns = 1 if lies_on_its_side(grey) else 0
        layer = self._read(np.rot90(grey, turns), closer)
        if _confidence(layer) < _POOR and len(layer.words) >= 5:
            flipped = self._read(np.rot90(grey, turns + 2), closer)
            if _confidence(flipped) > _confidence(layer):
                layer, turns = flipped, turns + 2
        return turned_back(layer, turns, size)

    def _read(self, grey: Grey, closer: float) -> TextLayer:
        scale = closer * reading_scale(grey)
        interpolation = cv2.INTER_AREA if scale < 1 else cv2.INTER_CUBIC
        scaled = cv2.resize(np.ascontiguousarray(grey), None, fx=scale, fy=scale, interpolation=interpolation)
        table = self._recognise(scaled.astype(np.uint8))
        return in_rows([_piece(words) for words in _lines(table, scale)])


def _lines(data: Table, scale: float) -> Iterator[list[Word]]:
    """The words of each line tesseract reports, at the unscaled size."""
    kept = [
        at
        for at, text in enumerate(data["text"])
        if text.strip() and float(data["conf"][at]) >= 100 * _MIN_CONFIDENCE
    ]
    for _, group in groupby(
        kept, key=lambda at: (data["block_num"][at], data["par_num"][at], data["line_num"][at])
    ):
        yield [_word(data, at, scale) for at in group]


def _word(data: Table, at: int, scale: float) -> Word:
    box = Box(*(round(int(data[key][at]) / scale) for key in ("left", "top", "width", "height")))
    return Word(data["text"][at].strip(), box, float(data["conf"][at]) / 100, 0)


def _piece(words: list[Word]) -> Piece:
    """A line's words and its band: upright word boxes tell the tilt by their centres only."""
    first, last = words[0].box, words[-1].box
    start, end = _centre(first), _centre(last)
    slope = (end[1] - start[1]) / (end[0] - start[0]) if end[0] > start[0] else 0.0
    return Piece(
        (first.x, start[1] - slope * first.width / 2),
        (last.x + last.width, end[1] + slope * last.width / 2),
        float(np.median([word.box.height for word in words])),
        tuple(words),
    )


def _centre(box: Box) -> tuple[float, float]:
    return box.x + box.width / 2, box.y + box.height / 2


def _confidence(layer: TextLayer) -> float:
    """Mean confidence, each word weighted by its length; 0 for nothing read."""
    letters = sum(len(word.text) for word in layer.words)
    return sum(word.confidence * len(word.text) for word in layer.words) / max(letters, 1)
