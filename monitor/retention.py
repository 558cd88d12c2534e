"""Deleting content that has served its purpose; digests, fingerprints and verdicts stay."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import exists, select
from sqlalchemy.orm import Session

from monitor.blobs import Blobs
from monitor.core import Core
from monitor.storage import work
from monitor.storage.blob import lock_blob
from monitor.storage.evidence import EvidenceItem
from monitor.storage.examination import examinations_of, image_subject, text_subject
from monitor.storage.post import Attachment, PostRevision
from monitor.storage.report import Report, ReportFile
from monitor.texts import drop_text


def forget_content(session: Session, blobs: Blobs, revision: PostRevision, now: datetime) -> list[str]:
    """Delete a revision's text, and the files that nothing else holds.

    Returns the store names to `Blobs.remove` once the transaction is committed.
    """
    drop_text(revision)
    files = sorted({a.blob_sha256 for a in revision.attachments if a.blob_sha256})
    for sha256 in files:  # before it is asked who holds them: nobody takes hold of them from now on
        lock_blob(session, sha256)
    held = _content_held_elsewhere(session, revision)
    contents = [(image_subject(sha256), sha256) for sha256 in files]
    contents += [(e.subject, e.clear_sha256) for e in examinations_of(session, revision) if e.clear_sha256]
    unneeded = dict.fromkeys(
        sha256 for subject, sha256 in contents if subject not in held and not _is_evidence(session, sha256)
    )
    return [name for sha256 in unneeded if (name := blobs.forget(session, sha256, now))]


def purge_failed(core: Core) -> int:
    """Forget failed posts that nobody retried in time; how many."""
    now = core.now()
    limit = now - timedelta(days=core.settings.failed_days)
    with core.database.transaction() as session:
        old = session.scalars(
            select(PostRevision).where(
                PostRevision.stage == "failed",
                PostRevision.finished_at < limit,
                PostRevision.text_key.is_not(None),
            )
        ).all()
        gone = [name for revision in old for name in forget_content(session, core.blobs, revision, now)]
    for name in gone:
        core.blobs.remove(name)
    return len(old)


def _is_evidence(session: Session, sha256: str) -> bool:
    return bool(session.scalar(select(exists().where(EvidenceItem.blob_sha256 == sha256))))


def _content_held_elsewhere(session: Session, revision: PostRevision) -> set[str]:
    """Subjects of the revision that another, under way or waiting for a retry, or a report has too."""
    files = [a.blob_sha256 for a in revision.attachments if a.blob_sha256]
    alive = (
        PostRevision.id != revision.id,
        PostRevision.stage.in_((*work.STAGES, "failed")),
        PostRevision.text_key.is_not(None),
    )
    same_file = (
        select(Attachment.blob_sha256).join(PostRevision).where(Attachment.blob_sha256.in_(files), *alive)
    )
    reported = (
        select(ReportFile.blob_sha256)
        .join(Report)
        .where(ReportFile.blob_sha256.in_(files), Report.state == "received")
    )
    same_text = exists().where(PostRevision.content_digest == revision.content_digest, *alive)
    held = {
        image_subject(sha256)
        for query in (same_file, reported)
        for sha256 in session.scalars(query)
        if sha256
    }
    return held | ({text_subject(revision)} if session.scalar(select(same_text)) else set())
