"""Opening files of a watched folder so that nothing outside it is ever read.

What stands in a folder was put there by others: links may point out of it, names may climb out of it, and a
file may be a pipe.
"""

from __future__ import annotations

import base64
import hashlib
import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from io import BufferedReader
from pathlib import Path

from connectors.base import AttachmentRefused
from connectors.text import shown_name


def locate(root: Path, base: Path, reference: str) -> Path:
    """The file that `reference`, written beside `base`'s entries, names inside `root`. All are resolved.

    Raises AttachmentRefused when it is missing, is not a file, or lies outside `root` once every link is
    followed.
    """
    try:
        path = (base / reference).resolve()
        found = path.is_relative_to(root) and path.stat()
    except PermissionError as error:
        raise AttachmentRefused(
            f"The file {shown_name(reference)} may not be read by this account."
        ) from error
    except (OSError, ValueError, RuntimeError) as error:
        raise AttachmentRefused(
            f"The file {shown_name(reference)} is missing from the folder; put it there and try again."
        ) from error
    if not found:
        raise AttachmentRefused(
            f"The file {shown_name(reference)} lies outside the folder, so it is not read."
        )
    if not stat.S_ISREG(found.st_mode):
        raise AttachmentRefused(f"{shown_name(reference)} is not an ordinary file, so it is not read.")
    return path


@dataclass(frozen=True, slots=True)
class FoundFile:
    """An ordinary file below a root."""

    path: Path
    name: str
    """Relative to the root, with "/" between its parts."""
    status: os.stat_result

    @property
    def key(self) -> str:
        """Changes whenever the file's name, size, content time or status time does (16 characters)."""
        stamp = f"\0{self.status.st_size}\0{self.status.st_mtime_ns}\0{self.status.st_ctime_ns}"
        digest = hashlib.blake2b(os.fsencode(self.name) + stamp.encode(), digest_size=12)
        return base64.urlsafe_b64encode(digest.digest()).decode()

    @property
    def identity(self) -> str:
        """Stays the same when the file is renamed or appended to."""
        return f"{self.status.st_dev}:{self.status.st_ino}"


def walk(root: Path, *, recursive: bool) -> Iterator[FoundFile]:
    """The ordinary files below `root`, hidden ones, links and unlistable folders left out.

    Raises OSError when `root` itself cannot be listed.
    """
    folders = [root]
    while folders:
        folder = folders.pop()
        try:
            entries = sorted(os.scandir(folder), key=lambda entry: entry.name)
        except OSError:
            if folder == root:
                raise
            continue
        for entry in entries:
            if entry.name.startswith("."):
                continue
            if entry.is_dir(follow_symlinks=False):
                folders.extend([Path(entry.path)] if recursive else [])
            else:
                yield from _ordinary(root, Path(entry.path))


def _ordinary(root: Path, path: Path) -> Iterator[FoundFile]:
    try:
        status = path.lstat()
    except FileNotFoundError:
        return  # it left between the listing and the look
    if stat.S_ISREG(status.st_mode):
        yield FoundFile(path, path.relative_to(root).as_posix(), status)


@contextmanager
def open_regular(path: Path) -> Iterator[tuple[BufferedReader, os.stat_result]]:
    """The ordinary file at `path`, open for reading, with its own stat. Raises OSError.

    A link in the last place and anything that is not an ordinary file are refused (a pipe would block).
    """
    descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    with os.fdopen(descriptor, "rb") as stream:
        status = os.fstat(stream.fileno())
        if not stat.S_ISREG(status.st_mode):
            raise OSError(f"{shown_name(path.name)} is not an ordinary file")
        yield stream, status


def read_beside(root: Path, base: Path, reference: str, max_bytes: int) -> bytes:
    """The bytes of the file that `reference` names (see `locate`). Raises AttachmentRefused."""
    path = locate(root, base, reference)
    try:
        with open_regular(path) as (stream, _):
            data = stream.read(max_bytes + 1)
    except OSError as error:
        raise AttachmentRefused(
            f"The file {shown_name(reference)} cannot be read: {error.strerror}."
        ) from error
    if len(data) > max_bytes:
        raise AttachmentRefused(f"The file {shown_name(reference)} is larger than {max_bytes} bytes.")
    return data
