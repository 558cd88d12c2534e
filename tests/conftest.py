"""What every test may use: real services, a fresh database of either kind, and the rules of a run."""

from __future__ import annotations

import contextlib
import os
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import hypothesis
import pytest

from monitor.settings import PREFIX
from monitor.storage.base import Base
from monitor.storage.database import Database
from tests.services.parts import chromium_path, in_ci, require_parts
from tests.services.postgres import Postgres, find_programs

if TYPE_CHECKING:
    from playwright.sync_api import Browser

hypothesis.settings.register_profile("local", deadline=None)
hypothesis.settings.register_profile("ci", deadline=None, derandomize=True)
hypothesis.settings.load_profile("ci" if in_ci() else "local")

RECORDINGS = "LEAKWATCH_RECORDINGS"
"""Names a folder for tests, and is no setting."""

QUIET_CHROMIUM = ("--disable-background-networking", "--disable-component-update", "--disable-sync")


def pytest_configure() -> None:
    """Forget the settings of whoever runs the tests: each test makes its own.

    Bytecode is kept whatever the environment says: a run starts many processes, and each would compile
    the tests and the libraries anew.
    """
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
    sys.dont_write_bytecode = False
    for name in [name for name in os.environ if name.startswith(PREFIX) and name != RECORDINGS]:
        del os.environ[name]


def pytest_runtest_setup(item: pytest.Item) -> None:
    """Refuse or skip a test whose part of the machine is missing."""
    require_parts(item)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """End the run with every skipped test and why."""
    skipped = terminalreporter.stats.get("skipped", [])
    if skipped:
        terminalreporter.section(f"{len(skipped)} skipped")
    for report in skipped:
        reason = report.longrepr[2] if isinstance(report.longrepr, tuple) else str(report.longrepr)
        terminalreporter.write_line(f"{report.nodeid}: {reason.removeprefix('Skipped: ')}")


@pytest.fixture(scope="session")
def postgres() -> Iterator[Postgres]:
    """A PostgreSQL server, one for each test process, started when the first test asks for it."""
    programs = find_programs()
    assert programs is not None, "tests that use PostgreSQL carry the marker needs_postgres"
    server = Postgres(programs)
    yield server
    server.close()


@pytest.fixture(scope="session")
def postgres_template(postgres: Postgres) -> str:
    """The name of a migrated database without rows, from which the tests' own are copied."""
    name = postgres.create()
    _migrate(postgres.url(name))
    return name


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A migrated SQLite file without rows, from which the tests' own are copied."""
    file = tmp_path_factory.mktemp("sqlite") / "template.db"
    _migrate(f"sqlite:///{file}")
    return file


BOTH = [pytest.param("sqlite"), pytest.param("postgresql", marks=pytest.mark.needs_postgres)]


@pytest.fixture(params=BOTH)
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """The URL of a migrated database without rows; the test runs once on SQLite and once on PostgreSQL."""
    yield from _database(request, tmp_path)


@pytest.fixture(scope="module", params=BOTH)
def shared_database(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[str, Database]]:
    """As `database_url`, one for a module: copying one costs more than most tests do."""
    for url in _database(request, tmp_path_factory.mktemp("shared")):
        with contextlib.closing(Database(url)) as database:
            yield url, database


@pytest.fixture
def emptied_database(shared_database: tuple[str, Database]) -> str:
    """The module's database without rows: modules of many short tests make it their `database_url`."""
    url, database = shared_database
    with database.transaction() as session:
        for table in reversed(Base.metadata.sorted_tables):
            session.execute(table.delete())
    return url


@pytest.fixture(params=BOTH)
def empty_database_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """The URL of a database without any table, of either kind: for the migrations themselves."""
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path / 'leakwatch.db'}"
        return
    yield from _postgres_database(request, None)


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    """A real browser without background traffic of its own, one for each module of tests.

    Not one for the whole run: while it is open, this thread has a running event loop, in which no other
    module's `asyncio.run` would work.
    """
    from playwright.sync_api import sync_playwright

    arguments = [*QUIET_CHROMIUM, *(["--no-sandbox"] if os.geteuid() == 0 else [])]
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium_path(), args=arguments)
        yield browser
        browser.close()


def _database(request: pytest.FixtureRequest, folder: Path) -> Iterator[str]:
    if request.param == "sqlite":
        template: Path = request.getfixturevalue("sqlite_template")
        yield f"sqlite:///{shutil.copy(template, folder / 'leakwatch.db')}"
        return
    yield from _postgres_database(request, request.getfixturevalue("postgres_template"))


def _postgres_database(request: pytest.FixtureRequest, template: str | None) -> Iterator[str]:
    server: Postgres = request.getfixturevalue("postgres")
    name = server.lend(template) if template else server.create()
    yield server.url(name)
    if template:
        server.take_back(name)
    else:
        server.drop(name)


def _migrate(url: str) -> None:
    with contextlib.closing(Database(url)) as database:
        database.upgrade()
