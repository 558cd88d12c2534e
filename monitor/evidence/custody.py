"""The custody log of one matter: who handled which evidence item, when and why.

The chain itself is `monitor.hashchain`; this module adds what the actions are called. Lines hold
ids, digests and reasons, never content.
"""

from __future__ import annotations

from collections.abc import Sequence
from enum import StrEnum

from monitor.hashchain import ChainedEntry, append, from_lines, to_lines, verify_chain

CustodyEntry = ChainedEntry

__all__ = [
    "CustodyAction",
    "CustodyEntry",
    "append",
    "from_lines",
    "handled",
    "head",
    "to_lines",
    "verify_chain",
]


class CustodyAction(StrEnum):
    """What can happen to an evidence item."""

    CAPTURED = "captured"
    SEALED = "sealed"
    DERIVED = "derived"
    VIEWED = "viewed"
    EXPORTED = "exported"
    FIXITY_CHECKED = "fixity_checked"
    TIMESTAMPED = "timestamped"
    HELD = "held"
    RELEASED = "released"
    DELETED = "deleted"


def head(entries: Sequence[CustodyEntry]) -> str:
    """The hash of the last line, which stands for the whole log; "" for an empty one."""
    return entries[-1].hash if entries else ""


def handled(entries: Sequence[CustodyEntry]) -> frozenset[str]:
    """The digests of everything the log speaks of."""
    return frozenset(entry.digest for entry in entries if entry.digest)
