"""The detector port: content in, explained findings out.

Coordinates everywhere are pixels of the upright image (EXIF orientation applied), at its original
size, origin top left.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Literal, NamedTuple, Protocol

import numpy as np
import numpy.typing as npt

Pixels = npt.NDArray[np.uint8]
"""An RGB raster, shape (height, width, 3)."""


class Box(NamedTuple):
    """An axis-aligned rectangle."""

    x: int
    y: int
    width: int
    height: int

    def union(self, other: Box) -> Box:
        """The smallest box that holds both."""
        left, top = min(self.x, other.x), min(self.y, other.y)
        right = max(self.x + self.width, other.x + other.width)
        bottom = max(self.y + self.height, other.y + other.height)
        return Box(left, top, right - left, bottom - top)


@dataclass(frozen=True, slots=True)
class Word:
    """One word as read, with its place, the engine's confidence (0-1) and its line's number."""

    text: str
    box: Box
    confidence: float
    line: int


@dataclass(frozen=True)
class TextLayer:
    """Text in reading order, and where each character stands.

    `origin` tells how far the characters can be trusted: "ocr" text was laid out on a page and may
    confuse O and 0, "post" text is exactly what somebody typed, "code" text is exactly what a barcode
    held. Post text has no words, only `plain`.
    """

    origin: Literal["ocr", "post", "code"]
    words: tuple[Word, ...] = ()
    plain: str = ""

    @cached_property
    def text(self) -> str:
        """The words joined by spaces, lines by newlines (or the post's own text)."""
        if not self.words:
            return self.plain
        return "".join(piece for piece, _ in self._pieces())

    @cached_property
    def _offsets(self) -> tuple[tuple[int, int, Box], ...]:
        spans, at = [], 0
        for piece, word in self._pieces():
            if word is not None:
                spans.append((at, at + len(piece), word.box))
            at += len(piece)
        return tuple(spans)

    def _pieces(self) -> Iterator[tuple[str, Word | None]]:
        previous: Word | None = None
        for word in self.words:
            if previous is not None:
                yield (" " if word.line == previous.line else "\n"), None
            yield word.text, word
            previous = word

    def box_of(self, start: int, end: int) -> Box | None:
        """The box round the words that `text[start:end]` touches; None for post text."""
        found: Box | None = None
        for first, last, box in self._offsets:
            if first < end and start < last:
                found = box if found is None else found.union(box)
        return found


@dataclass(frozen=True, slots=True)
class FileFact:
    """Something a file says of itself: `name` ("camera", "gps"), the clear `value`, and what may be shown."""

    name: str
    shown: str
    value: str | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True)
class Content:
    """What a detector looks at: one page's text, and its pixels when there is a picture.

    `scale` is the size of `pixels` / the size of the original, in whose pixels boxes are given. `facts`
    are the file's own, handed out with its first page.
    """

    text: TextLayer
    pixels: Pixels | None = None
    page: int = 0
    scale: float = 1.0
    facts: tuple[FileFact, ...] = ()

    def original_box(self, box: Box) -> Box:
        """A box in `pixels`, in pixels of the upright original."""
        return Box(*(round(value / self.scale) for value in box))


@dataclass(frozen=True, slots=True)
class Explanation:
    """Why a finding was made: the sentence a reviewer reads, and the facts behind it."""

    why: str
    facts: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Finding:
    """A detector's statement about one place.

    `kind` names what was found ("nhs_number", "clinical_heading", "letterhead", "template", ...).
    `masked` may be shown to anyone; `value` is the clear form and never leaves the process except
    to sealing and to keyed digests. `valid` is the verdict of a check digit, None where there is none.
    `span` is where it stands in the layer's text, (start, end), for what was read from text.
    """

    kind: str
    detector: str
    version: str
    score: float
    masked: str
    explanation: Explanation
    value: str | None = field(default=None, repr=False)
    valid: bool | None = None
    box: Box | None = None
    page: int = 0
    span: tuple[int, int] | None = None


class Detector(Protocol):
    """A name, a version and one method. A new version means: examine again."""

    name: str
    version: str

    def detect(self, content: Content) -> Iterator[Finding]:
        """Yield what this detector sees. Pure: same content, same findings."""
        ...


class TextReader(Protocol):
    """An OCR engine. Construction loads its models; nothing is loaded at import."""

    name: str

    def read(self, pixels: Pixels) -> TextLayer:
        """The words of a picture in reading order (origin "ocr"). Raises EngineUnavailable."""
        ...

    def read_closely(self, pixels: Pixels, first: TextLayer | None = None) -> TextLayer:
        """What a slower look adds to the `first` reading (made now when not given), as one layer.

        For pictures that alert, to list every patient on the page. Raises EngineUnavailable.
        """
        ...


def by_kind(findings: Sequence[Finding], *kinds: str) -> list[Finding]:
    """The findings of these kinds, in order."""
    return [finding for finding in findings if finding.kind in kinds]


class DetectorError(Exception):
    """Base of everything detectors raise; the message is one sentence for a person."""


class ImageUnreadable(DetectorError):
    """The bytes cannot be decoded as a picture within the limits."""


class EngineUnavailable(DetectorError):
    """An OCR engine is not installed or does not start."""
