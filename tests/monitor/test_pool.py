"""The pool: a task that dies, hangs or eats memory costs only itself, and no worker outlives its parent."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from detectors.base import Box, ImageUnreadable
from detectors.examine import Examiner
from detectors.redact import Marked, render_preview
from detectors.table import ExaminerConfig
from monitor.pipeline.pool import ExaminationCrashed, ExaminePool, PagePlan, PoolLimits
from tests.monitor.pictures import draw, encode

CONFIG = ExaminerConfig(accept_unissued=True)
TEXT = "NHS No 999 012 3454, Mrs Amelia Tregarth, DOB 14/03/1951, admitted with chest pain"
ROOT = Path(__file__).parents[2]

PARENT = """
import os, sys, time
from monitor.pipeline.pool import ExaminePool, PoolLimits
if __name__ == "__main__":
    pool = ExaminePool(PoolLimits(workers=2, timeout=60, memory_mb=4096))
    print(pool._run(os.getpid), flush=True)
    time.sleep(60)
"""


@pytest.fixture(scope="module")
def small() -> Iterator[ExaminePool]:
    """One worker with little time, for tasks that cost it its life."""
    with ExaminePool(PoolLimits(workers=1, timeout=4, memory_mb=2048)) as pool:
        yield pool


HOSTILE: dict[str, tuple[Callable[..., Any], tuple[Any, ...], str]] = {
    "dies": (os._exit, (3,), "exit code 3"),
    "is killed": (signal.raise_signal, (signal.SIGKILL,), "ended"),
    "crashes": (signal.raise_signal, (signal.SIGSEGV,), "ended"),
    "hangs": (time.sleep, (600,), "longer than the time limit"),
    "eats memory": (bytearray, (8 << 30,), "memory limit"),
}


@pytest.mark.parametrize("kind", HOSTILE)
def test_a_hostile_task_costs_only_itself(small: ExaminePool, kind: str) -> None:
    """What was waiting before and behind such a task is examined; the task itself has its reason."""
    task, arguments, reason = HOSTILE[kind]
    with ThreadPoolExecutor(3) as threads:
        before = threads.submit(small.examine_text, TEXT, CONFIG)
        hostile = threads.submit(small._run, task, *arguments)
        behind = threads.submit(small.examine_text, TEXT, CONFIG)
        with pytest.raises(ExaminationCrashed, match=reason):
            hostile.result()
        assert before.result() == behind.result()


def test_an_idle_worker_that_is_killed_is_replaced(small: ExaminePool) -> None:
    """When something kills a worker between two tasks, at most the next task notices."""
    for _ in range(3):
        worker = in_time(small, os.getpid)
        os.kill(worker, signal.SIGKILL)
        wait_until_gone(worker)
        time.sleep(0.5)  # the pool has seen it
        assert in_time(small, os.getpid) != worker


def in_time(pool: ExaminePool, task: Callable[[], int]) -> int:
    """The task's result, tried again once, as the pipeline does."""
    try:
        return pool._run(task)
    except ExaminationCrashed:
        return pool._run(task)


def test_workers_outlive_the_thread_that_asked_first() -> None:
    """A worker belongs to the pool, not to the thread whose task made it start."""
    with ExaminePool(PoolLimits(workers=1, timeout=60, memory_mb=2048)) as pool:
        with ThreadPoolExecutor(1) as threads:
            first = threads.submit(pool._run, os.getpid).result()
        time.sleep(0.5)
        assert pool._run(os.getpid) == first
    assert not is_alive(first)


def test_a_stopped_pool_takes_no_more() -> None:
    """After its end a pool refuses tasks in one sentence."""
    pool = ExaminePool(PoolLimits(workers=1, timeout=60, memory_mb=2048))
    pool.stop()
    with pytest.raises(ExaminationCrashed, match="stopped"):
        pool.examine_text(TEXT, CONFIG)


def test_results_come_back_equal(pool: ExaminePool) -> None:
    """Findings of a worker equal those made here, clear values included."""
    assert pool.examine_text(TEXT, CONFIG) == Examiner(CONFIG).examine_text(TEXT)


def test_previews_come_back_equal(pool: ExaminePool) -> None:
    """A redacted picture from a worker has the very bytes of one made here."""
    picture = encode(draw("Castle Vale Hospitals"))
    keep, marked = [Box(30, 30, 400, 60)], [Marked(Box(30, 100, 200, 40))]
    here = render_preview(picture, keep=keep, marked=marked, limits=CONFIG.limits)
    plan = PagePlan(0, tuple(keep), (), tuple(marked))
    assert pool.previews(picture, [plan], CONFIG) == [here]


def test_a_file_that_is_no_picture_is_told(pool: ExaminePool) -> None:
    """What cannot be decoded raises the detectors' own error, which is no crash."""
    with pytest.raises(ImageUnreadable):
        pool.examine_image(b"not a picture", CONFIG)


def test_workers_end_with_their_parent() -> None:
    """When the parent is killed outright, its worker is gone within seconds."""
    parent = subprocess.Popen(
        [sys.executable, "-c", PARENT],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        text=True,
        env={"PYTHONPATH": str(ROOT)},
    )
    assert parent.stdout is not None
    with parent.stdout:
        worker = int(parent.stdout.readline())
    assert is_alive(worker)
    parent.kill()
    parent.wait()
    wait_until_gone(worker)


def wait_until_gone(process: int) -> None:
    """Wait for the end of a process; fail when it does not come."""
    deadline = time.monotonic() + 10
    while is_alive(process) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert not is_alive(process)


def is_alive(process: int) -> bool:
    """Whether a process runs (one that ended and waits to be buried does not)."""
    try:
        state = Path(f"/proc/{process}/stat").read_text().rpartition(") ")[2][:1]
    except FileNotFoundError:
        return False
    return state != "Z"
