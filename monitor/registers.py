"""Loading registers from files of digests; replacing and rotating them without a gap.

Each step happens whole or not at all, and may be the last before a death:

1. The file is copied into the data folder under the new generation's own name, and checked there.
2. One transaction makes the generation known, retires what it replaces, and writes the audit line.
3. The retired files are removed. What a death left behind is swept an hour later.

Whoever examines reads the rows anew for each post, so a new generation is in use from the next one on.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from detectors.register.fields import FIELDS
from detectors.register.match import RegisterKind
from detectors.register.table import Header
from monitor import audit
from monitor.core import Core
from monitor.errors import Conflict, InvalidInput
from monitor.register_files import copy_in, key_context, made_with, opened, remove_files
from monitor.storage.base import new_id
from monitor.storage.coordination import lock_counter
from monitor.storage.register import ENDING, Register, RegisterGeneration, register_named
from monitor.vault import Vault

COMPLETE = 0.95
"""A generation takes over from one under another key when it has this share of its digests in every field."""
SHRUNK = 0.5
"""A generation with fewer than this share of the records of the one before is taken only when forced."""


@dataclass(frozen=True, slots=True)
class NewDigests:
    """A file of digests to load, and the key it was made with. `force`: also when it is much smaller."""

    path: Path
    key: bytes = field(repr=False)
    force: bool = False


@dataclass(frozen=True, slots=True)
class About:
    """What is said of a register; all but the name may be left out later. It holds patients unless said."""

    name: str
    kind: RegisterKind | None = None
    organisation: str | None = None
    system: str | None = None


def load_register(core: Core, about: About, new: NewDigests, actor: str) -> Register:
    """Load a register, or its next generation under the same key.

    Raises InvalidInput, Conflict, and RegisterFileUnusable when the file holds no digests.
    """
    header = _header(core, new)
    with core.database.read() as session:
        _require_loadable(_named(session, about.name), about, header, force=new.force)
    generation = new_id()
    copy_in(core, new.path, _file_of(generation))
    with core.database.transaction() as session:
        lock_counter(session, "register")
        register = _named(session, about.name)
        _require_loadable(register, about, header, force=new.force)
        register = _described(session, register, about, core.now())
        gone = _take(core, register, generation, header, new.key)
        note = f"{header.records} records, key {header.key_id}"
        audit.record(
            session, now=core.now(), actor=actor, action="register.load", item=register.name, note=note
        )
    remove_files(core, gone)
    return register


def rotate_register(core: Core, name: str, new: NewDigests, actor: str) -> Register:
    """Load a generation under another key. The old one stays in use until the new one is complete.

    Raises NotFound, InvalidInput, and RegisterFileUnusable when the file holds no digests.
    """
    header = _header(core, new)
    with core.database.read() as session:
        _require_rotatable(register_named(session, name), header, force=new.force)
    generation = new_id()
    copy_in(core, new.path, _file_of(generation))
    with core.database.transaction() as session:
        lock_counter(session, "register")
        register = register_named(session, name)
        _require_rotatable(register, header, force=new.force)
        gone = _take(core, register, generation, header, new.key)
        note = f"{header.records} records, key {header.key_id}"
        audit.record(
            session, now=core.now(), actor=actor, action="register.rotate", item=register.name, note=note
        )
    remove_files(core, gone)
    return register


def finish_rotation(core: Core, name: str, actor: str) -> Register:
    """Retire all generations but the newest, complete or not. Raises NotFound."""
    with core.database.transaction() as session:
        lock_counter(session, "register")
        register = register_named(session, name)
        gone = _retire(register, register.generations[:-1])
        audit.record(session, now=core.now(), actor=actor, action="register.finish", item=name)
    remove_files(core, gone)
    return register


def remove_register(core: Core, name: str, actor: str) -> None:
    """Forget a register: its keys and its digests. What it matched stays as it is. Raises NotFound."""
    with core.database.transaction() as session:
        lock_counter(session, "register")
        register = register_named(session, name)
        gone = [generation.file_name for generation in register.generations]
        session.delete(register)
        audit.record(session, now=core.now(), actor=actor, action="register.remove", item=name)
    remove_files(core, gone)


def _header(core: Core, new: NewDigests) -> Header:
    """What the file says of itself, if it was made with that key and holds anything."""
    if Vault(new.key).key_id == core.vault.key_id:
        raise InvalidInput(
            "The key file holds leakwatch's own master key, which nobody else may have;"
            " make a key for the register: leakwatch register digest --new-key."
        )
    return made_with(opened(new.path), new.path, new.key)


def _require_loadable(register: Register | None, about: About, header: Header, *, force: bool) -> None:
    kind = about.kind or (register.kind if register else "patients")
    if kind == "canary" and not (about.system or (register and register.system)):
        raise InvalidInput("A canary register names the system its records stand in: give --system.")
    if register is None:
        return
    if register.kind != kind:
        raise Conflict(
            f"The register {about.name} is of kind {register.kind}, not {kind}; choose another name."
        )
    newest = register.generations[-1].key_id
    if newest != header.key_id:
        raise InvalidInput(
            f"The register {about.name} is under key {newest} and the file under {header.key_id};"
            " change its key with 'leakwatch register rotate'."
        )
    _refuse_shrunk(register.generations, header, force=force)


def _require_rotatable(register: Register, header: Header, *, force: bool) -> None:
    oldest = register.generations[0].key_id
    if oldest == header.key_id:
        raise InvalidInput(
            f"The register {register.name} is under key {oldest} already; a fresh list under the same key"
            " is loaded with 'leakwatch register load'."
        )
    _refuse_shrunk(register.generations, header, force=force)


def _named(session: Session, name: str) -> Register | None:
    return session.scalar(select(Register).where(Register.name == name))


def _described(session: Session, register: Register | None, about: About, now: datetime) -> Register:
    if register is None:
        register = Register(id=new_id(), name=about.name, kind=about.kind or "patients", created_at=now)
        session.add(register)
    register.organisation = about.organisation or register.organisation
    register.system = about.system or register.system
    return register


def _take(core: Core, register: Register, generation: UUID, header: Header, key: bytes) -> list[str]:
    """Make a generation known and retire those that it replaces; returns the names of their files."""
    live = list(register.generations)
    replaced = [each for each in live if each.key_id == header.key_id]
    others = [each for each in live if each.key_id != header.key_id]
    if all(_covers(header, each) for each in others):
        replaced += others
    sealed = core.vault.encrypt(key, context=key_context(generation))
    row = RegisterGeneration(
        id=generation,
        number=max((each.number for each in live), default=0) + 1,
        key_id=header.key_id,
        key_ciphertext=sealed.ciphertext,
        key_wrapped=sealed.wrapped_key,
        records=header.records,
        counts=dict(header.counts),
        sha256=header.sha256,
        loaded_at=core.now(),
    )
    register.generations.append(row)
    return _retire(register, replaced)


def _refuse_shrunk(live: Sequence[RegisterGeneration], header: Header, *, force: bool) -> None:
    before = max((each.records for each in live if each.key_id == header.key_id), default=0)
    if header.records < SHRUNK * before and not force:
        raise InvalidInput(
            f"These digests are of {header.records:,} records and those in use of {before:,};"
            " if the list is whole, say --force."
        )


def _covers(header: Header, old: RegisterGeneration) -> bool:
    return all(header.counts[name] >= COMPLETE * old.counts.get(name, 0) for name in FIELDS)


def _retire(register: Register, generations: Iterable[RegisterGeneration]) -> list[str]:
    gone = list(generations)
    for generation in gone:
        register.generations.remove(generation)
    return [generation.file_name for generation in gone]


def _file_of(generation: UUID) -> str:
    return f"{generation}{ENDING}"
