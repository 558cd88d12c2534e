"""Pictures that are known: those of alerts, and those that a person said are harmless.

Each has the PDQ hash it is found by. `change` numbers additions and removals in the order in which they
were committed, so that an index in memory can follow them.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any, Literal

from sqlalchemy import JSON, BigInteger, ForeignKey, Index, String, UniqueConstraint, case, func, select
from sqlalchemy.dialects.postgresql import ARRAY, BIT
from sqlalchemy.orm import Mapped, Session, mapped_column
from sqlalchemy.types import Integer

from monitor.storage.base import Base, Identified
from monitor.storage.coordination import Counter, lock_counter

KnownAs = Literal["leak", "benign"]
Answer = Literal["same", "different"]
COUNTER = "known_image"
FETCHED = 10_000


class KnownImage(Base):
    """One picture that later ones are compared with."""

    __tablename__ = "known_image"
    __table_args__ = (
        Index(None, "alert_id"),
        Index(None, "change"),
        Index("ix_known_image_chunks", "chunks", postgresql_using="gin"),
    )

    blob_sha256: Mapped[str] = mapped_column(ForeignKey("blob.sha256"), primary_key=True)
    alert_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("alert.id", ondelete="CASCADE"))
    known_as: Mapped[KnownAs] = mapped_column(String(16), default="leak")
    pdq: Mapped[str | None] = mapped_column(String(64), comment="NULL for a page with too little print.")
    bits: Mapped[str | None] = mapped_column(
        BIT(256).with_variant(String(256), "sqlite"), comment="The hash for PostgreSQL to search by."
    )
    chunks: Mapped[list[Any] | None] = mapped_column(
        ARRAY(Integer).with_variant(JSON(), "sqlite"), comment="Its 16 chunks, numbered, for PostgreSQL."
    )
    change: Mapped[int] = mapped_column(BigInteger)
    added_at: Mapped[datetime]
    removed_at: Mapped[datetime | None]
    suppressed: Mapped[int] = mapped_column(default=0, comment="Posts that showed it and were passed over.")
    last_suppressed_at: Mapped[datetime | None]


class RepostQuestion(Identified, Base):
    """Is this alert a copy of that one? Asked once; the answer is kept."""

    __tablename__ = "repost_question"
    __table_args__ = (UniqueConstraint("alert_id", "other_id"), Index(None, "other_id"))

    alert_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("alert.id", ondelete="CASCADE"))
    other_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("alert.id", ondelete="CASCADE"))
    why: Mapped[str] = mapped_column(String(255))
    asked_at: Mapped[datetime]
    answer: Mapped[Answer | None] = mapped_column(String(16))
    answered_by: Mapped[str | None] = mapped_column(String(128))
    answered_at: Mapped[datetime | None]


class IndexState(Base):
    """How far one process's index of known pictures has come."""

    __tablename__ = "index_state"

    process: Mapped[str] = mapped_column(String(128), primary_key=True)
    kind: Mapped[str] = mapped_column(String(16))
    entries: Mapped[int]
    generation: Mapped[int] = mapped_column(BigInteger)
    seen_at: Mapped[datetime]


def next_change(session: Session) -> int:
    """The number of the change that is being made (serialises whoever asks until they commit)."""
    counter = lock_counter(session, COUNTER)
    counter.value += 1
    session.flush()
    return counter.value


def latest_change(session: Session) -> int:
    """The number of the last change, 0 before the first."""
    return session.scalar(select(Counter.value).where(Counter.name == COUNTER)) or 0


def changes_since(session: Session, change: int) -> Iterable[tuple[int, str, str | None]]:
    """(number, SHA-256, PDQ hash or None for what went) of each change after that one, in order."""
    held = case((KnownImage.removed_at.is_(None), KnownImage.pdq))
    later = select(KnownImage.change, KnownImage.blob_sha256, held).where(KnownImage.change > change)
    return session.execute(later.order_by(KnownImage.change).execution_options(yield_per=FETCHED))


def known_until(session: Session, change: int) -> int:
    """How many pictures an index that has come as far as `change` must hold, if none went since."""
    known = select(func.count()).where(KnownImage.change <= change, KnownImage.removed_at.is_(None))
    return session.scalar(known.where(KnownImage.pdq.is_not(None))) or 0


def oldest_change_after(session: Session, change: int) -> datetime | None:
    """Since when an index that has come as far as `change` lacks something."""
    later = select(func.min(func.coalesce(KnownImage.removed_at, KnownImage.added_at)))
    return session.scalar(later.where(KnownImage.change > change))


def questions_about(session: Session, alert_id: uuid.UUID) -> Sequence[RepostQuestion]:
    """The questions in which an alert is one of the two, oldest first."""
    either = (RepostQuestion.alert_id == alert_id) | (RepostQuestion.other_id == alert_id)
    return session.scalars(select(RepostQuestion).where(either).order_by(RepostQuestion.id)).all()


def question_between(session: Session, one: uuid.UUID, other: uuid.UUID) -> RepostQuestion | None:
    """The question about these two alerts, whichever came first."""
    pair = (RepostQuestion.alert_id == one) & (RepostQuestion.other_id == other)
    reverse = (RepostQuestion.alert_id == other) & (RepostQuestion.other_id == one)
    return session.scalar(select(RepostQuestion).where(pair | reverse).limit(1))
