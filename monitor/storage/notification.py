"""The outbox of notifications: written with what they tell of, sent afterwards."""

from __future__ import annotations

import uuid
from datetime import datetime, timedelta
from typing import Literal

from sqlalchemy import ForeignKey, Index, String, Text, select, update
from sqlalchemy.orm import Mapped, Session, mapped_column

from monitor.storage.alert import AlertEvent
from monitor.storage.base import Base, Identified, new_id
from monitor.storage.upsert import insert_missing

NotificationState = Literal["pending", "sent", "failed"]
TOLD = ("raised", "escalated", "reopened")
"""Actions of an alert's history that people are told of."""


class Notification(Identified, Base):
    """One message about one event of an alert; its words are made when it is sent."""

    __tablename__ = "notification"
    __table_args__ = (Index(None, "state", "not_before"),)

    event_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("alert_event.id", ondelete="CASCADE"), unique=True)
    state: Mapped[NotificationState] = mapped_column(String(16), default="pending")
    attempts: Mapped[int] = mapped_column(default=0)
    not_before: Mapped[datetime]
    error: Mapped[str | None] = mapped_column(Text)
    sent_at: Mapped[datetime | None]


def enqueue_for(session: Session, alert_id: uuid.UUID, now: datetime) -> None:
    """Put every event of an alert that people are told of into the outbox, once."""
    events = select(AlertEvent.id).where(AlertEvent.alert_id == alert_id, AlertEvent.action.in_(TOLD))
    for event_id in session.scalars(events).all():
        values = {"id": new_id(), "event_id": event_id, "state": "pending", "attempts": 0, "not_before": now}
        insert_missing(session, Notification, values)


def claim_pending(session: Session, now: datetime, lease: timedelta) -> Notification | None:
    """Take the longest waiting notification for `lease`, or None when there is none."""
    waiting = (
        select(Notification.id)
        .where(Notification.state == "pending", Notification.not_before <= now)
        .order_by(Notification.not_before)
        .limit(1)
        .with_for_update(skip_locked=True)
    )
    return session.scalar(
        update(Notification)
        .where(Notification.id == waiting.scalar_subquery())
        .values(not_before=now + lease, attempts=Notification.attempts + 1)
        .returning(Notification)
    )
