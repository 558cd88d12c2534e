"""A synthetic matter to pack: pictures' bytes, a custody log, masked documents."""

from __future__ import annotations

import hashlib
import zipfile
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from monitor.evidence.bundle import BundleContents, BundleItem, BundleKind
from monitor.hashchain import ChainedEntry, append

MADE_AT = datetime(2026, 3, 29, 1, 30, 17, tzinfo=UTC)
REFERENCE = "LW-2026-000123"
PICTURES = {
    "AB1": b"\xff\xd8\xff\xe0 first synthetic page" * 40,
    "AB2": b"\x89PNG\r\n second synthetic page" * 50,
}


def custody_log(*digests: str) -> list[ChainedEntry]:
    """A log that captures and seals every digest, with text that tries the encoding."""
    entries: list[ChainedEntry] = []
    for number, digest in enumerate(digests):
        for action in ("captured", "sealed"):
            at = MADE_AT + timedelta(minutes=len(entries), microseconds=number)
            previous = entries[-1] if entries else None
            note = 'quote " backslash \\ newline \n line\u2028separator, caf\u00e9'
            entries.append(
                append(previous, at=at, actor="worker", action=action, item="x", digest=digest, note=note)
            )
    return entries


def sample(kind: BundleKind = "sealed", **changes: Any) -> BundleContents:
    """Contents that are good; `changes` replace fields."""
    redacted = kind == "shareable"
    items = [
        BundleItem(
            name,
            data,
            "image/jpeg",
            hashlib.sha256(data).hexdigest(),
            {"url": "https://example.org/p/1"},
            redacted,
        )
        for name, data in PICTURES.items()
    ]
    fields: dict[str, Any] = {
        "reference": REFERENCE,
        "kind": kind,
        "created_at": MADE_AT,
        "created_by": "Coordinator One",
        "organisation": "Example NHS Trust",
        "description": "Letters seen on a public board",
        "items": items,
        "alert": {"reference": REFERENCE, "severity": "high", "seen_at": MADE_AT},
        "findings": [{"kind": "nhs_number", "masked": "999 *** **18", "score": 0.97, "value": None}],
        "custody": custody_log(*(item.sha256 for item in items)),
    }
    return BundleContents(**(fields | changes))


def members(path: Path) -> dict[str, bytes]:
    """Every file of a zip by its name inside the top folder."""
    with zipfile.ZipFile(path) as bundle:
        return {name.partition("/")[2]: bundle.read(name) for name in bundle.namelist()}


def repacked(path: Path, target: Path, change: Callable[[dict[str, bytes]], None]) -> Path:
    """The same files packed by another zip program, after `change` had its way with them."""
    files = members(path)
    change(files)
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as bundle:
        for name, data in files.items():
            bundle.writestr(f"{REFERENCE}/{name}", data)
    return target
