"""The features of known pictures, in memory: a large table built seldom, a small one built often."""

from __future__ import annotations

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from detectors.leak_votes import CANDIDATES, LeakVotes, descriptors, known_features
from detectors.pairing import Descriptors
from monitor.reposts.known import open_features
from monitor.storage.examination import Fingerprint
from monitor.storage.known_image import KnownImage, latest_change
from monitor.vault import Vault

MOST = 10_000
"""Pictures whose features are held, the newest: with the tables 100 kB each, a screenshot 200 kB."""
MOST_OF_ONE = 50
"""Of one alert, the first: ten thousand variants of one leak must not push all others out."""
SMALL, GROWTH = 64, 0.25


class KnownFeatures:
    """Which known pictures share print with one. Not shared between threads."""

    def __init__(self, vault: Vault) -> None:
        self._vault = vault
        self._change = 0
        self._held: dict[str, Descriptors] = {}
        self._large, self._small = LeakVotes([], []), LeakVotes([], [])

    def refresh(self, session: Session) -> None:
        """Take in the pictures that became known since."""
        latest = latest_change(session)
        if latest == self._change:
            return
        place = func.row_number().over(partition_by=KnownImage.alert_id, order_by=KnownImage.change)
        placed = select(KnownImage.blob_sha256, place.label("place")).subquery()
        fresh = (
            select(KnownImage, Fingerprint)
            .join(Fingerprint, Fingerprint.blob_sha256 == KnownImage.blob_sha256)
            .join(placed, placed.c.blob_sha256 == KnownImage.blob_sha256)
            .where(KnownImage.change > self._change, placed.c.place <= MOST_OF_ONE)
            .order_by(KnownImage.change.desc())
            .limit(MOST)
        )
        rows = list(reversed(session.execute(fresh).all()))
        self._change = latest
        for image, fingerprint in rows:
            features = b"" if image.removed_at else open_features(self._vault, fingerprint)
            self._held.pop(image.blob_sha256, None)
            if features:
                self._held[image.blob_sha256] = known_features(features)
        if rows:
            self._build()

    def candidates(self, features: bytes) -> dict[str, float]:
        """The likeliest known pictures by their SHA-256, and their votes."""
        query = descriptors(features)
        votes = self._large.candidates(query) | self._small.candidates(query)
        held = {name: count for name, count in votes.items() if name in self._held}
        best = sorted(held, key=lambda name: (-held[name], name))[:CANDIDATES]
        return {name: held[name] for name in best}

    def _build(self) -> None:
        names = list(self._held)[-MOST:]
        settled = [name for name in self._large.names if name in self._held]
        recent = [name for name in names if name not in set(settled)]
        if len(recent) > max(SMALL, GROWTH * len(settled)):
            self._large, recent = self._table(names), []
        self._small = self._table(recent)

    def _table(self, names: list[str]) -> LeakVotes:
        return LeakVotes(names, [self._held[name] for name in names])
