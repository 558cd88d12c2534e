"""Is it a copy? A person answers, the answer is kept, and it can be changed.

`same` merges: the newer alert's posts become sightings of the older, whose evidence takes in the newer's
items; the newer keeps its own custody log and points to the older. `different` parts them again, if they
were merged, and the question is not asked again.
"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from monitor import audit
from monitor.alerts import SEVERITIES, record
from monitor.errors import Conflict, InvalidInput
from monitor.evidence.custody import CustodyAction
from monitor.storage.alert import Alert, Sighting
from monitor.storage.base import new_id
from monitor.storage.evidence import EvidenceItem, evidence_of, take_custody
from monitor.storage.known_image import Answer, RepostQuestion, question_between
from monitor.storage.upsert import insert_missing


def answer(
    session: Session, one: Alert, other: Alert, said: Answer, *, actor: str, now: datetime
) -> RepostQuestion:
    """Keep what a person says of two alerts, and do what follows. Raises InvalidInput or Conflict."""
    if one.id == other.id:
        raise InvalidInput(f"{one.reference} cannot be compared with itself.")
    for alert in sorted((one, other), key=lambda alert: str(alert.id)):
        session.refresh(alert, with_for_update=True)
    older, newer = sorted((one, other), key=lambda alert: str(alert.id))
    question = question_between(session, one.id, other.id) or _new_question(session, newer, older, now)
    if question.answer == said:
        return question
    if said == "same":
        _merge(session, newer, older, actor=actor, now=now)
    elif newer.merged_into_id == older.id:
        _part(session, newer, older, actor=actor, now=now)
    question.answer, question.answered_by, question.answered_at = said, actor, now
    for alert, beside in ((one, other), (other, one)):
        record(session, now, alert, f"said_{said}", actor=actor, note=beside.reference)
    item = f"{newer.reference} {older.reference}"
    audit.record(session, now=now, actor=actor, action=f"repost.{said}", item=item)
    return question


def _new_question(session: Session, newer: Alert, older: Alert, now: datetime) -> RepostQuestion:
    question = RepostQuestion(
        id=new_id(), alert_id=newer.id, other_id=older.id, why="asked by a person", asked_at=now
    )
    session.add(question)
    return question


def _merge(session: Session, newer: Alert, older: Alert, *, actor: str, now: datetime) -> None:
    """The newer alert's posts, evidence and merged alerts go to the older one."""
    for alert in (newer, older):
        if alert.merged_into is not None:
            raise Conflict(
                f"{alert.reference} is merged into {alert.merged_into.reference}; decide about that one."
            )
    session.execute(update(Alert).where(Alert.merged_into_id == newer.id).values(merged_into_id=older.id))
    moved = update(Sighting).where(Sighting.alert_id == newer.id)
    session.execute(moved.where(Sighting.came_from_id.is_(None)).values(came_from_id=newer.id))
    session.execute(moved.values(alert_id=older.id, reason="merged"))
    _share_evidence(session, newer, older, actor=actor, now=now)
    newer.status, newer.merged_into_id = "merged", older.id
    older.last_seen_at = max(older.last_seen_at, newer.last_seen_at)
    if older.status == "resolved":
        older.status = "new"
        record(session, now, older, "reopened")
    if SEVERITIES.index(newer.severity) > SEVERITIES.index(older.severity):
        older.severity = newer.severity
        record(session, now, older, "escalated")
    session.expire(newer, ["sightings"])
    session.expire(older, ["sightings"])


def _part(session: Session, newer: Alert, older: Alert, *, actor: str, now: datetime) -> None:
    """Undo a merge. Evidence that the older alert took in stays there: nothing sealed is removed."""
    session.execute(
        update(Sighting)
        .where(Sighting.came_from_id == newer.id)
        .values(alert_id=newer.id, came_from_id=None, reason="same_image")
    )
    first = select(Sighting.id).where(Sighting.alert_id == newer.id).order_by(Sighting.id).limit(1)
    session.execute(update(Sighting).where(Sighting.id == first.scalar_subquery()).values(reason="first"))
    newer.status, newer.merged_into_id = "new", None
    note = f"parted from {older.reference}"
    take_custody(
        session, newer.id, CustodyAction.RELEASED, now=now, actor=actor, item=older.reference, note=note
    )
    session.expire(newer, ["sightings", "merged_into"])
    session.expire(older, ["sightings"])


def _share_evidence(session: Session, newer: Alert, older: Alert, *, actor: str, now: datetime) -> None:
    for item in evidence_of(session, newer.id):
        names = ("post_id", "kind", "blob_sha256", "derived_from", "facts", "sealed_at")
        values = {name: getattr(item, name) for name in names} | {"id": new_id(), "alert_id": older.id}
        if insert_missing(session, EvidenceItem, values):
            take_custody(
                session,
                older.id,
                CustodyAction.HELD,
                now=now,
                actor=actor,
                item=item.kind,
                digest=item.blob_sha256,
                note=f"from {newer.reference}",
            )
    take_custody(
        session,
        newer.id,
        CustodyAction.HELD,
        now=now,
        actor=actor,
        item=older.reference,
        note=f"merged into {older.reference}",
    )
