"""Insert unless it is there: the one statement the two databases spell differently."""

from __future__ import annotations

from typing import Any

from sqlalchemy import inspect
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from monitor.storage.base import Base


def insert_missing(session: Session, table: type[Base], values: dict[str, Any]) -> bool:
    """Insert a row; False, and nothing changed, when a unique key has it already."""
    dialect = session.get_bind().dialect.name
    insert = postgresql.insert(table) if dialect == "postgresql" else sqlite.insert(table)
    written = insert.values(values).on_conflict_do_nothing().returning(*inspect(table).primary_key)
    return session.execute(written).first() is not None
