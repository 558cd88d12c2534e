"""The cascade: each step is cheap enough for all that come to it, and most pictures end early.

1. Look for bands of text on a small copy. None there: no text, stop. Unless a small part of the copy may be
   text all the same: look once more, closer.
2. Few bands, and none of them reads as anything: shapes of the scene, stop.
3. Large print is read from these bands. Otherwise, and for print that runs up or down, whose bands are
   coarse, look again at a copy as much larger as its lines are thin.
4. Mostly upright bands: the page lies on its side; turn everything by a quarter.
5. Recognise each band, cut from the full picture. A poor sample both ways round means upside down.
6. Put the words into visual rows, their boxes in pixels of the picture as given.

A picture in a phone's screenshot is read first, as a picture of its own; then what stands round it.

What was measured to choose these steps, and what was left out, stands in docs/reading.md.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from detectors.base import Box, Pixels, TextLayer, Word
from detectors.insets import inset_of
from detectors.ocr.bands import cut, lie_on_their_side, sides, span_box, thickness
from detectors.ocr.merging import merged
from detectors.ocr.models import Models, Weights
from detectors.ocr.recognising import Line
from detectors.ocr.rows import Piece, in_rows
from detectors.ocr.turning import Points, turned_back, turned_quads

_FIRST_SIDE = 560
"""The first look is at a copy of this many pixels squared: enough to tell whether there is text."""
_INSET_SIDE = 420
"""The same of a picture in a screenshot, most of which hold no text."""
_FAINT_PRINT = (0.002, 0.05)
"""A copy without bands, of which a share between these may be text: less is nothing, more is a texture."""
_SECOND_SIDE, _CLOSEST_SIDE = 700, 1000
"""The least and the most for the second look."""
_SEARCHING_SIDE = 1400
"""For reading closely: the copy on which the smallest print that can be read at all is found."""
_LARGE_BAND, _WANTED_BAND = 17.5, 21.0
"""Thickness of bands on a copy, pixels. Thinner ones than the first are found three times as thick as their
text, which loses digits; a copy on which they would have the second shows each line as it is."""
_THIN = 20
"""The percentile of the bands' thickness that decides: most lines must be legible, not all."""
_SUSPECTS = 6
"""So few bands may be no text at all."""
_SAMPLE = 7
_SURE = 0.86
"""A sample of bands read with this mean confidence is the right way up."""


