"""The parts of the machine some tests need, and how a run without one of them is treated.

A test says what it needs by a marker (`needs_postgres`, `needs_chromium` and so on).
Where the part is missing the test is skipped and the end of the run lists it; under CI=true it fails instead,
because a CI run that quietly proves less than it should is worse than a red one.
"""

from __future__ import annotations

import ctypes
import importlib.util
import os
import shutil
from collections.abc import Callable
from functools import cache

import pytest

from tests.services.dovecot import dovecot_path
from tests.services.postgres import find_programs

CHROMIUM_NAMES = ("chromium", "chromium-browser", "google-chrome")


def chromium_path() -> str | None:
    """The installed browser, None where there is none."""
    found = (shutil.which(name) for name in CHROMIUM_NAMES)
    return next((path for path in found if path), None)


def _no_postgres() -> str:
    return "" if find_programs() else "PostgreSQL is not installed (apt-get install postgresql)"


def _no_chromium() -> str:
    if importlib.util.find_spec("playwright") is None:
        return "playwright is not installed (scripts/install --dev)"
    try:
        ctypes.CDLL("libatomic.so.1")
    except OSError:
        return "playwright's driver lacks a library (apt-get install libatomic1)"
    return "" if chromium_path() else "Chromium is not installed (apt-get install chromium)"


def _no_tesseract() -> str:
    return "" if shutil.which("tesseract") else "Tesseract is not installed (apt-get install tesseract-ocr)"


def _no_dovecot() -> str:
    return "" if dovecot_path() else "Dovecot is not installed (apt-get install dovecot-imapd)"


def _no_zip() -> str:
    have = shutil.which("zip") and shutil.which("unzip")
    return "" if have else "zip and unzip are not installed (apt-get install zip unzip)"


NEEDS: dict[str, Callable[[], str]] = {
    "needs_postgres": cache(_no_postgres),
    "needs_chromium": cache(_no_chromium),
    "needs_tesseract": cache(_no_tesseract),
    "needs_zip": cache(_no_zip),
    "needs_dovecot": cache(_no_dovecot),
}
"""Marker to a function that says in one clause why the part cannot be had; empty when it can."""


def in_ci() -> bool:
    """Whether this is a CI run, where nothing may be skipped for want of a part."""
    return os.environ.get("CI", "").lower() in {"1", "true", "yes"}


def require_parts(item: pytest.Item) -> None:
    """Skip the test, or in CI fail it, when a part it is marked to need is missing."""
    for marker, missing in NEEDS.items():
        reason = missing() if item.get_closest_marker(marker) else ""
        if reason and in_ci():
            pytest.fail(f"{reason}, and CI may skip no test for want of it.", pytrace=False)
        if reason:
            pytest.skip(reason)
