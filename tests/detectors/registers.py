"""Registers made in memory for the tests: what an organisation would digest, and load."""

from __future__ import annotations

import io
from collections import defaultdict
from collections.abc import Iterable

from detectors.register.fields import Field, digest, key_id, message
from detectors.register.match import Register, RegisterKind
from detectors.register.table import Table, write_table

KEY = bytes(range(32))
Row = tuple[Field, tuple[str, ...]]


def table_of(rows: Iterable[Row], key: bytes = KEY) -> Table:
    """A table of these (field, parts), which are normalised already."""
    digests: dict[Field, bytearray] = defaultdict(bytearray)
    for field, parts in rows:
        digests[field] += digest(key, message(field, *parts))
    file = io.BytesIO()
    write_table(file, key_id=key_id(key), records=1, digests=digests)
    return Table(file.getvalue())


def register_of(
    *rows: Row, kind: RegisterKind = "patients", name: str = "pas", key: bytes = KEY, generation: int = 1
) -> Register:
    """A register in use that holds these rows."""
    table = table_of(rows, key)
    return Register(name, kind, "Test Trust", "PAS", generation, key_id(key), table.header.sha256, key, table)


def person(
    number: str = "", surname: str = "", born: str = "", postcode: str = "", local: str = ""
) -> list[Row]:
    """The rows of one person, from normalised values."""
    rows: list[Row] = [("number", (number,))] if number else []
    rows += [("surname_birth", (surname, born))] if surname and born else []
    rows += [("postcode_birth", (postcode, born))] if postcode and born else []
    return [*rows, ("hospital_number", (local,))] if local else rows
