"""Alerts of one matter, questions about copies, and where a matter was seen."""

from __future__ import annotations

from datetime import datetime
from typing import Literal
from uuid import UUID

from pydantic import ConfigDict, Field

from api.schemas.base import Model
from monitor.reposts.links import LinkReason, Related, Spread
from monitor.storage.alert import Alert, AlertStatus, Severity
from monitor.storage.known_image import Answer, KnownImage, RepostQuestion


class QuestionOut(Model):
    """Whether two alerts are copies of one record, and what a person said."""

    why: str = Field(
        description="What speaks for it.", examples=["a picture much like its own, no number to compare"]
    )
    asked_at: datetime
    answer: Answer | None = Field(description="null: nobody has answered yet.")
    answered_by: str | None
    answered_at: datetime | None

    @classmethod
    def of(cls, question: RepostQuestion) -> QuestionOut:
        """A stored question."""
        return cls(**{name: getattr(question, name) for name in cls.model_fields})


class RelatedOut(Model):
    """An alert that concerns the same matter, and why."""

    reference: str = Field(examples=["LW-2026-000119"])
    status: AlertStatus
    severity: Severity
    raised_at: datetime
    reasons: list[LinkReason]
    question: QuestionOut | None

    @classmethod
    def of(cls, link: Related) -> RelatedOut:
        """A link."""
        names = ("reference", "status", "severity", "raised_at")
        question = QuestionOut.of(link.question) if link.question else None
        return cls(
            **{name: getattr(link.alert, name) for name in names},
            reasons=list(link.reasons),
            question=question,
        )


class RelatedAlerts(Model):
    """Alerts of one matter: what a person is asked about first, then those with most reasons."""

    reference: str
    total: int = Field(description="How many there are on all pages.")
    related: list[RelatedOut]
    next: str | None = Field(description="Path and query of the next page; null on the last.")


class RepostAnswer(Model):
    """What a person says of two alerts."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"examples": [{"answer": "same"}]})

    answer: Answer = Field(
        description="same: the newer becomes part of the older. different: never asked again."
    )


class SeenOut(Model):
    """One post of the matter."""

    alert: str
    post: UUID
    platform: str
    author: str | None
    url: str
    seen_at: datetime = Field(description="When it was posted, or else first seen.")


class NodeOut(Model):
    """A node of the graph."""

    id: str = Field(examples=["alert:LW-2026-000123"])
    kind: Literal["alert", "post", "author"]
    label: str


class EdgeOut(Model):
    """A line of the graph."""

    source: str
    target: str
    kind: str = Field(description="sighting, posted, or a reason why two alerts are linked.")


class SpreadOut(Model):
    """Where and when one matter was seen."""

    reference: str
    first_seen: SeenOut | None
    posts: int
    by_platform: dict[str, int] = Field(examples=[{"reddit": 3, "mastodon": 1}])
    first_on: dict[str, datetime] = Field(
        description="When it was first seen on each platform, in that order.",
        examples=[{"reddit": "2026-07-01T09:12:00Z"}],
    )
    by_day: dict[str, int] = Field(examples=[{"2026-07-01": 4}])
    seen: list[SeenOut] = Field(description="Oldest first.")
    nodes: list[NodeOut]
    edges: list[EdgeOut]

    @classmethod
    def of(cls, alert: Alert, spread: Spread) -> SpreadOut:
        """The spread of an alert's matter."""
        seen = [
            SeenOut(
                alert=each.alert,
                post=each.post,
                platform=each.platform,
                author=each.author,
                url=each.url,
                seen_at=each.at,
            )
            for each in spread.posts
        ]
        nodes, edges = _graph(alert, seen, spread)
        return cls(
            reference=alert.reference,
            first_seen=seen[0] if seen else None,
            posts=len(seen),
            by_platform=spread.by_platform,
            first_on=spread.first_on,
            by_day=spread.by_day,
            seen=seen,
            nodes=nodes,
            edges=edges,
        )


class HarmlessPicture(Model):
    """A picture that a person said harms nobody; its copies are passed over."""

    sha256: str
    reference: str = Field(description="The dismissed alert.")
    suppressed: int = Field(description="How many posts showed it since.")
    last_suppressed_at: datetime | None

    @classmethod
    def of(cls, image: KnownImage, alert: Alert) -> HarmlessPicture:
        """A known picture and its alert."""
        return cls(
            sha256=image.blob_sha256,
            reference=alert.reference,
            suppressed=image.suppressed,
            last_suppressed_at=image.last_suppressed_at,
        )


class HarmlessPictures(Model):
    """The negative bank, newest first."""

    items: list[HarmlessPicture]


def _graph(alert: Alert, seen: list[SeenOut], spread: Spread) -> tuple[list[NodeOut], list[EdgeOut]]:
    references = dict.fromkeys([alert.reference, *(link.alert.reference for link in spread.related)])
    nodes = [NodeOut(id=f"alert:{ref}", kind="alert", label=ref) for ref in references]
    edges = [
        EdgeOut(source=f"alert:{alert.reference}", target=f"alert:{link.alert.reference}", kind=reason)
        for link in spread.related
        for reason in link.reasons
    ]
    authors = dict.fromkeys((each.platform, each.author) for each in seen if each.author)
    nodes += [NodeOut(id=f"author:{p}:{a}", kind="author", label=a) for p, a in authors if a]
    for each in seen:
        post = f"post:{each.post}"
        nodes.append(NodeOut(id=post, kind="post", label=each.platform))
        edges.append(EdgeOut(source=post, target=f"alert:{each.alert}", kind="sighting"))
        if each.author:
            edges.append(EdgeOut(source=f"author:{each.platform}:{each.author}", target=post, kind="posted"))
    return nodes, edges
