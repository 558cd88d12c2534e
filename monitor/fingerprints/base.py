"""The port: which known pictures have a PDQ hash near one of these?"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from sqlalchemy.orm import Session

RADIUS = 31
"""The published distance for PDQ; both indexes are exact at it."""


@dataclass(frozen=True, slots=True)
class IndexStatus:
    """How many pictures an index holds, and up to which change of the database."""

    kind: str
    entries: int
    generation: int


class FingerprintIndex(Protocol):
    """Exact nearness search over `known_image`."""

    def refresh(self, session: Session) -> None:
        """Take in what changed since the last time; what was changed before is found from now on."""
        ...

    def status(self, session: Session) -> IndexStatus:
        """How far it is; may count all entries, so not for every post."""
        ...

    def search(self, session: Session, hashes: Sequence[str], radius: int = RADIUS) -> dict[str, int]:
        """The least distance of each known picture within `radius` of one of `hashes`, by its SHA-256.

        A hash is 64 hexadecimal digits. Raises ValueError for a radius above 31.
        """
        ...
