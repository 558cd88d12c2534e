"""The audit log."""

from __future__ import annotations

from datetime import datetime

from pydantic import ConfigDict, Field

from api.schemas.base import Model, Page
from monitor.storage.audit import AuditEvent


class AuditLine(Model):
    """One line: who did what to what, when and why. `hash` covers the line and `prev_hash`."""

    model_config = ConfigDict(extra="forbid", from_attributes=True)

    seq: int = Field(description="1 for the first line ever.")
    at: datetime
    actor: str = Field(examples=["key:triage-bot"])
    action: str = Field(examples=["evidence.reveal"])
    item: str = Field(examples=["LW-2026-000123"])
    note: str
    prev_hash: str
    hash: str

    @classmethod
    def of(cls, event: AuditEvent) -> AuditLine:
        """A stored line."""
        return cls.model_validate(event)


class AuditPage(Page[AuditLine]):
    """Lines of the log, newest first, and whether the log is as it was written."""

    verified: bool | None = Field(description="Whether every line is as written; null when not asked.")
    first_altered: int | None = Field(description="The `seq` of the first line that is not.")
