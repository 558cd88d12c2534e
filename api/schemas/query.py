"""What lists can be asked for. Unknown parameters are refused: a filter that is misspelt is not ignored."""

from __future__ import annotations

from pydantic import AwareDatetime, Field

from api.schemas.base import Model
from monitor.storage.alert import AlertStatus, Severity
from monitor.storage.post import Stage


class PageQuery(Model):
    """Which part of a list."""

    cursor: str | None = Field(
        default=None, max_length=64, description="Where to go on; take it from the page before's `next`."
    )
    limit: int = Field(default=50, ge=1, le=200, description="How many items at most.")


class AlertQuery(PageQuery):
    """Which alerts."""

    status: list[AlertStatus] = Field(default=[], description="Any of these statuses; repeat it for more.")
    severity: list[Severity] = Field(default=[], description="Any of these severities; repeat it for more.")
    platform: str | None = Field(default=None, max_length=32, description="Seen on this platform.")
    raised_after: AwareDatetime | None = Field(
        default=None, description="Raised at or after this time.", examples=["2026-07-01T00:00:00Z"]
    )


class PostQuery(PageQuery):
    """Which posts."""

    stage: Stage | None = Field(
        default=None, description="Whose newest revision stands at this stage.", examples=["failed"]
    )
    platform: str | None = Field(default=None, max_length=32)


class AuditQuery(PageQuery):
    """Which lines of the audit log."""

    verify: bool = Field(default=True, description="Check the whole chain; takes time when it is long.")
