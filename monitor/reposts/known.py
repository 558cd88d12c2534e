"""Keeping the known pictures: an alert's are added, a harmless one's later copies are passed over."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from monitor.fingerprints.postgres import bit_string, chunk_keys
from monitor.storage.alert import Alert
from monitor.storage.examination import Fingerprint
from monitor.storage.known_image import KnownAs, KnownImage, next_change
from monitor.storage.upsert import insert_missing
from monitor.vault import Sealed, Vault


def add_known(session: Session, alert: Alert, images: Iterable[str], now: datetime) -> None:
    """Make pictures known as an alert's; what is known already stays as it is."""
    for sha256 in images:
        if session.get(KnownImage, sha256) is not None:
            continue
        fingerprint = session.get(Fingerprint, sha256)
        pdq = fingerprint.pdq_views[0] if fingerprint and fingerprint.usable else None
        values = {
            "blob_sha256": sha256,
            "alert_id": alert.id,
            "known_as": "leak",
            "pdq": pdq,
            "bits": bit_string(pdq) if pdq else None,
            "chunks": chunk_keys(pdq) if pdq else None,
            "change": next_change(session),
            "added_at": now,
            "suppressed": 0,
        }
        insert_missing(session, KnownImage, values)


def know_as(session: Session, alert_id: UUID, known_as: KnownAs) -> int:
    """Say that an alert's pictures are leaks, or harmless; how many there are."""
    changed = session.execute(
        update(KnownImage)
        .where(KnownImage.alert_id == alert_id)
        .values(known_as=known_as)
        .returning(KnownImage.change)
    )
    return len(changed.all())


def count_suppressed(session: Session, images: Iterable[str], now: datetime) -> None:
    """A post showed these harmless pictures."""
    session.execute(
        update(KnownImage)
        .where(KnownImage.blob_sha256.in_(list(images)))
        .values(suppressed=KnownImage.suppressed + 1, last_suppressed_at=now)
    )


def known_images(session: Session, images: Iterable[str]) -> dict[str, KnownImage]:
    """Those of these pictures that are known, by SHA-256."""
    wanted = select(KnownImage).where(
        KnownImage.blob_sha256.in_(list(images)), KnownImage.removed_at.is_(None)
    )
    return {row.blob_sha256: row for row in session.scalars(wanted)}


def images_of(session: Session, alert_id: UUID) -> Sequence[KnownImage]:
    """The known pictures of an alert."""
    mine = select(KnownImage).where(KnownImage.alert_id == alert_id, KnownImage.removed_at.is_(None))
    return session.scalars(mine.order_by(KnownImage.change)).all()


def benign_images(session: Session) -> Sequence[tuple[KnownImage, Alert]]:
    """The negative bank: pictures that people said are harmless, and the alerts in which they said so."""
    rows = session.execute(
        select(KnownImage, Alert)
        .join(Alert, Alert.id == KnownImage.alert_id)
        .where(KnownImage.known_as == "benign", KnownImage.removed_at.is_(None))
        .order_by(KnownImage.change.desc())
    )
    return [(row[0], row[1]) for row in rows]


def seal_features(vault: Vault, row: Fingerprint, features: bytes) -> None:
    """Put a picture's features into its row, sealed: together they tell something of its print."""
    sealed = vault.encrypt(features, context=_context(row.blob_sha256))
    row.features_ciphertext, row.features_key = sealed.ciphertext, sealed.wrapped_key


def open_features(vault: Vault, row: Fingerprint) -> bytes:
    """A picture's features; empty when they are not kept."""
    if row.features_ciphertext is None or row.features_key is None:
        return b""
    return vault.decrypt(Sealed(row.features_ciphertext, row.features_key), context=_context(row.blob_sha256))


def drop_features(session: Session, images: Iterable[str]) -> None:
    """Delete the features of those pictures that are not known."""
    known = select(KnownImage.blob_sha256)
    session.execute(
        update(Fingerprint)
        .where(Fingerprint.blob_sha256.in_(list(images)), Fingerprint.blob_sha256.not_in(known))
        .values(features_ciphertext=None, features_key=None)
    )


def _context(sha256: str) -> bytes:
    return b"features:" + sha256.encode()
