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

from monitor.storage.alert import Alert, AlertTrait, Sighting, standing_for
from monitor.storage.known_image import RepostQuestion, questions_about
from monitor.storage.post import Post

LinkReason = Literal[
    "same_image", "same_person", "same_template_and_people", "same_author", "same_text", "repost_question"
]
MOST_LINKS = 10_000
"""Rows that are read for one reason: an author of more alerts than that is a source, not a link."""
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

    @property
    def asked(self) -> bool:
        """Whether a person is still to say if it is a copy."""
        return self.question is not None and self.question.answer is None


@dataclass(frozen=True, slots=True)
class Seen:
    """One post of the matter."""

    alert: str
    post: UUID
    platform: str
    author: str | None
    url: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Spread:
    """Where and when the alerts of one matter were seen, oldest first."""

    posts: tuple[Seen, ...] = ()
    related: tuple[Related, ...] = field(default=())

    @property
    def by_platform(self) -> dict[str, int]:
        """How many posts on each platform."""
        return dict(Counter(seen.platform for seen in self.posts))

    @property
    def first_on(self) -> dict[str, datetime]:
        """When it was first seen on each platform, in that order: how it went from one to the next."""
        first: dict[str, datetime] = {}
        for seen in self.posts:
            first.setdefault(seen.platform, seen.at)
        return first

    @property
    def by_day(self) -> dict[str, int]:
        """How many posts on each day (UTC), in order."""
        return dict(sorted(Counter(seen.at.date().isoformat() for seen in self.posts).items()))


def related(session: Session, alert: Alert) -> list[Related]:
    """The alerts linked with this one: what a person is asked about first, then those with most reasons."""
    questions = _questions(session, alert.id)
    reasons: dict[UUID, set[LinkReason]] = {other: {"repost_question"} for other in questions}
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
    return sorted(links, key=lambda link: (not link.asked, -len(link.reasons), link.alert.reference))


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
    return [question for question in _questions(session, alert_id).values() if question.answer is None]


def _questions(session: Session, alert_id: UUID) -> dict[UUID, RepostQuestion]:
    """The questions about an alert by the other one; none can answer an open one of a merged alert."""
    about = questions_about(session, alert_id)
    found = {q.other_id if q.alert_id == alert_id else q.alert_id: q for q in about}
    standing = standing_for(session, [alert_id, *found])
    merged = {each for each, root in standing.items() if each != root}
    return {other: q for other, q in found.items() if q.answer is not None or not merged & {alert_id, other}}


def _posts(session: Session, alerts: Iterable[Alert]) -> list[Seen]:
    references = {alert.id: alert.reference for alert in alerts}
    columns = (Post.id, Post.platform, Post.author_handle, Post.url, Post.posted_at, Post.first_seen_at)
    rows = session.execute(
        select(Sighting.alert_id, *columns)
        .join(Post, Post.id == Sighting.post_id)
        .where(Sighting.alert_id.in_(list(references)))
    )
    seen = [
        Seen(references[alert], post, platform, author, url, posted or first)
        for alert, post, platform, author, url, posted, first in rows
    ]
    return sorted(seen, key=lambda each: (each.at, str(each.post)))


def _shared_traits(session: Session, alert_id: UUID) -> dict[UUID, set[str]]:
    mine, theirs = aliased(AlertTrait), aliased(AlertTrait)
    rows = session.execute(
        select(theirs.alert_id, theirs.kind)
        .join(mine, (mine.kind == theirs.kind) & (mine.digest == theirs.digest))
        .where(mine.alert_id == alert_id, theirs.alert_id != alert_id)
        .distinct()
        .limit(MOST_LINKS)
    )
    shared: dict[UUID, set[str]] = {}
    for other, kind in rows:
        shared.setdefault(other, set()).add(kind)
    return shared


def _same_author(session: Session, alert_id: UUID) -> set[UUID]:
    """Alerts seen in posts of an author of this one, known by the platform's id or else by the handle."""
    mine = select(Post.platform, Post.author_id, Post.author_handle).join(Sighting)
    authors = session.execute(mine.where(Sighting.alert_id == alert_id).distinct().limit(MOST_LINKS)).all()
    found: set[UUID] = set()
    for platform in {row.platform for row in authors}:
        rows = [row for row in authors if row.platform == platform]
        ids = {row.author_id for row in rows if row.author_id}
        handles = {row.author_handle for row in rows if not row.author_id and row.author_handle}
        for same in (Post.author_id.in_(ids), Post.author_handle.in_(handles)):
            theirs = select(Sighting.alert_id).join(Post).where(Post.platform == platform, same)
            others = theirs.where(Sighting.alert_id != alert_id).distinct().limit(MOST_LINKS)
            found.update(session.scalars(others))
    return found
