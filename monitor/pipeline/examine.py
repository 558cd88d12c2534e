"""Examine: what do the detectors say about each file and about the text?

1. Content that these detectors have examined before is not examined again.
2. Files and text go to worker processes; each result is stored in a transaction of its own.
3. Clear values are sealed in a blob beside the findings; the findings keep masks and keyed digests.
4. A file that cannot be decoded is kept as failed. One that kills its worker is tried again first.
"""

from __future__ import annotations

import json
import secrets
import time
from collections.abc import Callable
from dataclasses import asdict

from sqlalchemy import select
from sqlalchemy.orm import Session

from detectors.base import Finding as Found
from detectors.base import ImageUnreadable
from detectors.examine import Examination as Examined
from detectors.table import ExaminerConfig
from monitor.core import Core
from monitor.pipeline.pool import ExaminationCrashed, ExaminePool
from monitor.pipeline.step import Step, deadline, fail_attachment
from monitor.reposts.known import seal_features
from monitor.retro import keep_sketch
from monitor.storage import work
from monitor.storage.base import new_id
from monitor.storage.blob import Blob
from monitor.storage.examination import (
    Examination,
    Finding,
    Fingerprint,
    find_examination,
    image_subject,
    text_subject,
)
from monitor.storage.post import Attachment, PostRevision
from monitor.storage.upsert import insert_missing
from monitor.templates import examiner_config
from monitor.texts import mask_text, open_text

CLEAR_TYPE = "application/vnd.leakwatch.clear-findings+json"


