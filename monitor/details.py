"""An alert as people look at it: its sightings, pictures, findings and evidence, all masked.

The command line, the API, the console and bundles all show this one view.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from monitor.storage.alert import Alert
from monitor.storage.evidence import EvidenceItem, evidence_of
from monitor.storage.examination import Examination, Finding, examinations_of, image_subject, text_subject
from monitor.storage.post import Attachment, Post, PostRevision, latest_revision


@dataclass(frozen=True, slots=True)
class Picture:
    """One file of a post: what was found on it, and the SHA-256 of its redacted preview."""

    attachment: Attachment
    examination: Examination | None
    preview_sha256: str | None

    @property
    def findings(self) -> Sequence[Finding]:
        """What the detectors said, in their order."""
        return self.examination.findings if self.examination else ()


@dataclass(frozen=True, slots=True)
class SeenPost:
    """A post of an alert, in its newest wording."""

    post: Post
    revision: PostRevision
    reason: str
    pictures: tuple[Picture, ...]
    text_findings: tuple[Finding, ...]


@dataclass(frozen=True, slots=True)
class AlertDetail:
    """An alert with everything about it."""

    alert: Alert
    posts: tuple[SeenPost, ...]
    evidence: tuple[EvidenceItem, ...]

    @property
    def findings(self) -> list[Finding]:
        """All findings of all posts."""
        return [
            finding
            for seen in self.posts
            for group in (*(picture.findings for picture in seen.pictures), seen.text_findings)
            for finding in group
        ]


def alert_detail(session: Session, alert: Alert) -> AlertDetail:
    """Load the whole view of an alert."""
    evidence = evidence_of(session, alert.id)
    previews = {item.derived_from: item.blob_sha256 for item in evidence if item.kind == "preview"}
    posts = []
    for sighting in alert.sightings:
        revision = latest_revision(session, sighting.post_id)
        if revision is not None:
            posts.append(_seen(session, sighting.post, revision, sighting.reason, previews))
    return AlertDetail(alert, tuple(posts), tuple(evidence))


def _seen(
    session: Session, post: Post, revision: PostRevision, reason: str, previews: dict[str | None, str]
) -> SeenPost:
    by_subject = {examination.subject: examination for examination in examinations_of(session, revision)}
    pictures = tuple(
        Picture(
            attachment,
            by_subject.get(image_subject(attachment.blob_sha256)) if attachment.blob_sha256 else None,
            previews.get(attachment.blob_sha256) if attachment.blob_sha256 else None,
        )
        for attachment in session.scalars(
            select(Attachment).where(Attachment.revision_id == revision.id).order_by(Attachment.position)
        )
    )
    text = by_subject.get(text_subject(revision))
    return SeenPost(post, revision, reason, pictures, tuple(text.findings) if text else ())
