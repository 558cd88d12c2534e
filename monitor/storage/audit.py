"""The audit log's table: append-only, chained by hash."""

from __future__ import annotations

from monitor.storage.base import Base
from monitor.storage.chain import Chained


class AuditEvent(Chained, Base):
    """Who did what to what, when and why. Ids and counts, never content."""

    __tablename__ = "audit_event"
