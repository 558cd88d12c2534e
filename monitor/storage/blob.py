"""Blobs: bytes in the evidence store, known by the SHA-256 of their clear form.

The row holds the wrapped data key; setting it to NULL is the deletion, also in every backup of the
store. The stored file is named by its ciphertext, so storing again after a deletion never collides.
"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import LargeBinary, String, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from monitor.storage.base import Base


class Blob(Base):
    """Encrypted bytes, content-addressed."""

    __tablename__ = "blob"

    sha256: Mapped[str] = mapped_column(String(64), primary_key=True)
    store_name: Mapped[str] = mapped_column(String(64), unique=True)
    size: Mapped[int] = mapped_column(comment="Bytes of the clear form.")
    media_type: Mapped[str] = mapped_column(String(127))
    wrapped_key: Mapped[bytes | None] = mapped_column(LargeBinary, comment="NULL: deleted.")
    stored_at: Mapped[datetime]
    deleted_at: Mapped[datetime | None]


def lock_blob(session: Session, sha256: str) -> Blob | None:
    """The blob's row as it is now, locked until the transaction ends."""
    return session.scalars(
        select(Blob).where(Blob.sha256 == sha256).with_for_update(),
        execution_options={"populate_existing": True},
    ).first()


def stored_names(session: Session) -> set[str]:
    """The store names of every blob that is not deleted."""
    return set(session.scalars(select(Blob.store_name).where(Blob.wrapped_key.is_not(None))))


def is_kept(session: Session, sha256: str) -> bool:
    """Whether the bytes can still be read."""
    kept = select(Blob.sha256).where(Blob.sha256 == sha256, Blob.wrapped_key.is_not(None))
    return session.scalar(kept) is not None
