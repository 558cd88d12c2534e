"""Reads a folder and runs the pipeline, and kills itself (SIGKILL) when it is told to.

    python crash_child.py DATA_DIR DATABASE_URL KILL_AFTER

KILL_AFTER: the process dies at the end of the block of its (KILL_AFTER + 1)th transaction, just before
that would commit, all its side effects done. 0 or more; -1 never. Writes the stage it died in to
DATA_DIR/died-in.
"""

from __future__ import annotations

import os
import signal
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy import text
from sqlalchemy.orm import Session

from monitor.bootstrap import build_core
from monitor.pipeline.collect import run_due
from monitor.pipeline.pool import ExaminePool, PoolLimits
from monitor.pipeline.runner import Runner
from monitor.settings import Settings
from monitor.storage.database import Database
from monitor.storage.work import backlog

original = Database.transaction
count = 0


def die_after(commits: int, data_dir: Path) -> None:
    """Make the database's transactions count themselves, and die in the one after `commits`."""

    @contextmanager
    def transaction(self: Database) -> Iterator[Session]:
        global count  # noqa: PLW0603 - one process, one count
        with original(self) as session:
            yield session
            session.flush()
            if count == commits:
                with (data_dir / "died-in").open("a") as log:
                    log.write(f"{stage_of_caller()}\n")
                os.kill(os.getpid(), signal.SIGKILL)
            count += 1

    Database.transaction = transaction  # type: ignore[method-assign]


def stage_of_caller() -> str:
    """Which part of the pipeline the transaction belongs to."""
    frame = sys._getframe()
    names = []
    while frame is not None:
        names.append(Path(frame.f_code.co_filename).stem)
        frame = frame.f_back  # type: ignore[assignment]
    return next((n for n in names if n in {"collect", "acquire", "examine", "triage", "act"}), "claim")


def main(data_dir: Path, database_url: str, kill_after: int) -> None:
    """Run until everything is done, or until death."""
    settings = Settings(
        data_dir=data_dir,
        database_url=database_url,
        accept_unissued_numbers=True,
        lease_seconds=0.05,
        retry_seconds=0,
        max_attempts=20,
        workers=1,
    )
    core = build_core(settings)
    if kill_after >= 0:
        die_after(kill_after, data_dir)
    time.sleep(0.1)  # the leases of whoever died before have expired
    with core.database.engine.begin() as connection:  # and so has the run that nobody ended
        connection.execute(text("update source set next_run_at = null"))
    run_due(core)
    with ExaminePool(PoolLimits(workers=1, timeout=60, memory_mb=4096)) as pool:
        Runner(core, pool).run_pending()
    with core.database.read() as session:
        assert set(backlog(session)) <= {"done", "failed"}


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2], int(sys.argv[3]))
