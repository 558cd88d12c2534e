"""Fixtures of the detectors' tests: drawn letters, and engines that are loaded once a run."""

from __future__ import annotations

import pytest

from detectors.base import TextReader
from detectors.ocr import reader_for
from tests.detectors.letters import Letter, clinic_letter


@pytest.fixture(scope="session")
def letter() -> Letter:
    """A clinic letter of an invented patient."""
    return clinic_letter()


@pytest.fixture(scope="session")
def cascade() -> TextReader:
    """The default engine, its models loaded."""
    return reader_for("cascade")


@pytest.fixture(scope="session")
def tesserocr() -> TextReader:
    """Tesseract in this process; tests that use it carry the marker needs_tesseract."""
    return reader_for("tesserocr")


@pytest.fixture(scope="session")
def rapid() -> TextReader:
    """RapidOCR, its models loaded."""
    return reader_for("rapidocr")


@pytest.fixture(scope="session")
def tesseract() -> TextReader:
    """Tesseract; tests that use it carry the marker needs_tesseract."""
    return reader_for("tesseract")
