"""Runs a system over cases in processes of its own, and measures what each case costs there."""

from __future__ import annotations

import multiprocessing
import os
import resource
import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from monitor.benchmark.corpus import Case
from monitor.benchmark.systems import SYSTEMS, System, Verdict
from monitor.settings import Settings


@dataclass(frozen=True, slots=True)
class Measured:
    """A case's verdict, and the CPU seconds it took (programs that were run included)."""

    case: Case
    verdict: Verdict
    seconds: float


@dataclass(frozen=True, slots=True)
class Run:
    """A system over a corpus: its answers in the cases' order, CPU seconds to start, most memory in MiB."""

    system: str
    measured: tuple[Measured, ...]
    start: float
    megabytes: int


def run(
    system: str, cases: Sequence[Case], settings: Settings, *, workers: int, tick: Callable[[], object]
) -> Run:
    """Measure a system; `tick` is called for each finished case. Raises what building the system raises."""
    context = multiprocessing.get_context("spawn")
    with context.Pool(workers, _start, (system, settings)) as pool:
        measured = []
        costs = [(0.0, 0)]
        for case, (verdict, seconds, cost) in zip(cases, pool.imap(_judge, cases), strict=True):
            measured.append(Measured(case, verdict, seconds))
            costs.append(cost)
            tick()
    return Run(system, tuple(measured), max(c[0] for c in costs), max(c[1] for c in costs))


@dataclass
class _Process:
    """What one measuring process holds."""

    system: System
    start: float


_here: list[_Process] = []


def _start(name: str, settings: Settings) -> None:
    os.environ["OMP_THREAD_LIMIT"] = "1"
    before = cpu_seconds()
    system = SYSTEMS[name](settings)
    _here.append(_Process(system, cpu_seconds() - before))


def _judge(case: Case) -> tuple[Verdict, float, tuple[float, int]]:
    before = cpu_seconds()
    verdict = _here[0].system(case)
    return verdict, cpu_seconds() - before, (_here[0].start, megabytes())


def _usages() -> Iterator[resource.struct_rusage]:
    """This process, and the programs it ran."""
    yield from map(resource.getrusage, (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))


def cpu_seconds() -> float:
    """What this process and the programs it ran have used, user and system."""
    return sum(usage.ru_utime + usage.ru_stime for usage in _usages())


def megabytes() -> int:
    """The most memory this process held, and the largest program it ran beside it, MiB."""
    unit = 1 if sys.platform == "darwin" else 1024
    return sum(usage.ru_maxrss for usage in _usages()) * unit >> 20
