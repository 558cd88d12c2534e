"""An alert as people look at it: its sightings, pictures, findings and evidence, all masked.

The command line, the API, the console and bundles all show this one view.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from monitor.storage.alert import Alert, AlertEvent, SeenIn, events_of, seen_in, sightings_of
from monitor.storage.availability import AvailabilityCheck, checks_of
from monitor.storage.evidence import EvidenceItem, evidence_of
from monitor.storage.examination import Examination, Finding, examinations_of, image_subject, text_subject
from monitor.storage.post import Attachment, Post, PostRevision, latest_revision

CHECKS_SHOWN = 5
MOST_SHOWN = 100
"""Posts of one alert that people and programs are shown at once; a bundle holds all."""
Previews = dict[str, dict[int, str]]
"""The SHA-256 of redacted previews, by the file they show and its page."""


@dataclass(frozen=True, slots=True)
class Picture:
    """One page of a post's file: what was found on it, and the SHA-256 of its redacted preview.

    A picture has one page. Of a document or a video, each previewed page is a picture of its own; what
    was found on the others stands with the first.
    """

    attachment: Attachment
    examination: Examination | None
    preview_sha256: str | None
    page: int = 0
    elsewhere: frozenset[int] = frozenset()
    """The pages that are pictures of their own."""

    @property
    def findings(self) -> Sequence[Finding]:
        """What the detectors said of this page, in their order."""
        found = self.examination.findings if self.examination else ()
        return tuple(each for each in found if each.page == self.page or self._stands_here(each.page))

    @property
    def size(self) -> tuple[int, int] | None:
        """Width and height of the upright original, in whose pixels boxes are given."""
        if self.examination is None:
            return None
        pages = self.examination.details.get("pages", [])
        if self.page < len(pages):
            return pages[self.page][0], pages[self.page][1]
        width, height = self.examination.width, self.examination.height
        return (width, height) if width and height else None

    def _stands_here(self, page: int) -> bool:
        return self.page == 0 and page not in self.elsewhere


@dataclass(frozen=True, slots=True)
class SeenPost:
    """A post of an alert, in its newest wording."""

    post: Post
    revision: PostRevision
    reason: str
    pictures: tuple[Picture, ...]
    text_findings: tuple[Finding, ...]
    checks: tuple[AvailabilityCheck, ...] = ()
    """The latest looks at whether it is still shown, newest first."""


@dataclass(frozen=True, slots=True)
class AlertDetail:
    """An alert with everything about it."""

    alert: Alert
    seen: SeenIn
    posts: tuple[SeenPost, ...]
    evidence: tuple[EvidenceItem, ...]
    events: tuple[AlertEvent, ...]

    @property
    def findings(self) -> list[Finding]:
        """All findings of all posts; those of a file that several of them show, once."""
        found = (
            finding
            for seen in self.posts
            for group in (*(picture.findings for picture in seen.pictures), seen.text_findings)
            for finding in group
        )
        return list({finding.id: finding for finding in found}.values())


def alert_detail(session: Session, alert: Alert, most: int | None = None) -> AlertDetail:
    """Load the whole view of an alert; where `most` is said, with the first and the newest posts only.

    What was sealed of a post's words, and the lines about sightings, are left out with their posts.
    """
    sightings = sightings_of(session, alert.id, most)
    shown = {sighting.post_id for sighting in sightings} if most is not None else None
    evidence = evidence_of(session, alert.id, words_of=shown)
    previews: Previews = {}
    for item in evidence:
        if item.kind == "preview" and item.derived_from:
            previews.setdefault(item.derived_from, {}).setdefault(item.facts.get("page", 0), item.blob_sha256)
    posts = []
    for sighting in sightings:
        revision = latest_revision(session, sighting.post_id)
        if revision is not None:
            posts.append(_seen(session, sighting.post, revision, sighting.reason, previews))
    seen = seen_in(session, [alert.id])[alert.id]
    events = events_of(session, alert.id, most)
    return AlertDetail(alert, seen, tuple(posts), tuple(evidence), tuple(events))


def _seen(session: Session, post: Post, revision: PostRevision, reason: str, previews: Previews) -> SeenPost:
    by_subject = {examination.subject: examination for examination in examinations_of(session, revision)}
    pictures = tuple(
        picture
        for attachment in session.scalars(
            select(Attachment).where(Attachment.revision_id == revision.id).order_by(Attachment.position)
        )
        for picture in _pictures(attachment, by_subject, previews)
    )
    text = by_subject.get(text_subject(revision))
    checks = tuple(checks_of(session, post.id, limit=CHECKS_SHOWN))
    return SeenPost(post, revision, reason, pictures, tuple(text.findings) if text else (), checks)


def _pictures(
    attachment: Attachment, by_subject: Mapping[str, Examination], previews: Previews
) -> Iterator[Picture]:
    """The file's first page, and each further page that has a preview."""
    sha256 = attachment.blob_sha256
    if sha256 is None:
        yield Picture(attachment, None, None)
        return
    examination = by_subject.get(image_subject(sha256))
    pages = previews.get(sha256, {})
    further = frozenset(pages) - {0}
    yield Picture(attachment, examination, pages.get(0), 0, further)
    for page in sorted(further):
        yield Picture(attachment, examination, pages[page], page, further)
