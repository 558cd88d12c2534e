"""Barcodes in a picture, and the identifiers in what they say.

1. Read the picture at up to 12 megapixels, in any direction.
2. Find striped areas at any angle, straighten each, and read it again, sharpened if need be: readers miss
   linear codes that stand aslant or out of focus.
3. Put what a code says through the same identifiers as any text; GS1 element strings get their fields' names.

A photograph of a wristband may show a whole identity without one readable word. A barcode alone says nothing:
parcels, tickets and tins carry them too.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import cv2
import numpy as np
import numpy.typing as npt

from detectors.base import Box, Content, Detector, Explanation, Finding, Pixels, TextLayer, Word
from detectors.identifiers.masking import mask_all

if TYPE_CHECKING:
    import zxingcpp

Grey = npt.NDArray[np.uint8]
Corners = npt.NDArray[np.float32]

_MOST_PIXELS = 12_000_000
_STRIPE_SIDE = 1000
_MOST_AREAS = 6
_MARGIN = 1.2
"""A striped area is cut this much larger than it was seen, for the quiet zone beside the bars."""
_MOST_CODES = 20
_LONGEST_SHOWN = 32
_FORMATS = (
    *("Code128", "Code39", "Code93", "Codabar", "ITF", "EANUPC"),
    *("DataMatrix", "QRCode", "MicroQRCode", "PDF417", "Aztec"),
)
_LINEAR = ("Code 128", "Code 39", "Code 93", "Codabar", "ITF")
_LEAST_LINEAR = 5
"""Shorter linear codes are stripes read by chance."""
_RETAIL = ("EAN", "UPC", "ISBN", "ISSN")
_ELEMENT = re.compile(r"\((\d{2,4})\)([^(]*)")
_FIELDS = {
    "7253": "Surname:",
    "7254": "Forename:",
    "7256": "Patient name:",
    "7257": "Address:",
}
"""GS1 application identifiers of people (GS1 General Specifications, AI 7250 to 7258)."""
_BIRTH = "7250"


@dataclass(frozen=True, slots=True)
class Code:
    """A barcode that was read: its text, its format's name, whether it is a GS1 string, and its corners."""

    text: str
    format: str
    gs1: bool
    corners: Corners

    @property
    def box(self) -> Box:
        """The box round its corners, in pixels of the picture that was read."""
        left, top = np.floor(self.corners.min(axis=0))
        right, bottom = np.ceil(self.corners.max(axis=0))
        return Box(int(left), int(top), int(right - left) + 1, int(bottom - top) + 1)


def read_codes(pixels: Pixels) -> list[Code]:
    """The barcodes of an RGB picture, each once."""
    grey = np.asarray(cv2.cvtColor(pixels, cv2.COLOR_RGB2GRAY), np.uint8)
    shrink = min(1.0, math.sqrt(_MOST_PIXELS / grey.size))
    if shrink < 1.0:
        grey = np.asarray(
            cv2.resize(grey, None, fx=shrink, fy=shrink, interpolation=cv2.INTER_AREA), np.uint8
        )
    found = _read(grey)
    for area in _striped_areas(grey):
        if not any(_within(area.mean(axis=0), code.box) for code in found):
            found += _read_straightened(grey, area)
    distinct = {(code.format, code.text, _cell(code.box)): code for code in found}
    return [replace(code, corners=code.corners / shrink) for code in distinct.values()][:_MOST_CODES]


