"""Recordings of what platforms answer: sealed, bounded, for a while, and read with a trace."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select

from connectors.traffic import Exchange
from monitor import recordings
from monitor.core import Core
from monitor.errors import InvalidInput, NotFound
from monitor.recordings import forget_recordings, open_recording, record_for
from monitor.sources import create_source
from monitor.storage.audit import audit_events
from monitor.storage.recording import Recording, recordings_of
from monitor.storage.source import source_named
from monitor.traffic import SourceTraffic

START = datetime(2026, 11, 25, 12, tzinfo=UTC)
SECRET = b'{"text": "NHS 999 012 3454"}'
ANSWER = Exchange("GET", "https://f.example/ann", 200, {"etag": "x", "Set-Cookie": "s=1"}, SECRET)
WHY = "Pictures of this feed are missing."


@pytest.fixture
def timed(core: Core) -> Core:
    """A core at a fixed time, with a source."""
    with core.database.transaction() as session:
        create_source(session, name="s", connector="rss", config={"feeds": ["https://f.example/"]}, now=START)
    return replace(core, now=lambda: START)


def record(core: Core, length: timedelta = timedelta(hours=1)) -> None:
    """Switch it on, or off."""
    with core.database.transaction() as session:
        record_for(session, "s", length, actor="cli:test", now=core.now())


def hear(core: Core, *answers: Exchange) -> list[Recording]:
    """Let the source hear answers; what is recorded of it."""
    with core.database.read() as session:
        source = source_named(session, "s")
    for answer in answers:
        SourceTraffic(core, source).heard("f.example", answer)
    with core.database.read() as session:
        return list(recordings_of(session, source.id, core.now()))


def test_an_answer_is_sealed_and_read_with_a_reason(timed: Core) -> None:
    """Nothing clear is in the row; reading is logged with who and why; secrets of the answer are left out."""
    assert hear(timed, ANSWER) == []
    record(timed)
    (kept,) = hear(timed, ANSWER)
    assert b"999 012" not in kept.ciphertext
    assert (kept.host, kept.status, kept.size) == ("f.example", 200, len(SECRET))
    opened = open_recording(timed, "s", kept.id, reason=WHY, actor="cli:test")
    assert (opened.url, opened.body, opened.headers) == (ANSWER.url, SECRET, {"etag": "x"})
    with timed.database.read() as session:
        lines = [(line.action, line.item, line.note) for line in audit_events(session)]
    assert ("source.recording.read", f"s/{kept.id}", WHY) in lines
    assert ("source.record", "s", "until 2026-11-25 13:00 UTC") in lines


@pytest.mark.parametrize("reason", ["", "why not", "Patient 999 012 3454 asked for it"])
def test_no_reason_no_reading(timed: Core, reason: str) -> None:
    """A reason that says nothing, or too much, opens nothing."""
    record(timed)
    (kept,) = hear(timed, ANSWER)
    with pytest.raises(InvalidInput):
        open_recording(timed, "s", kept.id, reason=reason, actor="cli:test")
    with timed.database.read() as session:
        assert "source.recording.read" not in {line.action for line in audit_events(session)}


def test_recording_ends_and_expires(timed: Core) -> None:
    """It stops at its time or when told, and what was kept is deleted when it expires, data key and all."""
    record(timed)
    (kept,) = hear(timed, ANSWER)
    later = replace(timed, now=lambda: START + timedelta(hours=1))
    assert len(hear(later, ANSWER)) == 1
    record(timed, timedelta(0))
    assert len(hear(timed, ANSWER)) == 1
    expired = replace(timed, now=lambda: START + timedelta(hours=24))
    assert hear(expired) == []
    with pytest.raises(NotFound):
        open_recording(expired, "s", kept.id, reason=WHY, actor="cli:test")
    forget_recordings(expired)
    with timed.database.read() as session:
        assert session.scalars(select(Recording)).all() == []
    with pytest.raises(InvalidInput, match="24 hours at most"):
        record(timed, timedelta(hours=25))


def test_recordings_are_bounded(timed: Core, monkeypatch: pytest.MonkeyPatch) -> None:
    """A busy source fills only so much."""
    monkeypatch.setattr(recordings, "MOST", 2)
    monkeypatch.setattr(recordings, "MAX_BODY", 4)
    record(timed)
    kept = hear(timed, ANSWER, ANSWER, ANSWER)
    assert len(kept) == 2
    assert open_recording(timed, "s", kept[0].id, reason=WHY, actor="cli:test").body == SECRET[:4]