class BandReader:
    """A `TextReader` over a set of text networks: one thread, no log output, no network connection."""

    def __init__(self, name: str, weights: Weights) -> None:
        self.name = name
        self._models = Models(weights)

    def read(self, pixels: Pixels) -> TextLayer:
        """The words of a picture in visual rows, boxes in its pixels."""
        picture: Pixels = np.ascontiguousarray(pixels[:, :, ::-1])
        inset = inset_of(picture)
        inside = self._read_inside(picture, inset) if inset else TextLayer("ocr")
        bands = self._find(picture, _FIRST_SIDE)
        if not inset or not inside.words:
            return self._read(picture, bands)
        return merged(inside, self._read(picture, _outside(bands, inset)))

    def _read_inside(self, picture: Pixels, inset: Box) -> TextLayer:
        """The words of a part of a picture, boxes in the whole picture's pixels."""
        rows, columns = slice(inset.y, inset.y + inset.height), slice(inset.x, inset.x + inset.width)
        part: Pixels = np.ascontiguousarray(picture[rows, columns])
        read = self._read(part, self._find(part, _INSET_SIDE))
        return replace(read, words=tuple(_moved(word, inset.x, inset.y) for word in read.words))

    def read_closely(self, pixels: Pixels, first: TextLayer | None = None) -> TextLayer:
        """The first reading, and what bands found on a large copy add to it."""
        picture: Pixels = np.ascontiguousarray(pixels[:, :, ::-1])
        closer = self._read(picture, self._models.look(picture, _SEARCHING_SIDE).bands)
        return merged(closer, self.read(pixels) if first is None else first)

    def _find(self, picture: Pixels, side: float) -> Points:
        """The bands to read (steps 1 to 3), the first look at a copy of `side` pixels squared."""
        first = self._models.look(picture, side)
        if not len(first.bands):
            faint = _FAINT_PRINT[0] <= first.share <= _FAINT_PRINT[1]
            return self._models.look(picture, _SECOND_SIDE).bands if faint else first.bands
        usual = _usual_thickness(first.bands, picture, side)
        if usual >= _LARGE_BAND and not lie_on_their_side(first.bands):
            return first.bands
        if len(first.bands) <= _SUSPECTS and not self._say_something(picture, first.bands):
            return first.bands[:0]
        wanted = side * _WANTED_BAND / max(usual, 1.0)
        closer = self._models.look(picture, min(max(wanted, _SECOND_SIDE), _CLOSEST_SIDE)).bands
        return closer if len(closer) else first.bands

    def _say_something(self, picture: Pixels, bands: Points) -> bool:
        return bool(self._read(picture, bands).words)

    def _read(self, picture: Pixels, bands: Points) -> TextLayer:
        """The words in these bands (steps 4 to 6)."""
        if not len(bands):
            return TextLayer("ocr")
        size = (picture.shape[1], picture.shape[0])
        turns = 1 if lie_on_their_side(bands) else 0
        bands = turned_quads(bands, turns, size)
        turned: Pixels = np.ascontiguousarray(np.rot90(picture, turns))
        lines, upside_down = self._read_bands(turned, bands)
        if upside_down:
            bands = turned_quads(bands, 2, (turned.shape[1], turned.shape[0]))
            turns += 2
        pieces = [_piece(band, line) for band, line in zip(bands, lines, strict=True) if line.words]
        return turned_back(in_rows(pieces), turns, size)

    def _read_bands(self, picture: Pixels, bands: Points) -> tuple[list[Line], bool]:
        """The bands' lines, and whether they had to be read upside down."""
        across, down = sides(bands)
        longest = [int(at) for at in np.argsort(-across / np.maximum(down, 1), kind="stable")]
        sample, rest = longest[:_SAMPLE], longest[_SAMPLE:]
        read = self._lines(picture, bands[sample])
        upside_down = False
        if _mean_confidence(read) < _SURE:
            flipped = self._lines(picture, bands[sample], 2)
            upside_down = _mean_confidence(flipped) > _mean_confidence(read)
            read = flipped if upside_down else read
        read += self._lines(picture, bands[rest], 2 if upside_down else 0)
        lines = dict(zip(longest, read, strict=True))
        return [lines[at] for at in range(len(bands))], upside_down

    def _lines(self, picture: Pixels, bands: Points, turns: int = 0) -> list[Line]:
        return [self._models.line(np.rot90(cut(picture, band), turns)) for band in bands]


def _usual_thickness(bands: Points, picture: Pixels, side: float) -> float:
    """How thick bands are on a copy of `side` pixels squared, in its pixels; one in five is thinner."""
    shrink = side / math.sqrt(picture.shape[0] * picture.shape[1])
    return float(np.percentile(thickness(bands) * shrink, _THIN))


def _mean_confidence(lines: Sequence[Line]) -> float:
    return sum(line.confidence for line in lines) / len(lines)


def _piece(quad: Points, line: Line) -> Piece:
    words = tuple(
        Word(text, span_box(quad, start, end), line.confidence, 0) for text, start, end in line.words
    )
    left, right = (quad[0] + quad[3]) / 2, (quad[1] + quad[2]) / 2
    height = float(np.linalg.norm(quad[3] - quad[0]))
    return Piece((float(left[0]), float(left[1])), (float(right[0]), float(right[1])), height, words)


def _outside(bands: Points, inset: Box) -> Points:
    """The bands whose middle is not in a part of the picture."""
    centres = bands.mean(axis=1) - (inset.x, inset.y)
    inside = ((centres >= 0) & (centres < (inset.width, inset.height))).all(axis=1)
    outside: Points = bands[~inside]
    return outside


def _moved(word: Word, right: int, down: int) -> Word:
    return replace(word, box=word.box._replace(x=word.box.x + right, y=word.box.y + down))
