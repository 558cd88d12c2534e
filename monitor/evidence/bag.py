"""A BagIt 1.0 bag written straight into a zip: stored entries, fixed dates, digests on the way."""

from __future__ import annotations

import hashlib
import zipfile
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, BinaryIO, Self

from monitor.errors import InvalidInput
from monitor.evidence.container import zip_entry

MAX_BYTES = 2_000_000_000
"""Below the size from which zip needs its 64-bit form, which not everyone's tools can read."""

BAGIT_TXT = b"BagIt-Version: 1.0\nTag-File-Character-Encoding: UTF-8\n"
TAG_MANIFEST = "tagmanifest-sha512.txt"
PAYLOAD_MANIFESTS = ("manifest-sha256.txt", "manifest-sha512.txt")
CHUNK = 1 << 20


class BagTooLarge(InvalidInput):
    """The files together are more than one bag may hold."""


@dataclass(frozen=True, slots=True)
class Digests:
    """What was measured of one file: bytes, and two digests in lowercase hex."""

    size: int
    sha256: str
    sha512: str


class Bag:
    """A zip being filled under one top folder, and the digests of what is in it so far.

    Used as a context manager, so that the zip is closed before the file under it.
    """

    def __init__(self, file: BinaryIO, reference: str, created_at: datetime) -> None:
        self._zip = zipfile.ZipFile(file, "w", zipfile.ZIP_STORED)
        self._reference = reference
        self._created_at = created_at.astimezone(UTC)
        self.digests: dict[str, Digests] = {}

    @property
    def payload(self) -> dict[str, Digests]:
        """The files under data/."""
        return {path: each for path, each in self.digests.items() if path.startswith("data/")}

    def add(self, path: str, content: bytes) -> None:
        """Add one file from memory. Raises BagTooLarge."""
        self.add_chunks(path, [content])

    def add_chunks(self, path: str, chunks: Iterable[bytes]) -> Digests:
        """Add one file as it streams; returns its digests. Raises BagTooLarge."""
        room = MAX_BYTES - sum(each.size for each in self.digests.values())
        entry = zip_entry(f"{self._reference}/{path}", self._created_at)
        with self._zip.open(entry, "w") as target:
            self.digests[path] = measure(_copied(chunks, target.write, room))
        return self.digests[path]

    def finish(self) -> None:
        """Add the manifests; nothing may follow them."""
        payload = self.payload
        self.add("manifest-sha256.txt", manifest({path: each.sha256 for path, each in payload.items()}))
        self.add("manifest-sha512.txt", manifest({path: each.sha512 for path, each in payload.items()}))
        tags = {path: each.sha512 for path, each in self.digests.items() if path not in payload}
        self.add(TAG_MANIFEST, manifest(tags))

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._zip.close()


def manifest(digests: Mapping[str, str]) -> bytes:
    """A manifest as `sha512sum -c` reads it: digest, two spaces, path; ordered by path."""
    return "".join(f"{digests[path]}  {path}\n" for path in sorted(digests)).encode()


def measure(chunks: Iterable[bytes]) -> Digests:
    """Size and digests of a stream."""
    size, sha256, sha512 = 0, hashlib.sha256(), hashlib.sha512()
    for chunk in chunks:
        size += len(chunk)
        sha256.update(chunk)
        sha512.update(chunk)
    return Digests(size, sha256.hexdigest(), sha512.hexdigest())


def chunks_of(stream: BinaryIO) -> Iterator[bytes]:
    """A stream in pieces of at most 1 MiB."""
    while chunk := stream.read(CHUNK):
        yield chunk


def _copied(chunks: Iterable[bytes], write: Callable[[bytes], Any], room: int) -> Iterator[bytes]:
    for chunk in chunks:
        room -= len(chunk)
        if room < 0:
            raise BagTooLarge(f"A bundle holds at most {MAX_BYTES:,} bytes; make one for each alert.")
        write(chunk)
        yield chunk
