"""The audit log."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query, Request

from api.auth.keys import needs
from api.deps import CoreDep
from api.pagination import decode_number, page
from api.schemas.audit import AuditLine, AuditPage
from api.schemas.query import AuditQuery
from monitor.audit import first_altered
from monitor.storage.audit import audit_events

router = APIRouter(prefix="/audit", tags=["audit"])


@router.get("", openapi_extra=needs("audit:read"))
def read_audit_log(request: Request, core: CoreDep, query: Annotated[AuditQuery, Query()]) -> AuditPage:
    """Read the audit log, newest first, and whether any line was changed since it was written."""
    with core.database.read() as session:
        events = audit_events(session, before=decode_number(query.cursor), limit=query.limit + 1)
        altered = first_altered(session) if query.verify else None
    lines = page(request, events, query.limit, lambda event: event.seq, AuditLine.of)
    return AuditPage(
        items=lines.items,
        next=lines.next,
        verified=altered is None if query.verify else None,
        first_altered=altered,
    )
