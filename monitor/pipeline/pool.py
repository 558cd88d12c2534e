"""Worker processes: where untrusted pictures are decoded and read.

Each has a memory limit, each file a time limit. One that dies or hangs is replaced and costs its own
file only. Workers end with their parent, however that ends.
"""

from __future__ import annotations

import ctypes
import multiprocessing
import os
import resource
import signal
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from dataclasses import dataclass
from functools import lru_cache
from types import TracebackType
from typing import ParamSpec, TypeVar

from pebble import ProcessExpired, ProcessPool

from detectors.base import Box
from detectors.examine import Examination, Examiner, ExaminerConfig
from detectors.redact import Marked, render_preview
from monitor.errors import LeakwatchError

P = ParamSpec("P")
T = TypeVar("T")
PR_SET_PDEATHSIG = 1


class ExaminationCrashed(LeakwatchError):
    """The worker process died or ran out of time over this content; another try may work."""


@dataclass(frozen=True, slots=True)
class PoolLimits:
    """How many workers, and what one may use: seconds a task, MiB of address space a process."""

    workers: int
    timeout: float
    memory_mb: int


class ExaminePool:
    """Runs the detectors' CPU work in processes of its own."""

    def __init__(self, limits: PoolLimits) -> None:
        self._limits = limits
        self._pool = ProcessPool(
            max_workers=limits.workers,
            context=multiprocessing.get_context("spawn"),
            initializer=_prepare_worker,
            initargs=(limits.memory_mb, os.getpid()),
        )

    def examine_image(self, data: bytes, config: ExaminerConfig) -> Examination:
        """Examine one file. Raises ImageUnreadable or ExaminationCrashed."""
        return self._run(_examine_image, config, data)

    def examine_text(self, text: str, config: ExaminerConfig) -> Examination:
        """Examine a post's text. Raises ExaminationCrashed."""
        return self._run(_examine_text, config, text)

    def preview(
        self, data: bytes, keep: Sequence[Box], marked: Sequence[Marked], config: ExaminerConfig
    ) -> bytes:
        """The redacted picture, as JPEG bytes. Raises ImageUnreadable or ExaminationCrashed."""
        return self._run(_preview, config, data, tuple(keep), tuple(marked))

    def _run(self, task: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        future = self._pool.schedule(task, args=args, kwargs=kwargs, timeout=self._limits.timeout)
        return _outcome(future)

    def stop(self) -> None:
        """End the workers now."""
        self._pool.stop()  # type: ignore[no-untyped-call]
        self._pool.join()

    def __enter__(self) -> ExaminePool:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()


def _outcome(future: Future[T]) -> T:
    """A task's result, its worker's death or delay turned into ExaminationCrashed."""
    try:
        return future.result()
    except ProcessExpired as error:
        raise ExaminationCrashed(f"The worker process ended (exit code {error.exitcode}).") from None
    except TimeoutError:
        raise ExaminationCrashed("The worker process took longer than the time limit.") from None
    except MemoryError:
        raise ExaminationCrashed("The worker process reached its memory limit.") from None


def _prepare_worker(memory_mb: int, parent: int) -> None:
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != parent:  # the parent died before the line above
        os.kill(os.getpid(), signal.SIGKILL)
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_AS, (memory_mb << 20, memory_mb << 20))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    os.environ["OMP_NUM_THREADS"] = os.environ["OMP_THREAD_LIMIT"] = "1"


@lru_cache(maxsize=2)
def _examiner(config: ExaminerConfig) -> Examiner:
    return Examiner(config)


def _examine_image(config: ExaminerConfig, data: bytes) -> Examination:
    return _examiner(config).examine_image(data)


def _examine_text(config: ExaminerConfig, text: str) -> Examination:
    return _examiner(config).examine_text(text)


def _preview(config: ExaminerConfig, data: bytes, keep: tuple[Box, ...], marked: tuple[Marked, ...]) -> bytes:
    return render_preview(data, keep=keep, marked=marked, limits=config.limits)
