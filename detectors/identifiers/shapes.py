"""Shapes of codes, and the words that name them: what the detectors of codes share.

A shape is matched exactly in text that somebody typed. In OCR text a letter may stand for a digit, but only
where the shape asks for a digit: nothing outside a code is ever repaired.
"""

from __future__ import annotations

import re
import sys
from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass

from detectors.identifiers.digits import CONFUSED
from detectors.identifiers.labels import REACH, stands_over
from detectors.normalise import Reading

_TYPED = "[0-9]"
_READ = "[0-9OoQDIl|!ZSGB]"
_MOST_REPAIRED = 1 / 3
_MOST_OVER = 20
"""How many labels above a value are looked at: a table has fewer, hostile text many more."""


class Shape:
    """A regular expression in which `<d>` is a digit as typed, or as an engine may have misread it."""

    def __init__(self, pattern: str) -> None:
        self._typed = re.compile(pattern.replace("<d>", _TYPED))
        self._read = re.compile(pattern.replace("<d>", _READ))

    def find(self, page: Reading) -> Iterator[re.Match[str]]:
        """Each place of this shape, none overlapping."""
        return (self._read if page.is_ocr else self._typed).finditer(page.text)


def digits_in(text: str) -> str | None:
    """The digits of a group without its spacing, misread letters repaired; None when most are letters."""
    written = re.sub(r"[^\w|!]|_", "", text)
    letters = sum(not character.isdecimal() for character in written)
    return written.translate(CONFUSED) if letters <= len(written) * _MOST_REPAIRED else None


@dataclass(frozen=True)
class Label:
    """Words that name an identifier, as a pattern over lower-case text.

    They stand before it, at most `reach` characters and one line away, or over it in a picture's table.
    """

    pattern: re.Pattern[str]
    reach: int = REACH

    def __call__(self, page: Reading) -> list[tuple[int, int]]:
        """The spans of the label on a page (kept by `page.once`)."""
        return [match.span() for match in self.pattern.finditer(page.lower)]

    def is_on(self, page: Reading) -> bool:
        """Whether the page carries the label anywhere."""
        return bool(page.once(self))

    def distance(self, page: Reading, start: int) -> int:
        """Characters from the nearest label before `start`; more than any page has where there is none."""
        spans = page.once(self)
        before = bisect_right(spans, start, key=lambda span: span[1])
        return start - spans[before - 1][1] if before else sys.maxsize

    def names(self, page: Reading, start: int, end: int) -> bool:
        """Whether the label names `text[start:end]`."""
        spans = page.once(self)
        before = bisect_right(spans, start, key=lambda span: span[1])
        if not before:
            return False
        nearest = spans[before - 1][1]
        if start - nearest <= self.reach and page.text.count("\n", nearest, start) <= 1:
            return True
        box = page.box(start, end)
        over = [page.box(*span) for span in spans[max(0, before - _MOST_OVER) : before]] if box else []
        return any(place and box and stands_over(place, box) for place in over)
