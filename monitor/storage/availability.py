"""Looks at whether posts are still shown: each with all its probes, kept as they were."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any, Literal

from sqlalchemy import ForeignKey, Index, String, and_, exists, or_, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from monitor.storage.alert import Alert, AlertStatus, Sighting
from monitor.storage.base import Base, Identified
from monitor.storage.post import Post

Verdict = Literal["present", "gone", "unknown"]
LOOKED_AT: tuple[AlertStatus, ...] = ("new", "reviewing", "confirmed", "resolved")
"""Alerts whose posts are looked at: a resolved one's may come back."""


class AvailabilityCheck(Identified, Base):
    """One look at one post."""

    __tablename__ = "availability_check"
    __table_args__ = (Index(None, "post_id", "id"),)

    post_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("post.id", ondelete="CASCADE"))
    checked_at: Mapped[datetime]
    verdict: Mapped[Verdict] = mapped_column(String(8), comment="Of post and files together.")
    post_verdict: Mapped[Verdict] = mapped_column(String(8), comment="Of the post alone.")
    probes: Mapped[list[Any]] = mapped_column(comment="Subject, availability and reason of each.")


def claim_checks(
    session: Session, now: datetime, lease: timedelta, *, alike: Post | None = None, limit: int = 1
) -> Sequence[Post]:
    """Posts of alerts that are to be looked at now, those that waited longest first, taken for `lease`.

    `alike` keeps to posts of that one's source and platform.
    """
    never = and_(Post.next_check_at.is_(None), ~exists().where(AvailabilityCheck.post_id == Post.id))
    alerted = exists().where(
        Sighting.post_id == Post.id, Alert.id == Sighting.alert_id, Alert.status.in_(LOOKED_AT)
    )
    waiting = select(Post).where(alerted, or_(Post.next_check_at <= now, never))
    if alike is not None:
        waiting = waiting.where(Post.source_id == alike.source_id, Post.platform == alike.platform)
    waiting = waiting.order_by(Post.next_check_at).limit(limit).with_for_update(of=Post, skip_locked=True)
    posts = session.scalars(waiting).all()
    for post in posts:
        post.next_check_at = now + lease
    return posts


def checks_of(
    session: Session, post_id: uuid.UUID, *, before: uuid.UUID | None = None, limit: int = 20
) -> Sequence[AvailabilityCheck]:
    """Looks at a post, newest first, those older than `before` (keyset pagination)."""
    query = select(AvailabilityCheck).where(AvailabilityCheck.post_id == post_id)
    query = query.order_by(AvailabilityCheck.id.desc()).limit(limit)
    return session.scalars(query.where(AvailabilityCheck.id < before) if before else query).all()
