"""A real PostgreSQL for the tests: own data folder, free loopback port, unprivileged even under root."""

from __future__ import annotations

import os
import pwd
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from pathlib import Path
from typing import Any

import psycopg
from psycopg import sql

START_SECONDS = 30

SCHEMA = """
select md5(string_agg(concat_ws(' ', version_num, relname, relkind, attname, atttypid, attnotnull, atthasdef,
                                (select count(*) from pg_trigger where tgrelid = c.oid and tgenabled = 'O')),
                      ',' order by c.oid, attnum))
from pg_class c join pg_attribute on attrelid = c.oid, alembic_version
where relnamespace = 'public'::regnamespace
"""
"""A digest of all tables, indexes, columns, triggers and the revision; null where there is no revision."""

END_OTHERS = """
select pg_terminate_backend(pid, 5000) from pg_stat_activity
where datname = current_database() and pid <> pg_backend_pid()
"""

EMPTY = """
do $$
declare name text;
begin
    set local session_replication_role = replica;
    for name in select tablename from pg_tables where schemaname = 'public' loop
        if name <> 'alembic_version' then execute format('delete from %I', name); end if;
    end loop;
end $$
"""
"""Deletes every row, without asking foreign keys for the order."""


class Postgres:
    """One server, started by the constructor and ended by `close`; every database in it is disposable."""

    def __init__(self, programs: Path) -> None:
        self._programs = programs
        self._folder = Path(tempfile.mkdtemp(prefix="leakwatch-pg-"))
        self._account = _unprivileged_account(self._folder)
        self._port = _free_port()
        self._process = self._start()
        self._wait_until_ready()
        self._count = 0
        self._free: list[str] = []
        self._schema: object = None

    def url(self, database: str = "postgres") -> str:
        """The SQLAlchemy URL of one database."""
        return f"postgresql+psycopg://postgres@127.0.0.1:{self._port}/{database}"

    def create(self, template: str | None = None) -> str:
        """A new database, a copy of `template` where one is given; returns its name."""
        self._count += 1
        name = f"test_{self._count}"
        statement = sql.SQL("create database {} template {}").format(
            sql.Identifier(name), sql.Identifier(template or "template0")
        )
        self._execute(statement)
        return name

    def drop(self, name: str) -> None:
        """Drop a database, ending whatever still uses it."""
        self._execute(sql.SQL("drop database {} with (force)").format(sql.Identifier(name)))

    def lend(self, template: str) -> str:
        """A copy of `template`, which has tables and no rows: one that came back, else a new one."""
        if self._free:
            return self._free.pop()
        name = self.create(template)
        with psycopg.connect(self._address(name)) as connection:
            self._schema = self._schema or connection.execute(SCHEMA).fetchone()
        return name

    def take_back(self, name: str) -> None:
        """Empty what was lent and keep it, far less work than a copy; drop it where its schema changed."""
        with psycopg.connect(self._address(name), autocommit=True) as connection:
            connection.execute(END_OTHERS)
            whole = connection.execute(SCHEMA).fetchone() == self._schema
            if whole:
                connection.execute(EMPTY)
        if whole:
            self._free.append(name)
        else:
            self.drop(name)

    def close(self) -> None:
        """End the server at once and remove its data."""
        self._process.send_signal(signal.SIGINT)
        self._process.wait(20)
        shutil.rmtree(self._folder)

    def _execute(self, statement: sql.Composed) -> None:
        with psycopg.connect(self._address(), autocommit=True) as connection:
            connection.execute(statement)

    def _address(self, database: str = "postgres") -> str:
        return f"host=127.0.0.1 port={self._port} user=postgres dbname={database}"

    def _start(self) -> subprocess.Popen[bytes]:
        data = self._folder / "data"
        initdb = [self._programs / "initdb", "-D", data, "-U", "postgres", "-A", "trust", "-E", "UTF8"]
        subprocess.run(
            [*initdb, "--locale=C.UTF-8", "--no-sync"],
            check=True,
            capture_output=True,
            cwd=self._folder,
            **self._account,
        )
        quick = ["fsync=off", "synchronous_commit=off", "full_page_writes=off", "max_connections=200"]
        options = [word for option in ("listen_addresses=127.0.0.1", *quick) for word in ("-c", option)]
        with (self._folder / "log").open("wb") as log:
            return subprocess.Popen(
                [
                    self._programs / "postgres",
                    "-D",
                    data,
                    "-p",
                    str(self._port),
                    "-k",
                    self._folder,
                    *options,
                ],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                cwd=self._folder,
                **self._account,
            )

    def _wait_until_ready(self) -> None:
        deadline = time.monotonic() + START_SECONDS
        while time.monotonic() < deadline and self._process.poll() is None:
            try:
                psycopg.connect(self._address(), connect_timeout=2).close()
                return
            except psycopg.OperationalError:
                time.sleep(0.05)
        log = (self._folder / "log").read_text(errors="replace")
        self.close()
        raise RuntimeError(f"PostgreSQL did not start within {START_SECONDS} s; its log says:\n{log}")


def find_programs() -> Path | None:
    """The folder of `initdb` and `postgres`, the newest version first; None where there is no server."""
    packaged = Path("/usr/lib/postgresql").glob("*/bin/initdb")
    for initdb in sorted(packaged, key=lambda path: float(path.parts[-3]), reverse=True):
        return initdb.parent
    on_path = shutil.which("initdb")
    return Path(on_path).parent if on_path else None


def _unprivileged_account(folder: Path) -> dict[str, Any]:
    """Arguments that make a subprocess run unprivileged; initdb and postgres refuse to run as root."""
    if os.geteuid() != 0:
        return {}
    account = pwd.getpwnam("postgres")
    os.chown(folder, account.pw_uid, account.pw_gid)
    return {"user": account.pw_uid, "group": account.pw_gid, "extra_groups": []}


def _free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])
