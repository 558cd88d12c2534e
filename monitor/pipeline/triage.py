"""Triage: is this something for a person, and is it new?

1. Known pictures that may be the post's own are compared with it, outside of any transaction.
2. All findings of a revision become one assessment; what stands on pictures known to be harmless is left out.
3. `decide`, which is pure, chooses: raise an alert, add a sighting to one, or nothing; a raised alert may
   carry the question whether it is a copy of others.
4. The decision, and the hand-over to act, are one transaction. If other pictures became known meanwhile, it
   is not made, and comparing goes on.
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
from detectors.likeness import Likeness
from detectors.register import match
from monitor import alerts
from monitor.alerts import Decision
from monitor.core import Core
from monitor.errors import Conflict
from monitor.pipeline.step import Step
from monitor.reposts.candidate import Candidate
from monitor.reposts.known import count_suppressed
from monitor.reposts.matching import Harmless, Matching, Pair
from monitor.reposts.traits import PostTraits, traits_of_post
from monitor.storage import work
from monitor.storage.alert import Sighting, SightingReason
from monitor.storage.coordination import lock_counter
from monitor.storage.examination import Examination, Finding, examinations_of, image_subject
from monitor.storage.post import PostRevision
from monitor.storage.source import Source

ROUNDS = 4
"""How often the known pictures may have changed before the attempt is given back."""
MOST_ASKED = 3
"""Alerts that a raised one may be a copy of and that a person is asked about, the likeliest first."""
BY_PICTURE: dict[str, SightingReason] = {"bytes": "same_image", "same": "near_copy"}


@dataclass(frozen=True, slots=True)
class History:
    """What is known already: the alert that this post belongs to, and those that it may be a copy of."""

    of_post: UUID | None = None
    candidates: tuple[Candidate, ...] = ()


def decide(assessment: Assessment, history: History) -> Decision:
    """The decision for one assessed post; candidates come the likeliest first."""
    if history.of_post is not None:
        return Decision("sight", history.of_post, "edited")
    same = [each for each in history.candidates if each.outcome == "same_record"]
    if not assessment.alert:  # a copy too poor to be read is still a copy, unless a person said it is no leak
        same = [each for each in same if each.shows_it and not each.dismissed]
    if same:
        return Decision("sight", same[0].alert_id, BY_PICTURE.get(same[0].picture, "same_identifiers"))
    if not assessment.alert:
        return Decision("nothing")
    possible = [each for each in history.candidates if each.outcome == "possible_repost"]
    asked = [each for each in possible if not each.births_differ][:MOST_ASKED] or possible[:1]
    return Decision("raise", ask=tuple((each.alert_id, each.why) for each in asked))


class Triage(Step):
    """The triage stage."""

    stage = "triage"

    def __init__(self, core: Core, matching: Matching) -> None:
        self._core = core
        self._matching = matching

    def run(self, claim: work.Claim) -> None:
        """Judge a revision and put it before people if it must be."""
        compared: dict[Pair, Likeness | None] = {}
        for _ in range(ROUNDS):
            missing = self._decided(claim, compared)
            if not missing:
                return
            compared |= {pair: self._matching.compare(pair) for pair in missing}
        raise Conflict("The known pictures changed again and again while this post was compared with them.")

    def _decided(self, claim: work.Claim, compared: dict[Pair, Likeness | None]) -> list[Pair]:
        """Decide, unless pairs are still to be compared: then those, and nothing is changed."""
        core = self._core
        with core.database.read() as session:
            files = _images(session.get_one(PostRevision, claim.revision_id))
            if missing := self._missing(session, files, compared):
                return missing
        with core.database.transaction() as session:
            revision = work.held(session, claim)
            lock_counter(session, "triage")  # two posts of one image must not both find no alert
            if missing := self._missing(session, files, compared):
                return missing
            self._decide(session, revision, compared)
            work.advance(revision, "act", core.now())
        return []

    def _missing(
        self, session: Session, files: Sequence[str], compared: dict[Pair, Likeness | None]
    ) -> list[Pair]:
        return [pair for pair in self._matching.propose(session, files) if pair not in compared]

    def _decide(
        self, session: Session, revision: PostRevision, compared: dict[Pair, Likeness | None]
    ) -> None:
        core = self._core
        examinations = examinations_of(session, revision)
        whole = traits_of_post(core, revision, examinations)
        before = {(image, known) for image, known in (revision.assessment or {}).get("passed_over", ())}
        harmless = _but_canaries(self._matching.harmless(session, whole, compared, before), examinations)
        judged = _without(examinations, harmless)
        rows = [finding for examination in judged for finding in examination.findings]
        assessment = assess([_found(row) for row in rows], threshold=_threshold(session, core, revision))
        passed_over = [[each.image, each.known] for each in harmless]
        revision.assessment = asdict(assessment) | ({"passed_over": passed_over} if harmless else {})
        traits = traits_of_post(core, revision, judged) if harmless else whole
        decision = decide(assessment, self._history(session, revision, traits, compared))
        if decision.action != "sight":
            anew = {each.known for each in harmless if (each.image, each.known) not in before}
            count_suppressed(session, anew, core.now())
        alerts.apply(
            session, decision, assessment=assessment, post=revision.post, traits=traits, now=core.now()
        )

    def _history(
        self,
        session: Session,
        revision: PostRevision,
        traits: PostTraits,
        compared: dict[Pair, Likeness | None],
    ) -> History:
        of_post = session.scalar(select(Sighting.alert_id).where(Sighting.post_id == revision.post_id))
        return History(of_post, tuple(self._matching.candidates(session, traits, compared)))


def _but_canaries(harmless: Sequence[Harmless], examinations: Sequence[Examination]) -> list[Harmless]:
    """What is harmless whatever is known of it since; a canary record never is."""
    canaries = {
        examination.subject
        for examination in examinations
        for finding in examination.findings
        if finding.kind == match.KIND and finding.facts.get("register_kind") == "canary"
    }
    return [each for each in harmless if image_subject(each.image) not in canaries]


def _without(examinations: Sequence[Examination], harmless: Sequence[Harmless]) -> list[Examination]:
    subjects = {image_subject(each.image) for each in harmless}
    return [examination for examination in examinations if examination.subject not in subjects]


def _images(revision: PostRevision) -> list[str]:
    files = (a.blob_sha256 for a in revision.attachments if a.blob_sha256 and a.state == "acquired")
    return list(dict.fromkeys(files))


def _threshold(session: Session, core: Core, revision: PostRevision) -> float:
    """The source's own threshold, or the settings'."""
    source = session.get_one(Source, revision.post.source_id)
    return source.alert_threshold or core.settings.threshold


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
