"""A hostile file costs its worker's limits of time and memory at most, and nobody else anything."""

from __future__ import annotations

import resource
import time
from collections.abc import Iterator

import pytest

from detectors.base import ImageUnreadable
from detectors.image import ImageLimits
from detectors.table import ExaminerConfig
from monitor.pipeline.pool import ExaminationCrashed, ExaminePool, PoolLimits
from tests.harness.hostile_files import HOSTILE, hostile

CONFIG = ExaminerConfig(limits=ImageLimits(use_libreoffice=False))
SECONDS, MEMORY_MB = 20.0, 1536


@pytest.fixture(scope="module")
def pool() -> Iterator[ExaminePool]:
    """One worker with limits of its own."""
    with ExaminePool(PoolLimits(workers=1, timeout=SECONDS, memory_mb=MEMORY_MB)) as workers:
        yield workers


def told(pool: ExaminePool, data: bytes) -> str:
    """The sentence that a worker has for a file, nothing when it decodes."""
    try:
        pool.previews(data, (), CONFIG)
    except (ImageUnreadable, ExaminationCrashed) as trouble:
        return str(trouble)
    return ""


@pytest.mark.timeout(300)
@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_file_costs_its_limits_at_most(pool: ExaminePool, name: str) -> None:
    """It is decoded, refused in a sentence, or ends its worker in time; the next file finds a worker."""
    data = hostile(name)
    started = time.monotonic()
    assert told(pool, data).count(".") <= 1
    assert time.monotonic() - started < 4 * SECONDS + 60  # what the pool itself promises
    assert pool.examine_text("NHS No 999 012 3454", CONFIG).findings
    assert pool._run(resource.getrusage, resource.RUSAGE_SELF).ru_maxrss < MEMORY_MB * 1024
