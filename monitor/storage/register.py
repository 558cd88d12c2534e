"""Registers of an organisation's own patients, staff or canary records: what is known of the digests.

The digests themselves lie in a file of the data folder, named by the generation's id. A generation's key is
sealed like a blob: without the master key its row and its file are of no use. Deleting the row deletes the
key.
"""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, LargeBinary, String, UniqueConstraint, func, select
from sqlalchemy.orm import Mapped, Session, mapped_column, relationship

from detectors.register.match import KIND, RegisterKind
from monitor.errors import NotFound
from monitor.storage.base import Base, Identified
from monitor.storage.examination import Examination, Finding

ENDING = ".digests"


class Register(Identified, Base):
    """One register by its name."""

    __tablename__ = "register"

    name: Mapped[str] = mapped_column(String(100), unique=True)
    kind: Mapped[RegisterKind] = mapped_column(String(16))
    organisation: Mapped[str | None] = mapped_column(String(255))
    system: Mapped[str | None] = mapped_column(String(255), comment="Where its records stand.")
    created_at: Mapped[datetime]

    generations: Mapped[list[RegisterGeneration]] = relationship(
        back_populates="register",
        order_by="RegisterGeneration.number",
        cascade="all, delete-orphan",
    )


class RegisterGeneration(Identified, Base):
    """One set of digests in use; two at a time only while a key is changed."""

    __tablename__ = "register_generation"
    __table_args__ = (UniqueConstraint("register_id", "number"),)

    register_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("register.id", ondelete="CASCADE"))
    number: Mapped[int]
    key_id: Mapped[str] = mapped_column(String(16))
    key_ciphertext: Mapped[bytes] = mapped_column(LargeBinary, comment="The register's key, sealed.")
    key_wrapped: Mapped[bytes] = mapped_column(LargeBinary, comment="The data key of that, wrapped.")
    records: Mapped[int]
    counts: Mapped[dict[str, Any]] = mapped_column(comment="Digests by field.")
    sha256: Mapped[str] = mapped_column(String(64), comment="Of the file's content behind its header.")
    loaded_at: Mapped[datetime]

    register: Mapped[Register] = relationship(back_populates="generations")

    @property
    def file_name(self) -> str:
        """The name of its file in the folder of registers."""
        return f"{self.id}{ENDING}"


@dataclass(frozen=True, slots=True)
class Matched:
    """How often a register was matched in what is stored, and when last."""

    findings: int = 0
    last_at: datetime | None = None


def all_registers(session: Session) -> Sequence[Register]:
    """Registers by name."""
    return session.scalars(select(Register).order_by(Register.name)).all()


def register_named(session: Session, name: str) -> Register:
    """The register of that name. Raises NotFound."""
    register = session.scalar(select(Register).where(Register.name == name))
    if register is None:
        raise NotFound("register", name)
    return register


def matched_by_name(session: Session) -> dict[str, Matched]:
    """What the registers matched so far, by their names."""
    query = (
        select(Finding.masked, func.count(), func.max(Examination.examined_at))
        .join(Finding.examination)
        .where(Finding.kind == KIND)
        .group_by(Finding.masked)
    )
    return {name: Matched(count, last) for name, count, last in session.execute(query)}
