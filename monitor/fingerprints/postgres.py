"""The index in PostgreSQL: a GIN index over the hashes' numbered chunks, rechecked by counting bits.

No extension is needed. Hashes within 31 bits share a chunk, or miss one by a single bit (see
`detectors.multi_index`), so a row qualifies if it has one of 272 chunk keys; `bit_count` (PostgreSQL 14)
then says how far it is.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from sqlalchemy import func, select, text
from sqlalchemy.orm import Session

from detectors.multi_index import CHUNKS, as_hashes, chunks_of, probes
from monitor.fingerprints.base import RADIUS, IndexStatus
from monitor.storage.known_image import KnownImage, latest_change

SEARCH = text(
    "select blob_sha256, bit_count(bits # cast(:bits as bit(256))) as distance from known_image"
    " where chunks && cast(:keys as integer[]) and removed_at is null"
    " and bit_count(bits # cast(:bits as bit(256))) <= :radius"
)

BY_INDEX, AS_BEFORE = (text(f"set local enable_seqscan = {value}") for value in ("off", "default"))
"""The planner takes 272 rare keys for most of the table, and would compare each row with all of them: eight
seconds in a million rows, where the index takes 20 ms."""


def bit_string(hashed: str) -> str:
    """A hexadecimal hash as PostgreSQL writes bits."""
    return f"{int(hashed, 16):0{4 * len(hashed)}b}"


def chunk_keys(hashed: str) -> list[int]:
    """The hash's 16 chunks, each with its place in the upper half of the number."""
    values = chunks_of(as_hashes([hashed]))[0].astype(int)
    return [(place << 16) | value for place, value in enumerate(values.tolist())]


class PostgresIndex:
    """Searches the table itself, which is never behind."""

    def refresh(self, session: Session) -> None:
        """Nothing to take in."""

    def status(self, session: Session) -> IndexStatus:
        """Counted in the table."""
        known = select(func.count()).where(KnownImage.pdq.is_not(None), KnownImage.removed_at.is_(None))
        return IndexStatus("postgresql", session.scalar(known) or 0, latest_change(session))

    def search(self, session: Session, hashes: Sequence[str], radius: int = RADIUS) -> dict[str, int]:
        """One query a hash."""
        found: dict[str, int] = {}
        session.execute(BY_INDEX)
        for hashed in hashes:
            asked = {"bits": bit_string(hashed), "keys": probe_keys(hashed, radius), "radius": radius}
            for sha256, distance in session.execute(SEARCH, asked):
                found[sha256] = min(distance, found.get(sha256, distance))
        session.execute(AS_BEFORE)
        return found


def probe_keys(hashed: str, radius: int) -> list[int]:
    """The chunk keys under which everything within `radius` is found. Raises ValueError above 31."""
    values = probes(chunks_of(as_hashes([hashed]))[0], radius).astype(np.int64)
    return (values + (np.arange(CHUNKS)[:, None] << 16)).ravel().tolist()
