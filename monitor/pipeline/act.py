"""Act: seal the evidence of what alerted, delete what did not.

For a sighting of an alert:
1. Render a redacted preview of each page that shows a person, in a worker process.
2. Seal originals, clear findings, previews and the post's own text as evidence items, each with a
   line in the alert's custody log.
3. Put a masked notification of a new or graver alert into the outbox.
For everything else: drop the text's and the files' keys. Digest, fingerprint and verdict stay.

Either is one transaction. A revision of which a file could not be had or read ends as failed, with
the reason, after everything else of it was judged; it keeps its content, sealed, for a retry.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import chain, repeat
from typing import Any

import structlog
from sqlalchemy.orm import Session, selectinload

from detectors.base import Box, ImageUnreadable
from detectors.passages import PostText
from detectors.redact import Marked
from monitor.alerts import PIPELINE, alert_of_post
from monitor.blobs import Written
from monitor.core import Core
from monitor.evidence.custody import CustodyAction
from monitor.pipeline.examine import CLEAR_TYPE
from monitor.pipeline.pool import ExaminationCrashed, ExaminePool, PagePlan
from monitor.pipeline.step import Step
from monitor.reposts.known import drop_features
from monitor.retention import forget_content
from monitor.storage import work
from monitor.storage.alert import Alert
from monitor.storage.base import new_id
from monitor.storage.blob import is_kept
from monitor.storage.evidence import EvidenceItem, EvidenceKind, previewed_at, take_custody
from monitor.storage.examination import Examination, examinations_of, image_subject
from monitor.storage.notification import enqueue_for
from monitor.storage.post import Post, PostRevision
from monitor.storage.upsert import insert_missing
from monitor.templates import examiner_config
from monitor.texts import drop_text, open_text

POST_TYPE = "application/json"

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Exhibit:
    """Something to seal: bytes just written, or a blob that is kept already."""

    kind: EvidenceKind
    facts: dict[str, Any]
    written: Written | None = None
    sha256: str = ""
    derived_from: str | None = None


class Act(Step):
    """The act stage."""

    stage = "act"

    def __init__(self, core: Core, pool: ExaminePool) -> None:
        self._core = core
        self._pool = pool

    def run(self, claim: work.Claim) -> None:
        """Seal or delete, and end the revision."""
        core = self._core
        revision, alert, examinations, kept = self._load(claim)
        exhibits = self._exhibits(revision, alert, examinations, kept) if alert else []
        now = core.now()
        with core.database.transaction() as session:
            row = work.held(session, claim)
            for exhibit in exhibits:
                assert alert is not None
                self._seal(session, now, alert, revision.post, exhibit)
            if alert and core.settings.notify_urls:
                enqueue_for(session, alert.id, now)
            gone = self._end(session, row, now, keep_files=alert is not None)
        for store_name in gone:
            core.blobs.remove(store_name)

    def _load(self, claim: work.Claim) -> tuple[PostRevision, Alert | None, list[Examination], set[str]]:
        """What was judged, the alert it stands under, and which of its files can still be read."""
        with self._core.database.read() as session:
            whole = (selectinload(PostRevision.attachments), selectinload(PostRevision.post))
            revision = session.get_one(PostRevision, claim.revision_id, options=whole)
            examinations = examinations_of(session, revision)
            for examination in examinations:
                _ = examination.findings
            kept = {sha256 for sha256 in _files(revision, examinations) if is_kept(session, sha256)}
            return revision, alert_of_post(session, revision.post_id), examinations, kept

    def _exhibits(
        self, revision: PostRevision, alert: Alert, examinations: Sequence[Examination], kept: set[str]
    ) -> list[Exhibit]:
        by_subject = {examination.subject: examination for examination in examinations}
        with self._core.database.read() as session:
            shown = previewed_at(session, alert.id)
        exhibits = [self._post_exhibit(revision)]
        for attachment in revision.attachments:
            sha256 = attachment.blob_sha256
            if sha256 not in kept:
                continue
            exhibits.append(Exhibit("original", dict(attachment.acquisition or {}), sha256=sha256))
            examination = by_subject.get(image_subject(sha256))
            if examination is None or attachment.state != "acquired":
                continue
            if sha256 not in shown or shown[sha256] < examination.examined_at:
                exhibits += self._previews(sha256, examination)
        for examination in examinations:
            if examination.clear_sha256 in kept:
                facts = {"media_type": CLEAR_TYPE, "subject": examination.subject}
                exhibits.append(Exhibit("clear_findings", facts, sha256=examination.clear_sha256))
        return exhibits

    def _post_exhibit(self, revision: PostRevision) -> Exhibit:
        """What the platform showed, as one JSON document; its words masked where no more is left of them."""
        post, text = revision.post, self._words(revision)
        alt_texts = chain(text.alt_texts, repeat(""))  # what is behind a link has none
        document = {
            "platform": post.platform,
            "external_id": post.external_id,
            "url": post.url,
            "context": post.context,
            "author": {"id": post.author_id, "handle": post.author_handle, "url": post.author_url},
            "posted_at": _iso(post.posted_at),
            "first_seen_at": _iso(post.first_seen_at),
            "revision": revision.number,
            "seen_at": _iso(revision.seen_at),
            "text": text.text,
            "text_is_masked": revision.text_key is None,
            "tags": text.tags,
            "card": text.card,
            "attachments": [
                {"url": attachment.url, "alt_text": alt_text, "sha256": attachment.blob_sha256}
                for attachment, alt_text in zip(revision.attachments, alt_texts, strict=False)
            ],
        }
        data = json.dumps(document, ensure_ascii=False, indent=2).encode()
        return Exhibit("text", {"url": post.url}, written=self._core.blobs.write(data, POST_TYPE))

    def _words(self, revision: PostRevision) -> PostText:
        if revision.text_key is None:
            return PostText(revision.masked_text or "")
        return open_text(self._core.vault, revision)

    def _previews(self, sha256: str, examination: Examination) -> Iterable[Exhibit]:
        """A redacted preview of each page that shows something of a person, and of the first."""
        core = self._core
        with core.database.read() as session:
            data = core.blobs.read(session, sha256)
        plans = _page_plans(examination)
        try:
            pictures = self._pool.previews(data, plans, examiner_config(core))
        except (ImageUnreadable, ExaminationCrashed) as error:
            log.warning("preview_failed", sha256=sha256, error=type(error).__name__)
            return
        for plan, picture in zip(plans, pictures, strict=True):
            written = core.blobs.write(picture, "image/jpeg")
            facts = {"redacted": True, "page": plan.page}
            yield Exhibit("preview", facts, written=written, derived_from=sha256)

    def _end(self, session: Session, revision: PostRevision, now: datetime, *, keep_files: bool) -> list[str]:
        """End a revision; returns the store names of what it no longer needs."""
        failed = [attachment.error for attachment in revision.attachments if attachment.state == "failed"]
        work.advance(revision, "failed" if failed else "done", now)
        revision.error = failed[0] if failed else None
        if failed:
            return []
        drop_features(session, [a.blob_sha256 for a in revision.attachments if a.blob_sha256])
        if keep_files:
            drop_text(revision)
            return []
        return forget_content(session, self._core.blobs, revision, now)

    def _seal(self, session: Session, now: datetime, alert: Alert, post: Post, exhibit: Exhibit) -> None:
        sha256 = exhibit.sha256
        if exhibit.written is not None:
            sha256 = self._core.blobs.register(session, exhibit.written, now)
        new = insert_missing(
            session,
            EvidenceItem,
            {
                "id": new_id(),
                "alert_id": alert.id,
                "post_id": post.id,
                "kind": exhibit.kind,
                "blob_sha256": sha256,
                "derived_from": exhibit.derived_from,
                "facts": exhibit.facts,
                "sealed_at": now,
            },
        )
        if new:
            action = CustodyAction.DERIVED if exhibit.derived_from else CustodyAction.SEALED
            take_custody(session, alert.id, action, now=now, actor=PIPELINE, item=exhibit.kind, digest=sha256)


def _files(revision: PostRevision, examinations: Sequence[Examination]) -> set[str]:
    held = [attachment.blob_sha256 for attachment in revision.attachments]
    return {each for each in (*held, *(e.clear_sha256 for e in examinations)) if each}


def _page_plans(examination: Examination) -> list[PagePlan]:
    """What to show and to black out of the first page, and of each page with a clear value in its place."""
    marked: dict[int, list[Marked]] = {0: []}
    for finding in examination.findings:
        if finding.digest and finding.box:
            marked.setdefault(finding.page, []).append(Marked(Box(*finding.box)))
    return [
        PagePlan(
            page,
            _boxes(examination, "safe_boxes", page),
            _boxes(examination, "hidden_boxes", page),
            tuple(marks),
        )
        for page, marks in sorted(marked.items())
    ]


def _boxes(examination: Examination, name: str, page: int) -> tuple[Box, ...]:
    return tuple(Box(*box) for at, *box in examination.details.get(name, ()) if at == page)


def _iso(moment: datetime | None) -> str | None:
    return moment.isoformat() if moment else None
