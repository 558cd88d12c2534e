"""Alerts: what is put before a person, where it was seen, and what happened to it."""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from sqlalchemy import ForeignKey, Index, String, Text, UniqueConstraint, func, select
from sqlalchemy.orm import Mapped, Session, joinedload, mapped_column, relationship

from monitor.errors import NotFound
from monitor.storage.base import Base, Identified
from monitor.storage.coordination import lock_counter
from monitor.storage.post import Post

AlertStatus = Literal["new", "reviewing", "confirmed", "dismissed", "resolved", "merged"]
Severity = Literal["none", "low", "medium", "high", "critical"]
SightingReason = Literal["first", "same_image", "near_copy", "same_identifiers", "edited", "merged"]
TraitKind = Literal["image", "number", "identifier", "birth", "name", "template", "text"]


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
    merged_into_id: Mapped[uuid.UUID | None] = mapped_column(
        ForeignKey("alert.id"), index=True, comment="The alert that a person said this one is a copy of."
    )

    merged_into: Mapped[Alert | None] = relationship(remote_side="Alert.id")
    sightings: Mapped[list[Sighting]] = relationship(
        back_populates="alert", order_by="Sighting.id", foreign_keys="Sighting.alert_id"
    )
    events: Mapped[list[AlertEvent]] = relationship(order_by="AlertEvent.id")


class Sighting(Identified, Base):
    """One post in which an alert's content was seen."""

    __tablename__ = "sighting"
    __table_args__ = (UniqueConstraint("post_id"),)

    alert_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("alert.id", ondelete="CASCADE"), index=True)
    post_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("post.id"))
    reason: Mapped[SightingReason] = mapped_column(String(32))
    seen_at: Mapped[datetime]
    came_from_id: Mapped[uuid.UUID | None] = mapped_column(
        ForeignKey("alert.id"), comment="The alert it belonged to before a merge."
    )

    alert: Mapped[Alert] = relationship(back_populates="sightings", foreign_keys=alert_id)
    post: Mapped[Post] = relationship()


class AlertEvent(Identified, Base):
    """One line of an alert's history."""

    __tablename__ = "alert_event"

    alert_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("alert.id", ondelete="CASCADE"), index=True)
    at: Mapped[datetime]
    actor: Mapped[str] = mapped_column(String(128))
    action: Mapped[str] = mapped_column(String(32))
    note: Mapped[str | None] = mapped_column(Text)


class AlertTrait(Base):
    """Something by which other posts and alerts are known to concern the same matter.

    An image's SHA-256; keyed digests of valid patient numbers, of other identifiers, of dates of birth and of
    names on its pages; the template they are on; the post's wording.
    """

    __tablename__ = "alert_trait"
    __table_args__ = (Index(None, "alert_id"),)

    kind: Mapped[TraitKind] = mapped_column(String(16), primary_key=True)
    digest: Mapped[str] = mapped_column(String(64), primary_key=True)
    alert_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("alert.id", ondelete="CASCADE"), primary_key=True)


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


def references_of(session: Session, posts: Sequence[uuid.UUID]) -> dict[uuid.UUID, str]:
    """The reference of the alert under which each of these posts stands, where it has one."""
    query = select(Sighting.post_id, Alert.reference).join(Alert, Alert.id == Sighting.alert_id)
    return {row.post_id: row.reference for row in session.execute(query.where(Sighting.post_id.in_(posts)))}


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
    """Alerts, newest first, those older than `before` (keyset pagination)."""
    query = select(Alert).order_by(Alert.id.desc()).limit(limit)
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


@dataclass(frozen=True, slots=True)
class SeenIn:
    """In how many posts an alert was seen, on which platforms in that order, and in which post first."""

    posts: int = 0
    platforms: tuple[str, ...] = ()
    first: Post | None = None


