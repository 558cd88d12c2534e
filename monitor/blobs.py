"""Keeping bytes: sealed by the vault, held by the evidence store, known to the database.

Bytes are written to the store before the row that knows them is committed. A crash between the two
leaves a file that nobody knows and nobody can open; `sweep` removes it.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from monitor.errors import NotFound
from monitor.evidence.store import EvidenceStore, content_name
from monitor.storage.base import utc_now
from monitor.storage.blob import Blob, lock_blob, stored_names
from monitor.storage.upsert import insert_missing
from monitor.vault import Sealed, Vault

ORPHAN_AGE = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Written:
    """Bytes that lie sealed in the store and wait to be registered."""

    sha256: str
    store_name: str
    size: int
    media_type: str
    wrapped_key: bytes


class Blobs:
    """The one way to keep, read and delete bytes."""

    def __init__(self, vault: Vault, store: EvidenceStore) -> None:
        self._vault = vault
        self._store = store

    def write(self, data: bytes, media_type: str) -> Written:
        """Seal bytes into the store. Not in a transaction: it waits for the disk."""
        sha256 = hashlib.sha256(data).hexdigest()
        sealed = self._vault.encrypt(data, context=sha256.encode())
        name = content_name(sealed.ciphertext)
        self._store.put(name, sealed.ciphertext)
        return Written(sha256, name, len(data), media_type, sealed.wrapped_key)

    def holds(self, session: Session, sha256: str) -> bool:
        """Whether bytes are kept already, which they are at least until this transaction ends."""
        blob = lock_blob(session, sha256)
        return blob is not None and blob.wrapped_key is not None

    def register(self, session: Session, written: Written, now: datetime) -> str:
        """Make written bytes known; returns their SHA-256. Bytes known already stay as they are."""
        row = {
            "sha256": written.sha256,
            "store_name": written.store_name,
            "size": written.size,
            "media_type": written.media_type,
            "wrapped_key": written.wrapped_key,
            "stored_at": now,
        }
        if not insert_missing(session, Blob, row):
            blob = lock_blob(session, written.sha256)
            assert blob is not None
            if blob.wrapped_key is None:
                blob.store_name, blob.wrapped_key = written.store_name, written.wrapped_key
                blob.stored_at, blob.deleted_at = now, None
        return written.sha256

    def read(self, session: Session, sha256: str) -> bytes:
        """The clear bytes. Raises NotFound when they were deleted, EvidenceAltered when changed."""
        blob = session.get(Blob, sha256)
        if blob is None or blob.wrapped_key is None:
            raise NotFound("stored file", sha256)
        sealed = Sealed(self._store.get(blob.store_name), blob.wrapped_key)
        return self._vault.decrypt(sealed, context=sha256.encode())

    def forget(self, session: Session, sha256: str, now: datetime) -> str | None:
        """Delete by dropping the data key; returns the store name for `remove` after the commit."""
        blob = lock_blob(session, sha256)
        if blob is None or blob.wrapped_key is None:
            return None
        blob.wrapped_key, blob.deleted_at = None, now
        return blob.store_name

    def remove(self, store_name: str) -> None:
        """Remove the unreadable rest of a forgotten blob."""
        self._store.delete(store_name)

    def sweep(self, session: Session) -> int:
        """Remove files that no blob knows and that no running write can still be about."""
        limit = utc_now() - ORPHAN_AGE
        self._store.sweep(limit)
        known = stored_names(session)
        orphans = [name for name in self._store.names(written_before=limit) if name not in known]
        for name in orphans:
            self._store.delete(name)
        return len(orphans)
