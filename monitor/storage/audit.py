"""The audit log's table: append-only, chained by hash."""

from __future__ import annotations

from sqlalchemy import String, Text
from sqlalchemy.orm import Mapped, mapped_column

from monitor.storage.base import Base


class AuditEvent(Base):
    """Who did what to what, when and why. Ids and counts, never content."""

    __tablename__ = "audit_event"

    seq: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    at: Mapped[str] = mapped_column(String(40), comment="As it was hashed.")
    actor: Mapped[str] = mapped_column(String(128), index=True)
    action: Mapped[str] = mapped_column(String(32))
    item: Mapped[str] = mapped_column(String(255), index=True)
    digest: Mapped[str] = mapped_column(String(128))
    note: Mapped[str] = mapped_column(Text)
    prev_hash: Mapped[str] = mapped_column(String(64))
    hash: Mapped[str] = mapped_column(String(64))
