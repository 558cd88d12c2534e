"""The text models inside the rapidocr package (PP-OCRv6 on onnxruntime): find bands, read lines.

Nothing is downloaded. One thread; strips are recognised one at a time, because padding a batch to its
widest strip costs more than a batch saves, and a batch's output (a probability for each of 18,710
characters in each column) fills memory.
"""

from __future__ import annotations

import importlib.metadata
import importlib.util
import math
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import cv2
import numpy as np

from detectors.base import EngineUnavailable, Pixels
from detectors.ocr.bands import CROP_HEIGHT, thickness
from detectors.ocr.turning import Points

_MEND = "reinstall leakwatch's dependencies (rapidocr, onnxruntime)"
_DETECTOR_FILE = "PP-OCRv6_det_small.onnx"
_RECOGNISER_FILE = "PP-OCRv6_rec_small.onnx"
_FAINT = 0.3
"""Mean probability from which a band counts as text; the engine's own 0.5 loses dim and small text."""
_LONGEST, _MOST_ENLARGED = 3000, 3.0
"""Bounds on the copy of a narrow strip (pixels) and of a tiny picture (factor)."""
_THICKEST = 0.35
"""A "band" thicker than this share of the copy is a shape of the scene, not text."""
_STRIDE = 32
"""The detector takes pictures whose sides are multiples of this."""
_NARROWEST = 64
"""Strips are padded to this width (pixels at the crop height): narrower ones are misread."""
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


class Models:
    """The detection and the recognition model, loaded."""

    def __init__(self) -> None:
        engine = _start_engine()
        self._detector = engine._load_det_model()
        self._recogniser = engine._load_rec_model()

    def bands(self, picture: Pixels, side: float) -> Points:
        """Bands of text, corners clockwise from the top left, in pixels of `picture` (blue first).

        They are looked for on a copy of `side` pixels squared.
        """
        height, width = picture.shape[:2]
        scale = min(side / math.sqrt(width * height), _LONGEST / max(width, height), _MOST_ENLARGED)
        size = tuple(max(_STRIDE, round(length * scale / _STRIDE) * _STRIDE) for length in (width, height))
        copy = cv2.resize(picture, size, interpolation=cv2.INTER_AREA if scale < 1 else cv2.INTER_LINEAR)
        planes = copy.astype(np.float32).transpose(2, 0, 1)[None] / np.float32(127.5) - np.float32(1)
        found, _ = self._detector.postprocess_op(self._detector.session(planes), (height, width))
        if not len(found):
            return np.zeros((0, 4, 2), np.float32)
        quads = np.asarray(self._detector.sorted_boxes(found), np.float32)
        kept: Points = quads[thickness(quads) * scale <= _THICKEST * side]
        return kept

    def line(self, strip: Pixels) -> Line:
        """What stands on a strip (blue first); no words where the model is unsure."""
        read = self._recogniser(_Strips([np.ascontiguousarray(strip)], return_word_box=True))
        return _line(read.word_results[0], float(read.scores[0]))


@dataclass(frozen=True, slots=True)
class _Strips:
    """What rapidocr's recogniser takes."""

    img: list[Pixels]
    return_word_box: bool


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
            "Det.model_path": str(folder / _DETECTOR_FILE),
            "Det.box_thresh": _FAINT,
            "Rec.model_path": str(folder / _RECOGNISER_FILE),
            "Rec.rec_img_shape": [3, CROP_HEIGHT, _NARROWEST],
            "Rec.rec_batch_num": 1,
            "EngineConfig.onnxruntime.intra_op_num_threads": 1,
            "EngineConfig.onnxruntime.inter_op_num_threads": 1,
            "EngineConfig.onnxruntime.enable_cpu_mem_arena": True,
        }
    )


def _line(info: Any, score: float) -> Line:
    """Words from rapidocr's WordInfo: characters with their columns of the recogniser's output."""
    length = max(float(info.line_txt_len), 1.0)
    words = []
    for characters, columns in zip(info.words, info.word_cols, strict=True):
        start, end = (columns[0] - 0.5) / length, (columns[-1] + 1.5) / length
        words.append(("".join(characters), max(0.0, start), min(1.0, end)))
    return Line(tuple(words) if score >= _MIN_CONFIDENCE else (), score)
