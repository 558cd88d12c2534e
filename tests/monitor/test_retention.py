"""Retention: content goes when it has served its purpose; evidence never does."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import select

from monitor.core import Core
from monitor.errors import NotFound
from monitor.fingerprints.choice import index_for
from monitor.pipeline.acquire import Acquire
from monitor.pipeline.act import Act
from monitor.pipeline.collect import run_due
from monitor.pipeline.examine import Examine
from monitor.pipeline.pool import ExaminePool
from monitor.pipeline.step import Step
from monitor.pipeline.triage import Triage
from monitor.reposts.matching import Matching
from monitor.retention import forget_content, purge_failed
from monitor.storage import work
from monitor.storage.blob import Blob
from monitor.storage.evidence import EvidenceItem
from monitor.storage.post import Attachment, Post, PostRevision
from monitor.texts import open_text
from tests.monitor.pictures import draw, encode, letter

LEAK = "NHS No 999 888 7771 Mr Owen Pellow DOB 01/02/1950 admitted with sepsis, ward 4, DNACPR"
PICTURE = encode(draw("Menu of the day"))

Process = Callable[[], None]


@pytest.fixture
def failed(core: Core, folder: Path, process: Process) -> Callable[..., None]:
    """Makes a post fail: one of its files is missing, the other is there."""

    def make(*posts: str, text: str = "look") -> None:
        (folder / "there.img").write_bytes(PICTURE)
        lines = [
            f'{{"id": "{post}", "text": "{text}", "files": ["there.img", "gone.img"]}}\n' for post in posts
        ]
        (folder / "posts.jsonl").write_text("".join(lines))
        process()

    return make


def later(core: Core, days: float) -> Core:
    """The same core, so many days on."""
    return replace(core, now=lambda: core.now() + timedelta(days=days))


def revisions(core: Core) -> dict[str, PostRevision]:
    """Each post's revision."""
    with core.database.read() as session:
        rows = session.execute(select(Post.external_id, PostRevision).join(PostRevision))
        return {row[0]: row[1] for row in rows}


def kept_files(core: Core) -> list[Path]:
    """What lies in the evidence store."""
    return list(core.settings.evidence_dir.glob("??/??/*"))


def test_a_failed_post_waits_for_a_retry(core: Core, failed: Callable[..., None]) -> None:
    """For its days a failed post keeps text and files, and can be tried again."""
    failed("1")
    assert purge_failed(later(core, 29)) == 0
    assert open_text(core.vault, revisions(core)["1"]).text == "look"
    assert kept_files(core)
    with core.database.transaction() as session:
        assert work.retry_failed(session, revisions(core)["1"].id, core.now())


def test_a_failed_post_is_forgotten_in_time(core: Core, failed: Callable[..., None]) -> None:
    """After its days text and files are gone for good; the verdict stays, and no retry is offered."""
    failed("1")
    assert purge_failed(later(core, 31)) == 1
    revision = revisions(core)["1"]
    assert revision.stage == "failed"
    assert "gone.img" in (revision.error or "")
    with pytest.raises(NotFound):
        open_text(core.vault, revision)
    assert kept_files(core) == []
    with core.database.transaction() as session:
        assert all(blob.wrapped_key is None for blob in session.scalars(select(Blob)))
        assert not work.retry_failed(session, revision.id, core.now())
    assert purge_failed(later(core, 32)) == 0


def test_a_file_of_two_failed_posts_goes_with_the_last(core: Core, failed: Callable[..., None]) -> None:
    """Two failed posts of the same file do not keep it alive for each other."""
    failed("1", "2")
    assert purge_failed(later(core, 31)) == 2
    with core.database.read() as session:
        assert all(blob.wrapped_key is None for blob in session.scalars(select(Blob)))


def test_what_no_row_knows_is_swept(core: Core, failed: Callable[..., None]) -> None:
    """Bytes that were written and never registered are removed after an hour; the others stay."""
    failed("1", "2")
    core.blobs.write(b"its process died before the commit", "text/plain")
    kept = len(kept_files(core))
    with core.database.read() as session:
        assert core.blobs.sweep(session) == 0
        for path in kept_files(core):
            os.utime(path, (0, 0))
        swept = core.blobs.sweep(session)
        assert 1 <= swept < kept
        assert len(kept_files(core)) == kept - swept
        assert core.blobs.read(session, hashlib.sha256(PICTURE).hexdigest()) == PICTURE


def test_evidence_is_never_purged(core: Core, failed: Callable[..., None]) -> None:
    """A post that alerted and failed in part loses its own text only; all its evidence can be read."""
    failed("1", text=LEAK)
    assert purge_failed(later(core, 365)) == 1
    with core.database.read() as session:
        items = session.scalars(select(EvidenceItem)).all()
        assert {item.kind for item in items} == {"text", "original", "preview", "clear_findings"}
        for item in items:
            assert core.blobs.read(session, item.blob_sha256)


def drive(core: Core, step: Step) -> None:
    """Let one stage do all it can."""
    while True:
        with core.database.transaction() as session:
            claim = work.claim_next(session, step.stage, "test", core.now(), timedelta(minutes=5))
        if claim is None:
            return
        step.run(claim)


def test_forgetting_one_leaves_what_another_needs(core: Core, folder: Path, pool: ExaminePool) -> None:
    """Of two posts with the same picture and words, forgetting one keeps what is sealed for the other."""
    (folder / "same.png").write_bytes(letter())
    names = ("leak", "copy")
    (folder / "posts.jsonl").write_text(
        "".join(f'{{"id": "{name}", "text": "{LEAK}", "files": ["same.png"]}}\n' for name in names)
    )
    run_due(core)
    for step in (Acquire(core), Examine(core, pool), Triage(core, Matching(core, pool, index_for(core)))):
        drive(core, step)
    with core.database.transaction() as session:
        copy = session.get_one(PostRevision, revisions(core)["copy"].id)
        assert forget_content(session, core.blobs, copy, core.now()) == []
        work.advance(copy, "done", core.now())
    drive(core, Act(core, pool))
    with core.database.read() as session:
        for item in session.scalars(select(EvidenceItem)):
            assert core.blobs.read(session, item.blob_sha256)
        kinds = list(session.scalars(select(EvidenceItem.kind).order_by(EvidenceItem.kind)))
        assert kinds == ["clear_findings", "clear_findings", "original", "preview", "text"]
        assert session.scalars(select(Attachment.state)).all() == ["acquired", "acquired"]
