"""Append-only logs whose lines are chained by hash: custody logs and the audit log.

A line is one JSON object in ASCII, keys sorted, no spaces, then `,"hash":"<64 hex>"}` as its end.
`hash` is SHA-256 of the line without that end (that is, of the object without `hash`), and
`prev_hash` is the `hash` of the line before; the first line's is 64 zeros and its `seq` is 1. So
whoever changes, removes or moves a line breaks the chain there. A chain alone does not show that
lines were cut from its end: for that, keep its head (the last hash) elsewhere.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from monitor.errors import LeakwatchError

GENESIS = "0" * 64


class ChainLineInvalid(LeakwatchError):
    """A line is not a log line in the one form these logs are written in."""

    def __init__(self, line_number: int) -> None:
        super().__init__(f"Line {line_number} of the log is not a log line as leakwatch writes it.")
        self.line_number = line_number


@dataclass(frozen=True, slots=True)
class ChainedEntry:
    """One line: who (`actor`) did what (`action`) to which thing (`item`), when, and why (`note`).

    `digest` is that of the thing handled (SHA-256 of the clear bytes, hex) or "". `at` is aware UTC.
    """

    seq: int
    at: datetime
    actor: str
    action: str
    item: str
    digest: str
    note: str
    prev_hash: str
    hash: str


def append(
    prev: ChainedEntry | None,
    *,
    at: datetime,
    actor: str,
    action: str,
    item: str,
    digest: str = "",
    note: str = "",
) -> ChainedEntry:
    """The entry that follows `prev` (None: the first). Raises ValueError when `at` is naive."""
    seq, prev_hash = (1, GENESIS) if prev is None else (prev.seq + 1, prev.hash)
    at = _in_utc(at)
    unhashed = ChainedEntry(seq, at, actor, action, item, digest, note, prev_hash, hash="")
    return ChainedEntry(seq, at, actor, action, item, digest, note, prev_hash, hash=entry_hash(unhashed))


def verify_chain(entries: Iterable[ChainedEntry], *, after: ChainedEntry | None = None) -> int | None:
    """The first `seq` at which the chain breaks, or None when it is whole.

    `after` is a verified entry that comes just before, for reading a long log in parts.
    """
    seq, prev_hash = (1, GENESIS) if after is None else (after.seq + 1, after.hash)
    for entry in entries:
        if entry.seq != seq or entry.prev_hash != prev_hash or entry.hash != entry_hash(entry):
            return seq
        seq, prev_hash = seq + 1, entry.hash
    return None


def entry_hash(entry: ChainedEntry) -> str:
    """SHA-256 of the entry's canonical form without its `hash`, hex."""
    return hashlib.sha256(_body(entry).encode("ascii")).hexdigest()


def at_text(at: datetime) -> str:
    """A time as it is hashed: UTC with six decimals and Z. Raises ValueError when it is naive."""
    return _in_utc(at).replace(tzinfo=None).isoformat(timespec="microseconds") + "Z"


def at_from_text(text: str) -> datetime:
    """The reverse of `at_text`. Raises ValueError."""
    return datetime.strptime(text, "%Y-%m-%dT%H:%M:%S.%fZ").replace(tzinfo=UTC)


def to_lines(entries: Iterable[ChainedEntry]) -> bytes:
    """The log as a file: one line per entry, each ended by LF."""
    return b"".join(f'{_body(entry)[:-1]},"hash":"{entry.hash}"}}\n'.encode("ascii") for entry in entries)


def from_lines(data: bytes) -> list[ChainedEntry]:
    """Read what `to_lines` wrote, byte for byte. Raises ChainLineInvalid naming the line."""
    lines = data.split(b"\n")
    if lines.pop() != b"":
        raise ChainLineInvalid(len(lines) + 1)
    return [_entry(line, number) for number, line in enumerate(lines, 1)]


def _entry(line: bytes, number: int) -> ChainedEntry:
    try:
        fields: dict[str, Any] = json.loads(line)
        entry = ChainedEntry(**{**fields, "at": at_from_text(fields["at"])})
        same = to_lines([entry]) == line + b"\n" and _has_types(entry)
    except (ValueError, TypeError, KeyError, RecursionError) as error:
        raise ChainLineInvalid(number) from error
    if not same:
        raise ChainLineInvalid(number)
    return entry


def _has_types(entry: ChainedEntry) -> bool:
    texts = (entry.actor, entry.action, entry.item, entry.digest, entry.note, entry.prev_hash, entry.hash)
    return type(entry.seq) is int and all(isinstance(text, str) for text in texts)


def _body(entry: ChainedEntry) -> str:
    fields = {
        "seq": entry.seq,
        "at": at_text(entry.at),
        "actor": entry.actor,
        "action": entry.action,
        "item": entry.item,
        "digest": entry.digest,
        "note": entry.note,
        "prev_hash": entry.prev_hash,
    }
    return json.dumps(fields, sort_keys=True, separators=(",", ":"), ensure_ascii=True)


def _in_utc(at: datetime) -> datetime:
    if at.tzinfo is None:
        raise ValueError("A log entry needs an aware time.")
    return at.astimezone(UTC)
