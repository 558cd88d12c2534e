"""Reports to platforms' moderators."""

from __future__ import annotations

from uuid import UUID

from pydantic import ConfigDict, Field

from api.schemas.base import Model
from monitor.moderators import COMMENT
from monitor.reveal import REASON_LENGTH


class PlatformReport(Model):
    """What a platform is told, and why."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={"examples": [{"reason": "Confirmed with the ward manager."}]},
    )

    reason: str = Field(min_length=REASON_LENGTH, max_length=500, description="Goes into the audit log.")
    comment: str = Field(
        default=COMMENT,
        min_length=1,
        max_length=1000,
        description="What moderators read; no patient's details.",
    )
    category: str | None = Field(default=None, max_length=64, description="One of the platform's own.")
    post_id: UUID | None = Field(default=None, description="Needed when the alert has several posts.")
    again: bool = Field(default=False, description="Report a post that was reported before.")


class ReceiptOut(Model):
    """What the platform gave back."""

    reference: str | None = Field(description="The platform's own number of the report.")
    message: str
