"""The two text networks (PP-OCRv6 small, run by onnxruntime): find bands, read lines.

There are two sets of the same networks. `PACKED` ships with leakwatch: eight-bit weights, and of the 18,710
characters only those that British records and posts are written in (`weights/README.md` says how they are
made and what that costs). `FULL` are the originals inside the rapidocr package. Nothing is downloaded.

One thread; strips are recognised one at a time, because padding a batch to its widest strip costs more than a
batch saves.
"""

from __future__ import annotations

import hashlib
import importlib.metadata
import importlib.util
import math
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import numpy.typing as npt

from detectors.base import EngineUnavailable, Pixels
from detectors.networks import session
from detectors.ocr.bands import CROP_HEIGHT, thickness
from detectors.ocr.finding import Map, bands_on, text_share
from detectors.ocr.recognising import Line, line_of
from detectors.ocr.turning import Points

_MEND = "reinstall leakwatch's dependencies (rapidocr, onnxruntime)"
_STEPS = 2
"""Raised when `cascade.py` comes to other words with the same networks, so that all is read anew."""
_LONGEST, _MOST_ENLARGED = 3000, 3.0
"""Bounds on the copy of a narrow strip (pixels) and of a tiny picture (factor)."""
_THICKEST = 0.35
"""A "band" thicker than this share of the copy is a shape of the scene, not text."""
_STRIDE = 32
"""The detector takes pictures whose sides are multiples of this."""
_NARROWEST = 64
"""Strips are padded to this width (pixels at the crop height): narrower ones are misread."""


@dataclass(frozen=True, slots=True)
class Weights:
    """Where a set of the two networks lies: a folder, and the files in it."""

    folder: Callable[[], Path]
    finder: str
    reader: str

    def files(self) -> tuple[Path, Path]:
        """Both files. Raises EngineUnavailable when one is missing, or what runs them."""
        if importlib.util.find_spec("onnxruntime") is None:
            raise EngineUnavailable(f"onnxruntime is not installed: {_MEND}.")
        folder = self.folder()
        for name in (self.finder, self.reader):
            if not (folder / name).is_file():
                raise EngineUnavailable(f"The text model {name} is missing from its package: {_MEND}.")
        return folder / self.finder, folder / self.reader

    def version(self) -> str:
        """What runs the networks, and a digest of both. Raises EngineUnavailable."""
        digest = hashlib.sha256(b"".join(path.read_bytes() for path in self.files())).hexdigest()[:12]
        return f"{importlib.metadata.version('onnxruntime')} (onnxruntime), models {digest}, steps {_STEPS}"


def _rapidocr_folder() -> Path:
    found = importlib.util.find_spec("rapidocr")
    if found is None or found.origin is None:
        raise EngineUnavailable(f"RapidOCR is not installed: {_MEND}.")
    return Path(found.origin).parent / "models"


PACKED = Weights(lambda: Path(__file__).parent / "weights", "finder.onnx", "reader.onnx")
FULL = Weights(_rapidocr_folder, "PP-OCRv6_det_small.onnx", "PP-OCRv6_rec_small.onnx")


class Network:
    """One of the networks, loaded: a picture (blue first) in, its only output out."""

    def __init__(self, path: Path) -> None:
        self._session: Any = session(path)

    @property
    def characters(self) -> tuple[str, ...]:
        """What the columns of a recogniser's output stand for; the first means "none"."""
        known = self._session.get_modelmeta().custom_metadata_map["character"]
        return ("", *known.splitlines(), " ")

    def __call__(self, picture: Pixels) -> Any:
        """The output for a picture."""
        return self._session.run(None, {"x": planes(picture)})[0]


def planes(picture: Pixels) -> npt.NDArray[np.float32]:
    """A picture as the networks take it: shape (1, 3, height, width), values from -1 to 1."""
    return picture.astype(np.float32).transpose(2, 0, 1)[None] / np.float32(127.5) - np.float32(1)


@dataclass(frozen=True, slots=True)
class Look:
    """Bands of text, corners clockwise from the top left in the picture's pixels, and the share of the
    copy that may be text, however faint.
    """

    bands: Points
    share: float


class Models:
    """The detection and the recognition network, loaded."""

    def __init__(self, weights: Weights) -> None:
        self.finder, self.reader = map(Network, weights.files())
        self._characters = self.reader.characters

    def soft_map(self, picture: Pixels, side: float) -> Map:
        """How likely each pixel of a copy of `side` pixels squared is text; `picture` is blue first."""
        height, width = picture.shape[:2]
        scale = copy_scale(picture, side)
        size = tuple(max(_STRIDE, round(length * scale / _STRIDE) * _STRIDE) for length in (width, height))
        copy = cv2.resize(picture, size, interpolation=cv2.INTER_AREA if scale < 1 else cv2.INTER_LINEAR)
        soft: Map = self.finder(copy.astype(np.uint8))[0, 0]
        return soft

    def look(self, picture: Pixels, side: float) -> Look:
        """Where text stands on `picture` (blue first), as a copy of `side` pixels squared shows it."""
        soft = self.soft_map(picture, side)
        quads = bands_on(soft, (picture.shape[1], picture.shape[0]))
        kept: Points = quads[thickness(quads) * copy_scale(picture, side) <= _THICKEST * side]
        return Look(kept, text_share(soft))

    def line(self, strip: Pixels) -> Line:
        """What stands on a strip (blue first); no words where the network is unsure."""
        width = max(math.ceil(CROP_HEIGHT * strip.shape[1] / strip.shape[0]), 4)
        level = cv2.resize(strip, (width, CROP_HEIGHT), interpolation=cv2.INTER_LINEAR)
        padding = max(_NARROWEST - width, 0)
        padded = cv2.copyMakeBorder(level, 0, 0, 0, padding, cv2.BORDER_CONSTANT, value=(127.5,) * 3)
        columns = self.reader(padded.astype(np.uint8))[0]
        return line_of(columns, self._characters, width / (width + padding))


def copy_scale(picture: Pixels, side: float) -> float:
    """The size of a copy of `side` pixels squared / the size of the picture."""
    height, width = picture.shape[:2]
    return float(min(side / math.sqrt(width * height), _LONGEST / max(width, height), _MOST_ENLARGED))
