"""The evidence store port, and the local directory that is its default.

The store sees ciphertext only. A name is given once and never means other bytes;
`content_name` makes it the SHA-256 of the ciphertext, so a fixity check needs no key.
"""

from __future__ import annotations

import hashlib
import math
import os
import re
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Protocol

from monitor.errors import Conflict, InvalidInput, NotFound
from monitor.writeonce import TEMPORARY_PREFIX, make_private_directory, new_file, sync_directory

OWNER_FILE = "owner"
NAME = re.compile(r"[0-9a-f]{16,128}")


class EvidenceExists(Conflict):
    """The name is taken by other bytes; evidence is never replaced."""


class EvidenceMissing(NotFound):
    """The store holds nothing under this name."""

    def __init__(self, name: str) -> None:
        super().__init__("evidence object", name)


class EvidenceNameInvalid(InvalidInput):
    """A name must be 16 to 128 lowercase hexadecimal digits."""


class EvidenceStore(Protocol):
    """Write-once storage of named bytes. Names are 16 to 128 lowercase hex digits."""

    def claim(self, owner: str) -> str:
        """Make the store `owner`'s unless it has one; whose it is."""
        ...

    def put(self, name: str, ciphertext: bytes) -> None:
        """Store durably before returning; the same bytes again are no change. Raises EvidenceExists."""
        ...

    def get(self, name: str) -> bytes:
        """The stored bytes. Raises EvidenceMissing."""
        ...

    def delete(self, name: str) -> None:
        """Remove; what is not there is already removed."""
        ...

    def exists(self, name: str) -> bool:
        """Whether the name is stored."""
        ...

    def names(self, *, written_before: datetime | None = None) -> Iterator[str]:
        """All stored names in order, or only those written before a time (aware)."""
        ...

    def sweep(self, older_than: datetime) -> int:
        """Remove what writes that never ended have left since before `older_than`; returns how many."""
        ...


def content_name(ciphertext: bytes) -> str:
    """The name that says what it names: SHA-256 of the ciphertext, 64 hex digits."""
    return hashlib.sha256(ciphertext).hexdigest()


class LocalEvidenceStore:
    """Evidence under `root/ab/cd/<name>`; directories it makes are 0700, files 0600.

    A file appears whole or not at all. A crash can leave only temporary files in `root/tmp`, which
    `sweep` removes.
    """

    def __init__(self, root: Path) -> None:
        self._root = root
        self._temporary = root / "tmp"
        make_private_directory(self._temporary)

    def claim(self, owner: str) -> str:
        """Make the store `owner`'s unless it has one; whose it is."""
        path = self._root / OWNER_FILE
        try:
            with new_file(path, temporary_in=self._temporary) as file:
                file.write(owner.encode())
        except FileExistsError:
            return path.read_text()
        return owner

    def put(self, name: str, ciphertext: bytes) -> None:
        """Store durably before returning; the same bytes again are no change. Raises EvidenceExists."""
        path = self._path(name)
        make_private_directory(path.parent)
        try:
            with new_file(path, temporary_in=self._temporary) as file:
                file.write(ciphertext)
        except FileExistsError:
            if path.read_bytes() != ciphertext:
                raise EvidenceExists(f"Evidence object {name} exists with other bytes and is kept.") from None
            sync_directory(path.parent)  # the writer before us may have died before its own sync

    def get(self, name: str) -> bytes:
        """The stored bytes. Raises EvidenceMissing."""
        try:
            return self._path(name).read_bytes()
        except FileNotFoundError:
            raise EvidenceMissing(name) from None

    def delete(self, name: str) -> None:
        """Remove durably; what is not there is already removed."""
        path = self._path(name)
        if path.exists():
            path.unlink(missing_ok=True)
            sync_directory(path.parent)

    def exists(self, name: str) -> bool:
        """Whether the name is stored."""
        return self._path(name).is_file()

    def names(self, *, written_before: datetime | None = None) -> Iterator[str]:
        """All stored names in order, or only those written before a time (aware)."""
        limit = written_before.timestamp() if written_before else math.inf
        for first in _subdirectories(self._root):
            for second in _subdirectories(first):
                paths = (path for path in second.iterdir() if NAME.fullmatch(path.name))
                yield from sorted(path.name for path in paths if path.stat().st_mtime < limit)

    def sweep(self, older_than: datetime) -> int:
        """Remove temporary files last written before `older_than` (aware); returns how many."""
        limit = older_than.timestamp()
        abandoned = [
            path for path in self._temporary.glob(f"{TEMPORARY_PREFIX}*") if path.stat().st_mtime < limit
        ]
        for path in abandoned:
            path.unlink(missing_ok=True)
        return len(abandoned)

    def _path(self, name: str) -> Path:
        if not NAME.fullmatch(name):
            raise EvidenceNameInvalid(
                "An evidence object's name must be 16 to 128 lowercase hexadecimal digits."
            )
        return self._root / name[:2] / name[2:4] / name


def _subdirectories(directory: Path) -> list[Path]:
    entries = (Path(entry.path) for entry in os.scandir(directory) if entry.is_dir(follow_symlinks=False))
    return sorted(path for path in entries if re.fullmatch(r"[0-9a-f]{2}", path.name))
