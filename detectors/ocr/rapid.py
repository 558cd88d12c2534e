"""RapidOCR (PP-OCRv6 on onnxruntime): reads photographs that tesseract cannot.

The steps of `RapidReader.read`:

1. Detect text on a small copy. Nothing there, even faintly: the picture has no text, stop.
2. Detect again on a larger copy, the more so for few or small lines.
3. Mostly upright bands: the page lies on its side; turn everything by a quarter.
4. Recognise each band, cut from the full picture. A poor sample both ways round means upside down.
5. Put the words into visual rows, their boxes in pixels of the picture as given.

The models are files of the rapidocr package; nothing is downloaded.
"""

from __future__ import annotations

import importlib.metadata
import importlib.util
import math
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import cv2
import numpy as np

from detectors.base import Box, EngineUnavailable, Pixels, TextLayer, Word
from detectors.ocr.rows import Piece, in_rows
from detectors.ocr.turning import Points, turned_back, turned_quads

_MEND = "reinstall leakwatch's dependencies (rapidocr, onnxruntime)"
_DETECTOR_FILE = "PP-OCRv6_det_small.onnx"
_RECOGNISER_FILE = "PP-OCRv6_rec_small.onnx"
_FIRST_SIDE = 560
"""The first look is at a copy of this many pixels squared: enough to tell whether there is text."""
_SECOND_SIDE = 800
"""Bands found on the first copy are three times as thick as their text, and digits would be lost."""
_CLOSE_SIDE = 1000
_FAINT = 0.3
"""Mean probability from which a band counts as text; the engine's own 0.5 loses dim and small text."""
_FEW_BANDS = 14
_SMALL_BAND = 12.0
"""Bands thinner than this on the first copy (pixels) hold text that needs the closest look."""
_LONGEST, _MOST_ENLARGED = 3000, 3.0
"""Bounds on the copy of a narrow strip (pixels) and of a tiny picture (factor)."""
_THICKEST = 0.35
"""A "band" thicker than this share of the copy is a shape of the scene, not text."""
_CROP_HEIGHT = 48
"""The recogniser's input height, pixels."""
_MIN_CONFIDENCE = 0.5
_SAMPLE = 7
_SURE = 0.86
"""A sample of bands read with this mean confidence is the right way up."""


@dataclass(frozen=True, slots=True)
class _Line:
    """One recognised band: its words as (text, start, end), places as shares of the band's length."""

    words: tuple[tuple[str, float, float], ...]
    confidence: float


class RapidReader:
    """A `TextReader` over RapidOCR with its bundled models: one thread, no log output, no network."""

    name = "rapidocr"

    def __init__(self) -> None:
        self._engine = _start_engine()

    def read(self, pixels: Pixels) -> TextLayer:
        """The words of a picture in visual rows, boxes in its pixels."""
        picture: Pixels = np.ascontiguousarray(pixels[:, :, ::-1])
        size = (picture.shape[1], picture.shape[0])
        quads = self._find(picture)
        if not len(quads):
            return TextLayer("ocr")
        turns = 1 if _lies_on_its_side(quads) else 0
        bands = turned_quads(quads, turns, size)
        turned: Pixels = np.ascontiguousarray(np.rot90(picture, turns))
        lines, upside_down = self._read_bands([_cut(turned, band) for band in bands])
        if upside_down:
            bands = turned_quads(bands, 2, (turned.shape[1], turned.shape[0]))
            turns += 2
        pieces = [_piece(band, line) for band, line in zip(bands, lines, strict=True) if line.words]
        return turned_back(in_rows(pieces), turns, size)

    def _find(self, picture: Pixels) -> Points:
        quads = self._detect(picture, _FIRST_SIDE)
        if not len(quads):
            return quads
        shrink = _FIRST_SIDE / math.sqrt(picture.shape[0] * picture.shape[1])
        small = len(quads) < _FEW_BANDS or np.median(_thickness(quads)) * shrink < _SMALL_BAND
        closer = self._detect(picture, _CLOSE_SIDE if small else _SECOND_SIDE)
        return closer if len(closer) else quads

    def _detect(self, picture: Pixels, side: int) -> Points:
        """Bands of text, corners clockwise from the top left, in pixels of `picture`."""
        height, width = picture.shape[:2]
        scale = min(side / math.sqrt(width * height), _LONGEST / max(width, height), _MOST_ENLARGED)
        interpolation = cv2.INTER_AREA if scale < 1 else cv2.INTER_LINEAR
        copy = cv2.resize(
            picture,
            (max(32, round(width * scale)), max(32, round(height * scale))),
            interpolation=interpolation,
        )
        found = self._engine(copy, use_det=True, use_cls=False, use_rec=False, box_thresh=_FAINT)
        if getattr(found, "boxes", None) is None:
            return np.zeros((0, 4, 2), np.float32)
        quads = np.asarray(found.boxes, np.float32)
        stretch = np.array([width / copy.shape[1], height / copy.shape[0]], np.float32)
        return quads[_thickness(quads) <= _THICKEST * side] * stretch

    def _read_bands(self, crops: Sequence[Pixels]) -> tuple[list[_Line], bool]:
        """Every crop's line, and whether they had to be read upside down."""
        longest = sorted(range(len(crops)), key=lambda at: -crops[at].shape[1] / crops[at].shape[0])
        sample, rest = longest[:_SAMPLE], longest[_SAMPLE:]
        read = self._recognise([crops[at] for at in sample])
        upside_down = False
        if _mean_confidence(read) < _SURE:
            flipped = self._recognise([np.rot90(crops[at], 2) for at in sample])
            upside_down = _mean_confidence(flipped) > _mean_confidence(read)
            read = flipped if upside_down else read
        read += self._recognise([np.rot90(crops[at], 2) if upside_down else crops[at] for at in rest])
        lines = dict(zip(sample + rest, read, strict=True))
        return [lines[at] for at in range(len(crops))], upside_down

    def _recognise(self, crops: Sequence[Pixels]) -> list[_Line]:
        if not crops:
            return []
        read = self._engine.recognize_txt([np.ascontiguousarray(crop) for crop in crops])
        return [_line(info, score) for info, score in zip(read.word_results, read.scores, strict=True)]


