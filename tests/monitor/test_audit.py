"""The audit log: whatever is changed, removed or moved in it is found."""

from __future__ import annotations

import itertools
import threading
from contextlib import suppress
from datetime import timedelta

import pytest
from sqlalchemy import delete, select, update

from monitor import audit
from monitor.core import Core
from monitor.storage.audit import AuditEvent, audit_events

LINES = 6


@pytest.fixture
def written(core: Core) -> Core:
    """A core whose log has some lines."""
    with core.database.transaction() as session:
        for number in range(LINES):
            audit.record(session, now=core.now(), actor="jo", action="test", item=str(number), note="because")
    return core


def first_altered(core: Core) -> int | None:
    """What verification says."""
    with core.database.read() as session:
        return audit.first_altered(session)


def test_an_untouched_log_is_whole(written: Core) -> None:
    """Lines are numbered from 1 and verification finds nothing; an empty log is whole too."""
    assert first_altered(written) is None
    with written.database.read() as session:
        assert [row.seq for row in audit_events(session)] == list(range(LINES, 0, -1))
        assert [row.seq for row in audit_events(session, before=4, limit=2)] == [3, 2]


COLUMNS = ("at", "actor", "action", "item", "digest", "note", "prev_hash", "hash")


def test_a_changed_line_is_found(written: Core) -> None:
    """A change of any field of any line, the first and the last included, is found at that line."""
    with written.database.read() as session:
        for column, line in itertools.product(COLUMNS, (1, 4, LINES)):
            value = getattr(session.get_one(AuditEvent, line), column)
            changed = value + timedelta(microseconds=1) if column == "at" else value[:-1] + "~"
            session.execute(update(AuditEvent).where(AuditEvent.seq == line).values({column: changed}))
            assert audit.first_altered(session) == line, column
            session.rollback()


def test_a_removed_line_is_found(written: Core) -> None:
    """Verification names the number that is missing, the first one included."""
    for line in (4, 1):
        with written.database.transaction() as session:
            session.execute(delete(AuditEvent).where(AuditEvent.seq == line))
        assert first_altered(written) == line


def test_two_lines_that_changed_places_are_found(written: Core) -> None:
    """Moving lines is found at the first of them."""
    with written.database.transaction() as session:
        for here, there in ((2, 99), (5, 2), (99, 5)):
            session.execute(update(AuditEvent).where(AuditEvent.seq == here).values(seq=there))
    assert first_altered(written) == 2


def test_writers_at_once_keep_one_chain(core: Core) -> None:
    """Threads that write at the same time make one unbroken chain with every line in it."""
    start = threading.Barrier(6)

    def write(name: str) -> None:
        start.wait()
        for number in range(5):
            with core.database.transaction() as session:
                audit.record(session, now=core.now(), actor=name, action="test", item=str(number))

    threads = [threading.Thread(target=write, args=(f"t{n}",)) for n in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert first_altered(core) is None
    with core.database.read() as session:
        lines = list(session.execute(select(AuditEvent.actor, AuditEvent.item)))
    assert len(set(lines)) == len(lines) == 30


def test_a_line_that_was_rolled_back_leaves_no_gap(written: Core) -> None:
    """A transaction that fails takes its line with it, and the chain goes on."""
    with suppress(RuntimeError), written.database.transaction() as session:
        audit.record(session, now=written.now(), actor="jo", action="lost")
        raise RuntimeError
    with written.database.transaction() as session:
        assert audit.record(session, now=written.now(), actor="jo", action="next").seq == LINES + 1
    assert first_altered(written) is None
