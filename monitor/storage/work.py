"""The work queue: revisions move through the stages under leases.

A stage claims a revision (lease and attempt in the row), does its work, and finishes it in the same
transaction that stores the result. Whoever lost the lease meanwhile cannot finish. A process that
dies leaves a lease that expires.
"""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import func, or_, select, update
from sqlalchemy.orm import Session

from monitor.errors import Conflict
from monitor.storage.post import Attachment, PostRevision, Stage

STAGES: tuple[Stage, ...] = ("acquire", "examine", "triage", "act")


class LeaseLost(Conflict):
    """Another worker has taken this item over; its result counts, not ours."""


@dataclass(frozen=True, slots=True)
class Claim:
    """One revision, held by one worker for one stage."""

    revision_id: uuid.UUID
    stage: Stage
    owner: str
    attempt: int


def claim_next(session: Session, stage: Stage, owner: str, now: datetime, lease: timedelta) -> Claim | None:
    """Take the longest waiting revision of a stage, what people reported first; None when there is none."""
    free = or_(PostRevision.lease_expires_at.is_(None), PostRevision.lease_expires_at <= now)
    waiting = (
        select(PostRevision.id)
        .where(PostRevision.stage == stage, PostRevision.not_before <= now, free)
        .order_by(PostRevision.turn, PostRevision.not_before, PostRevision.id)
        .limit(1)
        .with_for_update(skip_locked=True)
    )
    taken = session.execute(
        update(PostRevision)
        .where(PostRevision.id == waiting.scalar_subquery())
        .values(lease_owner=owner, lease_expires_at=now + lease, attempts=PostRevision.attempts + 1)
        .returning(PostRevision.id, PostRevision.attempts)
    ).first()
    return None if taken is None else Claim(taken.id, stage, owner, taken.attempts)


def held(session: Session, claim: Claim) -> PostRevision:
    """The claimed revision, locked. Raises LeaseLost when it is no longer ours."""
    revision = session.scalars(
        select(PostRevision).where(PostRevision.id == claim.revision_id).with_for_update()
    ).one()
    if (
        revision.stage != claim.stage
        or revision.lease_owner != claim.owner
        or revision.attempts != claim.attempt
    ):
        raise LeaseLost("The lease on this item expired and another worker took it over.")
    return revision


def renew(session: Session, claim: Claim, until: datetime) -> None:
    """Keep a claim for longer. Raises LeaseLost when it is no longer ours."""
    held(session, claim).lease_expires_at = until


def advance(revision: PostRevision, stage: Stage, now: datetime) -> None:
    """Hand a revision to the next stage, or end it."""
    revision.stage = stage
    revision.attempts = 0
    revision.not_before = now
    revision.lease_owner = revision.lease_expires_at = None
    if stage in ("done", "failed"):
        revision.finished_at = now


def postpone(revision: PostRevision, reason: str, until: datetime) -> None:
    """Give a revision back after a failed attempt, to be tried again later."""
    revision.error = reason
    revision.not_before = until
    revision.lease_owner = revision.lease_expires_at = None


def retry_failed(session: Session, revision_id: uuid.UUID, now: datetime) -> bool:
    """Send a failed revision back to the start; False when it did not fail or its content is gone."""
    revision = session.get(PostRevision, revision_id, with_for_update=True)
    if revision is None or revision.stage != "failed" or revision.text_key is None:
        return False
    advance(revision, "acquire", now)
    revision.error = revision.finished_at = None
    session.execute(
        update(Attachment)
        .where(Attachment.revision_id == revision_id, Attachment.state == "failed")
        .values(state="pending", error=None)
    )
    return True


def backlog(session: Session) -> dict[Stage, int]:
    """How many revisions stand at each stage."""
    counts = session.execute(select(PostRevision.stage, func.count()).group_by(PostRevision.stage))
    return {row[0]: row[1] for row in counts}


def waiting_since(session: Session) -> datetime | None:
    """Since when the most overdue unfinished revision could have been worked on."""
    return session.scalar(select(func.min(PostRevision.not_before)).where(PostRevision.stage.in_(STAGES)))
