"""The running monitor: scheduler and pipeline of one process, started and stopped together."""

from __future__ import annotations

from types import TracebackType

from monitor.core import Core
from monitor.pipeline.pool import ExaminePool, PoolLimits
from monitor.pipeline.runner import Runner
from monitor.schedule import Schedule
from monitor.settings import Settings


def pool_limits(settings: Settings, workers: int | None = None) -> PoolLimits:
    """What settings say about the worker processes; `workers` of them instead, if given."""
    return PoolLimits(workers or settings.worker_count, settings.examine_timeout, settings.worker_memory_mb)


class Runtime:
    """The roles this process plays, besides the web server. A context manager: leaving it stops them."""

    def __init__(self, core: Core, *, schedules: bool, works: bool) -> None:
        self._schedule = Schedule(core) if schedules else None
        self._pool = ExaminePool(pool_limits(core.settings)) if works else None
        self._runner = Runner(core, self._pool) if self._pool else None

    def __enter__(self) -> Runtime:
        if self._schedule:
            self._schedule.start()
        if self._runner:
            self._runner.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._schedule:
            self._schedule.stop()
        if self._runner:
            self._runner.stop()
        if self._pool:
            self._pool.stop()
