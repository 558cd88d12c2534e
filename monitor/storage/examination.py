"""Examinations and their findings: what the detectors said about a file or a text.

An examination belongs to content, not to a post: `subject` is `blob:<sha256>` or
`text:<keyed digest>`, and the same content is not examined twice under the same detector
`signature`. Clear identifiers are not here: a finding has its masked form, and a keyed digest that
tells whether two findings name the same person.
"""

from __future__ import annotations

import uuid
from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, LargeBinary, String, Text, UniqueConstraint, select, text
from sqlalchemy.orm import Mapped, Session, mapped_column, relationship

from detectors.fingerprints import MIN_INK
from detectors.pdq import MIN_QUALITY
from detectors.register.match import KIND
from monitor.storage.base import Base, Identified
from monitor.storage.post import PostRevision


class Examination(Identified, Base):
    """One run of the detectors over one content."""

    __tablename__ = "examination"
    __table_args__ = (UniqueConstraint("subject", "signature"),)

    subject: Mapped[str] = mapped_column(String(80))
    signature: Mapped[str] = mapped_column(String(64), comment="Detectors, versions and options.")
    examined_at: Mapped[datetime]
    seconds: Mapped[float]
    width: Mapped[int | None]
    height: Mapped[int | None]
    details: Mapped[dict[str, Any]] = mapped_column(
        comment="Engine, notes, frames, boxes a preview may show."
    )
    clear_sha256: Mapped[str | None] = mapped_column(
        ForeignKey("blob.sha256"), comment="Sealed clear values, while they are kept."
    )

    findings: Mapped[list[Finding]] = relationship(back_populates="examination", order_by="Finding.position")


_OF_A_REGISTER = text(f"kind = '{KIND}'")


class Finding(Identified, Base):
    """A detector's statement, without the clear value."""

    __tablename__ = "finding"
    __table_args__ = (
        UniqueConstraint("examination_id", "position"),
        Index(
            "ix_finding_register_match",
            "masked",
            sqlite_where=_OF_A_REGISTER,
            postgresql_where=_OF_A_REGISTER,
        ),
    )

    examination_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("examination.id", ondelete="CASCADE"))
    position: Mapped[int]
    kind: Mapped[str] = mapped_column(String(64))
    detector: Mapped[str] = mapped_column(String(64))
    version: Mapped[str] = mapped_column(String(32))
    score: Mapped[float]
    masked: Mapped[str] = mapped_column(Text)
    valid: Mapped[bool | None]
    box: Mapped[list[Any] | None] = mapped_column(comment="[x, y, width, height] in upright pixels.")
    page: Mapped[int] = mapped_column(default=0)
    why: Mapped[str] = mapped_column(Text)
    facts: Mapped[dict[str, Any]]
    digest: Mapped[str | None] = mapped_column(
        String(64), index=True, comment="Keyed digest of the clear value."
    )

    examination: Mapped[Examination] = relationship(back_populates="findings")


class Fingerprint(Base):
    """Perceptual hashes of an image: similarity, never identity."""

    __tablename__ = "fingerprint"

    blob_sha256: Mapped[str] = mapped_column(ForeignKey("blob.sha256"), primary_key=True)
    phash: Mapped[str] = mapped_column(String(16))
    dhash: Mapped[str] = mapped_column(String(16))
    phash256: Mapped[str] = mapped_column(String(64))
    ink: Mapped[float] = mapped_column(comment="Share of dark pixels; hashes of blank pages mean nothing.")
    pdq: Mapped[str | None] = mapped_column(
        String(512),
        comment="Eight PDQ hashes: upright, turned and mirrored; NULL: made before there were any.",
    )
    quality: Mapped[int] = mapped_column(default=0, comment="PDQ's own, 0 to 100.")
    features_ciphertext: Mapped[bytes | None] = mapped_column(
        LargeBinary, comment="Sealed ORB descriptors; kept for pictures of alerts."
    )
    features_key: Mapped[bytes | None] = mapped_column(LargeBinary, comment="NULL: deleted.")

    @property
    def usable(self) -> bool:
        """Whether the PDQ hashes say anything: those of a nearly blank page do not."""
        return bool(self.pdq) and self.ink >= MIN_INK and self.quality >= MIN_QUALITY

    @property
    def pdq_views(self) -> list[str]:
        """The eight PDQ hashes, the upright one first."""
        return [self.pdq[at : at + 64] for at in range(0, len(self.pdq), 64)] if self.pdq else []


def find_examination(session: Session, subject: str, signature: str) -> Examination | None:
    """The examination of that content by those detectors."""
    return session.scalar(
        select(Examination).where(Examination.subject == subject, Examination.signature == signature)
    )


def newest_examination(session: Session, subject: str) -> Examination | None:
    """The last examination of that content, by whatever detectors."""
    own = select(Examination).where(Examination.subject == subject)
    return session.scalar(own.order_by(Examination.examined_at.desc()).limit(1))


def image_subject(sha256: str) -> str:
    """The subject under which a file's examination is stored."""
    return f"blob:{sha256}"


def text_subject(revision: PostRevision) -> str:
    """The subject under which a revision's text is examined: its wording's keyed digest."""
    return f"text:{revision.content_digest}"


def examinations_of(session: Session, revision: PostRevision) -> list[Examination]:
    """The newest examination of each of a revision's files, then of its text."""
    subjects = [image_subject(a.blob_sha256) for a in revision.attachments if a.blob_sha256]
    subjects.append(text_subject(revision))
    rows = session.scalars(
        select(Examination).where(Examination.subject.in_(subjects)).order_by(Examination.examined_at)
    )
    found = {row.subject: row for row in rows}
    return [found[subject] for subject in dict.fromkeys(subjects) if subject in found]