def seen_in(session: Session, alert_ids: Sequence[uuid.UUID]) -> dict[uuid.UUID, SeenIn]:
    """Where each of these alerts was seen, told by the database: a flood has tens of thousands of posts."""
    rows = session.execute(
        select(Sighting.alert_id, Post.platform, func.count())
        .join(Post, Post.id == Sighting.post_id)
        .where(Sighting.alert_id.in_(alert_ids))
        .group_by(Sighting.alert_id, Post.platform)
        .order_by(func.min(Sighting.seen_at), Post.platform)
    )
    counted: dict[uuid.UUID, dict[str, int]] = {alert_id: {} for alert_id in alert_ids}
    for alert_id, platform, posts in rows:
        counted[alert_id][platform] = posts
    place = func.row_number().over(partition_by=Sighting.alert_id, order_by=Sighting.id).label("place")
    placed = select(Sighting.alert_id, Sighting.post_id, place).where(Sighting.alert_id.in_(alert_ids))
    inner = placed.subquery()
    earliest = select(inner.c.alert_id, Post).join(Post, Post.id == inner.c.post_id).where(inner.c.place == 1)
    first = {row[0]: row[1] for row in session.execute(earliest)}
    return {
        alert_id: SeenIn(sum(on.values()), tuple(on), first.get(alert_id)) for alert_id, on in counted.items()
    }


def sightings_of(session: Session, alert_id: uuid.UUID, most: int | None = None) -> Sequence[Sighting]:
    """An alert's sightings in their order; where `most` is said, the first and the newest."""
    query = select(Sighting).where(Sighting.alert_id == alert_id).options(joinedload(Sighting.post))
    if most is None:
        return session.scalars(query.order_by(Sighting.id)).all()
    newest = session.scalars(query.order_by(Sighting.id.desc()).limit(most)).all()
    first = session.scalars(query.order_by(Sighting.id).limit(1)).all()
    return list(dict.fromkeys([*first, *reversed(newest[: most - 1] if len(newest) == most else newest)]))


def events_of(session: Session, alert_id: uuid.UUID, most: int | None = None) -> Sequence[AlertEvent]:
    """An alert's history; where `most` is said, no more than the newest of those that tell of a sighting."""
    query = select(AlertEvent).where(AlertEvent.alert_id == alert_id).order_by(AlertEvent.id)
    if most is not None:
        told = select(AlertEvent.id).where(AlertEvent.alert_id == alert_id, AlertEvent.action == "sighted")
        newest = list(session.scalars(told.order_by(AlertEvent.id.desc()).limit(most)))
        query = query.where((AlertEvent.action != "sighted") | AlertEvent.id.in_(newest))
    return session.scalars(query).all()


def count_by_status(session: Session) -> dict[AlertStatus, int]:
    """How many alerts have each status."""
    counts = session.execute(select(Alert.status, func.count()).group_by(Alert.status))
    return {row[0]: row[1] for row in counts}


def alerts_with(session: Session, kind: TraitKind, digests: Sequence[str]) -> set[uuid.UUID]:
    """The alerts that have one of these traits."""
    having = select(AlertTrait.alert_id).where(AlertTrait.kind == kind, AlertTrait.digest.in_(digests))
    return set(session.scalars(having)) if digests else set()


def traits_of(session: Session, alert_ids: Sequence[uuid.UUID]) -> dict[uuid.UUID, dict[TraitKind, set[str]]]:
    """The traits of these alerts, with those of what was merged into them, by kind."""
    whose = func.coalesce(Alert.merged_into_id, Alert.id)
    rows = session.execute(
        select(whose, AlertTrait.kind, AlertTrait.digest)
        .join(Alert, Alert.id == AlertTrait.alert_id)
        .where(whose.in_(alert_ids))
    )
    found: dict[uuid.UUID, dict[TraitKind, set[str]]] = {alert_id: {} for alert_id in alert_ids}
    for alert_id, kind, digest in rows:
        found[alert_id].setdefault(kind, set()).add(digest)
    return found


def standing_for(session: Session, alert_ids: Iterable[uuid.UUID]) -> dict[uuid.UUID, uuid.UUID]:
    """Each alert's id and the id of the one it was merged into, or its own."""
    rows = session.execute(select(Alert.id, Alert.merged_into_id).where(Alert.id.in_(list(alert_ids))))
    return {row[0]: row[1] or row[0] for row in rows}
