"""Reports by people: how far one is, and for reviewers what became of it."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from pydantic import Field

from api.schemas.base import Model
from monitor.reports import Receipt, ReportDetail, Standing


class ReportOut(Model):
    """A report as whoever made it may see it: nothing of what was sent."""

    reference: str = Field(examples=["R-7KQM-2XTB-9HWD"])
    standing: Standing = Field(
        description="received: waits; examining; alert_raised: the security team has it; examined: no record "
        "was seen in it; unreadable: it could not be opened, and a person will look."
    )
    received_at: datetime

    @classmethod
    def of(cls, receipt: Receipt) -> ReportOut:
        """How a report stands."""
        return cls(reference=receipt.reference, standing=receipt.standing, received_at=receipt.received_at)


class ReportListed(ReportOut):
    """A report as the security team sees it, its words masked."""

    actor: str = Field(description="Whose key or session it came from.", examples=["key:intranet"])
    who: str = Field(description="Who reports, as they said.")
    note: str = Field(description="Their note, numbers blacked out.")
    url: str | None
    files: int
    times: int = Field(description="How often the same was reported.")
    post_id: UUID | None
    alert: str | None = Field(examples=["LW-2026-000123"])
    error: str | None = Field(description="Why its post could not be read.")

    @classmethod
    def of_detail(cls, detail: ReportDetail) -> ReportListed:
        """A report with its post and alert."""
        return cls.model_validate(detail, from_attributes=True)
