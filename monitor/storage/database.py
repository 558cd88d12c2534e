"""The database: engine, transactions and schema version. SQLite and PostgreSQL, nothing between.

SQLite runs in WAL mode with foreign keys on. Its write transactions begin IMMEDIATE, so that two
writers wait for each other instead of failing in the middle (the driver's own default would take
the write lock late and then refuse).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, Engine, create_engine, event, make_url
from sqlalchemy.exc import ArgumentError, DatabaseError, DBAPIError
from sqlalchemy.orm import Session

from monitor.errors import ConfigurationError, DatabaseTooNew
from monitor.writeonce import make_private_directory

SUPPORTED = ("sqlite", "postgresql")
BUSY_TIMEOUT_MS = 30_000


class Database:
    """One database. `read()` gives a session that sees, `transaction()` one that writes and commits."""

    def __init__(self, url: str) -> None:
        self.engine = _engine(url)
        self._writing = self.engine.execution_options(leakwatch_writes=True)

    @contextmanager
    def read(self) -> Iterator[Session]:
        """A session for looking; whatever it holds is rolled back."""
        with Session(self.engine, expire_on_commit=False) as session:
            yield session

    @contextmanager
    def transaction(self) -> Iterator[Session]:
        """A session that commits at the end of the block, or not at all."""
        with Session(self._writing, expire_on_commit=False) as session, session.begin():
            yield session

    def revision(self) -> str | None:
        """The schema's revision, None for an empty database. Raises ConfigurationError."""
        try:
            with self.engine.connect() as connection:
                return MigrationContext.configure(connection).get_current_revision()
        except DatabaseError as error:
            raise ConfigurationError(_unreachable(self.engine, error)) from None

    def require_current(self) -> None:
        """Raise unless the schema is the one this leakwatch was written for."""
        current = self.revision()
        if current == head_revision():
            return
        _refuse_newer(current)
        raise ConfigurationError("The database is not up to date; run 'leakwatch db upgrade'.")

    def upgrade(self) -> tuple[str | None, str]:
        """Bring the schema up to date; returns (from, to). Raises DatabaseTooNew."""
        before = self.revision()
        _refuse_newer(before)
        config = migration_config()
        with self._writing.begin() as connection:
            config.attributes["connection"] = connection
            command.upgrade(config, "head")
        return before, head_revision()

    def close(self) -> None:
        """Close every connection."""
        self.engine.dispose()


def migration_config() -> Config:
    """Alembic's configuration, from the source tree or from inside the installed package."""
    installed = Path(__file__).parent / "migrations"
    in_tree = Path(__file__).parents[2] / "alembic"
    config = Config()
    config.set_main_option("script_location", str(installed if installed.is_dir() else in_tree))
    return config


def head_revision() -> str:
    """The schema revision this leakwatch was written for."""
    head = ScriptDirectory.from_config(migration_config()).get_current_head()
    assert head is not None
    return head


def _refuse_newer(revision: str | None) -> None:
    if revision is None:
        return
    known = {script.revision for script in ScriptDirectory.from_config(migration_config()).walk_revisions()}
    if revision not in known:
        raise DatabaseTooNew(
            f"The database has schema {revision}, which this leakwatch does not know;"
            " it was written by a newer version: install that version, or restore a backup."
        )


def _engine(url: str) -> Engine:
    try:
        parsed = make_url(url)
    except ArgumentError:
        raise ConfigurationError("The setting database_url is not a database URL.") from None
    name = parsed.get_backend_name()
    if name not in SUPPORTED:
        raise ConfigurationError(f"The setting database_url names {name}; use sqlite or postgresql.")
    if name == "postgresql":
        return create_engine(parsed.set(drivername="postgresql+psycopg"), pool_size=20, pool_pre_ping=True)
    if parsed.database:
        _make_folder(Path(parsed.database).parent)
    engine = create_engine(parsed, connect_args={"timeout": BUSY_TIMEOUT_MS / 1000}, pool_size=20)
    event.listen(engine, "connect", _prepare_sqlite)
    event.listen(engine, "begin", _begin_sqlite)
    return engine


def _make_folder(folder: Path) -> None:
    try:
        make_private_directory(folder)
    except OSError as error:
        raise ConfigurationError(
            f"The database's folder {folder} cannot be made: {error.strerror};"
            " set LEAKWATCH_DATA_DIR or LEAKWATCH_DATABASE_URL."
        ) from None


def _prepare_sqlite(connection: Any, _record: object) -> None:
    connection.isolation_level = None  # the driver must not begin transactions by itself
    for pragma in ("journal_mode=WAL", "foreign_keys=ON", "synchronous=FULL", "secure_delete=ON"):
        connection.execute(f"PRAGMA {pragma}")


def _begin_sqlite(connection: Connection) -> None:
    writes = connection.get_execution_options().get("leakwatch_writes")
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")


def _unreachable(engine: Engine, error: DBAPIError) -> str:
    where = engine.url.render_as_string(hide_password=True)
    reason = re.sub(r"\s+", " ", str(error.orig)).strip()
    return f"The database {where} cannot be opened: {reason}."
