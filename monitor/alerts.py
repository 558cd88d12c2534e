"""Alerts: raised by triage, changed by people, each change an event.

new ⇄ reviewing → confirmed → resolved
 └──────┴→ dismissed ←─┘      a dismissed or resolved alert may be reopened as new

A new post of a resolved alert's content reopens it. A dismissed one stays dismissed, unless the post is
graver than what was dismissed (a canary record known since); dismissed as a harmless picture, its copies
are no sightings (`monitor.reposts.known`). A merged one is a copy of another, as a person said
(`monitor.reposts.answers`).
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
from monitor.reposts.known import add_known, know_as
from monitor.reposts.traits import PostTraits
from monitor.storage.alert import (
    Alert,
    AlertEvent,
    AlertStatus,
    AlertTrait,
    Severity,
    Sighting,
    SightingReason,
    next_reference,
)
from monitor.storage.base import new_id
from monitor.storage.known_image import RepostQuestion
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
    "merged": frozenset(),
}

SEVERITIES: tuple[Severity, ...] = ("none", "low", "medium", "high", "critical")


@dataclass(frozen=True, slots=True)
class Decision:
    """What to do with a post: raise an alert, add a sighting to `alert_id`, or nothing.

    A raised alert may be a copy of those in `ask`, which a person is to decide; beside each stands why.
    """

    action: Literal["raise", "sight", "nothing"]
    alert_id: UUID | None = None
    reason: SightingReason = "first"
    ask: tuple[tuple[UUID, str], ...] = ()


def apply(
    session: Session,
    decision: Decision,
    *,
    assessment: Assessment,
    post: Post,
    traits: PostTraits,
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
    if assessment.alert or decision.reason != "edited":
        for kind, digest in traits.rows():
            insert_missing(session, AlertTrait, {"kind": kind, "digest": digest, "alert_id": alert.id})
        add_known(session, alert, traits.images, now)
    for other, why in decision.ask:
        _ask(session, now, alert, other, why)
    return alert


def change_status(
    session: Session,
    alert: Alert,
    status: AlertStatus,
    *,
    actor: str,
    now: datetime,
    note: str | None = None,
    harmless_picture: bool = False,
) -> Alert:
    """Move an alert, with its audit line. Raises TransitionNotAllowed, or InvalidInput for the note.

    `harmless_picture` says of a dismissed alert that its pictures harm nobody: later copies are passed over.
    """
    if harmless_picture and status != "dismissed":
        raise InvalidInput("Only an alert that is dismissed can be called a harmless picture.")
    note = (checked_note(note) or None) if note else None
    session.refresh(alert, with_for_update=True)
    if status == alert.status and not harmless_picture:
        return alert
    if status != alert.status and status not in TRANSITIONS[alert.status]:
        raise TransitionNotAllowed(alert.reference, alert.status, status)
    alert.status = status
    know_as(session, alert.id, "benign" if harmless_picture else "leak")
    action = "harmless_picture" if harmless_picture else status
    record(session, now, alert, action, actor=actor, note=note)
    audit.record(session, now=now, actor=actor, action=f"alert.{action}", item=alert.reference)
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
    record(session, now, alert, "raised")
    return alert


def _escalate(session: Session, now: datetime, alert: Alert, assessment: Assessment) -> None:
    """A sighting may show more than was seen before, never less."""
    alert.last_seen_at = now
    if SEVERITIES.index(assessment.severity) > SEVERITIES.index(alert.severity):
        alert.severity, alert.score = assessment.severity, assessment.score
        alert.leak_class, alert.doc_type = assessment.leak_class, assessment.doc_type
        alert.reasons = list(assessment.reasons)
        alert.factors = [asdict(factor) for factor in assessment.factors]
        record(session, now, alert, "escalated")
        if alert.status == "dismissed":  # it is graver than what a person dismissed
            _reopen_as_new(session, now, alert)


def _sight(session: Session, now: datetime, alert: Alert, post: Post, reason: SightingReason) -> None:
    known = session.scalar(select(Sighting).where(Sighting.post_id == post.id))
    if known is None:
        session.add(Sighting(alert_id=alert.id, post_id=post.id, reason=reason, seen_at=now))
        if reason != "first":
            record(session, now, alert, "sighted", note=reason)
        _reopen(session, now, alert)


def came_back(session: Session, alert: Alert, post: Post, now: datetime) -> None:
    """Note that a post that was gone is shown again, which reopens an alert that was resolved."""
    session.refresh(alert, with_for_update=True)
    record(session, now, alert, "post_back", note=post.url)
    _reopen(session, now, alert)


def _reopen(session: Session, now: datetime, alert: Alert) -> None:
    if alert.status == "resolved":  # it was got rid of, and is out again
        _reopen_as_new(session, now, alert)


def _reopen_as_new(session: Session, now: datetime, alert: Alert) -> None:
    alert.status = "new"
    record(session, now, alert, "reopened")


def _ask(session: Session, now: datetime, alert: Alert, other_id: UUID, why: str) -> None:
    other = session.get_one(Alert, other_id)
    values = {"id": new_id(), "alert_id": alert.id, "other_id": other.id, "why": why, "asked_at": now}
    insert_missing(session, RepostQuestion, values)
    record(session, now, alert, "possible_repost", note=other.reference)


def record(
    session: Session,
    now: datetime,
    alert: Alert,
    action: str,
    *,
    actor: str = PIPELINE,
    note: str | None = None,
) -> None:
    """Add a line to an alert's history and move its version."""
    alert.version += 1
    alert.updated_at = now
    session.add(AlertEvent(alert_id=alert.id, at=now, actor=actor, action=action, note=note))


def alert_of_post(session: Session, post_id: UUID) -> Alert | None:
    """The alert in which a post is a sighting."""
    return session.scalar(select(Alert).join(Alert.sightings).where(Sighting.post_id == post_id))


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
