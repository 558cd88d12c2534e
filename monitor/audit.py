"""The audit log: who did what, in a chain that shows any later change."""

from __future__ import annotations

from contextlib import closing
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from monitor.hashchain import ChainedEntry, verify_chain
from monitor.storage.audit import AuditEvent
from monitor.storage.chain import append_row
from monitor.storage.coordination import lock_counter


def record(
    session: Session, *, now: datetime, actor: str, action: str, item: str = "", note: str = ""
) -> ChainedEntry:
    """Add a line. Ids and reasons only: never content, never a secret."""
    lock_counter(session, "audit")
    return append_row(session, AuditEvent, {}, at=now, actor=actor, action=action, item=item, note=note)


def first_altered(session: Session) -> int | None:
    """The number of the first line that is not as it was written, None when all are."""
    lines = select(AuditEvent).order_by(AuditEvent.seq).execution_options(yield_per=1000)
    with closing(session.scalars(lines)) as rows:  # the check may end before the rows do
        return verify_chain(row.entry() for row in rows)
