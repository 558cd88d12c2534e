"""The index in memory, which follows the database by change numbers.

Once much has changed, its arrays are built anew in a thread, while searches and changes go on over the old
ones, and are written to the data folder, from where the next start takes them. A file that is damaged is
made again from the database.
"""

from __future__ import annotations

import threading
from collections.abc import Sequence
from pathlib import Path

import structlog
from sqlalchemy.orm import Session

from monitor.fingerprints.arrays import Arrays
from monitor.fingerprints.base import RADIUS, IndexStatus
from monitor.fingerprints.snapshot import Snapshot, read_snapshot, write_snapshot
from monitor.storage.known_image import changes_since, known_until

REBUILD_AT, REBUILD_SHARE, REBUILD_MOST = 4096, 0.05, 100_000
"""The arrays are built anew when this many, and this share of all but no more than that, came or went since:
every search goes through them one by one."""

log = structlog.get_logger()


def rebuilt_after(built: int) -> int:
    """The number of changes after which arrays of so many pictures are built anew."""
    return max(REBUILD_AT, min(round(REBUILD_SHARE * built), REBUILD_MOST))


class MemoryIndex:
    """Exact search over arrays in this process; safe to use from several threads.

    The lock is for those who change it. A search takes none.
    """

    def __init__(self, file: Path | None = None) -> None:
        self._file = file
        self._changing = threading.Lock()
        self._building: threading.Thread | None = None
        self._meanwhile: dict[str, str | None] = {}
        snapshot = read_snapshot(file) if file else None
        self._checked = snapshot is None
        self._generation = 0
        self._start_from(snapshot or Snapshot.empty())

    def refresh(self, session: Session) -> None:
        """Follow the database up to what the session sees."""
        with self._changing:
            if not self._checked:
                self._check(session)
            for change, name, hashed in changes_since(session, self._generation):
                self._arrays.apply(name, hashed)
                if self._building:
                    self._meanwhile[name] = hashed
                self._generation = change
            if self._due():
                self._build_in_background()

    def status(self, session: Session) -> IndexStatus:
        """As of the last refresh."""
        return IndexStatus("memory", len(self._arrays), self._generation)

    def search(self, session: Session, hashes: Sequence[str], radius: int = RADIUS) -> dict[str, int]:
        """Over the arrays; the session is not needed."""
        return self._arrays.search(hashes, radius)

    def wait(self) -> None:
        """Until no building is under way."""
        building = self._building
        if building is not None:
            building.join()

    def _check(self, session: Session) -> None:
        """Start anew when the file tells of another database than this, such as one before a restore."""
        if known_until(session, self._generation) != self._arrays.built:
            log.warning("index_file_of_another_database")
            self._start_from(Snapshot.empty())
        self._checked = True

    def _start_from(self, snapshot: Snapshot) -> None:
        self._arrays = Arrays(snapshot)
        self._generation = snapshot.generation

    def _due(self) -> bool:
        return self._arrays.changed >= rebuilt_after(self._arrays.built) and self._building is None

    def _build_in_background(self) -> None:
        self._meanwhile.clear()
        self._building = threading.Thread(target=self._build, name="index-build", daemon=True)
        self._building.start()

    def _build(self) -> None:
        """Build over a copy; what changes meanwhile is applied to the new arrays afterwards."""
        try:
            with self._changing:
                snapshot = self._arrays.snapshot(self._generation)
                self._meanwhile.clear()
            fresh = Arrays(snapshot)
            with self._changing:
                for name, hashed in self._meanwhile.items():
                    fresh.apply(name, hashed)
                self._arrays = fresh
            log.info("index_built", entries=len(fresh), generation=snapshot.generation)
            if self._file:
                write_snapshot(self._file, snapshot)
        except OSError as error:
            log.error("index_not_saved", error=type(error).__name__)
        finally:
            self._building = None
