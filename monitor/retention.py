"""Deleting content that has served its purpose; digests, fingerprints and verdicts stay."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import exists, select
from sqlalchemy.orm import Session

from monitor.blobs import Blobs
from monitor.core import Core
from monitor.storage import work
from monitor.storage.evidence import EvidenceItem
from monitor.storage.examination import examinations_of
from monitor.storage.post import Attachment, PostRevision
from monitor.texts import drop_text


def forget_content(session: Session, blobs: Blobs, revision: PostRevision, now: datetime) -> list[str]:
    """Delete a revision's text, and the files that nothing else holds.

    Returns the store names to `Blobs.remove` once the transaction is committed.
    """
    drop_text(revision)
    files = [attachment.blob_sha256 for attachment in revision.attachments if attachment.blob_sha256]
    clear = [e.clear_sha256 for e in examinations_of(session, revision) if e.clear_sha256]
    unneeded = [sha256 for sha256 in dict.fromkeys(files + clear) if not _needed(session, sha256, revision)]
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


def _needed(session: Session, sha256: str, revision: PostRevision) -> bool:
    """Whether evidence, or another revision still under way or waiting for a retry, holds these bytes."""
    evidence = exists().where(EvidenceItem.blob_sha256 == sha256)
    elsewhere = exists().where(
        Attachment.blob_sha256 == sha256,
        Attachment.revision_id == PostRevision.id,
        PostRevision.id != revision.id,
        PostRevision.stage.in_((*work.STAGES, "failed")),
    )
    return bool(session.scalar(select(evidence)) or session.scalar(select(elsewhere)))
