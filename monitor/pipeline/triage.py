"""Triage: is this something for a person, and is it new?

1. All findings of a revision become one assessment.
2. `decide`, which is pure, chooses: raise an alert, add a sighting to one, or nothing.
3. The decision, and the hand-over to act, are one transaction.

Whether a near-copy is the same leak is decided by identity only: the same bytes, or the same set of
identifiers. Pictures that merely look alike stay apart, for two patients' letters look alike.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from detectors.assess import Assessment, assess
from detectors.base import Box, Explanation
from detectors.base import Finding as Found
from detectors.identifiers import IDENTIFIERS
from monitor import alerts
from monitor.alerts import Decision
from monitor.core import Core
from monitor.pipeline.step import Step
from monitor.storage import work
from monitor.storage.alert import Sighting, alert_with_identity
from monitor.storage.coordination import lock_counter
from monitor.storage.examination import Finding, examinations_of
from monitor.storage.post import PostRevision
from monitor.storage.source import Source


@dataclass(frozen=True, slots=True)
class History:
    """What is known already: the alerts that this post, its files or its identifiers belong to."""

    of_post: UUID | None = None
    of_image: UUID | None = None
    of_identifiers: UUID | None = None


def decide(assessment: Assessment, history: History) -> Decision:
    """The decision for one assessed post."""
    if history.of_post is not None:
        return Decision("sight", history.of_post, "edited")
    if not assessment.alert:
        return Decision("nothing")
    if history.of_image is not None:
        return Decision("sight", history.of_image, "same_image")
    if history.of_identifiers is not None:
        return Decision("sight", history.of_identifiers, "same_identifiers")
    return Decision("raise")


class Triage(Step):
    """The triage stage."""

    stage = "triage"

    def __init__(self, core: Core) -> None:
        self._core = core

    def run(self, claim: work.Claim) -> None:
        """Judge a revision and put it before people if it must be."""
        core = self._core
        with core.database.transaction() as session:
            revision = work.held(session, claim)
            examinations = examinations_of(session, revision)
            rows = [finding for examination in examinations for finding in examination.findings]
            assessment = assess([_found(row) for row in rows], threshold=_threshold(session, core, revision))
            revision.assessment = asdict(assessment)
            if assessment.alert:  # two posts of one image must not both find no alert
                lock_counter(session, "triage")
            images = _image_digests(revision)
            people = _people_digest(core, rows)
            decision = decide(assessment, _history(session, revision, images, people))
            alerts.apply(
                session,
                decision,
                assessment=assessment,
                post=revision.post,
                identity=alerts.Identity(tuple(images), people),
                now=core.now(),
            )
            work.advance(revision, "act", core.now())


def _threshold(session: Session, core: Core, revision: PostRevision) -> float:
    """The source's own threshold, or the settings'."""
    source = session.get_one(Source, revision.post.source_id)
    return source.alert_threshold or core.settings.threshold


def _history(session: Session, revision: PostRevision, images: Sequence[str], people: str | None) -> History:
    of_post = session.scalar(select(Sighting.alert_id).where(Sighting.post_id == revision.post_id))
    return History(
        of_post=of_post,
        of_image=alert_with_identity(session, "image", images),
        of_identifiers=alert_with_identity(session, "identifiers", [people] if people else []),
    )


def _image_digests(revision: PostRevision) -> list[str]:
    return sorted({a.blob_sha256 for a in revision.attachments if a.blob_sha256 and a.state == "acquired"})


def _people_digest(core: Core, rows: Sequence[Finding]) -> str | None:
    """One keyed digest for the set of valid identifiers, None when there are none."""
    digests = sorted({r.digest for r in rows if r.digest and r.kind in IDENTIFIERS and r.valid is not False})
    return core.vault.keyed_digest("identifier_set", ",".join(digests)) if digests else None


def _found(row: Finding) -> Found:
    facts: dict[str, Any] = row.facts
    return Found(
        kind=row.kind,
        detector=row.detector,
        version=row.version,
        score=row.score,
        masked=row.masked,
        explanation=Explanation(row.why, facts),
        valid=row.valid,
        box=Box(*row.box) if row.box else None,
        page=row.page,
    )
