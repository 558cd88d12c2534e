"""The database: its schema, its transactions, and what processes agree on through it."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, suppress
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pytest
from alembic import command
from sqlalchemy import Engine, func, inspect, select, text
from sqlalchemy.exc import StatementError

from monitor.bootstrap import build_core
from monitor.errors import ConfigurationError, DatabaseTooNew
from monitor.settings import Settings
from monitor.storage.alert import next_reference
from monitor.storage.base import new_id, utc_now
from monitor.storage.coordination import Counter, hold_lease, lock_counter, release_lease
from monitor.storage.database import Database, head_revision, migration_config
from monitor.storage.setting import Setting, settle
from monitor.storage.source import Source, add_source, source_named

THREADS = 8
TURNS = 10
NOW = datetime(2026, 7, 1, 12, tzinfo=UTC)


@pytest.fixture
def database(database_url: str) -> Iterator[Database]:
    """A migrated database without rows."""
    with closing(Database(database_url)) as database:
        yield database


def together(work: Callable[[int], None]) -> None:
    """Run `work` in several threads at once; raises what any of them raised."""
    start = threading.Barrier(THREADS)

    def run(number: int) -> None:
        start.wait()
        work(number)

    with ThreadPoolExecutor(THREADS) as threads:
        list(threads.map(run, range(THREADS)))


def test_an_empty_database_is_upgraded_once(empty_database_url: str) -> None:
    """Upgrading makes every table; upgrading again changes nothing."""
    with closing(Database(empty_database_url)) as database:
        with pytest.raises(ConfigurationError, match="leakwatch db upgrade"):
            database.require_current()
        assert database.upgrade() == (None, head_revision())
        tables = set(inspect(database.engine).get_table_names())
        assert {"post", "alert", "evidence_item", "audit_event"} <= tables
        assert database.upgrade() == (head_revision(), head_revision())
        database.require_current()
        assert set(inspect(database.engine).get_table_names()) == tables


def test_migrations_make_what_the_models_say(database: Database) -> None:
    """Comparing the models with a migrated database finds nothing to change."""
    config = migration_config()
    with database.engine.begin() as connection:
        config.attributes["connection"] = connection
        command.check(config)


def test_a_newer_database_is_refused(database: Database, tmp_path: Path) -> None:
    """A schema this version does not know is neither used nor upgraded; one sentence says why."""
    with database.engine.begin() as connection:
        connection.execute(text("update alembic_version set version_num = '9999'"))
    for refused in (database.require_current, database.upgrade):
        with pytest.raises(DatabaseTooNew, match="schema 9999, which this leakwatch does not know"):
            refused()
    url = database.engine.url.render_as_string(hide_password=False)
    with pytest.raises(DatabaseTooNew):
        build_core(Settings(data_dir=tmp_path / "data", database_url=url), upgrade=True)


@pytest.mark.parametrize(
    "url",
    ["not a url", "mysql://localhost/x", "postgresql://u:secret-word@127.0.0.1:1/x"],
)
def test_a_database_that_cannot_be_had_is_one_sentence(url: str) -> None:
    """A bad URL, an unknown kind or a server that is not there: one sentence, never the password."""
    with pytest.raises(ConfigurationError) as caught:
        Database(url).upgrade()
    assert "\n" not in str(caught.value)
    assert "secret-word" not in str(caught.value)


def test_a_file_that_is_no_database_is_one_sentence(tmp_path: Path) -> None:
    """A path that holds something else, or that cannot be made, is refused by its name."""
    (tmp_path / "notes.db").write_text("these are only notes, " * 20)
    for path in (tmp_path / "notes.db", tmp_path / "notes.db" / "deeper.db"):
        with pytest.raises(ConfigurationError, match=r"notes\.db"):
            Database(f"sqlite:///{path}").upgrade()


def test_sqlite_runs_safely(tmp_path: Path) -> None:
    """Every SQLite connection is in WAL mode, enforces foreign keys, syncs fully and wipes deletions."""
    with closing(Database(f"sqlite:///{tmp_path / 'x.db'}")) as database, database.engine.connect() as one:
        asked = ("journal_mode", "foreign_keys", "synchronous", "secure_delete")
        assert [one.execute(text(f"pragma {name}")).scalar() for name in asked] == ["wal", 1, 2, 1]


def test_writers_wait_for_each_other(database: Database) -> None:
    """Read-then-write transactions of many threads all commit: none is refused as locked, none is lost."""
    with database.transaction() as session:
        settle(session, "count", "0")

    def count(_: int) -> None:
        for _turn in range(TURNS):
            with database.transaction() as session:
                lock_counter(session, "writers")
                row = session.get_one(Setting, "count", populate_existing=True)
                row.value = str(int(row.value) + 1)

    together(count)
    with database.read() as session:
        assert session.get_one(Setting, "count").value == str(THREADS * TURNS)


def test_a_failed_transaction_leaves_nothing(database: Database) -> None:
    """What a block wrote before it raised is not there; a session for looking never commits."""
    with suppress(RuntimeError), database.transaction() as session:
        settle(session, "half", "1")
        raise RuntimeError
    with database.read() as session:
        settle(session, "looked", "1")
    with database.read() as session:
        assert session.scalar(select(func.count()).select_from(Setting)) == 0


def test_each_reference_is_given_once(database: Database) -> None:
    """Many threads that ask for references get them all different, without a gap."""
    given: list[str] = []

    def take(_: int) -> None:
        for _turn in range(TURNS):
            with database.transaction() as session:
                reference = next_reference(session, NOW)
            given.append(reference)

    together(take)
    assert sorted(given) == [f"LW-2026-{n:06d}" for n in range(1, THREADS * TURNS + 1)]
    with database.read() as session:
        assert session.get_one(Counter, "alert:2026").value == THREADS * TURNS


def test_references_begin_anew_each_year(database: Database) -> None:
    """The first alert of a year has number 1."""
    with database.transaction() as session:
        next_reference(session, NOW)
        assert next_reference(session, NOW.replace(year=2027)) == "LW-2027-000001"


def test_a_lease_excludes_until_it_expires(database: Database) -> None:
    """One owner holds a lease and may renew it; another gets it once it expired or was given back."""
    duration = timedelta(seconds=10)

    def hold(owner: str, seconds: float) -> bool:
        with database.transaction() as session:
            return hold_lease(session, "scheduler", owner, NOW + timedelta(seconds=seconds), duration)

    assert hold("a", 0)
    assert not hold("b", 9.9)
    assert hold("a", 9.9)
    assert not hold("b", 19.8)
    assert hold("b", 19.9)
    assert not hold("a", 20)
    with database.transaction() as session:
        release_lease(session, "scheduler", "a")
    assert not hold("a", 20)
    with database.transaction() as session:
        release_lease(session, "scheduler", "b")
    assert hold("a", 20)


def test_one_of_many_gets_the_lease(database: Database) -> None:
    """Of several processes that ask at the same moment exactly one is told yes."""
    winners: list[int] = []

    def ask(number: int) -> None:
        with database.transaction() as session:
            if hold_lease(session, "scheduler", f"p{number}", NOW, timedelta(minutes=1)):
                winners.append(number)

    together(ask)
    assert len(winners) == 1


def test_moments_come_back_as_they_were(database: Database) -> None:
    """A moment of any time zone comes back as the same moment in UTC, to the microsecond."""
    moment = datetime(2026, 3, 29, 1, 30, 0, 123456, tzinfo=timezone(timedelta(hours=5, minutes=45)))
    with database.transaction() as session:
        add_source(session, name="s", connector="folder", config={}, poll_seconds=None, now=moment)
    with database.read() as session:
        back = source_named(session, "s").created_at
    assert back == moment
    assert back.tzinfo is UTC


def test_a_naive_moment_is_refused(database: Database) -> None:
    """A time without a zone is not stored, since nobody could say when it was."""
    naive = NOW.replace(tzinfo=None)
    with pytest.raises(StatementError, match="naive"), database.transaction() as session:
        session.add(Source(name="s", connector="folder", config={}, created_at=naive))


def test_ids_follow_time(database: Database) -> None:
    """Ids made later sort later, on which keyset pagination relies."""
    ids = [new_id() for _ in range(1000)]
    assert ids == sorted(ids)
    assert utc_now().tzinfo is UTC
    assert isinstance(database.engine, Engine)
