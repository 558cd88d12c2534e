"""Alerts: raised by triage, changed by people, each change an event.

new ⇄ reviewing → confirmed → resolved
 └──────┴→ dismissed ←─┘      a dismissed or resolved alert may be reopened as new

A new post of a resolved alert's content reopens it. A dismissed one stays dismissed: it is no leak.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any, Literal, get_args
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from detectors.assess import Assessment
from monitor import audit
from monitor.errors import InvalidInput, TransitionNotAllowed
from monitor.notes import checked_note
from monitor.storage.alert import (
    Alert,
    AlertEvent,
    AlertIdentity,
    AlertStatus,
    Severity,
    Sighting,
    SightingReason,
    next_reference,
)
from monitor.storage.post import Post
from monitor.storage.upsert import insert_missing

PIPELINE = "leakwatch"
"""The actor of what no person did."""

TRANSITIONS: dict[AlertStatus, frozenset[AlertStatus]] = {
    "new": frozenset({"reviewing", "confirmed", "dismissed"}),
    "reviewing": frozenset({"new", "confirmed", "dismissed"}),
    "confirmed": frozenset({"resolved", "dismissed"}),
    "dismissed": frozenset({"new"}),
    "resolved": frozenset({"new"}),
}

SEVERITIES: tuple[Severity, ...] = ("none", "low", "medium", "high", "critical")


@dataclass(frozen=True, slots=True)
class Identity:
    """What makes another post the same leak: digests of images, and of the set of identifiers."""

    images: tuple[str, ...] = ()
    people: str | None = None


@dataclass(frozen=True, slots=True)
class Decision:
    """What to do with a post: raise an alert, add a sighting to `alert_id`, or nothing."""

    action: Literal["raise", "sight", "nothing"]
    alert_id: UUID | None = None
    reason: SightingReason = "first"


def apply(
    session: Session,
    decision: Decision,
    *,
    assessment: Assessment,
    post: Post,
    identity: Identity,
    now: datetime,
) -> Alert | None:
    """Carry out a triage decision; the alert concerned, if any."""
    if decision.action == "nothing":
        return None
    if decision.action == "raise":
        alert = _raise(session, now, assessment)
    else:
        alert = session.scalars(select(Alert).where(Alert.id == decision.alert_id).with_for_update()).one()
        _escalate(session, now, alert, assessment)
    _sight(session, now, alert, post, decision.reason)
    if assessment.alert:
        _identify(session, alert, identity)
    return alert


def change_status(
    session: Session,
    alert: Alert,
    status: AlertStatus,
    *,
    actor: str,
    now: datetime,
    note: str | None = None,
) -> Alert:
    """Move an alert, with its audit line. Raises TransitionNotAllowed, or InvalidInput for the note."""
    note = (checked_note(note) or None) if note else None
    session.refresh(alert, with_for_update=True)
    if status == alert.status:
        return alert
    if status not in TRANSITIONS[alert.status]:
        raise TransitionNotAllowed(alert.reference, alert.status, status)
    alert.status = status
    _record(session, now, alert, status, actor=actor, note=note)
    audit.record(session, now=now, actor=actor, action=f"alert.{status}", item=alert.reference)
    return alert


def _raise(session: Session, now: datetime, assessment: Assessment) -> Alert:
    alert = Alert(
        reference=next_reference(session, now),
        status="new",
        severity=assessment.severity,
        score=assessment.score,
        leak_class=assessment.leak_class,
        doc_type=assessment.doc_type,
        reasons=list(assessment.reasons),
        factors=[asdict(factor) for factor in assessment.factors],
        raised_at=now,
        last_seen_at=now,
        updated_at=now,
        version=0,
    )
    session.add(alert)
    session.flush()
    _record(session, now, alert, "raised")
    return alert


def _escalate(session: Session, now: datetime, alert: Alert, assessment: Assessment) -> None:
    """A sighting may show more than was seen before, never less."""
    alert.last_seen_at = now
    if SEVERITIES.index(assessment.severity) > SEVERITIES.index(alert.severity):
        alert.severity, alert.score = assessment.severity, assessment.score
        alert.leak_class, alert.doc_type = assessment.leak_class, assessment.doc_type
        alert.reasons = list(assessment.reasons)
        alert.factors = [asdict(factor) for factor in assessment.factors]
        _record(session, now, alert, "escalated")


def _sight(session: Session, now: datetime, alert: Alert, post: Post, reason: SightingReason) -> None:
    known = session.scalar(select(Sighting).where(Sighting.post_id == post.id))
    if known is None:
        session.add(Sighting(alert_id=alert.id, post_id=post.id, reason=reason, seen_at=now))
        if reason != "first":
            _record(session, now, alert, "sighted", note=reason)
        if alert.status == "resolved":  # it was got rid of, and is out again
            alert.status = "new"
            _record(session, now, alert, "reopened")


def _identify(session: Session, alert: Alert, identity: Identity) -> None:
    digests = [("image", digest) for digest in identity.images]
    if identity.people:
        digests.append(("identifiers", identity.people))
    for kind, digest in digests:
        insert_missing(session, AlertIdentity, {"kind": kind, "digest": digest, "alert_id": alert.id})


def _record(
    session: Session,
    now: datetime,
    alert: Alert,
    action: str,
    *,
    actor: str = PIPELINE,
    note: str | None = None,
) -> None:
    alert.version += 1
    alert.updated_at = now
    session.add(AlertEvent(alert_id=alert.id, at=now, actor=actor, action=action, note=note))


def alert_of_post(session: Session, post_id: UUID) -> Alert | None:
    """The alert in which a post is a sighting."""
    return session.scalar(select(Alert).join(Sighting).where(Sighting.post_id == post_id))


def statuses_named(names: Iterable[str]) -> list[AlertStatus]:
    """The statuses of these names. Raises InvalidInput."""
    return [_one_of(name, "status", get_args(AlertStatus)) for name in names]


def severities_named(names: Iterable[str]) -> list[Severity]:
    """The severities of these names. Raises InvalidInput."""
    return [_one_of(name, "severity", SEVERITIES) for name in names]


def _one_of(name: str, noun: str, known: Sequence[Any]) -> Any:
    if name not in known:
        raise InvalidInput(f"{name!r} is not a {noun}; choose one of {', '.join(known)}.")
    return name
