"""Reads a folder and runs the pipeline, and kills itself (SIGKILL) when it is told to.

`main(DATA_DIR, DATABASE_URL, POOL, KILL_AFTER)`, run by tests.services.forks:

POOL: the socket of the worker processes. They belong to the tests, since none is needed to die here: that
they end with their parent is tested with the pool.
KILL_AFTER: the process dies at the end of the block of its (KILL_AFTER + 1)th transaction, just before
that would commit, all its side effects done. 0 or more; -1 never. Writes the stage it died in to
DATA_DIR/died-in.
"""

from __future__ import annotations

import os
import signal
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from multiprocessing.connection import Client
from pathlib import Path
from typing import Any

from sqlalchemy import text
from sqlalchemy.orm import Session

from monitor.bootstrap import build_core
from monitor.pipeline.collect import run_due
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


class PoolOfTheTests:
    """The pool of worker processes, which another process keeps."""

    def __init__(self, address: str) -> None:
        self._connection = Client(address)

    def __getattr__(self, name: str) -> Callable[..., Any]:
        def ask(*arguments: Any) -> Any:
            self._connection.send((name, arguments))
            answer = self._connection.recv()
            if isinstance(answer, BaseException):
                raise answer
            return answer

        return ask


def main(data_dir: str, database_url: str, pool: str, commits: str) -> None:
    """Run until everything is done, or until death."""
    kill_after = int(commits)
    settings = Settings(
        data_dir=Path(data_dir),
        database_url=database_url,
        accept_unissued_numbers=True,
        lease_seconds=0.05,
        retry_seconds=0,
        max_attempts=20,
        workers=1,
    )
    core = build_core(settings)
    if kill_after >= 0:
        die_after(kill_after, Path(data_dir))
    time.sleep(0.1)  # the leases of whoever died before have expired
    with core.database.engine.begin() as connection:  # and so has the run that nobody ended
        connection.execute(text("update source set next_run_at = null"))
    run_due(core)
    Runner(core, PoolOfTheTests(pool)).run_pending()  # type: ignore[arg-type]
    with core.database.read() as session:
        assert set(backlog(session)) <= {"done", "failed"}
