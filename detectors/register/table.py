"""A file of digests, sorted, that is looked up where it lies.

    header    1,024 bytes: "leakwatch-register 1 " and one JSON object, spaces, a newline (`head -1` shows it)
    sections  one for each field, in the order of `FIELDS`: a fan-out index, then the digests

Digests are 16 bytes, ascending, each once: their order tells nothing of the list they were made from. The
index has 2^bits + 1 little-endian 32-bit counts: how many digests begin with less than that many leading
bits; a lookup reads two of them and one page of digests. `bits` follows from the count (`fan_bits`). The
header's `sha256` is of everything behind it.
"""

from __future__ import annotations

import hashlib
import json
import mmap
import struct
from bisect import bisect_left
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np
import numpy.typing as npt

from detectors.base import DetectorError
from detectors.register.fields import DIGEST_BYTES, FIELDS, Field

MAGIC = b"leakwatch-register 1 "
HEADER_BYTES = 1024
_MOST_BITS = 16
_COUNT = struct.Struct("<2I")
_CHUNK = 1 << 20


class RegisterFileUnusable(DetectorError):
    """The file holds no digests, is cut short, or is not as it was made."""


@dataclass(frozen=True, slots=True)
class Header:
    """What a file of digests says of itself. `records` is how many people it was made from."""

    key_id: str
    records: int
    counts: Mapping[Field, int]
    sha256: str

    @property
    def total(self) -> int:
        """How many digests there are."""
        return sum(self.counts.values())


def fan_bits(count: int) -> int:
    """How many leading bits the index tells apart: about 32 digests a step, at most 65,536 steps."""
    return min(_MOST_BITS, max(0, count.bit_length() - 6))


@dataclass(frozen=True, slots=True)
class _Section:
    count: int
    bits: int
    fan_at: int
    digests_at: int
    end: int


def _sections(counts: Mapping[Field, int]) -> Iterator[tuple[Field, _Section]]:
    at = HEADER_BYTES
    for field in FIELDS:
        count = counts[field]
        bits = fan_bits(count)
        digests_at = at + 4 * ((1 << bits) + 1)
        end = digests_at + DIGEST_BYTES * count
        yield field, _Section(count, bits, at, digests_at, end)
        at = end


class Table:
    """Digests that can be asked for. Any number of threads may ask at once."""

    def __init__(self, content: bytes | mmap.mmap, name: str = "the register") -> None:
        """Take a file's content. Raises RegisterFileUnusable when it is not one, or cut short."""
        self.header = _header(content[:HEADER_BYTES], name)
        self._content = content
        self._sections = dict(_sections(self.header.counts))
        if len(content) != self._sections[FIELDS[-1]].end:
            raise RegisterFileUnusable(f"{name} is cut short or too long; make or copy it again.")

    @classmethod
    def open(cls, path: Path) -> Table:
        """The table in a file, mapped, not read. Raises RegisterFileUnusable and OSError."""
        with path.open("rb") as file:
            if file.read(len(MAGIC)) != MAGIC:
                raise _no_digests(str(path))
            return cls(mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ), str(path))

    def holds(self, field: Field, digest: bytes) -> bool:
        """Whether this digest of this field is in the table."""
        section = self._sections[field]
        prefix = int.from_bytes(digest[:2], "big") >> (_MOST_BITS - section.bits)
        low, high = _COUNT.unpack_from(self._content, section.fan_at + 4 * prefix)
        start = section.digests_at
        content = self._content

        def at(number: int) -> bytes:
            return content[start + DIGEST_BYTES * number : start + DIGEST_BYTES * (number + 1)]

        place = low + bisect_left(range(low, high), digest, key=at)
        return place < high and at(place) == digest

    def check(self) -> None:
        """Read everything. Raises RegisterFileUnusable unless it is as it was made and in order."""
        if hashlib.sha256(memoryview(self._content)[HEADER_BYTES:]).hexdigest() != self.header.sha256:
            raise RegisterFileUnusable("The digests are not as they were made; make or copy the file again.")
        for section in self._sections.values():
            fan = np.frombuffer(self._content, "<u4", (1 << section.bits) + 1, section.fan_at)
            digests = np.frombuffer(self._content, ">u8", 2 * section.count, section.digests_at).reshape(
                -1, 2
            )
            if not (_ascends(digests) and np.array_equal(fan, _fan_of(digests[:, 0], section.bits))):
                raise RegisterFileUnusable("The digests are not in order; make the file again.")


def write_table(
    file: BinaryIO, *, key_id: str, records: int, digests: Mapping[Field, bytes | bytearray]
) -> Header:
    """Write digests (16 bytes each, in any order, repeated or not) as a table; returns its header."""
    body = [part for field in FIELDS for part in _section_parts(digests.get(field, b""))]
    counts = {field: len(body[2 * n + 1]) // DIGEST_BYTES for n, field in enumerate(FIELDS)}
    hashed = hashlib.sha256()
    for part in body:
        hashed.update(part)
    header = Header(key_id, records, counts, hashed.hexdigest())
    document = {"key_id": key_id, "records": records, "counts": counts, "sha256": header.sha256}
    file.write((MAGIC + json.dumps(document).encode()).ljust(HEADER_BYTES - 1) + b"\n")
    for part in body:
        file.write(part)
    return header


def _section_parts(digests: bytes | bytearray) -> tuple[bytes, bytes]:
    """The index and the digests of one section, in order, each once."""
    halves = np.frombuffer(digests, ">u8").reshape(-1, 2).astype(np.uint64)
    halves = halves[np.lexsort((halves[:, 1], halves[:, 0]))]
    if len(halves):
        halves = halves[np.append(True, np.any(halves[1:] != halves[:-1], axis=1))]
    fan = _fan_of(halves[:, 0], fan_bits(len(halves)))
    return fan.astype("<u4").tobytes(), halves.astype(">u8").tobytes()


def _fan_of(first: npt.NDArray[Any], bits: int) -> npt.NDArray[np.int64]:
    """How many of the ascending first halves begin with less than each number of `bits` bits."""
    prefixes = (first >> np.uint64(64 - bits)).astype(np.int64) if bits else np.zeros(len(first), np.int64)
    return np.append(0, np.cumsum(np.bincount(prefixes, minlength=1 << bits)))


def _ascends(digests: npt.NDArray[Any]) -> bool:
    """Whether each digest is greater than the one before, looked at in chunks."""
    for start in range(0, len(digests) - 1, _CHUNK):
        part = digests[start : start + _CHUNK + 1].astype(np.uint64)
        above, below = part[1:], part[:-1]
        rises = (above[:, 0] > below[:, 0]) | ((above[:, 0] == below[:, 0]) & (above[:, 1] > below[:, 1]))
        if not bool(np.all(rises)):
            return False
    return True


def _header(start: bytes, name: str) -> Header:
    if not start.startswith(MAGIC) or len(start) < HEADER_BYTES:
        raise _no_digests(name)
    try:
        said = json.loads(start[len(MAGIC) :])
        counts: dict[Field, int] = {field: int(said["counts"][field]) for field in FIELDS}
        header = Header(str(said["key_id"]), int(said["records"]), counts, str(said["sha256"]))
    except (ValueError, KeyError, TypeError):
        raise _no_digests(name) from None
    if min(counts.values()) < 0:
        raise _no_digests(name)
    return header


def _no_digests(name: str) -> RegisterFileUnusable:
    return RegisterFileUnusable(
        f"{name} holds no digests: give what 'leakwatch register digest' wrote, never a list of people."
    )
