"""What `leakwatch doctor` looks at. Each check is a function that says what it found and how to mend it."""

from __future__ import annotations

import importlib.metadata
import platform
import re
import shutil
import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import closing
from dataclasses import dataclass
from typing import Literal

from connectors.base import ConnectorError
from connectors.registry import CONNECTORS
from detectors.media import libreoffice
from detectors.ocr import available_engines
from detectors.register.table import RegisterFileUnusable, Table
from monitor import __version__
from monitor.errors import ConfigurationError
from monitor.fingerprints.keeper import index_states, is_stale
from monitor.settings import Settings, load_settings
from monitor.sources import build_connector
from monitor.storage import source as sources
from monitor.storage.base import utc_now
from monitor.storage.database import Database, head_revision
from monitor.storage.known_image import latest_change
from monitor.storage.register import all_registers
from monitor.storage.setting import MASTER_KEY_ID, fact
from monitor.vault import Vault, load_key

State = Literal["ok", "note", "failed"]
LOW_DISK_GB = 2


@dataclass(frozen=True, slots=True)
class Check:
    """One thing looked at. "failed" must be mended; a "note" is for knowing."""

    name: str
    state: State
    detail: str
    mend: str | None = None


def diagnose() -> list[Check]:
    """Every check, in the order in which things are needed. Raises nothing."""
    checks = [_python(), *_packages()]
    try:
        settings = load_settings()
    except ConfigurationError as error:
        return [*checks, Check("settings", "failed", str(error), "Mend it; docs/settings.md describes each.")]
    for look in CHECKS:
        checks += look(settings)
    return checks


def _python() -> Check:
    found = f"{platform.python_version()} on {platform.platform()}; leakwatch {__version__}"
    good = sys.version_info >= (3, 11)
    return Check("python", "ok" if good else "failed", found, None if good else "Install Python 3.11.")


def _packages() -> Iterator[Check]:
    """Every package that leakwatch names as its own need, as its installation tells; extras are a choice."""
    needed = [each for each in importlib.metadata.requires("leakwatch") or [] if "extra ==" not in each]
    for name in sorted(map(_name_of, needed)):
        try:
            yield Check(name, "ok", importlib.metadata.version(name))
        except importlib.metadata.PackageNotFoundError:
            yield Check(name, "failed", "not installed", "Run scripts/install.")


def _name_of(requirement: str) -> str:
    """The package that a requirement names (PEP 508): "praw>=8.0" is praw."""
    return re.split(r"[^A-Za-z0-9._-]", requirement, maxsplit=1)[0]


def _data_dir(settings: Settings) -> Iterator[Check]:
    folder = settings.data_dir.resolve()
    try:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        probe = folder / ".doctor"
        probe.touch()
        probe.unlink()
    except OSError as error:
        mend = "Give this account the folder, or set LEAKWATCH_DATA_DIR."
        yield Check("data folder", "failed", f"{folder}: {error.strerror}", mend)
        return
    free = shutil.disk_usage(folder).free / 1e9
    low = free < LOW_DISK_GB
    detail = f"{folder}, {free:.0f} GB free"
    yield Check("data folder", "note" if low else "ok", detail, "Free some space." if low else None)


def _master_key(settings: Settings) -> Iterator[Check]:
    path = settings.resolved_master_key_file
    if not path.exists():
        yield Check("master key", "note", f"{path} is not there yet", "It is made at the first start.")
        return
    try:
        key_id = Vault(load_key(path)).key_id
    except ConfigurationError as error:
        yield Check("master key", "failed", str(error), "Restore it from its backup, or mend its mode.")
        return
    yield Check("master key", "ok", f"{path} (id {key_id}); keep a backup of it elsewhere")


def _database(settings: Settings) -> Iterator[Check]:
    try:
        with closing(Database(settings.resolved_database_url)) as database:
            yield from _content(settings, database)
    except ConfigurationError as error:
        yield Check("database", "failed", str(error), "Check LEAKWATCH_DATABASE_URL.")


def _content(settings: Settings, database: Database) -> Iterator[Check]:
    where = database.engine.url.render_as_string(hide_password=True)
    if database.revision() is None:
        yield Check("database", "note", f"{where} is empty", "Run: leakwatch db upgrade")
        return
    database.require_current()
    yield Check("database", "ok", f"{where}, schema {head_revision()}")
    yield from _key_of_database(settings, database)
    yield from _sources(settings, database)
    yield from _registers(settings, database)
    yield from _indexes(database)


