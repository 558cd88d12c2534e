"""The audit log's table: append-only, chained by hash."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session

from monitor.storage.base import Base
from monitor.storage.chain import Chained


class AuditEvent(Chained, Base):
    """Who did what to what, when and why. Ids and counts, never content."""

    __tablename__ = "audit_event"


def audit_events(session: Session, *, before: int | None = None, limit: int = 50) -> Sequence[AuditEvent]:
    """Lines of the log, newest first, those with a number below `before` (keyset pagination)."""
    query = select(AuditEvent).order_by(AuditEvent.seq.desc()).limit(limit)
    return session.scalars(query.where(AuditEvent.seq < before) if before is not None else query).all()
