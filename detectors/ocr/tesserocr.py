"""Tesseract inside this process, through tesserocr: no program to start for each picture.

The library comes with the package, its English data from the system: from the folder that the library itself
takes (the variable TESSDATA_PREFIX), or from where Linux distributions put it.
"""

from __future__ import annotations

import importlib.metadata
import importlib.util
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from detectors.base import EngineUnavailable
from detectors.ocr.prepare import Grey
from detectors.ocr.scans import SPARSE_TEXT, TIMEOUT_SECONDS, ScanReader, Table

_MEND = "install tesseract-ocr-eng, or choose the engine cascade"
_SHARE = Path("/usr/share")
_COLUMNS = (
    "level",
    "page_num",
    "block_num",
    "par_num",
    "line_num",
    "word_num",
    "left",
    "top",
    "width",
    "height",
    "conf",
    "text",
)
"""The columns of Tesseract's TSV, in order."""


def tesserocr_reader() -> ScanReader:
    """A reader with its data loaded, on one thread. Raises EngineUnavailable."""
    return ScanReader("tesserocr", _Recogniser(_data_folder()))


def version() -> str:
    """The installed tesserocr's version. Raises EngineUnavailable."""
    _data_folder()
    return importlib.metadata.version("tesserocr")


def _data_folder() -> str:
    """The folder of English data, as tesserocr takes it."""
    if importlib.util.find_spec("tesserocr") is None:
        raise EngineUnavailable("tesserocr is not installed: reinstall leakwatch's dependencies.")
    import tesserocr  # noqa: PLC0415 - loads the library

    for folder in _candidates():
        found, languages = tesserocr.get_languages(folder)
        if "eng" in languages:
            return str(found)
    raise EngineUnavailable(f"Tesseract's English data (eng.traineddata) was not found: {_MEND}.")


def _candidates() -> Iterator[str]:
    yield ""  # the library's own choice
    yield from map(str, sorted(_SHARE.glob("tesseract-ocr/*/tessdata"), reverse=True))
    yield from map(str, sorted(_SHARE.glob("tess*data")))


class _Recogniser:
    """Tesseract's neural engine alone: the older one beside it learns as it reads, which would tell
    pictures apart by what was read before them.
    """

    def __init__(self, folder: str) -> None:
        # Tesseract's OpenMP threads slow it down and starve the other workers; it has no other switch.
        os.environ["OMP_THREAD_LIMIT"] = "1"
        import tesserocr  # noqa: PLC0415 - loads the library

        self._engine: Any = tesserocr.PyTessBaseAPI(
            path=folder, lang="eng", psm=SPARSE_TEXT, oem=tesserocr.OEM.LSTM_ONLY
        )

    def __call__(self, grey: Grey) -> Table:
        height, width = grey.shape
        try:
            self._engine.SetImageBytes(grey.tobytes(), width, height, 1, width)
            done = self._engine.Recognize(TIMEOUT_SECONDS * 1000)
            rows = self._engine.GetTSVText(0).splitlines() if done else None
        except RuntimeError:
            rows = None
        finally:
            self._engine.Clear()
        if rows is None:
            raise EngineUnavailable(f"Tesseract failed on a picture of {width} x {height} pixels.")
        cells = zip(*(row.split("\t", len(_COLUMNS) - 1) for row in rows), strict=True)
        return dict(zip(_COLUMNS, cells, strict=False)) or {"text": ()}