def _indexes(database: Database) -> Iterator[Check]:
    """The indexes of known pictures in the running processes, as these told the database."""
    now = utc_now()
    with database.read() as session:
        known = latest_change(session)
        for state in index_states(session, now):
            detail = f"{state.kind}, {state.entries} pictures, change {state.generation} of {known}"
            stale = is_stale(session, state, now)
            mend = "Restart that process; its log says why it stopped following." if stale else None
            yield Check(f"index of {state.process}", "failed" if stale else "ok", detail, mend)


def _key_of_database(settings: Settings, database: Database) -> Iterator[Check]:
    """Whether the key is the one the database was made under; that a key is unusable is told elsewhere."""
    path = settings.resolved_master_key_file
    with database.read() as session:
        known = fact(session, MASTER_KEY_ID)
    try:
        found = Vault(load_key(path)).key_id if path.exists() else "not there"
    except ConfigurationError:
        return
    if known is not None and found != known:
        detail = f"it was made under master key {known}, but {path} is {found}"
        mend = "Restore the former key's file, or set LEAKWATCH_MASTER_KEY_FILE."
        yield Check("key of the database", "failed", detail, mend)


def _sources(settings: Settings, database: Database) -> Iterator[Check]:
    with database.read() as session:
        configured = sources.all_sources(session)
    if not configured:
        yield Check("sources", "note", "none", "Add one: leakwatch source add --help")
    for source in configured:
        name = f"source {source.name}"
        try:
            build_connector(settings, source).close()
        except ConnectorError as error:
            yield Check(
                name, "failed", str(error), f"docs/connectors/{source.connector}.md tells what it needs."
            )
        else:
            yield Check(name, "ok", f"{source.connector}; 'leakwatch source test {source.name}' tries it")


def _registers(settings: Settings, database: Database) -> Iterator[Check]:
    """Whether the digests of each register are where its row says."""
    with database.read() as session:
        rows = [(row, list(row.generations)) for row in all_registers(session)]
    for row, generations in rows:
        try:
            tables = [Table.open(settings.register_dir / each.file_name) for each in generations]
        except (OSError, RegisterFileUnusable):
            mend = "Restore the folder 'registers' from its backup, or load the register again."
            yield Check(f"register {row.name}", "failed", "its file of digests cannot be read", mend)
        else:
            keys = ", ".join(table.header.key_id for table in tables)
            yield Check(f"register {row.name}", "ok", f"{row.kind}, key {keys}")


def _engines(settings: Settings) -> Iterator[Check]:
    known = available_engines()
    for name, version in known.items():
        usable = version[:1].isdigit()
        wanted = settings.ocr_engine == name
        state: State = "ok" if usable else "failed" if wanted else "note"
        yield Check(f"OCR engine {name}", state, version, None if usable else "See docs/install.md.")
    yield Check("OCR engine in use", "ok", settings.ocr_engine)


def _office(settings: Settings) -> Iterator[Check]:
    version = libreoffice.version()
    if not settings.use_libreoffice:
        yield Check("office documents", "ok", "by their words; LibreOffice is switched off")
    elif version:
        yield Check("office documents", "ok", f"as pages, drawn by LibreOffice ({version})")
    else:
        mend = "docs/install.md tells how to add LibreOffice: pages as people see them, and DOC, XLS, PPT."
        yield Check("office documents", "note", "by their words; LibreOffice is not installed", mend)


def _credentials(settings: Settings) -> Iterator[Check]:
    for kind in CONNECTORS.values():
        if kind.credentials is not None and getattr(settings, kind.name, None) is None:
            mend = f"Only for {kind.name} sources: docs/connectors/{kind.name}.md."
            yield Check(f"{kind.name} credentials", "note", "not set", mend)


def _numbers(settings: Settings) -> Iterator[Check]:
    if settings.accept_unissued_numbers:
        detail = "never-issued (test) numbers count as patients"
        yield Check("test numbers", "note", detail, "For demo and benchmarks only: unset it in service.")
    else:
        yield Check("test numbers", "ok", "never-issued numbers count as no patient")


CHECKS: tuple[Callable[[Settings], Iterable[Check]], ...] = (
    _data_dir,
    _master_key,
    _database,
    _engines,
    _office,
    _credentials,
    _numbers,
)
