"""OCR engines behind `detectors.base.TextReader`, chosen by name."""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal, get_args

from detectors.base import EngineUnavailable, TextReader

EngineName = Literal["cascade", "rapidocr", "tesserocr", "tesseract"]
ENGINES: tuple[EngineName, ...] = get_args(EngineName)
DEFAULT_ENGINE: EngineName = "cascade"


def reader_for(name: EngineName) -> TextReader:
    """The reader of this name, its models loaded. Raises EngineUnavailable."""
    return _READERS[name]()


def available_engines() -> dict[str, str]:
    """Each engine's version, or the sentence saying why it cannot be used. Loads no models."""
    return {name: engine_version(name) for name in ENGINES}


def engine_version(name: EngineName) -> str:
    """The engine's version, or the sentence saying why it cannot be used. Loads no models."""
    try:
        return _VERSIONS[name]()
    except EngineUnavailable as error:
        return str(error)


# Each imports its library when it is asked for, not before.


def _cascade() -> TextReader:
    from detectors.ocr.cascade import BandReader  # noqa: PLC0415
    from detectors.ocr.models import PACKED  # noqa: PLC0415

    return BandReader("cascade", PACKED)


def _rapidocr() -> TextReader:
    from detectors.ocr.cascade import BandReader  # noqa: PLC0415
    from detectors.ocr.models import FULL  # noqa: PLC0415

    return BandReader("rapidocr", FULL)


def _tesserocr() -> TextReader:
    from detectors.ocr.tesserocr import tesserocr_reader  # noqa: PLC0415

    return tesserocr_reader()


def _tesseract() -> TextReader:
    from detectors.ocr.tesseract import tesseract_reader  # noqa: PLC0415

    return tesseract_reader()


def _cascade_version() -> str:
    from detectors.ocr.models import PACKED  # noqa: PLC0415

    return PACKED.version()


def _rapidocr_version() -> str:
    from detectors.ocr.models import FULL  # noqa: PLC0415

    return FULL.version()


def _tesserocr_version() -> str:
    from detectors.ocr.tesserocr import version  # noqa: PLC0415

    return version()


def _tesseract_version() -> str:
    from detectors.ocr.tesseract import version  # noqa: PLC0415

    return version()


_READERS: dict[EngineName, Callable[[], TextReader]] = {
    "cascade": _cascade,
    "rapidocr": _rapidocr,
    "tesserocr": _tesserocr,
    "tesseract": _tesseract,
}
_VERSIONS: dict[EngineName, Callable[[], str]] = {
    "cascade": _cascade_version,
    "rapidocr": _rapidocr_version,
    "tesserocr": _tesserocr_version,
    "tesseract": _tesseract_version,
}
