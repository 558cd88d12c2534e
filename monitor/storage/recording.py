"""Recorded answers of platforms: sealed, for a while, to find out what a connector was given."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import ForeignKey, LargeBinary, String, delete, func, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from monitor.errors import NotFound
from monitor.storage.base import Base, Identified


class Recording(Identified, Base):
    """One answer. Its address, headers and body are in the sealed part."""

    __tablename__ = "source_recording"

    source_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("source.id", ondelete="CASCADE"), index=True)
    recorded_at: Mapped[datetime]
    expires_at: Mapped[datetime] = mapped_column(index=True)
    host: Mapped[str] = mapped_column(String(255))
    status: Mapped[int]
    size: Mapped[int] = mapped_column(comment="Bytes of the body, before it was cut.")
    ciphertext: Mapped[bytes] = mapped_column(LargeBinary)
    wrapped_key: Mapped[bytes] = mapped_column(LargeBinary)


def recordings_of(session: Session, source_id: uuid.UUID, now: datetime) -> Sequence[Recording]:
    """A source's recordings that have not expired, newest first, without their contents read."""
    query = select(Recording).where(Recording.source_id == source_id, Recording.expires_at > now)
    return session.scalars(query.order_by(Recording.id.desc())).all()


def get_recording(
    session: Session, source_id: uuid.UUID, recording_id: uuid.UUID, now: datetime
) -> Recording:
    """One recording of a source. Raises NotFound, also when it has expired."""
    found = session.get(Recording, recording_id)
    if found is None or found.source_id != source_id or found.expires_at <= now:
        raise NotFound("recording", recording_id)
    return found


def count_recordings(session: Session, source_id: uuid.UUID) -> int:
    """How many there are of a source."""
    return session.scalar(select(func.count()).where(Recording.source_id == source_id)) or 0


def forget_expired(session: Session, now: datetime) -> None:
    """Delete what has expired; the data keys go with the rows."""
    session.execute(delete(Recording).where(Recording.expires_at <= now))
