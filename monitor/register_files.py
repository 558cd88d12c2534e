"""The files of digests in the data folder, one for each generation in use.

A file is written once under its generation's id and never changed; who has it open keeps it when it is
removed.
"""

from __future__ import annotations

import shutil
import time
from collections.abc import Iterable, Iterator
from pathlib import Path
from uuid import UUID

import structlog
from sqlalchemy import select

from detectors.register import match
from detectors.register.fields import key_id
from detectors.register.table import Header, RegisterFileUnusable, Table
from monitor.core import Core
from monitor.errors import InvalidInput, LeakwatchError
from monitor.storage.register import ENDING, Register, RegisterGeneration, all_registers
from monitor.vault import Sealed
from monitor.writeonce import TEMPORARY_PREFIX, make_private_directory, new_file

ORPHAN_SECONDS = 3600

log = structlog.get_logger()


def copy_in(core: Core, source: Path, name: str) -> None:
    """Copy a file of digests into the data folder and check the copy whole.

    Raises InvalidInput or RegisterFileUnusable, and leaves nothing behind then.
    """
    target = core.settings.register_dir / name
    try:
        make_private_directory(target.parent)
        with source.open("rb") as reading, new_file(target) as writing:
            shutil.copyfileobj(reading, writing, 1 << 20)
    except OSError as error:
        raise InvalidInput(f"{source} cannot be copied to {target.parent}: {error.strerror}.") from None
    try:
        Table.open(target).check()
    except RegisterFileUnusable:
        target.unlink()
        raise


def opened(path: Path) -> Table:
    """A file of digests. Raises InvalidInput or RegisterFileUnusable."""
    try:
        return Table.open(path)
    except OSError as error:
        raise InvalidInput(f"{path} cannot be read: {error.strerror}.") from None


def made_with(table: Table, path: Path, key: bytes) -> Header:
    """What a file says of itself, if it was made with that key and holds anything. Raises InvalidInput."""
    header = table.header
    if header.key_id != key_id(key):
        raise InvalidInput(
            f"{path} was made with key {header.key_id}, but the key file holds {key_id(key)};"
            " give the file of the key that the digests were made with."
        )
    if not header.total:
        raise InvalidInput(f"{path} holds no digest at all; make it again from the list.")
    return header


def register_of_file(path: Path, key: bytes, kind: match.RegisterKind) -> match.Register:
    """A file of digests where it lies, under its own name. Raises InvalidInput or RegisterFileUnusable."""
    table = opened(path)
    table.check()
    header = made_with(table, path, key)
    return match.Register(
        name=path.stem,
        kind=kind,
        organisation=None,
        system=None,
        generation=1,
        key_id=header.key_id,
        stamp=header.sha256,
        key=key,
        table=table,
    )


def live_registers(core: Core) -> tuple[match.Register, ...]:
    """Every generation in use. One whose file or key cannot be had is there without its table."""
    with core.database.read() as session:
        rows = [(row, list(row.generations)) for row in all_registers(session)]
    return tuple(_opened(core, row, generation) for row, generations in rows for generation in generations)


def remove_files(core: Core, names: Iterable[str]) -> None:
    """Remove files that no generation needs any more."""
    for name in names:
        (core.settings.register_dir / name).unlink(missing_ok=True)


def sweep_registers(core: Core) -> int:
    """Remove files that no generation knows, once they are an hour old; how many."""
    with core.database.read() as session:
        known = {f"{each}{ENDING}" for each in session.scalars(select(RegisterGeneration.id))}
    old = [path for path in _files(core) if path.name not in known and _age(path) > ORPHAN_SECONDS]
    remove_files(core, [path.name for path in old])
    return len(old)


def key_context(generation_id: UUID) -> bytes:
    """What a generation's key is sealed for."""
    return b"register_generation:" + str(generation_id).encode()


def _opened(core: Core, row: Register, generation: RegisterGeneration) -> match.Register:
    key, table = b"", None
    try:
        sealed = Sealed(generation.key_ciphertext, generation.key_wrapped)
        key = core.vault.decrypt(sealed, context=key_context(generation.id))
        table = Table.open(core.settings.register_dir / generation.file_name)
    except (OSError, RegisterFileUnusable, LeakwatchError) as error:
        log.error("register_unusable", register=row.name, error=type(error).__name__)
    return match.Register(
        name=row.name,
        kind=row.kind,
        organisation=row.organisation,
        system=row.system,
        generation=generation.number,
        key_id=generation.key_id,
        stamp=generation.sha256,
        key=key,
        table=table,
    )


def _files(core: Core) -> Iterator[Path]:
    for pattern in (f"*{ENDING}", f"{TEMPORARY_PREFIX}*"):
        yield from core.settings.register_dir.glob(pattern)


def _age(path: Path) -> float:
    try:
        return time.time() - path.stat().st_mtime
    except FileNotFoundError:  # somebody else removed it
        return 0.0
