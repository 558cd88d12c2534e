"""Posts, their revisions, and the files they refer to.

A post is seen as revisions: an edit is a new one and is examined again. What was written is held
sealed (`text_ciphertext`, `text_key`) until triage; the post's masked text is what people see.
"""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from datetime import datetime
from typing import Any, Literal

from sqlalchemy import (
    ForeignKey,
    Index,
    LargeBinary,
    String,
    Text,
    UniqueConstraint,
    and_,
    func,
    select,
    update,
)
from sqlalchemy.orm import Mapped, Session, joinedload, mapped_column, relationship

from monitor.errors import NotFound
from monitor.storage.base import Base, Identified

Stage = Literal["acquire", "examine", "triage", "act", "done", "failed"]
AttachmentState = Literal["pending", "acquired", "failed", "skipped"]
"""Skipped is what is left out by a rule and costs its post nothing; its `error` names the rule."""
AttachmentOrigin = Literal["post", "report", "page", "link", "linked"]
"""Of the post itself; sent by a person; the page a person reported; a link in the post; found behind one."""
REPORTED, ORDINARY = 0, 1


class Post(Identified, Base):
    """One published item, identified by its platform's own id."""

    __tablename__ = "post"
    __table_args__ = (
        UniqueConstraint("platform", "external_id"),
        Index(None, "platform", "author_handle"),
    )

    source_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("source.id"), index=True)
    platform: Mapped[str] = mapped_column(String(32))
    external_id: Mapped[str] = mapped_column(String(255))
    url: Mapped[str] = mapped_column(Text)
    context: Mapped[str | None] = mapped_column(Text)
    author_id: Mapped[str | None] = mapped_column(String(255), index=True)
    author_handle: Mapped[str | None] = mapped_column(String(255))
    author_url: Mapped[str | None] = mapped_column(Text)
    posted_at: Mapped[datetime | None]
    first_seen_at: Mapped[datetime]
    gone_at: Mapped[datetime | None] = mapped_column(comment="When its platform told that it is gone.")
    gone_reason: Mapped[str | None] = mapped_column(Text, comment="What its platform told of that.")
    next_check_at: Mapped[datetime | None] = mapped_column(
        index=True, comment="When to look again whether it is still shown; null: not yet, or settled."
    )

    revisions: Mapped[list[PostRevision]] = relationship(
        back_populates="post", order_by="PostRevision.number"
    )


class PostRevision(Identified, Base):
    """One wording of a post, and where the pipeline is with it."""

    __tablename__ = "post_revision"
    __table_args__ = (UniqueConstraint("post_id", "number"), Index(None, "stage", "turn", "not_before"))

    post_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("post.id", ondelete="CASCADE"))
    number: Mapped[int]
    seen_at: Mapped[datetime]
    content_digest: Mapped[str] = mapped_column(
        String(64), comment="Keyed digest of text and attachment URLs."
    )
    text_ciphertext: Mapped[bytes | None] = mapped_column(LargeBinary)
    text_key: Mapped[bytes | None] = mapped_column(
        LargeBinary, comment="Wrapped data key; gone means deleted."
    )
    masked_text: Mapped[str | None] = mapped_column(Text)

    stage: Mapped[Stage] = mapped_column(String(16))
    turn: Mapped[int] = mapped_column(
        default=ORDINARY,
        server_default="1",
        comment="Whose turn it is: 0 what people reported, 1 everything else.",
    )
    attempts: Mapped[int] = mapped_column(default=0)
    not_before: Mapped[datetime] = mapped_column(comment="Earliest time of the next attempt.")
    lease_owner: Mapped[str | None] = mapped_column(String(128))
    lease_expires_at: Mapped[datetime | None]
    error: Mapped[str | None] = mapped_column(Text)
    finished_at: Mapped[datetime | None]
    assessment: Mapped[dict[str, Any] | None]

    post: Mapped[Post] = relationship(back_populates="revisions")
    attachments: Mapped[list[Attachment]] = relationship(
        back_populates="revision", order_by="Attachment.position"
    )


class Attachment(Identified, Base):
    """A file that a revision refers to."""

    __tablename__ = "attachment"
    __table_args__ = (UniqueConstraint("revision_id", "position"),)

    revision_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("post_revision.id", ondelete="CASCADE"))
    position: Mapped[int]
    url: Mapped[str] = mapped_column(Text)
    origin: Mapped[AttachmentOrigin] = mapped_column(String(16), default="post", server_default="post")
    state: Mapped[AttachmentState] = mapped_column(String(16), default="pending")
    error: Mapped[str | None] = mapped_column(Text)
    blob_sha256: Mapped[str | None] = mapped_column(ForeignKey("blob.sha256"), index=True)
    acquisition: Mapped[dict[str, Any] | None] = mapped_column(comment="How the bytes were had.")

    revision: Mapped[PostRevision] = relationship(back_populates="attachments")


def find_post(session: Session, platform: str, external_id: str) -> Post | None:
    """The post with that identity, if it was ever seen."""
    return session.scalar(select(Post).where(Post.platform == platform, Post.external_id == external_id))


def note_gone(session: Session, platform: str, external_id: str, reason: str, now: datetime) -> None:
    """Note that the platform told of a post's end; a post that was never seen is none of ours."""
    gone = (Post.platform == platform, Post.external_id == external_id, Post.gone_at.is_(None))
    session.execute(update(Post).where(*gone).values(gone_at=now, gone_reason=reason, next_check_at=now))


def get_post(session: Session, post_id: uuid.UUID) -> Post:
    """The post. Raises NotFound."""
    post = session.get(Post, post_id)
    if post is None:
        raise NotFound("post", post_id)
    return post


def latest_revision(session: Session, post_id: uuid.UUID) -> PostRevision | None:
    """The newest wording of a post."""
    newest = select(PostRevision).where(PostRevision.post_id == post_id).order_by(PostRevision.number.desc())
    return session.scalars(newest.limit(1)).first()


def find_revisions(
    session: Session, *, stage: str | None = None, before: uuid.UUID | None = None, limit: int = 50
) -> Sequence[PostRevision]:
    """Revisions newest first, those older than `before` (keyset pagination)."""
    query = select(PostRevision).options(joinedload(PostRevision.post)).order_by(PostRevision.id.desc())
    if stage:
        query = query.where(PostRevision.stage == stage)
    if before:
        query = query.where(PostRevision.id < before)
    return session.scalars(query.limit(limit)).all()


def find_posts(
    session: Session,
    *,
    stage: Stage | None = None,
    platform: str | None = None,
    before: uuid.UUID | None = None,
    limit: int = 50,
) -> Sequence[tuple[Post, PostRevision]]:
    """Posts and their newest revisions, latest first, those older than `before` (keyset pagination)."""
    newest = select(func.max(PostRevision.number)).where(PostRevision.post_id == Post.id).correlate(Post)
    of_post = and_(PostRevision.post_id == Post.id, PostRevision.number == newest.scalar_subquery())
    query = select(Post, PostRevision).join(PostRevision, of_post).order_by(Post.id.desc()).limit(limit)
    if stage:
        query = query.where(PostRevision.stage == stage)
    if platform:
        query = query.where(Post.platform == platform)
    if before:
        query = query.where(Post.id < before)
    return [(row[0], row[1]) for row in session.execute(query)]
