"""The zip round a bundle: how its entries are written, and how to read one from strangers safely.

Reading never extracts to disk and never trusts a size, a name or a count before it is checked.
`packing` tells whether the zip's own structure, outside the files, is exactly as leakwatch writes it.
"""

from __future__ import annotations

import os
import re
import stat
import struct
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import BinaryIO, Literal

from monitor.errors import LeakwatchError

MODE = stat.S_IFREG | 0o600
UNIX = 3
VERSION = 20
END = struct.Struct("<4s4H2LH")
CENTRAL = struct.Struct("<4s4B4HL2L5H2L")
LOCAL = struct.Struct("<4s2B4HL2L2H")
LOCATOR_64 = b"PK\x06\x07"
COMPONENT = re.compile(r"[A-Za-z0-9._-]{1,255}")
READ_ERRORS = (
    zipfile.BadZipFile,
    zlib.error,
    EOFError,
    NotImplementedError,
    RuntimeError,
    ValueError,
    OSError,
)
"""Everything `zipfile` is known to raise on a damaged member (struct and Unicode errors are ValueErrors)."""


class ArchiveRefused(LeakwatchError):
    """The file is not a zip that is safe to read."""


class MemberUnreadable(LeakwatchError):
    """One file inside the zip is damaged."""


@dataclass(frozen=True, slots=True)
class Limits:
    """How much a zip may ask of its reader. Bytes, unless the name says otherwise."""

    file_bytes: int = 4_000_000_000
    members: int = 20_000
    directory_bytes: int = 16_000_000
    member_bytes: int = 2_000_000_000
    total_bytes: int = 4_000_000_000
    ratio: int = 200
    ratio_from: int = 1_000_000
    """Below this unpacked size a member's compression ratio is not judged."""


def zip_entry(name: str, at: datetime) -> zipfile.ZipInfo:
    """The header of a stored, private, regular file dated `at` (UTC, to zip's two seconds)."""
    at = at.astimezone(UTC)
    entry = zipfile.ZipInfo(name, (at.year, at.month, at.day, at.hour, at.minute, at.second - at.second % 2))
    entry.compress_type = zipfile.ZIP_STORED
    entry.create_system = UNIX
    entry.external_attr = MODE << 16
    return entry


class Archive:
    """A zip opened for reading, its names and sizes checked. Close it after use.

    Raises ArchiveRefused.
    """

    def __init__(self, file: BinaryIO, limits: Limits) -> None:
        self._file = file
        self._end = _end_record(file, limits)
        try:
            self._zip = zipfile.ZipFile(file)
        except (*READ_ERRORS, struct.error) as error:
            raise ArchiveRefused("The file is damaged: its zip directory cannot be read.") from error
        self._infos = self._zip.infolist()
        _check_members(self._infos, limits)
        if self._infos and min(info.header_offset for info in self._infos) != 0:
            raise ArchiveRefused("The zip has something in front of its first file, or is damaged.")
        self.files = {info.filename: info for info in self._infos if not info.is_dir()}

    def read(self, name: str, chunk: int = 1 << 20) -> Iterator[bytes]:
        """One file's bytes in pieces, no more than its stated size. Raises MemberUnreadable."""
        info = self.files[name]
        left = info.file_size
        try:
            with self._zip.open(info) as stream:
                while piece := stream.read(min(chunk, left + 1)):
                    left -= len(piece)
                    if left < 0:
                        raise MemberUnreadable(f"{name} is longer than the zip says.")
                    yield piece
        except (*READ_ERRORS, struct.error) as error:
            raise MemberUnreadable(f"{name} is damaged.") from error
        if left:
            raise MemberUnreadable(f"{name} is shorter than the zip says.")

    def packing(self) -> Literal["own", "foreign", "altered"]:
        """Whether the structure is ours to the byte, wholly another program's, or ours with changes."""
        ours = [self._is_ours(info, record) for info, record in self._records()]
        if not any(ours):
            return "foreign"
        return "own" if all(ours) and self._is_seamless() else "altered"

    def close(self) -> None:
        """Let go of the zip; the file stays the caller's."""
        self._zip.close()

    def _records(self) -> Iterator[tuple[zipfile.ZipInfo, bytes]]:
        at = self._zip.start_dir
        for info in self._infos:
            length = CENTRAL.size + len(info.orig_filename.encode()) + len(info.extra) + len(info.comment)
            yield info, _bytes_at(self._file, at, length)
            at += length

    def _is_ours(self, info: zipfile.ZipInfo, record: bytes) -> bool:
        local = _local_header(info)
        return (
            record == _central_record(info) and _bytes_at(self._file, info.header_offset, len(local)) == local
        )

    def _is_seamless(self) -> bool:
        """No byte before, between or after the members, and an end record that says just that."""
        at = 0
        for info in self._infos:
            if info.header_offset != at:
                return False
            at += len(_local_header(info)) + info.compress_size
        count, length = len(self._infos), sum(len(_central_record(info)) for info in self._infos)
        whole = at + length + END.size == self._file.seek(0, os.SEEK_END)
        expected = END.pack(b"PK\x05\x06", 0, 0, count, count, length, at, 0)
        return whole and self._zip.start_dir == at and self._end == expected


