"""The runner: threads that take work from the queue, stage by stage, until told to stop.

Each thread claims one revision at a time. Whatever a stage raises costs that item an attempt, never
the thread; an item that used up its attempts is kept as failed with the reason.
"""

from __future__ import annotations

import os
import socket
import threading
from datetime import timedelta

import structlog

from connectors.base import ConnectorError
from detectors.base import DetectorError
from monitor.core import Core
from monitor.errors import LeakwatchError
from monitor.fingerprints.choice import index_for
from monitor.fingerprints.keeper import Keeper
from monitor.pipeline.acquire import Acquire
from monitor.pipeline.act import Act
from monitor.pipeline.examine import Examine
from monitor.pipeline.pool import ExaminePool
from monitor.pipeline.step import Step
from monitor.pipeline.triage import Triage
from monitor.reposts.matching import Matching
from monitor.storage import work
from monitor.storage.work import Claim, LeaseLost

IDLE_SECONDS = 0.5
ACQUIRE_THREADS = 4

log = structlog.get_logger()


def process_name() -> str:
    """Who holds a lease: this host and process."""
    return f"{socket.gethostname()}:{os.getpid()}"


class Runner:
    """The pipeline's threads in this process."""

    def __init__(self, core: Core, pool: ExaminePool) -> None:
        self._core = core
        self._stop = threading.Event()
        index = index_for(core)
        self._keeper = Keeper(core, index, process_name())
        self._steps: tuple[tuple[Step, int], ...] = (
            (Acquire(core), ACQUIRE_THREADS),
            (Examine(core, pool), core.settings.worker_count),
            (Triage(core, Matching(core, pool, index)), 1),
            (Act(core, pool), 1),
        )
        self._threads: list[threading.Thread] = []

    def start(self) -> None:
        """Start taking work."""
        self._keeper.start()
        for step, count in self._steps:
            for number in range(count):
                name = f"{step.stage}-{number}"
                thread = threading.Thread(target=self._loop, args=(step, name), name=name, daemon=True)
                self._threads.append(thread)
                thread.start()

    def stop(self, wait: float = 30.0) -> None:
        """Take no more work and wait for what is under way; what does not end in time is retaken later."""
        self._stop.set()
        for thread in self._threads:
            thread.join(timeout=wait)
        if self._threads:
            self._keeper.stop()

    def run_pending(self) -> int:
        """Do, in this thread, all work that can be done now; how many stages of revisions that was."""
        done = 0
        while any(self._take(step, "inline") for step, _ in self._steps):
            done += 1
        return done

    def _loop(self, step: Step, name: str) -> None:
        while not self._stop.is_set():
            if not self._take(step, name):
                self._stop.wait(IDLE_SECONDS)

    def _take(self, step: Step, name: str) -> bool:
        """Do one piece of work; False when there was none."""
        owner = f"{process_name()}:{name}"
        lease = timedelta(seconds=self._core.settings.lease_seconds)
        try:
            with self._core.database.transaction() as session:
                claim = work.claim_next(session, step.stage, owner, self._core.now(), lease)
            if claim is None:
                return False
            with structlog.contextvars.bound_contextvars(revision=str(claim.revision_id), stage=step.stage):
                self._run(step, claim)
        except Exception as error:  # noqa: BLE001 - the database is away: the thread must outlive that
            log.error("queue_unavailable", stage=step.stage, error=type(error).__name__)
            return False
        return True

    def _run(self, step: Step, claim: Claim) -> None:
        try:
            self._attempt(step, claim)
        except LeaseLost:
            log.warning("lease_lost")

    def _attempt(self, step: Step, claim: Claim) -> None:
        try:
            if claim.attempt > self._core.settings.max_attempts:
                self._give_up(step, claim, "Its worker ended in the middle of the work, each time.")
            else:
                step.run(claim)
        except LeaseLost:
            raise
        except (LeakwatchError, ConnectorError, DetectorError) as error:
            self._failed(step, claim, str(error))
        except Exception as error:
            log.exception("stage_failed", exc_info=False, error=type(error).__name__)
            self._failed(step, claim, f"Unexpected {type(error).__name__} in the {step.stage} stage.")

    def _failed(self, step: Step, claim: Claim, reason: str) -> None:
        core = self._core
        if claim.attempt >= core.settings.max_attempts:
            self._give_up(step, claim, reason)
            return
        with core.database.transaction() as session:
            work.postpone(work.held(session, claim), reason, step.next_try(core, claim))

    def _give_up(self, step: Step, claim: Claim, reason: str) -> None:
        with self._core.database.transaction() as session:
            revision = work.held(session, claim)
            work.advance(revision, "failed", self._core.now())
            revision.error = reason
        log.error("item_failed", stage=step.stage)
