"""Keeping an index fresh while nothing is posted, and telling the database how far it has come."""

from __future__ import annotations

import threading
from datetime import datetime, timedelta

import structlog
from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from monitor.core import Core
from monitor.fingerprints.base import FingerprintIndex
from monitor.storage.known_image import IndexState, oldest_change_after

EVERY_SECONDS = 10.0
STALE_AFTER = timedelta(seconds=60)
"""A running process that has not taken in a change after so long searches an old index."""
GONE_AFTER = timedelta(minutes=2)
"""A process that gave no sign of life for so long is taken for ended."""
FORGOTTEN_AFTER = timedelta(days=1)

log = structlog.get_logger()


class Keeper:
    """A thread that refreshes an index."""

    def __init__(self, core: Core, index: FingerprintIndex, process: str) -> None:
        self._core = core
        self._index = index
        self._process = process
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._loop, name="index-keeper", daemon=True)

    def start(self) -> None:
        """Start refreshing."""
        self._thread.start()

    def stop(self) -> None:
        """Stop, and take this process off the list."""
        self._stop.set()
        if self._thread.is_alive():
            self._thread.join(timeout=EVERY_SECONDS)
        with self._core.database.transaction() as session:
            session.execute(delete(IndexState).where(IndexState.process == self._process))

    def keep(self) -> None:
        """Refresh once and say so; an index that cannot follow says how far it is, too."""
        now = self._core.now()
        with self._core.database.read() as session:
            try:
                self._index.refresh(session)
            except Exception as error:  # noqa: BLE001 - the next round tries again
                log.error("index_not_refreshed", error=type(error).__name__)
                session.rollback()
            status = self._index.status(session)
        values = {"kind": status.kind, "entries": status.entries, "generation": status.generation}
        with self._core.database.transaction() as session:
            session.merge(IndexState(process=self._process, seen_at=now, **values))
            session.execute(delete(IndexState).where(IndexState.seen_at < now - FORGOTTEN_AFTER))

    def _loop(self) -> None:
        while not self._stop.is_set():
            try:
                self.keep()
            except Exception as error:  # noqa: BLE001 - the database is away; the next round tries again
                log.error("index_not_refreshed", error=type(error).__name__)
            self._stop.wait(EVERY_SECONDS)


def index_states(session: Session, now: datetime) -> list[IndexState]:
    """The indexes of the processes that gave a sign of life lately."""
    lately = select(IndexState).where(IndexState.seen_at >= now - GONE_AFTER)
    return list(session.scalars(lately.order_by(IndexState.process)))


def is_stale(session: Session, state: IndexState, now: datetime) -> bool:
    """Whether an index lacks what was known a minute ago; the one in the database never does."""
    if state.kind == "postgresql":
        return False
    since = oldest_change_after(session, state.generation)
    return since is not None and since < now - STALE_AFTER
