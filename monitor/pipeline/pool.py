"""Worker processes: where untrusted pictures are decoded and read.

Each has a memory limit, each file a time limit. One that dies or hangs is replaced and costs its own
file only. Workers end with their parent, however that ends. They never hold a register's key: what they
read is looked up here, in their parent.
"""

from __future__ import annotations

import ctypes
import multiprocessing
import os
import resource
import signal
import threading
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Future
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass
from functools import lru_cache
from types import TracebackType
from typing import Any, ParamSpec, TypeVar

from pebble import ProcessExpired, ProcessPool

from detectors.base import Box, TextReader
from detectors.examine import Examination, Examiner, recognise
from detectors.image import decode
from detectors.likeness import Likeness, likeness
from detectors.ocr import EngineName, reader_for
from detectors.passages import PostText
from detectors.redact import Marked, page_preview
from detectors.table import ExaminerConfig
from detectors.templates.bank import BankUnreadable, open_bank
from detectors.templates.base import TemplateSaid
from detectors.templates.report import Comparison, Learning, compare, learn_template, look_alikes
from monitor.errors import LeakwatchError

P = ParamSpec("P")
T = TypeVar("T")
PR_SET_PDEATHSIG = 1
PATIENCE = 4
SPARE_SECONDS = 60
"""No task waits longer for its turn and its end than PATIENCE time limits and this."""


class ExaminationCrashed(LeakwatchError):
    """The worker process died or ran out of time over this content; another try may work."""


@dataclass(frozen=True, slots=True)
class PagePlan:
    """A page to preview: which words of it may be shown, which never, which places are blacked out."""

    page: int
    keep: tuple[Box, ...]
    hidden: tuple[Box, ...]
    marked: tuple[Marked, ...]


@dataclass(frozen=True, slots=True)
class PoolLimits:
    """How many workers, and what one may use: seconds a task, MiB of address space a process."""

    workers: int
    timeout: float
    memory_mb: int


class WorkersLost(Exception):
    """The pool of processes can take no more work."""


