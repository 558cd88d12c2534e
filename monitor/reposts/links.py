"""Which alerts concern one matter, and why; where and when it was seen.

Links are not stored but read from what is: shared traits, shared authors, questions. So they are never out
of date, and a link tells its reasons.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session, aliased

from monitor.storage.alert import Alert, AlertTrait, Sighting
from monitor.storage.known_image import RepostQuestion, questions_about
from monitor.storage.post import Post

LinkReason = Literal[
    "same_image", "same_person", "same_template_and_people", "same_author", "same_text", "repost_question"
]
MOST_LINKS = 200
_BY_TRAIT: Mapping[str, LinkReason] = {
    "image": "same_image",
    "number": "same_person",
    "identifier": "same_person",
    "text": "same_text",
}


@dataclass(frozen=True, slots=True)
class Related:
    """Another alert of the matter, why it is linked, and the question about the two, if there is one."""

    alert: Alert
    reasons: tuple[LinkReason, ...]
    question: RepostQuestion | None = None


@dataclass(frozen=True, slots=True)
class Seen:
    """One post of the matter."""

    alert: str
    post: Post
    at: datetime


@dataclass(frozen=True, slots=True)
class Spread:
    """Where and when the alerts of one matter were seen, oldest first."""

    posts: tuple[Seen, ...] = ()
    related: tuple[Related, ...] = field(default=())

    @property
    def by_platform(self) -> dict[str, int]:
        """How many posts on each platform."""
        return dict(Counter(seen.post.platform for seen in self.posts))

    @property
    def first_on(self) -> dict[str, datetime]:
        """When it was first seen on each platform, in that order: how it went from one to the next."""
        first: dict[str, datetime] = {}
        for seen in self.posts:
            first.setdefault(seen.post.platform, seen.at)
        return first

    @property
    def by_day(self) -> dict[str, int]:
        """How many posts on each day (UTC), in order."""
        return dict(sorted(Counter(seen.at.date().isoformat() for seen in self.posts).items()))


def related(session: Session, alert: Alert) -> list[Related]:
    """The alerts linked with this one, those with most reasons first."""
    reasons: dict[UUID, set[LinkReason]] = {}
    questions = {
        q.other_id if q.alert_id == alert.id else q.alert_id: q for q in questions_about(session, alert.id)
    }
    for other in questions:
        reasons.setdefault(other, set()).add("repost_question")
    for other, kinds in _shared_traits(session, alert.id).items():
        found = {_BY_TRAIT[kind] for kind in kinds if kind in _BY_TRAIT}
        if "template" in kinds and kinds & {"name", "birth"}:
            found.add("same_template_and_people")
        if found:
            reasons.setdefault(other, set()).update(found)
    for other in _same_author(session, alert.id):
        reasons.setdefault(other, set()).add("same_author")
    rows = {row.id: row for row in session.scalars(select(Alert).where(Alert.id.in_(list(reasons))))}
    links = [Related(rows[i], tuple(sorted(why)), questions.get(i)) for i, why in reasons.items()]
    return sorted(links, key=lambda link: (-len(link.reasons), link.alert.reference))[:MOST_LINKS]


def spread(session: Session, alert: Alert) -> Spread:
    """Where the alert, and those that are linked with it by more than their author, were seen.

    A question that a person answered with "different" is no such link.
    """
    links = related(session, alert)
    of_matter = [link.alert for link in links if _of_matter(link)]
    return Spread(tuple(_posts(session, [alert, *of_matter])), tuple(links))


def _of_matter(link: Related) -> bool:
    told_apart = link.question is not None and link.question.answer == "different"
    return bool(set(link.reasons) - {"same_author", *(["repost_question"] if told_apart else [])})


def open_questions(session: Session, alert_id: UUID) -> Sequence[RepostQuestion]:
    """What a person is still to decide about this alert."""
    return [question for question in questions_about(session, alert_id) if question.answer is None]


def _posts(session: Session, alerts: Iterable[Alert]) -> list[Seen]:
    references = {alert.id: alert.reference for alert in alerts}
    rows = session.execute(
        select(Sighting.alert_id, Post)
        .join(Post, Post.id == Sighting.post_id)
        .where(Sighting.alert_id.in_(list(references)))
    )
    seen = [Seen(references[row[0]], row[1], row[1].posted_at or row[1].first_seen_at) for row in rows]
    return sorted(seen, key=lambda each: (each.at, str(each.post.id)))


def _shared_traits(session: Session, alert_id: UUID) -> dict[UUID, set[str]]:
    mine, theirs = aliased(AlertTrait), aliased(AlertTrait)
    rows = session.execute(
        select(theirs.alert_id, theirs.kind)
        .join(mine, (mine.kind == theirs.kind) & (mine.digest == theirs.digest))
        .where(mine.alert_id == alert_id, theirs.alert_id != alert_id)
        .distinct()
        .limit(MOST_LINKS * 10)
    )
    shared: dict[UUID, set[str]] = {}
    for other, kind in rows:
        shared.setdefault(other, set()).add(kind)
    return shared


def _same_author(session: Session, alert_id: UUID) -> list[UUID]:
    """Alerts seen in posts of an author of this one, known by the platform's id or else by the handle."""
    mine, theirs = aliased(Post), aliased(Post)
    ours, other = aliased(Sighting), aliased(Sighting)
    by_id = (mine.author_id.is_not(None)) & (mine.author_id == theirs.author_id)
    by_handle = mine.author_id.is_(None) & (mine.author_handle == theirs.author_handle)
    rows = session.scalars(
        select(other.alert_id)
        .join(theirs, theirs.id == other.post_id)
        .join(mine, (mine.platform == theirs.platform) & (by_id | by_handle))
        .join(ours, ours.post_id == mine.id)
        .where(ours.alert_id == alert_id, other.alert_id != alert_id)
        .distinct()
        .limit(MOST_LINKS)
    )
    return list(rows)
