"""Reports: what people told leakwatch of, and the post that became of each.

What they wrote and who they said they are is held sealed (`words_ciphertext`, `words_key`). The reference
is random, because whoever knows it may ask how the report stands.
"""

from __future__ import annotations

import secrets
import uuid
from collections.abc import Sequence
from datetime import datetime
from typing import Literal

from sqlalchemy import ForeignKey, Index, LargeBinary, String, Text, UniqueConstraint, func, select
from sqlalchemy.orm import Mapped, Session, mapped_column, relationship

from monitor.errors import NotFound
from monitor.storage.base import Base, Identified
from monitor.storage.post import Post, PostRevision

ReportState = Literal["received", "taken"]
ALPHABET = "23456789ABCDEFGHJKMNPQRSTVWXYZ"
"""Without letters and digits that are taken for each other when read out."""


class Report(Identified, Base):
    """One report, however often it was made."""

    __tablename__ = "report"
    __table_args__ = (Index(None, "actor", "received_at"), Index(None, "state", "not_before"))

    reference: Mapped[str] = mapped_column(String(20), unique=True)
    received_at: Mapped[datetime]
    actor: Mapped[str] = mapped_column(String(128), comment="Whose key, session or machine it came from.")
    digest: Mapped[str] = mapped_column(String(64), unique=True, comment="Keyed digest of URL and files.")
    idempotency: Mapped[str | None] = mapped_column(
        String(64), unique=True, comment="Keyed digest of the caller and their Idempotency-Key."
    )
    times: Mapped[int] = mapped_column(default=1, comment="How often the same was reported.")
    url: Mapped[str | None] = mapped_column(Text)
    words_ciphertext: Mapped[bytes | None] = mapped_column(LargeBinary)
    words_key: Mapped[bytes | None] = mapped_column(LargeBinary, comment="Wrapped data key.")
    state: Mapped[ReportState] = mapped_column(String(16), default="received")
    attempts: Mapped[int] = mapped_column(default=0)
    not_before: Mapped[datetime]
    post_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("post.id"), index=True)
    revision_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("post_revision.id"))

    files: Mapped[list[ReportFile]] = relationship(
        order_by="ReportFile.position", cascade="all, delete-orphan", passive_deletes=True
    )
    post: Mapped[Post | None] = relationship()
    revision: Mapped[PostRevision | None] = relationship()


class ReportFile(Identified, Base):
    """A file that came with a report."""

    __tablename__ = "report_file"
    __table_args__ = (UniqueConstraint("report_id", "position"),)

    report_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("report.id", ondelete="CASCADE"))
    position: Mapped[int]
    blob_sha256: Mapped[str] = mapped_column(ForeignKey("blob.sha256"), index=True)


def new_reference() -> str:
    """Such as R-7KQM-2XTB-9HWD: 58 random bits."""
    letters = "".join(secrets.choice(ALPHABET) for _ in range(12))
    return f"R-{letters[:4]}-{letters[4:8]}-{letters[8:]}"


def get_report(session: Session, reference: str) -> Report:
    """The report of that reference, however it was typed. Raises NotFound."""
    report = session.scalar(select(Report).where(Report.reference == reference.strip().upper()))
    if report is None:
        raise NotFound("report", reference)
    return report


def waiting_reports(session: Session, now: datetime, limit: int) -> Sequence[uuid.UUID]:
    """Reports that no post was made of yet, the longest waiting first."""
    due = (Report.state == "received", Report.not_before <= now)
    return session.scalars(select(Report.id).where(*due).order_by(Report.id).limit(limit)).all()


def find_reports(session: Session, *, before: uuid.UUID | None = None, limit: int = 50) -> Sequence[Report]:
    """Reports newest first, those older than `before` (keyset pagination)."""
    query = select(Report).order_by(Report.id.desc()).limit(limit)
    return session.scalars(query.where(Report.id < before) if before else query).all()


def received_since(session: Session, since: datetime, actor: str) -> tuple[int, datetime | None]:
    """How many reports an actor made since then, and when the first was; "x:%" is all that begin so."""
    whose = Report.actor.like(actor) if actor.endswith("%") else Report.actor == actor
    made = select(func.count(), func.min(Report.received_at)).where(whose, Report.received_at > since)
    count, first = session.execute(made).one()
    return count, first
