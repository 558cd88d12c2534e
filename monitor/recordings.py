"""Recording what platforms answer a source, for as long as a person asks: sealed, bounded, and soon deleted.

It shows posts as they came, so it is switched on for a while only, never looked at without a reason, and each
look stands in the audit log.
"""

from __future__ import annotations

import json
from base64 import b64decode, b64encode
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy.orm import Session

from connectors.traffic import Exchange
from monitor import audit
from monitor.core import Core
from monitor.errors import InvalidInput
from monitor.notes import checked_note
from monitor.reveal import REASON_LENGTH
from monitor.storage.base import new_id
from monitor.storage.recording import Recording, count_recordings, forget_expired, get_recording
from monitor.storage.source import Source, source_named
from monitor.vault import Sealed

LONGEST = timedelta(hours=24)
"""How long a source may be recorded at a stretch."""
MOST = 500
"""Answers kept of one source at a time."""
MAX_BODY = 2 * 2**20
"""Bytes kept of one answer."""
SECRET_HEADERS = frozenset({"set-cookie", "authorization", "www-authenticate", "proxy-authenticate"})


@dataclass(frozen=True, slots=True)
class Opened:
    """One answer in the clear: posts as strangers wrote them."""

    method: str
    url: str
    status: int
    headers: dict[str, str]
    body: bytes


def record_for(
    session: Session, name: str, length: timedelta, *, actor: str, now: datetime
) -> datetime | None:
    """Record a source's answers for so long, none to stop; until when. Raises InvalidInput or NotFound."""
    if length > LONGEST:
        raise InvalidInput(
            f"A source is recorded for {LONGEST // timedelta(hours=1)} hours at most at a stretch."
        )
    source = source_named(session, name)
    source.recording_until = now + length if length else None
    note = f"until {source.recording_until:%Y-%m-%d %H:%M} UTC" if source.recording_until else "stopped"
    audit.record(session, now=now, actor=actor, action="source.record", item=name, note=note)
    return source.recording_until


def keep(core: Core, source: Source, host: str, exchange: Exchange) -> None:
    """Seal an answer, while the source is being recorded and there is room."""
    now = core.now()
    if source.recording_until is None or source.recording_until <= now:
        return
    document = {
        "method": exchange.method,
        "url": exchange.url,
        "status": exchange.status,
        "headers": {
            name: value for name, value in exchange.headers.items() if name.lower() not in SECRET_HEADERS
        },
        "body": b64encode(exchange.body[:MAX_BODY]).decode(),
    }
    identity = new_id()
    sealed = core.vault.encrypt(json.dumps(document).encode(), context=_context(identity))
    with core.database.transaction() as session:
        if count_recordings(session, source.id) >= MOST:
            return
        session.add(
            Recording(
                id=identity,
                source_id=source.id,
                recorded_at=now,
                expires_at=now + timedelta(hours=core.settings.recording_hours),
                host=host,
                status=exchange.status,
                size=len(exchange.body),
                ciphertext=sealed.ciphertext,
                wrapped_key=sealed.wrapped_key,
            )
        )


def open_recording(core: Core, name: str, recording_id: UUID, *, reason: str, actor: str) -> Opened:
    """One answer in the clear; who looked and why is logged first. Raises InvalidInput or NotFound."""
    reason = checked_note(reason)
    if len(reason) < REASON_LENGTH:
        raise InvalidInput(f"Give a reason of at least {REASON_LENGTH} characters; it goes into the log.")
    now = core.now()
    with core.database.transaction() as session:
        found = get_recording(session, source_named(session, name).id, recording_id, now)
        item = f"{name}/{recording_id}"
        audit.record(session, now=now, actor=actor, action="source.recording.read", item=item, note=reason)
        sealed = Sealed(found.ciphertext, found.wrapped_key)
    document = json.loads(core.vault.decrypt(sealed, context=_context(recording_id)))
    return Opened(**document | {"body": b64decode(document["body"])})


def forget_recordings(core: Core) -> None:
    """Delete what has expired."""
    with core.database.transaction() as session:
        forget_expired(session, core.now())


def _context(identity: UUID) -> bytes:
    return b"recording:" + identity.bytes
