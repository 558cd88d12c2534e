"""The file in which an index in memory outlives its process."""

from __future__ import annotations

import hashlib
import os
import time
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import structlog

from detectors.multi_index import Hashes
from monitor.writeonce import make_private_directory

MAGIC = b"leakwatch-index-1\n"
LEFT_AFTER = 3600
"""Seconds after which a file that is being written was given up."""

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Snapshot:
    """Pictures (SHA-256, shape (n, 32)) and their PDQ hashes, as they were after change `generation`."""

    names: Hashes
    hashes: Hashes
    generation: int

    @classmethod
    def empty(cls) -> Snapshot:
        """Before the first picture."""
        nothing = np.empty((0, 32), np.uint8)
        return cls(nothing, nothing, 0)


def write_snapshot(file: Path, snapshot: Snapshot) -> None:
    """Replace the file as a whole: whoever reads it finds the old one or the new one. Raises OSError."""
    make_private_directory(file.parent)
    count = len(snapshot.names)
    head = snapshot.generation.to_bytes(8, "big") + count.to_bytes(8, "big")
    body = head + snapshot.names.tobytes() + snapshot.hashes.tobytes()
    fresh = file.with_suffix(f".{os.getpid()}.tmp")
    with fresh.open("wb") as out:
        out.write(MAGIC + hashlib.sha256(body).digest() + body)
        out.flush()
        os.fsync(out.fileno())
    fresh.replace(file)
    for left in file.parent.glob(f"{file.stem}.*.tmp"):  # by a process that was killed while it wrote
        if time.time() - left.stat().st_mtime > LEFT_AFTER:
            left.unlink(missing_ok=True)


def read_snapshot(file: Path) -> Snapshot | None:
    """What the file holds; None when there is none or it is not as it was written."""
    try:
        data = file.read_bytes()
    except OSError:
        return None
    digest, body = data[len(MAGIC) : len(MAGIC) + 32], data[len(MAGIC) + 32 :]
    if not data.startswith(MAGIC) or hashlib.sha256(body).digest() != digest:
        log.warning("index_file_damaged")
        return None
    generation, count = int.from_bytes(body[:8], "big"), int.from_bytes(body[8:16], "big")
    rows = np.frombuffer(body, np.uint8, offset=16).reshape(2, count, 32)
    return Snapshot(rows[0], rows[1], generation)
