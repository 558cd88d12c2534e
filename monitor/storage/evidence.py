"""Evidence items, their custody log, and the bundles made of them."""

from __future__ import annotations

import uuid
from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any, Literal

from sqlalchemy import ForeignKey, String, UniqueConstraint, func, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from monitor.errors import NotFound
from monitor.storage.alert import Alert
from monitor.storage.base import Base, Identified
from monitor.storage.chain import Chained, append_row

EvidenceKind = Literal["original", "text", "preview", "clear_findings"]
BundleKind = Literal["sealed", "shareable"]


class EvidenceItem(Identified, Base):
    """One sealed immutable object of an alert."""

    __tablename__ = "evidence_item"
    __table_args__ = (UniqueConstraint("alert_id", "kind", "blob_sha256"),)

    alert_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("alert.id"))
    post_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("post.id"))
    kind: Mapped[EvidenceKind] = mapped_column(String(32))
    blob_sha256: Mapped[str] = mapped_column(ForeignKey("blob.sha256"), index=True)
    derived_from: Mapped[str | None] = mapped_column(String(64), comment="SHA-256 of the parent.")
    facts: Mapped[dict[str, Any]] = mapped_column(comment="How it was acquired; unknown facts are absent.")
    sealed_at: Mapped[datetime]


class CustodyEvent(Chained, Base):
    """One line of an alert's append-only handling record, chained by hash."""

    __tablename__ = "custody_event"

    alert_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("alert.id"), primary_key=True)


class Bundle(Identified, Base):
    """A bundle that was made, and by whom."""

    __tablename__ = "bundle"

    alert_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("alert.id"), index=True)
    kind: Mapped[BundleKind] = mapped_column(String(16))
    file_name: Mapped[str] = mapped_column(String(255))
    sha512: Mapped[str] = mapped_column(String(128))
    created_at: Mapped[datetime]
    created_by: Mapped[str] = mapped_column(String(128))


def evidence_of(
    session: Session, alert_id: uuid.UUID, *kinds: EvidenceKind, words_of: Collection[uuid.UUID] | None = None
) -> list[EvidenceItem]:
    """An alert's evidence items in the order they were sealed, of these kinds or of all.

    With `words_of`, the words of these posts only.
    """
    query = select(EvidenceItem).where(EvidenceItem.alert_id == alert_id).order_by(EvidenceItem.id)
    if words_of is not None:
        query = query.where((EvidenceItem.kind != "text") | EvidenceItem.post_id.in_(words_of))
    return list(session.scalars(query.where(EvidenceItem.kind.in_(kinds)) if kinds else query))


def previewed_at(session: Session, alert_id: uuid.UUID) -> dict[str, datetime]:
    """When each of an alert's files was last given a preview, by its SHA-256."""
    query = select(EvidenceItem.derived_from, func.max(EvidenceItem.sealed_at)).where(
        EvidenceItem.alert_id == alert_id, EvidenceItem.kind == "preview"
    )
    rows = session.execute(query.group_by(EvidenceItem.derived_from))
    return {row[0]: row[1] for row in rows if row[0]}


def custody_of(session: Session, alert_id: uuid.UUID) -> list[CustodyEvent]:
    """An alert's custody log, oldest first."""
    return list(
        session.scalars(
            select(CustodyEvent).where(CustodyEvent.alert_id == alert_id).order_by(CustodyEvent.seq)
        )
    )


def take_custody(
    session: Session, alert_id: uuid.UUID, action: str, *, now: datetime, actor: str, **entry: str
) -> None:
    """Add a line to an alert's custody log: `item`, `digest`, `note` as `monitor.hashchain` has them."""
    session.scalars(select(Alert.id).where(Alert.id == alert_id).with_for_update()).one()
    append_row(session, CustodyEvent, {"alert_id": alert_id}, at=now, actor=actor, action=action, **entry)


def get_evidence(
    session: Session, alert_id: uuid.UUID, kind: EvidenceKind, item_id: uuid.UUID
) -> EvidenceItem:
    """An alert's evidence item of that kind and id. Raises NotFound."""
    item = session.get(EvidenceItem, item_id)
    if item is None or item.alert_id != alert_id or item.kind != kind:
        raise NotFound("evidence item", item_id)
    return item


def find_preview(session: Session, alert_id: uuid.UUID, sha256: str) -> EvidenceItem:
    """An alert's redacted preview by its digest. Raises NotFound."""
    for item in evidence_of(session, alert_id, "preview"):
        if item.blob_sha256 == sha256:
            return item
    raise NotFound("preview", sha256)


def first_previews(session: Session, alert_ids: Sequence[uuid.UUID]) -> dict[uuid.UUID, str]:
    """The digest of the first redacted preview of each alert that has one."""
    rows = session.execute(
        select(EvidenceItem.alert_id, EvidenceItem.blob_sha256)
        .where(EvidenceItem.alert_id.in_(alert_ids), EvidenceItem.kind == "preview")
        .order_by(EvidenceItem.id.desc())
    )
    return {row[0]: row[1] for row in rows}


def bundles_of(session: Session, alert_id: uuid.UUID) -> Sequence[Bundle]:
    """The bundles made of an alert, newest first."""
    return session.scalars(select(Bundle).where(Bundle.alert_id == alert_id).order_by(Bundle.id.desc())).all()


def get_bundle(session: Session, alert_id: uuid.UUID, bundle_id: uuid.UUID) -> Bundle:
    """An alert's bundle. Raises NotFound."""
    bundle = session.get(Bundle, bundle_id)
    if bundle is None or bundle.alert_id != alert_id:
        raise NotFound("bundle", bundle_id)
    return bundle


def bundle_of_file(session: Session, file_name: str) -> Bundle | None:
    """The bundle that was written under that name."""
    return session.scalar(select(Bundle).where(Bundle.file_name == file_name))
