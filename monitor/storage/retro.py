"""Looking back: sketches of pages examined lately, and what they show of templates registered since."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import ForeignKey, LargeBinary, String, UniqueConstraint, delete, exists, func, select
from sqlalchemy.orm import Mapped, Session, aliased, mapped_column

from monitor.storage.alert import Sighting
from monitor.storage.base import Base, Identified
from monitor.storage.post import Attachment, Post, PostRevision


class PageSketch(Base):
    """An examined file's features, sealed; kept for some days."""

    __tablename__ = "page_sketch"

    blob_sha256: Mapped[str] = mapped_column(String(64), primary_key=True)
    seen_at: Mapped[datetime] = mapped_column(index=True)
    ciphertext: Mapped[bytes] = mapped_column(LargeBinary)
    wrapped_key: Mapped[bytes] = mapped_column(LargeBinary)


class RetroRun(Identified, Base):
    """One template's look back: how far it is."""

    __tablename__ = "retro_run"

    template_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("template.id", ondelete="CASCADE"), index=True)
    started_at: Mapped[datetime]
    """Pages seen before then are compared."""
    finished_at: Mapped[datetime | None]
    since: Mapped[datetime] = mapped_column(comment="Pages seen from then on are compared.")
    total: Mapped[int] = mapped_column(comment="Pages to compare, when it began.")
    done: Mapped[int] = mapped_column(default=0)
    cursor: Mapped[str] = mapped_column(String(64), default="", comment="The last page compared.")


class RetroMatch(Identified, Base):
    """A page seen before the template was registered, which shows it."""

    __tablename__ = "retro_match"
    __table_args__ = (UniqueConstraint("template_id", "blob_sha256"),)

    template_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("template.id", ondelete="CASCADE"))
    blob_sha256: Mapped[str] = mapped_column(String(64))
    inliers: Mapped[int]
    found_at: Mapped[datetime]


def count_sketches(session: Session, since: datetime) -> int:
    """How many pages seen since then can be compared."""
    return session.scalar(select(func.count()).where(PageSketch.seen_at >= since)) or 0


def next_sketches(session: Session, run: RetroRun, limit: int) -> Sequence[PageSketch]:
    """The next pages of a run."""
    waiting = select(PageSketch).where(
        PageSketch.seen_at >= run.since,
        PageSketch.seen_at < run.started_at,
        PageSketch.blob_sha256 > run.cursor,
    )
    return session.scalars(waiting.order_by(PageSketch.blob_sha256).limit(limit)).all()


def unfinished_runs(session: Session, now: datetime) -> Sequence[RetroRun]:
    """The run that has waited longest, and those that began with it and are as far, at most `TOGETHER`."""
    due = select(RetroRun).where(RetroRun.finished_at.is_(None), RetroRun.started_at <= now)
    first = session.scalar(due.order_by(RetroRun.started_at, RetroRun.id).limit(1).with_for_update())
    if first is None:
        return ()
    alike = due.where(
        RetroRun.started_at == first.started_at,
        RetroRun.since == first.since,
        RetroRun.cursor == first.cursor,
    )
    return session.scalars(alike.order_by(RetroRun.id).limit(TOGETHER).with_for_update()).all()


TOGETHER = 1000
"""Templates that are looked for together."""


def main_run(session: Session, template_id: uuid.UUID) -> RetroRun | None:
    """A template's run over the last days; a short one over what was examined meanwhile follows it."""
    own = select(RetroRun).where(RetroRun.template_id == template_id)
    return session.scalar(own.order_by(RetroRun.since).limit(1))


def matches_of(session: Session, template_id: uuid.UUID) -> Sequence[tuple[RetroMatch, Post]]:
    """A template's earlier pages with the posts that showed them, the surest first."""
    query = (
        select(RetroMatch, Post)
        .join(Attachment, Attachment.blob_sha256 == RetroMatch.blob_sha256)
        .join(PostRevision, PostRevision.id == Attachment.revision_id)
        .join(Post, Post.id == PostRevision.post_id)
        .where(RetroMatch.template_id == template_id)
        .order_by(RetroMatch.inliers.desc(), RetroMatch.id)
    )
    return [(match, post) for match, post in session.execute(query).unique()]


def quiet_revisions(session: Session, sha256: str) -> Sequence[PostRevision]:
    """The newest revisions, judged already, of posts that showed a file and raised no alert; locked."""
    newer = aliased(PostRevision)
    query = (
        select(PostRevision)
        .join(Attachment, Attachment.revision_id == PostRevision.id)
        .where(
            Attachment.blob_sha256 == sha256,
            PostRevision.stage.in_(("act", "done")),
            ~exists().where(Sighting.post_id == PostRevision.post_id),
            ~exists().where(newer.post_id == PostRevision.post_id, newer.number > PostRevision.number),
        )
        .with_for_update(of=PostRevision)
    )
    return session.scalars(query).unique().all()


def purge_sketches(session: Session, before: datetime) -> None:
    """Forget pages seen before then."""
    session.execute(delete(PageSketch).where(PageSketch.seen_at < before))
