"""The scheduler: reads what is due, one process at a time, and no source waits for another."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from datetime import timedelta

import pytest
from sqlalchemy import func, select

from connectors import registry
from monitor.core import Core
from monitor.pipeline.runner import process_name
from monitor.reports import NewReport, submit
from monitor.schedule import LEASE, LEASE_NAME, Schedule
from monitor.sources import create_source
from monitor.storage.coordination import Lease, hold_lease, release_lease
from monitor.storage.post import PostRevision
from monitor.storage.source import due_sources, source_named
from tests.monitor.scripted import Scripted, batch

SECONDS = 20.0


@pytest.fixture
def schedule(core: Core) -> Iterator[Schedule]:
    """A scheduler that is not started yet, and is stopped in the end."""
    schedule = Schedule(core)
    yield schedule
    schedule.stop()


@pytest.fixture
def watch(core: Core, monkeypatch: pytest.MonkeyPatch) -> Callable[[str, Scripted], None]:
    """Adds a source that plays what it is given."""

    def add(name: str, scripted: Scripted) -> None:
        monkeypatch.setitem(registry.CONNECTORS, name, scripted.kind(name))
        with core.database.transaction() as session:
            create_source(session, name=name, connector=name, config={}, now=core.now(), poll_seconds=1)

    return add


def stored(core: Core) -> int:
    """How many posts are stored."""
    with core.database.read() as session:
        return session.scalar(select(func.count()).select_from(PostRevision)) or 0


def wait_for(happened: Callable[[], bool]) -> bool:
    """Whether it happens in time."""
    deadline = time.monotonic() + SECONDS
    while not happened() and time.monotonic() < deadline:
        time.sleep(0.05)
    return happened()


def test_due_sources_are_read_again_and_again(
    core: Core, schedule: Schedule, watch: Callable[[str, Scripted], None]
) -> None:
    """A source is read when it is due, and again after its interval; a paused one is not."""
    scripted, paused = Scripted(batch(1, "a")), Scripted(batch(1, "b"))
    watch("well", scripted)
    watch("paused", paused)
    with core.database.transaction() as session:
        source_named(session, "paused").enabled = False
    schedule.start()
    assert wait_for(lambda: len(scripted.began_at) >= 2)
    assert stored(core) == 1
    assert paused.began_at == []


def test_a_slow_source_delays_no_other(
    core: Core, schedule: Schedule, watch: Callable[[str, Scripted], None]
) -> None:
    """While one source hangs and another fails, a third is read; the first is not read twice at once."""
    release = threading.Event()
    slow, well = Scripted(lambda: release.wait(SECONDS) and None, batch(1, "slow")), Scripted(batch(1, "a"))
    watch("slow", slow)
    watch("broken", Scripted(KeyError("x")))
    watch("well", well)
    schedule.start()
    assert wait_for(lambda: len(well.began_at) >= 2)
    assert slow.began_at == [None]
    release.set()
    assert wait_for(lambda: len(slow.began_at) >= 2)


def test_a_second_scheduler_stands_by(
    core: Core, schedule: Schedule, watch: Callable[[str, Scripted], None]
) -> None:
    """While another process is the scheduler nothing is read here; when it is gone, this one takes over."""
    scripted = Scripted(batch(1, "a"))
    watch("well", scripted)
    with core.database.transaction() as session:
        assert hold_lease(session, LEASE_NAME, "elsewhere", core.now(), timedelta(hours=1))
    schedule.start()
    time.sleep(2.5)
    assert scripted.began_at == []
    with core.database.transaction() as session:
        release_lease(session, LEASE_NAME, "elsewhere")
    assert wait_for(lambda: stored(core) == 1)
    with core.database.read() as session:
        lease = session.get_one(Lease, LEASE_NAME)
        assert lease.owner == process_name()
        assert lease.expires_at <= core.now() + LEASE


def test_stopping_gives_the_lease_back(core: Core) -> None:
    """A scheduler that was stopped lets the next one begin at once."""
    schedule = Schedule(core)
    schedule.start()

    def lease() -> Lease | None:
        with core.database.read() as session:
            return session.get(Lease, LEASE_NAME)

    assert wait_for(lambda: lease() is not None)
    schedule.stop()
    assert lease() is None


def test_reports_are_taken_in(core: Core, schedule: Schedule) -> None:
    """What a person reported becomes a post while the scheduler runs, and its source is never read."""
    submit(core, NewReport("https://x.com/a/status/5"), actor="Jo")
    schedule.start()
    assert wait_for(lambda: stored(core) == 1)
    with core.database.read() as session:
        assert due_sources(session, core.now()) == []
