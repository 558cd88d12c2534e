"""Recorded answers of platforms."""

from __future__ import annotations

from base64 import b64encode
from datetime import datetime
from uuid import UUID

from pydantic import ConfigDict, Field

from api.schemas.base import Model
from monitor.recordings import Opened
from monitor.reveal import REASON_LENGTH
from monitor.storage.recording import Recording


class RecordingOut(Model):
    """One recorded answer, closed."""

    model_config = ConfigDict(extra="forbid", from_attributes=True)

    id: UUID
    recorded_at: datetime
    expires_at: datetime
    host: str
    status: int
    size: int = Field(ge=0, description="Bytes of the body.")

    @classmethod
    def of(cls, recording: Recording) -> RecordingOut:
        """A stored recording."""
        return cls.model_validate(recording)


class OpenRequest(Model):
    """Why somebody must see what a platform answered."""

    model_config = ConfigDict(
        extra="forbid", json_schema_extra={"examples": [{"reason": "Pictures of this feed are missing."}]}
    )

    reason: str = Field(min_length=REASON_LENGTH, max_length=500, description="Goes into the audit log.")


class OpenedOut(Model):
    """One recorded answer in the clear. Do not store this answer."""

    method: str
    url: str = Field(description="Without parameters.")
    status: int
    headers: dict[str, str]
    body: str = Field(description="In base64.")

    @classmethod
    def of(cls, opened: Opened) -> OpenedOut:
        """What was opened."""
        names = ("method", "url", "status", "headers")
        return cls(**{name: getattr(opened, name) for name in names}, body=b64encode(opened.body).decode())
