"""Tesseract as a program, through pytesseract: needs no models beyond Debian's packages."""

from __future__ import annotations

import os

import pytesseract

from detectors.base import EngineUnavailable
from detectors.ocr.prepare import Grey
from detectors.ocr.scans import SPARSE_TEXT, TIMEOUT_SECONDS, ScanReader, Table

_MEND = "install tesseract-ocr and tesseract-ocr-eng, or choose the engine cascade"


def tesseract_reader() -> ScanReader:
    """A reader that runs the program for each reading, on one thread. Raises EngineUnavailable."""
    version()
    # Tesseract's OpenMP threads slow it down and starve the other workers; it has no other switch.
    os.environ["OMP_THREAD_LIMIT"] = "1"
    return ScanReader("tesseract", _recognise)


def version() -> str:
    """The installed tesseract's version. Raises EngineUnavailable."""
    try:
        found = str(pytesseract.get_tesseract_version())
        languages = pytesseract.get_languages()
    except (pytesseract.TesseractNotFoundError, pytesseract.TesseractError, SystemExit) as error:
        raise EngineUnavailable(
            f"The tesseract program is not installed or does not start: {_MEND}."
        ) from error
    if "eng" not in languages:
        raise EngineUnavailable(f"Tesseract {found} has no English data: {_MEND}.")
    return found


def _recognise(grey: Grey) -> Table:
    try:
        table: Table = pytesseract.image_to_data(
            grey,
            lang="eng",
            config=f"--psm {SPARSE_TEXT}",
            timeout=TIMEOUT_SECONDS,
            output_type=pytesseract.Output.DICT,
        )
    except pytesseract.TesseractNotFoundError as error:
        raise EngineUnavailable(f"The tesseract program is no longer there: {_MEND}.") from error
    except RuntimeError as error:  # TesseractError, and a timeout
        raise EngineUnavailable(
            f"Tesseract failed on a picture of {grey.shape[1]} x {grey.shape[0]} pixels."
        ) from error
    return table
