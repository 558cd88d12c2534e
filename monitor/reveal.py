"""Revealing clear identifiers to a person who gave a reason: never without a trace.

The look, its line in the alert's custody log and its line in the audit log are one transaction: when
the lines cannot be written, nothing is shown.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from monitor import audit
from monitor.blobs import Blobs
from monitor.errors import InvalidInput
from monitor.evidence.custody import CustodyAction
from monitor.notes import checked_note
from monitor.storage.alert import Alert
from monitor.storage.evidence import get_evidence, take_custody
from monitor.storage.examination import Examination

REASON_LENGTH = 10
"""A reason shorter than this says nothing."""


@dataclass(frozen=True, slots=True)
class ClearValue:
    """One identifier as it stands in the evidence."""

    kind: str
    masked: str
    value: str = field(repr=False)
    valid: bool | None
    page: int


def reveal(
    session: Session, blobs: Blobs, alert: Alert, item_id: UUID, *, reason: str, actor: str, now: datetime
) -> list[ClearValue]:
    """The clear values of one `clear_findings` item. Raises InvalidInput, NotFound, EvidenceAltered."""
    reason = checked_note(reason)
    if len(reason) < REASON_LENGTH:
        raise InvalidInput(f"Give a reason of at least {REASON_LENGTH} characters; it goes into the log.")
    item = get_evidence(session, alert.id, "clear_findings", item_id)
    document = json.loads(blobs.read(session, item.blob_sha256))
    take_custody(
        session,
        alert.id,
        CustodyAction.VIEWED,
        now=now,
        actor=actor,
        item=item.kind,
        digest=item.blob_sha256,
        note=reason,
    )
    seen = f"{alert.reference}/{item.id}"
    audit.record(session, now=now, actor=actor, action="evidence.reveal", item=seen, note=reason)
    return _values(session, item.blob_sha256, document["values"])


def _values(session: Session, sha256: str, values: dict[str, str]) -> list[ClearValue]:
    examination = session.scalars(
        select(Examination).where(Examination.clear_sha256 == sha256).order_by(Examination.id.desc())
    ).first()
    findings = examination.findings if examination else []
    return [
        ClearValue(found.kind, found.masked, values[str(found.position)], found.valid, found.page)
        for found in findings
        if str(found.position) in values
    ]
