"""OCR engines behind `detectors.base.TextReader`, chosen by name."""

from __future__ import annotations

from typing import Literal

from detectors.base import EngineUnavailable, TextReader

EngineName = Literal["auto", "tesseract", "rapidocr"]


def reader_for(name: EngineName) -> TextReader:
    """The reader of this name, its models loaded. Raises EngineUnavailable.

    "auto" is RapidOCR where it is installed, because it reads photographs far better, else tesseract.
    """
    if name == "auto":
        return _best_reader()
    if name == "tesseract":
        from detectors.ocr.tesseract import TesseractReader  # noqa: PLC0415 - only when asked for

        return TesseractReader()
    from detectors.ocr.rapid import RapidReader  # noqa: PLC0415 - only when asked for

    return RapidReader()


def _best_reader() -> TextReader:
    try:
        return reader_for("rapidocr")
    except EngineUnavailable as rapid:
        try:
            return reader_for("tesseract")
        except EngineUnavailable as tesseract:
            raise EngineUnavailable(f"No OCR engine is available. {rapid} {tesseract}") from rapid


def available_engines() -> dict[str, str]:
    """Each engine's version, or the sentence saying why it cannot be used. Loads no models."""
    from detectors.ocr import models, tesseract  # noqa: PLC0415 - imports OpenCV and pytesseract

    found: dict[str, str] = {}
    for name, version in (("rapidocr", models.version), ("tesseract", tesseract.version)):
        try:
            found[name] = version()
        except EngineUnavailable as error:
            found[name] = str(error)
    return found
