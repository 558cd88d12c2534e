"""Files that appear whole or not at all, and are never replaced.

Bytes go to a temporary file, reach the disk, and get their name by a hard link: that fails when the
name is taken, so of two processes that write the same name one wins and the other is told.
"""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

TEMPORARY_PREFIX = ".leakwatch-"


@contextmanager
def new_file(path: Path, *, temporary_in: Path | None = None) -> Iterator[BinaryIO]:
    """Yield a file to fill; when the block ends well it becomes `path` (mode 0600), durably.

    The temporary file lies beside `path` or in `temporary_in` (same file system). Raises
    FileExistsError when `path` is there already; leaves nothing behind when the block raises.
    """
    handle, name = tempfile.mkstemp(prefix=TEMPORARY_PREFIX, dir=temporary_in or path.parent)
    temporary = Path(name)
    try:
        with os.fdopen(handle, "w+b") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        os.link(temporary, path)
        sync_directory(path.parent)
    finally:
        temporary.unlink(missing_ok=True)


def make_private_directory(path: Path) -> None:
    """Make `path` and its missing parents with mode 0700, durably. Existing ones stay as they are."""
    if path.is_dir():
        return
    make_private_directory(path.parent)
    path.mkdir(mode=0o700, exist_ok=True)
    sync_directory(path.parent)


def sync_directory(path: Path) -> None:
    """Force the names in a directory to the disk."""
    handle = os.open(path, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
