"""Posts, and where the pipeline is with them."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from pydantic import ConfigDict, Field

from api.schemas.base import Model
from monitor.storage.post import Attachment, AttachmentOrigin, AttachmentState, Post, PostRevision, Stage


class PostSummary(Model):
    """One post of a list, by its newest revision."""

    id: UUID
    platform: str = Field(examples=["reddit"])
    external_id: str = Field(examples=["t3_abc123"])
    url: str
    author: str | None
    posted_at: datetime | None
    first_seen_at: datetime
    gone_at: datetime | None = Field(description="When its platform told that it is gone.")
    gone_reason: str | None = Field(description="What its platform told of that.")
    revision: int = Field(description="Number of the newest revision.")
    stage: Stage = Field(description="Where the pipeline is with it.", examples=["failed"])
    error: str | None = Field(description="Why it failed, or why the last attempt did.")

    @classmethod
    def of(cls, post: Post, revision: PostRevision) -> PostSummary:
        """The summary of a stored post."""
        return cls(
            id=post.id,
            platform=post.platform,
            external_id=post.external_id,
            url=post.url,
            author=post.author_handle,
            posted_at=post.posted_at,
            first_seen_at=post.first_seen_at,
            gone_at=post.gone_at,
            gone_reason=post.gone_reason,
            revision=revision.number,
            stage=revision.stage,
            error=revision.error,
        )


class AttachmentOut(Model):
    """A file a revision refers to."""

    model_config = ConfigDict(extra="forbid", from_attributes=True)

    id: UUID
    url: str
    origin: AttachmentOrigin = Field(
        description="post: of the post itself; report: sent by a person; page: the page a person reported; "
        "link: an address in the post; linked: found behind one."
    )
    state: AttachmentState
    error: str | None = Field(examples=["The file is larger than 50 MB."])

    @classmethod
    def of(cls, attachment: Attachment) -> AttachmentOut:
        """A stored attachment."""
        return cls.model_validate(attachment)


class RevisionOut(Model):
    """One wording of a post."""

    id: UUID
    number: int
    seen_at: datetime
    stage: Stage
    attempts: int = Field(description="Attempts made at this stage.")
    error: str | None
    finished_at: datetime | None
    masked_text: str | None
    attachments: list[AttachmentOut]

    @classmethod
    def of(cls, revision: PostRevision) -> RevisionOut:
        """A stored revision."""
        names = ("id", "number", "seen_at", "stage", "attempts", "error", "finished_at", "masked_text")
        attachments = [AttachmentOut.of(attachment) for attachment in revision.attachments]
        return cls(**{name: getattr(revision, name) for name in names}, attachments=attachments)


class PostOut(PostSummary):
    """A post with all its revisions."""

    revisions: list[RevisionOut] = Field(description="Oldest first.")
    alert: str | None = Field(description="The alert in which it is a sighting.", examples=["LW-2026-000123"])