class ExaminePool:
    """Runs the detectors' CPU work in processes of its own, which start with the first task."""

    def __init__(self, limits: PoolLimits) -> None:
        self._limits = limits
        self._lock = threading.Lock()
        self._workers: _Workers | None = None
        self._stopped = False

    def examine_image(self, data: bytes, config: ExaminerConfig) -> Examination:
        """Examine one file. Raises ImageUnreadable or ExaminationCrashed."""
        return recognise(self._run(_examine_image, config.without_registers, data), config)

    def examine_text(self, text: str | PostText, config: ExaminerConfig) -> Examination:
        """Examine a post's words. Raises ExaminationCrashed."""
        return recognise(self._run(_examine_text, config.without_registers, text), config)

    def previews(self, data: bytes, pages: Sequence[PagePlan], config: ExaminerConfig) -> list[bytes]:
        """The redacted pages, as JPEG bytes each. Raises ImageUnreadable or ExaminationCrashed."""
        return self._run(_previews, config.without_registers, data, tuple(pages))

    def learn_template(
        self, samples: Sequence[bytes], said: TemplateSaid, config: ExaminerConfig
    ) -> Learning:
        """What there is to keep of a template. Raises TemplateUnsuitable, ImageUnreadable and so on."""
        return self._run(_learn_template, config.without_registers, tuple(samples), said)

    def look_alikes(self, data: bytes, said: TemplateSaid, config: ExaminerConfig) -> tuple[str, ...]:
        """A warning of templates that this one could be taken for. Raises ImageUnreadable and so on."""
        return self._run(_look_alikes, config.without_registers, data, said)

    def compare_templates(self, data: bytes, config: ExaminerConfig) -> Comparison:
        """A picture beside the registered templates. Raises ImageUnreadable or ExaminationCrashed."""
        return self._run(_compare_templates, config.without_registers, data)

    def compare(
        self, first: bytes, second: bytes, named: tuple[Box, ...] | None, config: ExaminerConfig
    ) -> Likeness | None:
        """How alike two files' first pages are, the second naming somebody at these places.

        None for the places says that they are not known. Raises ImageUnreadable or ExaminationCrashed.
        """
        return self._run(_compare, config.without_registers, first, second, named)

    def _run(self, task: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        workers = self._working()
        try:
            return _outcome(workers.schedule(task, args, kwargs), self._limits.timeout)
        except WorkersLost:
            self._give_up(workers)
            raise ExaminationCrashed("The worker processes were lost and are replaced.") from None

    def _working(self) -> _Workers:
        with self._lock:
            if self._stopped:
                raise ExaminationCrashed("The worker processes are stopped.")
            if self._workers is None:
                self._workers = _Workers(self._limits)
            return self._workers

    def _give_up(self, workers: _Workers) -> None:
        with self._lock:
            if self._workers is workers:
                self._workers = None
                workers.stop()

    def stop(self) -> None:
        """End the workers now."""
        with self._lock:
            self._stopped = True
            if self._workers is not None:
                self._workers.stop()

    def __enter__(self) -> ExaminePool:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()


class _Workers:
    """The processes, and the thread that is their parent.

    The kernel ends a worker with the thread that made it, so that must not be whoever asks first.
    """

    def __init__(self, limits: PoolLimits) -> None:
        self._timeout = limits.timeout
        self._pool = ProcessPool(
            max_workers=limits.workers,
            context=multiprocessing.get_context("spawn"),
            initializer=_prepare_worker,
            initargs=(limits.memory_mb, os.getpid()),
        )
        self._started, self._ended = threading.Event(), threading.Event()
        threading.Thread(target=self._keep, name="workers", daemon=True).start()
        self._started.wait()

    def _keep(self) -> None:
        try:
            _ = self._pool.active  # asking makes the processes
        finally:
            self._started.set()
        self._ended.wait()

    def schedule(self, task: Callable[..., T], args: Sequence[Any], kwargs: Mapping[str, Any]) -> Future[T]:
        """Queue a task. Raises WorkersLost."""
        try:
            return self._pool.schedule(task, args=args, kwargs=kwargs, timeout=self._timeout)
        except RuntimeError as error:  # the pool takes no more: an idle worker was killed from outside
            raise WorkersLost from error

    def stop(self) -> None:
        """End the processes now."""
        self._pool.stop()  # type: ignore[no-untyped-call]
        self._pool.join()
        self._ended.set()


def _outcome(future: Future[T], limit: float) -> T:
    """A task's result, its worker's death or delay turned into ExaminationCrashed. Raises WorkersLost."""
    try:
        return future.result(timeout=PATIENCE * limit + SPARE_SECONDS)
    except ProcessExpired as error:
        raise ExaminationCrashed(f"The worker process ended (exit code {error.exitcode}).") from None
    except BrokenProcessPool as error:
        raise WorkersLost from error
    except TimeoutError as error:
        if not future.done():  # nobody takes it: a worker died with the queue's lock in its hands
            raise WorkersLost from error
        raise ExaminationCrashed("The worker process took longer than the time limit.") from None
    except BankUnreadable as error:
        raise ExaminationCrashed(str(error)) from None
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
    open_bank(config.templates)  # gone or damaged, it fails this try, and not the detector alone
    return _examiner(config).examine_image(data)


def _examine_text(config: ExaminerConfig, text: str | PostText) -> Examination:
    return _examiner(config).examine_text(text)


def _learn_template(config: ExaminerConfig, samples: Sequence[bytes], said: TemplateSaid) -> Learning:
    bank = open_bank(config.templates)
    return learn_template(samples, said, bank, _reader(config.engine), config.limits)


def _look_alikes(config: ExaminerConfig, data: bytes, said: TemplateSaid) -> tuple[str, ...]:
    return look_alikes(data, said, open_bank(config.templates), config.limits)


def _compare_templates(config: ExaminerConfig, data: bytes) -> Comparison:
    return compare(data, open_bank(config.templates), _reader(config.engine), config.limits)


@lru_cache(maxsize=1)
def _reader(engine: EngineName) -> TextReader:
    return reader_for(engine)


def _compare(
    config: ExaminerConfig, first: bytes, second: bytes, named: tuple[Box, ...] | None
) -> Likeness | None:
    pages = [decode(data, config.limits).pages[0].pixels for data in (first, second)]
    return likeness(pages[0], pages[1], named)


def _previews(config: ExaminerConfig, data: bytes, plans: tuple[PagePlan, ...]) -> list[bytes]:
    pages = decode(data, config.limits).pages
    return [
        page_preview(pages[plan.page], keep=plan.keep, hidden=plan.hidden, marked=plan.marked)
        for plan in plans
    ]
