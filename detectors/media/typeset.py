"""Text set as pages: for documents whose own layout is not drawn here.

What stands on a page and where is known exactly, so no engine reads it; the picture is for people and for
previews. A row of a table stays one line, its cells in columns, so that a heading stands over its values.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import cache

import numpy as np
from PIL import Image, ImageDraw, ImageFont

from detectors.base import Box, TextLayer, Word
from detectors.media.base import Page

Line = tuple[str, ...]
"""A paragraph (one entry) or a table's row (its cells)."""

_WIDTH, _WIDEST, _HEIGHT, _MARGIN = 1240, 4000, 1754, 60
_SIZE, _LEADING, _COLUMN = 20, 30, 140
_LONGEST_CELL = 300
_LONGEST_WORD = 400


def typeset(lines: Sequence[Line], most: int) -> tuple[list[Page], int]:
    """The lines as at most `most` pages, and how many pages there would be; empty lines are left out."""
    told = [line for line in map(_plain, lines) if line]
    columns = max((len(line) for line in told), default=1)
    width = min(max(_WIDTH, 2 * _MARGIN + columns * _COLUMN), _WIDEST)
    sheets = _sheets(told, width)
    return [sheet.page(width) for sheet in sheets[:most]], len(sheets)


def _plain(line: Line) -> Line:
    cells = tuple(" ".join(cell.split()) for cell in line)
    if not any(cells):
        return ()
    return cells if max(map(len, cells)) <= _LONGEST_CELL else (" ".join(cells),)


@cache
def _font() -> ImageFont.FreeTypeFont | ImageFont.ImageFont:
    return ImageFont.load_default(_SIZE)


@dataclass
class _Sheet:
    """A page being filled."""

    words: list[Word] = field(default_factory=list)
    bottom: int = _MARGIN
    line: int = 0

    def page(self, width: int) -> Page:
        """The page, drawn."""
        image = Image.new("RGB", (width, _HEIGHT), "white")
        draw = ImageDraw.Draw(image)
        for word in self.words:
            draw.text((word.box.x, word.box.y), word.text, fill="black", font=_font())
        return Page.of(np.asarray(image, np.uint8), "page", TextLayer("ocr", tuple(self.words)))


def _sheets(lines: Iterable[Line], width: int) -> list[_Sheet]:
    sheets = [_Sheet()]
    for line in lines:
        for block in _blocks(line, width):
            height = max(word.box.y for word in block) + _LEADING
            if sheets[-1].words and sheets[-1].bottom + height > _HEIGHT - _MARGIN:
                sheets.append(_Sheet())
            sheet = sheets[-1]
            sheet.words += [_placed(word, sheet.bottom, sheet.line) for word in block]
            sheet.bottom += height
            sheet.line += 1
    return sheets


def _placed(word: Word, down: int, line: int) -> Word:
    x, y, width, height = word.box
    return Word(word.text, Box(x, y + down, width, height), 1.0, line)


def _blocks(line: Line, width: int) -> Iterator[list[Word]]:
    """What is kept together: each visual line of a paragraph, or the whole row of a table."""
    pitch = (width - 2 * _MARGIN) // len(line)
    words = [
        word
        for number, cell in enumerate(line)
        for word in _wrapped(cell, _MARGIN + number * pitch, _MARGIN + (number + 1) * pitch, width)
    ]
    if len(line) > 1:
        yield words
        return
    for top in sorted({word.box.y for word in words}):
        yield [Word(w.text, Box(w.box.x, 0, *w.box[2:]), 1.0, 0) for w in words if w.box.y == top]


def _wrapped(text: str, left: int, right: int, page_width: int) -> Iterator[Word]:
    """The words of a cell between `left` and `right`, from the top down; a long one may reach over."""
    x, y = left, 0
    for whole in text.split():
        word = whole[:_LONGEST_WORD]
        length = max(1, round(_font().getlength(word)))
        if x > left and x + length > right:
            x, y = left, y + _LEADING
        yield Word(word, Box(x, y, min(length, page_width - x), _SIZE + 4), 1.0, 0)
        x += length + _SIZE // 3
