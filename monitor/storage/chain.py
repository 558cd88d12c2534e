"""Tables that hold a hash-chained log (`monitor.hashchain`)."""

from __future__ import annotations

from dataclasses import asdict, fields
from datetime import datetime
from typing import Any

from sqlalchemy import String, Text, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from monitor import hashchain
from monitor.hashchain import ChainedEntry


class Chained:
    """Mixin: the columns of a chained entry."""

    seq: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    at: Mapped[datetime]
    actor: Mapped[str] = mapped_column(String(128), index=True)
    action: Mapped[str] = mapped_column(String(64))
    item: Mapped[str] = mapped_column(String(255))
    digest: Mapped[str] = mapped_column(String(128))
    note: Mapped[str] = mapped_column(Text)
    prev_hash: Mapped[str] = mapped_column(String(64))
    hash: Mapped[str] = mapped_column(String(64))

    def entry(self) -> ChainedEntry:
        """The row as the chain's functions take it."""
        return ChainedEntry(*(getattr(self, field.name) for field in fields(ChainedEntry)))


def append_row(
    session: Session, table: type[Any], key: dict[str, Any], *, at: datetime, **entry: str
) -> ChainedEntry:
    """Add the next line to the chain that `key` picks. The caller holds the lock that orders writers."""
    last = session.scalars(
        select(table).filter_by(**key).order_by(table.seq.desc()).limit(1),
        execution_options={"populate_existing": True},
    ).first()
    line = hashchain.append(last.entry() if last else None, at=at, **entry)
    session.add(table(**key, **asdict(line)))
    session.flush()
    return line
