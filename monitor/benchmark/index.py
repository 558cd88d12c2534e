"""How fast known pictures are found by hash, beside plain ways to do it, in one run on one core.

Stored hashes are random; each query is a stored one with 0 to 31 bits flipped, so its nearest is known and
brute force says what else is near. Each search is timed by the clock and by the processor: on a machine that
is busy with other work the first tells how long the search waited for a core, the second what it costs.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import partial
from typing import TypeVar

import imagehash
import numpy as np

from detectors.multi_index import Hashes, distances
from monitor.fingerprints.arrays import Arrays
from monitor.fingerprints.memory import rebuilt_after
from monitor.fingerprints.snapshot import Snapshot

RADIUS, LOOP_SAMPLE, MEMORY_READS = 31, 50_000, 100
Find = Callable[[Hashes], set[int]]
Clock = Callable[[], float]
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Times:
    """Milliseconds a search: by the clock, and on the processor."""

    wall: list[float] = field(default_factory=list)
    cpu: list[float] = field(default_factory=list)

    def take(self, call: Callable[[], T], cpu: Clock = time.thread_time, scale: float = 1) -> T:
        """Time one call; `cpu` is a clock of the processor's time, in seconds."""
        wall_before, cpu_before = time.perf_counter(), cpu()
        result = call()
        self.cpu.append(1000 * scale * (cpu() - cpu_before))
        self.wall.append(1000 * scale * (time.perf_counter() - wall_before))
        return result

    def percentiles(self) -> tuple[float, ...]:
        """Median and 99th percentile by the clock, then the same on the processor."""
        return tuple(float(x) for each in (self.wall, self.cpu) for x in np.percentile(each, (50, 99)))


@dataclass(frozen=True, slots=True)
class Timing:
    """One way at one size: its times, share of true neighbours found, what building took."""

    name: str
    size: int
    times: Times
    recall: float
    build_seconds: float = 0.0
    megabytes: float = 0.0


@dataclass(frozen=True, slots=True)
class Task:
    """What is stored, what is asked, and what is truly within the radius of each question."""

    stored: Hashes
    asked: list[Hashes]
    truth: list[set[int]] = field(default_factory=list)

    @classmethod
    def draw(cls, size: int, queries: int) -> Task:
        """The same for the same numbers."""
        random = np.random.default_rng(size)
        stored = random.integers(0, 256, (size, 32), np.uint8)
        return cls(stored, [_near(random, stored[random.integers(size)]) for _ in range(queries)])

    def timed(self, name: str, find: Find, cpu: Clock = time.thread_time) -> Timing:
        """Ask each question once."""
        times, found = Times(), 0
        for query, true in zip(self.asked, self.truth, strict=True):
            found += len(times.take(partial(find, query), cpu) & true)
        return Timing(name, len(self.stored), times, found / max(sum(map(len, self.truth)), 1))


def measure(size: int, queries: int, postgres: str | None = None) -> Iterator[Timing]:
    """Each way in turn over `size` hashes."""
    task = Task.draw(size, queries)
    yield _python_loop(task)
    yield _brute_force(task)
    yield _memory_limit(task)
    yield from _faiss(task)
    yield from _in_memory(task)
    if postgres:
        from monitor.benchmark.index_postgres import in_postgres  # noqa: PLC0415 - loads a driver

        yield in_postgres(postgres, task)


def _near(random: np.random.Generator, hashed: Hashes) -> Hashes:
    ones = np.unpackbits(hashed)
    ones[random.choice(256, random.integers(0, RADIUS + 1), replace=False)] ^= 1
    return np.packbits(ones)


def _brute_force(task: Task) -> Timing:
    """Every distance by numpy; what it finds is the truth."""
    times = Times()
    for query in task.asked:
        apart = times.take(partial(distances, task.stored, query))
        task.truth.append(set(np.flatnonzero(apart <= RADIUS).tolist()))
    return Timing("numpy bitwise_count", len(task.stored), times, 1.0)


def _memory_limit(task: Task) -> Timing:
    """What reading every hash once costs, whatever is done with it."""
    words, times = task.stored.view(np.uint64), Times()
    for _ in range(MEMORY_READS):
        times.take(words.max)
    return Timing("reading the memory once", len(task.stored), times, 1.0)


def _python_loop(task: Task) -> Timing:
    """imagehash objects in a loop, over a sample; the time is scaled to the size."""
    sample = [imagehash.ImageHash(np.unpackbits(each).astype(bool)) for each in task.stored[:LOOP_SAMPLE]]
    times = Times()
    for query in task.asked[: max(1, len(task.asked) // 50)]:
        wanted = imagehash.ImageHash(np.unpackbits(query).astype(bool))
        times.take(partial(_loop, sample, wanted), scale=len(task.stored) / len(sample))
    return Timing("imagehash in a loop (scaled)", len(task.stored), times, 1.0)


def _loop(sample: list[imagehash.ImageHash], wanted: imagehash.ImageHash) -> list[imagehash.ImageHash]:
    return [each for each in sample if each - wanted <= RADIUS]


def _faiss(task: Task) -> Iterator[Timing]:
    """faiss BinaryFlat on one thread, where the extra `benchmark` is installed."""
    try:
        import faiss  # noqa: PLC0415 - an extra
    except ImportError:
        return
    faiss.omp_set_num_threads(1)
    index = faiss.IndexBinaryFlat(256)
    index.add(task.stored)

    def find(query: Hashes) -> set[int]:
        _, _, found = index.range_search(query[None], RADIUS + 1)
        return set(found.tolist())

    yield task.timed("faiss BinaryFlat", find)


def _in_memory(task: Task) -> Iterator[Timing]:
    """`Arrays` as a process holds them: fresh; when they are due to be built anew; and while they are."""
    size = len(task.stored)
    names = np.zeros((size, 32), np.uint8)
    names[:, :8] = np.random.default_rng(1).integers(0, 256, (size, 8), np.uint8)  # in no order, as SHA-256
    names[:, 24:] = np.arange(size, dtype=">u8").view(np.uint8).reshape(-1, 8)
    started = time.thread_time()
    arrays = Arrays(Snapshot(names, task.stored, 0))
    built = time.thread_time() - started
    fresh = task.timed("leakwatch in memory", _finder(arrays))
    yield Timing(fresh.name, size, fresh.times, fresh.recall, built, arrays.nbytes / 1e6)
    early = max(0, size - rebuilt_after(size))
    arrays = Arrays(Snapshot(names[:early], task.stored[:early], 0))
    for at in range(early, size):
        arrays.apply(names[at].tobytes().hex(), task.stored[at].tobytes().hex())
    yield task.timed("the same, before it is built anew", _finder(arrays))
    building = threading.Thread(target=lambda: Arrays(arrays.snapshot(0)))
    building.start()
    yield task.timed("the same, while it is built anew", _finder(arrays))
    building.join()


def _finder(arrays: Arrays) -> Find:
    """A search whose answers are places in what is stored, which the names end with."""
    return lambda query: {int(name[-16:], 16) for name in arrays.search([query.tobytes().hex()], RADIUS)}
