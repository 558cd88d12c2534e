"""The index in memory: arrays that hold still, a short list of what came since, and marks for what went.

It follows the database by change numbers. Once the short list is long, the arrays are built anew in a
thread, while searches go on over the old ones, and are written to the data folder, from where the next
start takes them. A file that is damaged is made again from the database.
"""

from __future__ import annotations

import threading
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import numpy.typing as npt
import structlog
from sqlalchemy.orm import Session

from detectors.multi_index import Hashes, MultiIndex, as_hashes, distances
from monitor.fingerprints.base import RADIUS, IndexStatus
from monitor.fingerprints.snapshot import Snapshot, read_snapshot, write_snapshot
from monitor.storage.known_image import changes_since, known_until

REBUILD_AT, REBUILD_SHARE = 4096, 0.05
"""The arrays are built anew when this many, and this share of all, came or went since."""

Places = npt.NDArray[np.intp]

log = structlog.get_logger()


class MemoryIndex:
    """Exact search over arrays in this process; safe to use from several threads."""

    def __init__(self, file: Path | None = None) -> None:
        self._file = file
        self._lock = threading.Lock()
        self._building: threading.Thread | None = None
        snapshot = read_snapshot(file) if file else None
        self._checked = snapshot is None
        self._generation = 0
        self._take(snapshot or Snapshot.empty())

    def refresh(self, session: Session) -> IndexStatus:
        """Follow the database up to what the session sees."""
        with self._lock:
            if not self._checked:
                self._check(session)
            changed = changes_since(session, self._generation)
            for image in changed:
                self._apply(image.blob_sha256, image.pdq if image.removed_at is None else None)
                self._generation = image.change
            if changed and self._due():
                self._build_in_background()
            entries = int(self._alive.sum()) + len(self._recent)
            return IndexStatus("memory", entries, self._generation)

    def search(self, session: Session, hashes: Sequence[str], radius: int = RADIUS) -> dict[str, int]:
        """Over the arrays and the short list; the session is not needed."""
        with self._lock:
            base, names, alive = self._base, self._names, self._alive
            recent_names = list(self._recent)
            recent = as_hashes(list(self._recent.values()))
        found: dict[str, int] = {}
        for query in as_hashes(hashes):
            positions, gaps = base.search(query, radius)
            for at, gap in zip(positions.tolist(), gaps.tolist(), strict=True):
                if alive[at]:
                    _least(found, names[at].tobytes().hex(), gap)
            near = distances(recent, query)
            for at in np.flatnonzero(near <= radius).tolist():
                _least(found, recent_names[at], int(near[at]))
        return found

    def wait(self) -> None:
        """Until no building is under way."""
        building = self._building
        if building is not None:
            building.join()

    def _check(self, session: Session) -> None:
        """Start anew when the file tells of another database than this, such as one before a restore."""
        if known_until(session, self._generation) != len(self._names):
            log.warning("index_file_of_another_database")
            self._take(Snapshot.empty())
        self._checked = True

    def _take(self, snapshot: Snapshot, base: MultiIndex | None = None) -> None:
        self._names = snapshot.names
        self._base = base or MultiIndex(snapshot.hashes)
        self._alive = np.ones(len(snapshot.names), bool)
        self._recent: dict[str, str] = {}
        self._gone = 0
        self._generation = snapshot.generation

    def _apply(self, name: str, hashed: str | None) -> None:
        """A picture came, with its hash, or went; doing it twice changes nothing."""
        self._recent.pop(name, None)
        places = _places(self._names, name)
        self._gone += int(self._alive[places].sum())
        self._alive[places] = False
        if hashed is not None:
            self._recent[name] = hashed

    def _due(self) -> bool:
        changed = len(self._recent) + self._gone
        return changed >= max(REBUILD_AT, REBUILD_SHARE * len(self._names)) and self._building is None

    def _build_in_background(self) -> None:
        self._building = threading.Thread(target=self._build, name="index-build", daemon=True)
        self._building.start()

    def _build(self) -> None:
        """Build over a copy; what changes meanwhile is applied to the new arrays afterwards."""
        try:
            with self._lock:
                snapshot = self._snapshot()
            base = MultiIndex(snapshot.hashes)
            if self._file:
                write_snapshot(self._file, snapshot)
            with self._lock:
                later = self._changed_since(snapshot)
                generation = self._generation
                self._take(snapshot, base)
                for name, hashed in later.items():
                    self._apply(name, hashed)
                self._generation = generation
            log.info("index_built", entries=len(base), generation=snapshot.generation)
        except OSError as error:
            log.error("index_not_saved", error=type(error).__name__)
        finally:
            self._building = None

    def _snapshot(self) -> Snapshot:
        names = [self._names[self._alive], _named(list(self._recent))]
        hashes = [self._base.hashes[self._alive], as_hashes(list(self._recent.values()))]
        return Snapshot(np.concatenate(names), np.concatenate(hashes), self._generation)

    def _changed_since(self, snapshot: Snapshot) -> dict[str, str | None]:
        """What differs between what is held now and a snapshot that was taken of it before."""
        held: dict[str, str | None] = dict(self._recent)
        current = {name.tobytes() for name in self._names[self._alive]} | {bytes.fromhex(n) for n in held}
        before = {name.tobytes() for name in snapshot.names}
        later = {name: hashed for name, hashed in held.items() if bytes.fromhex(name) not in before}
        return later | {name.hex(): None for name in before - current}


def _named(names: Sequence[str]) -> Hashes:
    return as_hashes(list(names))  # a SHA-256 is as long as a hash


def _places(names: Hashes, name: str) -> Places:
    wanted = np.frombuffer(bytes.fromhex(name), np.uint64)
    words = np.ascontiguousarray(names).view(np.uint64)
    candidates = np.flatnonzero(words[:, 0] == wanted[0])
    places: Places = candidates[(words[candidates] == wanted).all(axis=1)]
    return places


def _least(found: dict[str, int], name: str, gap: int) -> None:
    found[name] = min(gap, found.get(name, gap))