def version() -> str:
    """The installed rapidocr's version. Raises EngineUnavailable."""
    _model_folder()
    return importlib.metadata.version("rapidocr")


def _model_folder() -> Path:
    found = importlib.util.find_spec("rapidocr")
    if found is None or found.origin is None or importlib.util.find_spec("onnxruntime") is None:
        raise EngineUnavailable(f"RapidOCR is not installed: {_MEND}.")
    folder = Path(found.origin).parent / "models"
    for name in (_DETECTOR_FILE, _RECOGNISER_FILE):
        if not (folder / name).is_file():
            raise EngineUnavailable(f"RapidOCR's model {name} is missing from its package: {_MEND}.")
    return folder


def _start_engine() -> Any:
    folder = _model_folder()
    from rapidocr import RapidOCR  # noqa: PLC0415 - loads onnxruntime

    return RapidOCR(
        params={
            "Global.log_level": "critical",
            "Global.use_cls": False,
            "Global.use_vertical_padding": False,
            "Global.max_side_len": 8000,
            "Global.return_word_box": True,
            "Det.model_path": str(folder / _DETECTOR_FILE),
            "Det.limit_type": "max",
            "Det.limit_side_len": 8000,
            "Rec.model_path": str(folder / _RECOGNISER_FILE),
            "Rec.rec_img_shape": [3, _CROP_HEIGHT, 160],
            "EngineConfig.onnxruntime.intra_op_num_threads": 1,
            "EngineConfig.onnxruntime.inter_op_num_threads": 1,
        }
    )


def _sides(quads: Points) -> tuple[Points, Points]:
    """Each band's length along its text, and its thickness, in pixels."""
    return (
        np.linalg.norm(quads[:, 1] - quads[:, 0], axis=1),
        np.linalg.norm(quads[:, 3] - quads[:, 0], axis=1),
    )


def _thickness(quads: Points) -> Points:
    return np.minimum(*_sides(quads))


def _lies_on_its_side(quads: Points) -> bool:
    across, down = _sides(quads)
    tall, wide = down >= 1.5 * across, across >= 1.5 * down
    return float(down[tall].sum()) > float(across[wide].sum())


def _cut(picture: Pixels, quad: Points) -> Pixels:
    """The band as a level strip at the recogniser's height or less."""
    across, down = (int(side[0]) for side in _sides(quad[None]))
    across, down = max(across, 4), max(down, 4)
    corners = np.array([[0, 0], [across, 0], [across, down], [0, down]], np.float32)
    matrix = cv2.getPerspectiveTransform(quad.astype(np.float32), corners)
    strip = cv2.warpPerspective(
        picture, matrix, (across, down), flags=cv2.INTER_CUBIC, borderMode=cv2.BORDER_REPLICATE
    )
    if down <= _CROP_HEIGHT:
        return strip.astype(np.uint8)
    across = max(4, round(across * _CROP_HEIGHT / down))
    return cv2.resize(strip, (across, _CROP_HEIGHT), interpolation=cv2.INTER_AREA).astype(np.uint8)


def _line(info: Any, score: float) -> _Line:
    """Words from rapidocr's WordInfo: characters with their columns of the recogniser's output."""
    length = max(float(info.line_txt_len), 1.0)
    words = []
    for characters, columns in zip(info.words, info.word_cols, strict=True):
        start, end = (columns[0] - 0.5) / length, (columns[-1] + 1.5) / length
        words.append(("".join(characters), max(0.0, start), min(1.0, end)))
    return _Line(tuple(words) if score >= _MIN_CONFIDENCE else (), float(score))


def _mean_confidence(lines: Sequence[_Line]) -> float:
    return sum(line.confidence for line in lines) / len(lines)


def _piece(quad: Points, line: _Line) -> Piece:
    words = tuple(
        Word(text, _span_box(quad, start, end), line.confidence, 0) for text, start, end in line.words
    )
    left, right = (quad[0] + quad[3]) / 2, (quad[1] + quad[2]) / 2
    height = float(np.linalg.norm(quad[3] - quad[0]))
    return Piece((float(left[0]), float(left[1])), (float(right[0]), float(right[1])), height, words)


def _span_box(quad: Points, start: float, end: float) -> Box:
    """The upright box round the part of a band between two shares of its length."""
    top, bottom = quad[1] - quad[0], quad[2] - quad[3]
    corners = np.stack(
        [quad[0] + top * start, quad[0] + top * end, quad[3] + bottom * start, quad[3] + bottom * end]
    )
    left, upper = np.floor(np.maximum(corners.min(axis=0), 0)).astype(int)
    right, lower = np.ceil(corners.max(axis=0)).astype(int)
    return Box(int(left), int(upper), int(right - left), int(lower - upper))