def _end_record(file: BinaryIO, limits: Limits) -> bytes:
    size = file.seek(0, os.SEEK_END)
    if size > limits.file_bytes:
        raise ArchiveRefused(f"The file has {size:,} bytes; at most {limits.file_bytes:,} are read.")
    tail = _bytes_at(file, max(size - END.size - 20, 0), END.size + 20)
    record = tail[-END.size :]
    if len(record) < END.size or not record.startswith(b"PK\x05\x06"):
        raise ArchiveRefused("The file is not a zip, is cut short, or has something appended.")
    if tail.startswith(LOCATOR_64):
        raise ArchiveRefused("The file is a 64-bit zip, which no bundle is.")
    _, _, _, _, count, length, _, comment = END.unpack(record)
    if count > limits.members or length > limits.directory_bytes or comment:
        raise ArchiveRefused(f"The zip's directory is too large ({count:,} entries) or malformed.")
    return record


def _check_members(infos: list[zipfile.ZipInfo], limits: Limits) -> None:
    if len(infos) > limits.members:
        raise ArchiveRefused(f"The zip has {len(infos):,} entries; at most {limits.members:,} are read.")
    seen: set[str] = set()
    for info in infos:
        _check_name(info)
        _check_sort(info)
        _check_size(info, limits)
        if info.filename.lower() in seen:
            raise ArchiveRefused(f"The zip has two entries named {info.filename}.")
        seen.add(info.filename.lower())
    total = sum(info.file_size for info in infos)
    if total > limits.total_bytes:
        raise ArchiveRefused(f"The zip unpacks to {total:,} bytes; at most {limits.total_bytes:,} are read.")


def _check_name(info: zipfile.ZipInfo) -> None:
    """A name is a relative path of plain components; orig_filename shows what a NUL would hide."""
    parts = info.orig_filename.removesuffix("/").split("/")
    plain = all(COMPONENT.fullmatch(part) and part not in (".", "..") for part in parts)
    if not plain or info.filename != info.orig_filename:
        raise ArchiveRefused(f"The zip has an entry with an unsafe name: {info.orig_filename[:200]!a}.")


def _check_sort(info: zipfile.ZipInfo) -> None:
    kind = stat.S_IFMT(info.external_attr >> 16)
    if kind not in (0, stat.S_IFREG, stat.S_IFDIR):
        raise ArchiveRefused(f"The zip's entry {info.filename} is a link or device, not a file.")
    if info.flag_bits & 0x2041:
        raise ArchiveRefused(f"The zip's entry {info.filename} is encrypted; unlock the file first.")
    if info.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
        raise ArchiveRefused(f"The zip's entry {info.filename} is compressed in a way bundles never are.")


def _check_size(info: zipfile.ZipInfo, limits: Limits) -> None:
    if info.file_size > limits.member_bytes:
        raise ArchiveRefused(f"The zip's entry {info.filename} claims {info.file_size:,} bytes: too many.")
    if info.file_size > max(limits.ratio_from, limits.ratio * info.compress_size):
        raise ArchiveRefused(
            f"The zip's entry {info.filename} unpacks to more than {limits.ratio} times its size."
        )


def _dos_time(info: zipfile.ZipInfo) -> tuple[int, int]:
    year, month, day, hour, minute, second = info.date_time
    return hour << 11 | minute << 5 | second // 2, (year - 1980) << 9 | month << 5 | day


def _local_header(info: zipfile.ZipInfo) -> bytes:
    name = info.filename.encode()
    sizes = (info.CRC, info.compress_size, info.file_size)
    return LOCAL.pack(b"PK\x03\x04", VERSION, 0, 0, 0, *_dos_time(info), *sizes, len(name), 0) + name


def _central_record(info: zipfile.ZipInfo) -> bytes:
    name = info.filename.encode()
    sizes = (info.CRC, info.compress_size, info.file_size)
    start = (b"PK\x01\x02", VERSION, UNIX, VERSION, 0, 0, 0, *_dos_time(info), *sizes)
    return CENTRAL.pack(*start, len(name), 0, 0, 0, 0, MODE << 16, info.header_offset) + name


def _bytes_at(file: BinaryIO, offset: int, length: int) -> bytes:
    file.seek(offset)
    return file.read(length)