def _cell(box: Box) -> tuple[int, int]:
    """Two codes of one text are one where they lie within each other's size."""
    size = max(box.width, box.height, 1)
    return (box.x + box.width // 2) // (2 * size), (box.y + box.height // 2) // (2 * size)


def _read(grey: Grey) -> list[Code]:
    import zxingcpp  # noqa: PLC0415 - loads a library of its own

    formats = zxingcpp.BarcodeFormats([getattr(zxingcpp.BarcodeFormat, name) for name in _FORMATS])
    codes = [_code(read) for read in zxingcpp.read_barcodes(grey, formats)]
    return [code for code in codes if not code.format.startswith(_LINEAR) or len(code.text) >= _LEAST_LINEAR]


def _code(read: zxingcpp.Barcode) -> Code:
    at = read.position
    corners = [(p.x, p.y) for p in (at.top_left, at.top_right, at.bottom_right, at.bottom_left)]
    is_gs1 = str(read.content_type).endswith("GS1")
    return Code(read.text, str(read.format), is_gs1, np.array(corners, np.float32))


def _striped_areas(grey: Grey) -> list[Corners]:
    """Four-sided areas of parallel bars at any angle, in pixels of `grey`."""
    shrink = min(1.0, _STRIPE_SIDE / max(grey.shape))
    small = cv2.resize(grey, None, fx=shrink, fy=shrink, interpolation=cv2.INTER_AREA)
    if min(small.shape) < 40:
        return []
    seen, areas = cv2.barcode.BarcodeDetector().detect(small)
    return [np.asarray(area, np.float32) / shrink for area in areas[:_MOST_AREAS]] if seen else []


def _within(point: npt.NDArray[np.float32], box: Box) -> bool:
    x, y = float(point[0]), float(point[1])
    return box.x <= x <= box.x + box.width and box.y <= y <= box.y + box.height


def _read_straightened(grey: Grey, area: Corners) -> list[Code]:
    """The codes of an area, cut out and turned level; read as it is, then sharpened."""
    middle = area.mean(axis=0)
    wider = (middle + (area - middle) * _MARGIN).astype(np.float32)
    sides = np.linalg.norm(wider - np.roll(wider, -1, axis=0), axis=1)
    width, height = int(max(sides[0], sides[2])), int(max(sides[1], sides[3]))
    if min(width, height) < 8 or width * height > 2 * grey.size:
        return []
    level = np.array([[0, 0], [width, 0], [width, height], [0, height]], np.float32)
    matrix = cv2.getPerspectiveTransform(wider, level)
    straight = np.asarray(cv2.warpPerspective(grey, matrix, (width, height)), np.uint8)
    back = np.linalg.inv(matrix)
    return [
        replace(code, corners=cv2.perspectiveTransform(code.corners[None], back)[0])
        for code in _read(straight) or _read(_sharpened(straight))
    ]


def _sharpened(grey: Grey) -> Grey:
    return np.asarray(cv2.addWeighted(grey, 3.0, cv2.GaussianBlur(grey, (0, 0), 2.0), -2.0, 0), np.uint8)


def text_of(code: Code, box: Box) -> TextLayer:
    """What a code says as a layer of text, every word of it at the code's own place.

    GS1 fields that hold a person's name, address or birth get a printed label's words before them.
    """
    lines = (
        [_field(*element) for element in _ELEMENT.findall(code.text)] if code.gs1 else code.text.split("\n")
    )
    words = [Word(word, box, 1.0, row) for row, line in enumerate(lines) for word in line.split()]
    return TextLayer("code", tuple(words))


def _field(identifier: str, value: str) -> str:
    if identifier == _BIRTH and re.fullmatch(r"\d{8}", value):
        return f"Date of birth: {value[6:]}/{value[4:6]}/{value[:4]}"
    if identifier in _FIELDS:
        return f"{_FIELDS[identifier]} {value.replace('+', ' ')}"
    return f"({identifier}) {value}"


class BarcodeDetector:
    """Tells each barcode (kind `barcode`, of no weight), and the identifiers that `readers` find in it."""

    name = "barcode"
    version = "1"

    def __init__(self, readers: Sequence[Detector]) -> None:
        """Take the text detectors that a code's text is put through."""
        self._readers = tuple(readers)

    def detect(self, content: Content) -> Iterator[Finding]:
        """Yield the barcodes of a page's pixels; nothing for content without pixels."""
        if content.pixels is None:
            return
        for code in read_codes(content.pixels):
            box = content.original_box(code.box)
            yield self._finding(code, box, content.page)
            if not code.format.startswith(_RETAIL):
                yield from self._identifiers(code, box, content.page)

    def _finding(self, code: Code, box: Box, page: int) -> Finding:
        masked = mask_all(code.text)
        shown = masked if len(masked) <= _LONGEST_SHOWN else masked[: _LONGEST_SHOWN - 3] + "..."
        facts = {"format": code.format, "length": len(code.text), "gs1": code.gs1}
        explanation = Explanation(f"A barcode ({code.format}) with {len(code.text)} characters.", facts)
        return Finding(
            "barcode", self.name, self.version, 1.0, shown, explanation, value=code.text, box=box, page=page
        )

    def _identifiers(self, code: Code, box: Box, page: int) -> Iterator[Finding]:
        """Identifiers carry a value; what only describes text (headings, filters) means nothing here."""
        content = Content(text_of(code, box), page=page)
        for reader in self._readers:
            for finding in reader.detect(content):
                if finding.value is not None:
                    said = f"In a barcode ({code.format}): {finding.explanation.why}"
                    yield replace(
                        finding, explanation=Explanation(said, finding.explanation.facts), span=None
                    )
