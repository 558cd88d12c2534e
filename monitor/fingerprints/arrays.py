"""What an index in memory holds: arrays that hold still, a list of what came since, and marks for what went.

One thread at a time changes it. Any number search it meanwhile without a lock: rows are only appended,
written before they are counted, and a mark is one byte, so a search sees each picture before a change or
after it.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
import numpy.typing as npt

from detectors.multi_index import Hashes, MultiIndex, as_hashes, distances
from monitor.fingerprints.snapshot import Snapshot

FIRST_ROOM = 1024


class Rows:
    """Pictures (SHA-256 of 32 bytes), their hashes, and which of them are still held; grows at its end."""

    def __init__(self) -> None:
        self.names, self.hashes = (np.empty((FIRST_ROOM, 32), np.uint8) for _ in range(2))
        self.held = np.zeros(FIRST_ROOM, bool)
        self.count = 0
        self._places: dict[bytes, int] = {}

    def add(self, name: bytes, hashed: bytes) -> None:
        """Append a picture, and let go of the row that it had."""
        if self.count == len(self.names):
            self._grow()
        at = self.count
        self.names[at] = np.frombuffer(name, np.uint8)
        self.hashes[at] = np.frombuffer(hashed, np.uint8)
        self.held[at] = True
        self.count = at + 1
        self.drop(name)
        self._places[name] = at

    def drop(self, name: bytes) -> None:
        """Let go of a picture, if it is here."""
        at = self._places.pop(name, None)
        if at is not None:
            self.held[at] = False

    def __len__(self) -> int:
        return len(self._places)

    def _grow(self) -> None:
        """Twice the room, in new arrays: whoever searches goes on in the old ones."""
        self.names = np.concatenate([self.names, np.empty_like(self.names)])
        self.hashes = np.concatenate([self.hashes, np.empty_like(self.hashes)])
        self.held = np.concatenate([self.held, np.zeros_like(self.held)])


class Arrays:
    """Exact search over a snapshot and what came and went since it was taken."""

    def __init__(self, snapshot: Snapshot) -> None:
        order = np.argsort(_keys(snapshot.names))
        self._names = snapshot.names.take(order, axis=0)
        self._sorted = _keys(self._names)
        self._base = MultiIndex(snapshot.hashes.take(order, axis=0))
        self._held = np.ones(len(order), bool)
        self._gone = 0
        self._recent = Rows()

    def __len__(self) -> int:
        return len(self._names) - self._gone + len(self._recent)

    @property
    def changed(self) -> int:
        """How many rows are not where a fresh snapshot would have them."""
        return self._recent.count + self._gone

    @property
    def built(self) -> int:
        """How many pictures the arrays were built of."""
        return len(self._names)

    @property
    def nbytes(self) -> int:
        """Memory held, in bytes."""
        return self._base.nbytes + self._names.nbytes + self._sorted.nbytes + self._held.nbytes

    def apply(self, name: str, hashed: str | None) -> None:
        """A picture came, with its hash, or went; doing it twice changes nothing."""
        raw = bytes.fromhex(name)
        if hashed is None:
            self._recent.drop(raw)
        else:
            self._recent.add(raw, bytes.fromhex(hashed))
        places = self._places(raw)
        self._gone += int(self._held[places].sum())
        self._held[places] = False

    def search(self, hashes: Sequence[str], radius: int) -> dict[str, int]:
        """The least distance of each picture within `radius` of one of `hashes`, by its SHA-256."""
        found: dict[str, int] = {}
        for query in as_hashes(hashes):
            for name, gap in self._near(query, radius):
                found[name] = min(gap, found.get(name, gap))
        return found

    def snapshot(self, generation: int) -> Snapshot:
        """All that is held, as it is after that change."""
        old = np.flatnonzero(self._held)  # taking by place costs a tenth of taking by mark
        new = np.flatnonzero(self._recent.held[: self._recent.count])
        names = [self._names.take(old, axis=0), self._recent.names.take(new, axis=0)]
        hashes = [self._base.hashes.take(old, axis=0), self._recent.hashes.take(new, axis=0)]
        return Snapshot(np.concatenate(names), np.concatenate(hashes), generation)

    def _near(self, query: Hashes, radius: int) -> Iterator[tuple[str, int]]:
        positions, gaps = self._base.search(query, radius)
        for at, gap in zip(positions.tolist(), gaps.tolist(), strict=True):
            if self._held[at]:
                yield self._names[at].tobytes().hex(), gap
        count = self._recent.count  # before the arrays: those hold this many rows at least
        recent = self._recent
        apart = distances(recent.hashes[:count], query)
        for at in np.flatnonzero(apart <= radius).tolist():
            if recent.held[at]:
                yield recent.names[at].tobytes().hex(), int(apart[at])

    def _places(self, name: bytes) -> npt.NDArray[np.intp]:
        key = _keys(np.frombuffer(name, np.uint8)[None])[0]
        first, end = np.searchsorted(self._sorted, key, "left"), np.searchsorted(self._sorted, key, "right")
        same = (self._names[first:end] == np.frombuffer(name, np.uint8)).all(axis=1)
        places: npt.NDArray[np.intp] = first + np.flatnonzero(same)
        return places


def _keys(names: Hashes) -> npt.NDArray[np.uint64]:
    """What pictures are sorted by: the first eight bytes of their SHA-256."""
    return np.ascontiguousarray(np.ascontiguousarray(names).view(np.uint64)[:, 0])
