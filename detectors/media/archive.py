"""Office documents' zip containers, opened so that none can cost more than a document may.

The directory at the end is weighed before it is read; what an entry says of its size is never believed: its
bytes are counted as they come.
"""

from __future__ import annotations

import io
import struct
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from typing import IO

from detectors.base import ImageUnreadable

MOST_ENTRIES = 4_000
_MOST_DIRECTORY = 2 * 2**20
_MOST_XML = 64 * 2**20
_MOST_RATIO = 400
_RATIO_FROM = 2**20
"""A small entry of spaces may shrink a thousandfold; one that is large as well is a bomb."""
_END, _END_SIZE, _ZIP64 = b"PK\x05\x06", 22, b"PK\x06\x07"
_METHODS = frozenset({zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED})
"""What office programs write; the others may ask for memory of their own."""


class Archive:
    """The entries of one container, read within one budget. `opened` raises ImageUnreadable."""

    def __init__(self, archive: zipfile.ZipFile) -> None:
        self._archive = archive
        self._left = _MOST_XML
        self.names = tuple(dict.fromkeys(info.filename for info in archive.infolist()))

    @contextmanager
    def stream(self, name: str) -> Iterator[io.BufferedIOBase]:
        """An entry's bytes, counted against the budget. Raises ImageUnreadable when it is spent."""
        with self._archive.open(name) as entry:
            yield _Counted(entry, self)

    def read(self, name: str, most: int) -> bytes | None:
        """A whole entry, or None when it has more than `most` bytes."""
        with self._archive.open(name) as entry:
            data = entry.read(most + 1)
        return data if len(data) <= most else None

    def spend(self, count: int) -> None:
        """Take bytes from the budget. Raises ImageUnreadable."""
        self._left -= count
        if self._left < 0:
            raise ImageUnreadable(f"The document unpacks to more than {_MOST_XML >> 20} MiB of text.")


class _Counted(io.BufferedIOBase):
    def __init__(self, entry: IO[bytes], archive: Archive) -> None:
        self._entry = entry
        self._archive = archive

    def read(self, size: int | None = -1, /) -> bytes:
        """At most 64 KiB, whatever is asked for: nobody here needs more at once."""
        data = self._entry.read(65_536 if size is None or size < 0 else min(size, 65_536))
        self._archive.spend(len(data))
        return data


@contextmanager
def opened(data: bytes) -> Iterator[Archive]:
    """The container in `data`. Raises ImageUnreadable when it is damaged, encrypted or a bomb."""
    _weigh_directory(data)
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            for info in archive.infolist():
                _weigh(info)
            yield Archive(archive)
    except ImageUnreadable:
        raise
    except MemoryError:
        raise
    except Exception as error:  # a container of hostile bytes may fail in any way at all
        raise ImageUnreadable("The office document is truncated or damaged and cannot be opened.") from error


def _weigh_directory(data: bytes) -> None:
    """Refuse before `zipfile` makes an object of each entry. Layout: APPNOTE 6.3.10, section 4.3.16."""
    at = len(data) - _END_SIZE
    if data[at : at + 4] != _END or data[-2:] != b"\0\0":
        at = data.rfind(_END, max(0, len(data) - _END_SIZE - 65_535))
    if at < 0 or len(data) < at + _END_SIZE:
        raise ImageUnreadable("The office document is truncated or damaged and cannot be opened.")
    entries, size = struct.unpack("<HI", data[at + 10 : at + 16])
    is_zip64 = data[max(0, at - 20) : at].startswith(_ZIP64)
    if is_zip64 or entries > MOST_ENTRIES or size > _MOST_DIRECTORY:
        raise ImageUnreadable(f"The office document has more than {MOST_ENTRIES} parts.")


def _weigh(info: zipfile.ZipInfo) -> None:
    if info.flag_bits & 1:
        raise ImageUnreadable("The office document is encrypted; it needs a password to open.")
    if info.compress_type not in _METHODS:
        raise ImageUnreadable("The office document is packed in a way that no office program uses.")
    if info.file_size > _RATIO_FROM and info.file_size > _MOST_RATIO * max(info.compress_size, 1):
        raise ImageUnreadable("The office document unpacks to far more than any document does.")
