"""The scheduler: reads sources when they are due, sends notifications, and keeps house.

One scheduler is active at a time, held by a lease in the database; others stand by and take over
when it expires. Each source is read in a thread of its own, so that a slow one delays no other; a source
with the setting `stream` keeps its thread, from a pool apart.
"""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Event
from uuid import UUID

import structlog
from apscheduler.schedulers.background import BackgroundScheduler

from monitor.availability import check_due
from monitor.core import Core
from monitor.notify.outbox import Channels, send_pending
from monitor.pipeline.collect import run_source
from monitor.pipeline.runner import process_name
from monitor.pipeline.take_in import take_in
from monitor.recordings import forget_recordings
from monitor.register_files import sweep_registers
from monitor.reports import forget_reports
from monitor.retention import purge_failed
from monitor.retro import forget_old, step
from monitor.storage import source as sources
from monitor.storage.coordination import hold_lease, release_lease
from monitor.traffic import forget_spent

TICK_SECONDS = 1
LEASE = timedelta(seconds=15)
LEASE_NAME = "scheduler"
HOUSEKEEPING_HOURS = 1
NOTIFY_SECONDS = 5
LOOK_BACK_SECONDS = 0.5
"""Of each tick; a step that was begun is ended."""
CHECK_SECONDS = 2
"""One post at most is looked at in so many seconds, or a few together where a platform tells of many in one
answer: platforms are asked little, and a stop is quick."""
PARALLEL_SOURCES = 8
PARALLEL_STREAMS = 16

log = structlog.get_logger()


class Schedule:
    """The scheduler of this process."""

    def __init__(self, core: Core) -> None:
        self._core = core
        self._threads = ThreadPoolExecutor(PARALLEL_SOURCES, thread_name_prefix="collect")
        self._streams = ThreadPoolExecutor(PARALLEL_STREAMS, thread_name_prefix="stream")
        self._stopping = Event()
        self._running: set[UUID] = set()
        self._jobs = BackgroundScheduler(
            timezone="UTC", job_defaults={"coalesce": True, "max_instances": 1, "misfire_grace_time": None}
        )
        self._jobs.add_job(self._tick, "interval", seconds=TICK_SECONDS)
        urls = tuple(url.get_secret_value() for url in core.settings.notify_urls)
        self._channels = Channels(urls) if urls else None
        if self._channels:
            self._jobs.add_job(self._notify, "interval", seconds=NOTIFY_SECONDS)
        self._jobs.add_job(self._take_in, "interval", seconds=TICK_SECONDS)
        self._jobs.add_job(self._check_posts, "interval", seconds=CHECK_SECONDS)
        self._jobs.add_job(self._look_back, "interval", seconds=TICK_SECONDS)
        self._jobs.add_job(self._keep_house, "interval", hours=HOUSEKEEPING_HOURS)

    def start(self) -> None:
        """Begin, or stand by while another process is the scheduler."""
        self._jobs.start()

    def stop(self) -> None:
        """End after the batches under way."""
        self._jobs.shutdown(wait=True)
        self._stopping.set()
        for threads in (self._threads, self._streams):
            threads.shutdown(wait=True, cancel_futures=True)
        with self._core.database.transaction() as session:
            release_lease(session, LEASE_NAME, process_name())

    def _is_active(self) -> bool:
        with self._core.database.transaction() as session:
            return hold_lease(session, LEASE_NAME, process_name(), self._core.now(), LEASE)

    def _tick(self) -> None:
        try:
            if not self._is_active():
                return
            with self._core.database.read() as session:
                due = sources.due_sources(session, self._core.now())
        except Exception as error:  # noqa: BLE001 - the database is away; the next tick tries again
            log.error("schedule_unavailable", error=type(error).__name__)
            return
        for source in due:
            if source.id not in self._running:
                self._running.add(source.id)
                threads = self._streams if source.config.get("stream") else self._threads
                threads.submit(self._collect, source)

    def _collect(self, source: sources.Source) -> None:
        try:
            run_source(self._core, source, stay=self._stopping)
        except Exception as error:  # noqa: BLE001 - one source must not stop the others
            log.error("source_run_failed", source=source.name, error=type(error).__name__)
        finally:
            self._running.discard(source.id)

    def _notify(self) -> None:
        assert self._channels is not None
        if self._is_active():
            send_pending(self._core, self._channels)

    def _take_in(self) -> None:
        try:
            if self._is_active():
                take_in(self._core)
        except Exception as error:  # noqa: BLE001 - the database is away; the next tick tries again
            log.error("reports_unavailable", error=type(error).__name__)

    def _check_posts(self) -> None:
        try:
            if self._is_active():
                check_due(self._core)
        except Exception as error:  # noqa: BLE001 - the post is looked at again when its lease ends
            log.error("availability_check_failed", error=type(error).__name__)

    def _look_back(self) -> None:
        try:
            until = time.monotonic() + LOOK_BACK_SECONDS
            while self._is_active() and step(self._core) and time.monotonic() < until:
                pass
        except Exception as error:  # noqa: BLE001 - a template that was removed meanwhile; the next tick goes on
            log.error("look_back_failed", error=type(error).__name__)

    def _keep_house(self) -> None:
        if self._is_active():
            forget_old(self._core)
            forget_reports(self._core)
            forget_spent(self._core)
            forget_recordings(self._core)
            purged = purge_failed(self._core)
            with self._core.database.read() as session:
                removed = self._core.blobs.sweep(session)
            removed += sweep_registers(self._core)
            log.info("housekeeping", orphans_removed=removed, failed_purged=purged)