class Examine(Step):
    """The examine stage."""

    stage = "examine"

    def __init__(self, core: Core, pool: ExaminePool) -> None:
        self._core = core
        self._pool = pool

    def run(self, claim: work.Claim) -> None:
        """Examine a revision's files and text, then hand it to be judged."""
        config = examiner_config(self._core)
        revision, attachments = self._load(claim)
        crashed = None
        for attachment in attachments:
            try:
                self._examine_file(claim, attachment, config)
            except ImageUnreadable as error:
                fail_attachment(self._core, claim, attachment, str(error))
            except ExaminationCrashed as error:
                crashed = str(error)
                if claim.attempt >= self._core.settings.max_attempts:
                    fail_attachment(self._core, claim, attachment, f"It could not be examined. {crashed}")
                    crashed = None
        masked = self._examine_text(claim, revision, config)
        self._finish(claim, masked, crashed)

    def _load(self, claim: work.Claim) -> tuple[PostRevision, list[Attachment]]:
        """The revision and its files; of one that is examined again, those that are still kept."""
        with self._core.database.read() as session:
            acquired = (
                select(Attachment)
                .join(Blob, Blob.sha256 == Attachment.blob_sha256)
                .where(Attachment.revision_id == claim.revision_id, Attachment.state == "acquired")
                .where(Blob.wrapped_key.is_not(None))
            )
            revision = session.get_one(PostRevision, claim.revision_id)
            return revision, list(session.scalars(acquired.order_by(Attachment.position)))

    def _examine_file(self, claim: work.Claim, attachment: Attachment, config: ExaminerConfig) -> None:
        assert attachment.blob_sha256 is not None
        subject = image_subject(attachment.blob_sha256)
        with self._core.database.read() as session:
            if self._known(session, subject, config.signature):
                return
            data = self._core.blobs.read(session, attachment.blob_sha256)
        self._examine(claim, subject, config, lambda: self._pool.examine_image(data, config))

    def _examine_text(self, claim: work.Claim, revision: PostRevision, config: ExaminerConfig) -> str:
        """Examine the post's own words, unless they are gone since they were; masked, they are returned."""
        if revision.text_key is None:
            return revision.masked_text or ""
        text = open_text(self._core.vault, revision)
        examined = self._pool.examine_text(text, config)
        subject = text_subject(revision)
        with self._core.database.read() as session:
            known = self._known(session, subject, config.signature)
        if not known:
            self._examine(claim, subject, config, lambda: examined)
        return mask_text(text.text, examined.findings)

    def _known(self, session: Session, subject: str, signature: str) -> bool:
        """Whether an examination can be used again: it may have lost the clear values it needs."""
        examination = find_examination(session, subject, signature)
        if examination is None:
            return False
        if examination.clear_sha256 is None:
            return True
        blob = session.get(Blob, examination.clear_sha256)
        return blob is not None and blob.wrapped_key is not None

    def _examine(
        self, claim: work.Claim, subject: str, config: ExaminerConfig, examine: Callable[[], Examined]
    ) -> None:
        core = self._core
        started = time.monotonic()
        examined = examine()
        seconds = time.monotonic() - started
        clear = core.blobs.write(_clear_document(examined), CLEAR_TYPE) if _has_clear(examined) else None
        with core.database.transaction() as session:
            work.renew(session, claim, deadline(core))
            sha256 = core.blobs.register(session, clear, core.now()) if clear else None
            self._store(session, (subject, config.signature), examined, seconds, sha256)

    def _store(
        self, session: Session, key: tuple[str, str], examined: Examined, seconds: float, clear: str | None
    ) -> None:
        subject, signature = key
        row = find_examination(session, subject, signature)
        if row is not None:  # examined before, but its clear values were deleted
            row.clear_sha256 = clear
            return
        row = Examination(
            id=new_id(),
            subject=subject,
            signature=signature,
            examined_at=self._core.now(),
            seconds=round(seconds, 3),
            width=examined.width or None,
            height=examined.height or None,
            details=_details(examined),
            clear_sha256=clear,
        )
        row.findings = [self._finding(n, found) for n, found in enumerate(examined.findings)]
        session.add(row)
        if examined.fingerprint:
            self._store_fingerprint(session, subject.removeprefix("blob:"), examined)
        if examined.sketch:
            keep_sketch(self._core, session, subject.removeprefix("blob:"), examined.sketch)

    def _store_fingerprint(self, session: Session, sha256: str, examined: Examined) -> None:
        """Hashes and sealed features; made anew when the file is examined anew."""
        assert examined.fingerprint is not None
        hashes = asdict(examined.fingerprint)
        insert_missing(session, Fingerprint, hashes | {"blob_sha256": sha256})
        row = session.get_one(Fingerprint, sha256, populate_existing=True)
        for name, value in hashes.items():
            setattr(row, name, value)
        seal_features(self._core.vault, row, examined.features)

    def _finding(self, position: int, found: Found) -> Finding:
        return Finding(
            position=position,
            kind=found.kind,
            detector=found.detector,
            version=found.version,
            score=found.score,
            masked=found.masked,
            valid=found.valid,
            box=list(found.box) if found.box else None,
            page=found.page,
            why=found.explanation.why,
            facts=dict(found.explanation.facts),
            digest=self._core.vault.keyed_digest(found.kind, found.value) if found.value else None,
        )

    def _finish(self, claim: work.Claim, masked: str, crashed: str | None) -> None:
        core = self._core
        with core.database.transaction() as session:
            revision = work.held(session, claim)
            revision.masked_text = masked
            if crashed is None:
                work.advance(revision, "triage", core.now())
            else:
                work.postpone(revision, crashed, self.next_try(core, claim))


def _has_clear(examined: Examined) -> bool:
    """Whether there is something to seal; a post's own words are sealed with the post."""
    read_from_a_picture = bool(examined.frames and examined.text)
    return read_from_a_picture or any(found.value for found in examined.findings)


def _clear_document(examined: Examined) -> bytes:
    """The clear values by finding position, and the text as read.

    The salt keeps the blob's SHA-256, which is stored in the clear, from being guessed through the
    few hundred million possible numbers.
    """
    values = {str(n): found.value for n, found in enumerate(examined.findings) if found.value}
    document = {"salt": secrets.token_hex(16), "values": values, "text": examined.text}
    return json.dumps(document, ensure_ascii=False).encode()


def _details(examined: Examined) -> dict[str, object]:
    return {
        "engine": examined.engine,
        "frames": examined.frames,
        "pages": [list(size) for size in examined.pages],
        "notes": list(examined.notes),
        "safe_boxes": [[page, *box] for page, box in examined.safe_boxes],
        "hidden_boxes": [[page, *box] for page, box in examined.hidden_boxes],
    }
