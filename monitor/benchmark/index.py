"""How fast known pictures are found by hash, beside plain ways to do it, in one run on one core.

Stored hashes are random; each query is a stored one with 0 to 31 bits flipped, so its nearest is known and
brute force says what else is near.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import imagehash
import numpy as np
from sqlalchemy import create_engine, text

from detectors.multi_index import Hashes, MultiIndex, distances
from monitor.fingerprints.postgres import SEARCH, bit_string, chunk_keys, probe_keys

RADIUS, LOOP_SAMPLE, COPY_ROWS = 31, 50_000, 10_000
Find = Callable[[Hashes], set[int]]


@dataclass(frozen=True, slots=True)
class Timing:
    """One way at one size: milliseconds a query, share of true neighbours found, what building took."""

    name: str
    size: int
    p50: float
    p99: float
    recall: float
    build_seconds: float = 0.0
    megabytes: float = 0.0


def measure(size: int, queries: int, postgres: str | None = None) -> Iterator[Timing]:
    """Each way in turn over `size` hashes."""
    random = np.random.default_rng(size)
    stored = random.integers(0, 256, (size, 32), np.uint8)
    asked = [_near(random, stored[random.integers(size)]) for _ in range(queries)]
    truth = [_flat(stored)(query) for query in asked]
    yield _memory_limit(stored)
    yield _python_loop(stored, asked[: max(1, queries // 20)])
    yield _timed("numpy bitwise_count", size, _flat(stored), asked, truth)
    yield from _faiss(stored, asked, truth)
    started = time.perf_counter()
    index = MultiIndex(stored)
    built = time.perf_counter() - started
    found = _timed("leakwatch in memory", size, lambda q: set(index.search(q)[0].tolist()), asked, truth)
    yield Timing(found.name, size, found.p50, found.p99, found.recall, built, index.nbytes / 1e6)
    if postgres:
        yield _postgres(postgres, stored, asked, truth)


def _near(random: np.random.Generator, hashed: Hashes) -> Hashes:
    ones = np.unpackbits(hashed)
    ones[random.choice(256, random.integers(0, RADIUS + 1), replace=False)] ^= 1
    return np.packbits(ones)


def _flat(stored: Hashes) -> Find:
    return lambda query: set(np.flatnonzero(distances(stored, query) <= RADIUS).tolist())


def _timed(name: str, size: int, find: Find, asked: list[Hashes], truth: list[set[int]]) -> Timing:
    spent, found = [], 0
    for query, true in zip(asked, truth, strict=True):
        started = time.perf_counter()
        result = find(query)
        spent.append(1000 * (time.perf_counter() - started))
        found += len(result & true)
    p50, p99 = np.percentile(spent, (50, 99))
    return Timing(name, size, float(p50), float(p99), found / max(sum(map(len, truth)), 1))


def _memory_limit(stored: Hashes) -> Timing:
    """What reading every hash once costs, whatever is done with it."""
    words, spent = stored.view(np.uint64), []
    for _ in range(9):
        started = time.perf_counter()
        words.max()
        spent.append(1000 * (time.perf_counter() - started))
    return Timing("reading the memory once", len(stored), float(np.median(spent)), max(spent), 1.0)


def _python_loop(stored: Hashes, asked: list[Hashes]) -> Timing:
    """imagehash objects in a loop, over a sample; the time is scaled to the size."""
    sample = [imagehash.ImageHash(np.unpackbits(each).astype(bool)) for each in stored[:LOOP_SAMPLE]]
    spent = []
    for query in asked:
        wanted = imagehash.ImageHash(np.unpackbits(query).astype(bool))
        started = time.perf_counter()
        _ = [each for each in sample if each - wanted <= RADIUS]
        spent.append(1000 * (time.perf_counter() - started) * len(stored) / len(sample))
    return Timing("imagehash in a loop (scaled)", len(stored), float(np.median(spent)), max(spent), 1.0)


def _faiss(stored: Hashes, asked: list[Hashes], truth: list[set[int]]) -> Iterator[Timing]:
    """faiss BinaryFlat on one thread, where the extra `benchmark` is installed."""
    try:
        import faiss  # noqa: PLC0415 - an extra
    except ImportError:
        return
    faiss.omp_set_num_threads(1)
    index = faiss.IndexBinaryFlat(256)
    index.add(stored)

    def find(query: Hashes) -> set[int]:
        _, _, found = index.range_search(query[None], RADIUS + 1)
        return set(found.tolist())

    yield _timed("faiss BinaryFlat", len(stored), find, asked, truth)


def _postgres(url: str, stored: Hashes, asked: list[Hashes], truth: list[set[int]]) -> Timing:
    """The search of `PostgresIndex`, over a temporary table that takes the real one's name and form."""
    engine = create_engine(url)
    with engine.connect() as connection:
        started = time.perf_counter()
        connection.execute(
            text(
                "create temporary table known_image"
                " (blob_sha256 integer, bits bit(256), chunks integer[], removed_at timestamptz)"
            )
        )
        insert = text("insert into known_image values (:n, cast(:bits as bit(256)), :chunks, null)")
        for first in range(0, len(stored), COPY_ROWS):
            texts = [each.tobytes().hex() for each in stored[first : first + COPY_ROWS]]
            rows = [
                {"n": first + n, "bits": bit_string(each), "chunks": chunk_keys(each)}
                for n, each in enumerate(texts)
            ]
            connection.execute(insert, rows)
        connection.execute(text("create index on known_image using gin (chunks)"))
        connection.execute(text("analyze known_image"))
        built = time.perf_counter() - started

        def find(query: Hashes) -> set[int]:
            hashed = query.tobytes().hex()
            wanted = {"bits": bit_string(hashed), "keys": probe_keys(hashed, RADIUS), "radius": RADIUS}
            return {row[0] for row in connection.execute(SEARCH, wanted)}

        found = _timed("leakwatch in PostgreSQL", len(stored), find, asked, truth)
        connection.rollback()
    engine.dispose()
    return Timing(found.name, found.size, found.p50, found.p99, found.recall, built)
