"""Alerts: what is put before a person, where it was seen, and what happened to it."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from datetime import datetime
from typing import Any, Literal

from sqlalchemy import ForeignKey, Index, String, Text, UniqueConstraint, func, select
from sqlalchemy.orm import Mapped, Session, mapped_column, relationship, selectinload

from monitor.errors import NotFound
from monitor.storage.base import Base, Identified
from monitor.storage.coordination import lock_counter
from monitor.storage.post import Post

AlertStatus = Literal["new", "reviewing", "confirmed", "dismissed", "resolved"]
Severity = Literal["none", "low", "medium", "high", "critical"]
SightingReason = Literal["first", "same_image", "same_identifiers", "edited"]


class Alert(Identified, Base):
    """One leak, however often it is posted."""

    __tablename__ = "alert"
    __table_args__ = (Index(None, "status", "id"), Index(None, "severity", "id"))

    reference: Mapped[str] = mapped_column(String(32), unique=True)
    status: Mapped[AlertStatus] = mapped_column(String(16), default="new")
    severity: Mapped[Severity] = mapped_column(String(16))
    score: Mapped[float]
    leak_class: Mapped[str] = mapped_column(String(32))
    doc_type: Mapped[str | None] = mapped_column(String(64))
    reasons: Mapped[list[Any]]
    factors: Mapped[list[Any]] = mapped_column(default=list)
    raised_at: Mapped[datetime]
    last_seen_at: Mapped[datetime]
    updated_at: Mapped[datetime]
    version: Mapped[int] = mapped_column(default=1, comment="Moves with every change: the ETag.")

    sightings: Mapped[list[Sighting]] = relationship(back_populates="alert", order_by="Sighting.id")
    events: Mapped[list[AlertEvent]] = relationship(order_by="AlertEvent.id")


class Sighting(Identified, Base):
    """One post in which an alert's content was seen."""

    __tablename__ = "sighting"
    __table_args__ = (UniqueConstraint("post_id"),)

    alert_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("alert.id", ondelete="CASCADE"), index=True)
    post_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("post.id"))
    reason: Mapped[SightingReason] = mapped_column(String(32))
    seen_at: Mapped[datetime]

    alert: Mapped[Alert] = relationship(back_populates="sightings")
    post: Mapped[Post] = relationship()


class AlertEvent(Identified, Base):
    """One line of an alert's history."""

    __tablename__ = "alert_event"

    alert_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("alert.id", ondelete="CASCADE"), index=True)
    at: Mapped[datetime]
    actor: Mapped[str] = mapped_column(String(128))
    action: Mapped[str] = mapped_column(String(32))
    note: Mapped[str | None] = mapped_column(Text)


class AlertIdentity(Base):
    """What makes another post the same leak: an image's digest, or a set of identifiers."""

    __tablename__ = "alert_identity"

    kind: Mapped[Literal["image", "identifiers"]] = mapped_column(String(16), primary_key=True)
    digest: Mapped[str] = mapped_column(String(64), primary_key=True)
    alert_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("alert.id", ondelete="CASCADE"), index=True)


def next_reference(session: Session, now: datetime) -> str:
    """The next reference of the year, such as LW-2026-000123 (serialises whoever asks)."""
    counter = lock_counter(session, f"alert:{now.year}")
    counter.value += 1
    session.flush()
    return f"LW-{now.year}-{counter.value:06d}"


def get_alert(session: Session, reference: str) -> Alert:
    """The alert of that reference. Raises NotFound."""
    alert = session.scalar(select(Alert).where(Alert.reference == reference))
    if alert is None:
        raise NotFound("alert", reference)
    return alert


def find_alerts(
    session: Session,
    *,
    status: Sequence[AlertStatus] = (),
    severity: Sequence[Severity] = (),
    platform: str | None = None,
    raised_after: datetime | None = None,
    before: uuid.UUID | None = None,
    limit: int = 50,
) -> Sequence[Alert]:
    """Alerts with their sightings, newest first, those older than `before` (keyset pagination)."""
    sightings = selectinload(Alert.sightings).joinedload(Sighting.post)
    query = select(Alert).options(sightings).order_by(Alert.id.desc()).limit(limit)
    if status:
        query = query.where(Alert.status.in_(status))
    if severity:
        query = query.where(Alert.severity.in_(severity))
    if platform:
        query = query.where(Alert.sightings.any(Sighting.post.has(Post.platform == platform)))
    if raised_after:
        query = query.where(Alert.raised_at >= raised_after)
    if before:
        query = query.where(Alert.id < before)
    return session.scalars(query).all()


def count_by_status(session: Session) -> dict[AlertStatus, int]:
    """How many alerts have each status."""
    counts = session.execute(select(Alert.status, func.count()).group_by(Alert.status))
    return {row[0]: row[1] for row in counts}


def alert_with_identity(session: Session, kind: str, digests: Sequence[str]) -> uuid.UUID | None:
    """The alert that has one of these identities."""
    if not digests:
        return None
    return session.scalar(
        select(AlertIdentity.alert_id)
        .where(AlertIdentity.kind == kind, AlertIdentity.digest.in_(digests))
        .order_by(AlertIdentity.alert_id)
        .limit(1)
    )
