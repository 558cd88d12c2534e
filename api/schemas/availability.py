"""Looks at whether a post is still shown."""

from __future__ import annotations

from datetime import datetime

from pydantic import ConfigDict, Field

from api.schemas.base import Model
from monitor.storage.availability import AvailabilityCheck, Verdict


class ProbeOut(Model):
    """One independent look at one thing."""

    subject: str = Field(description="What was looked at.", examples=["API", "page", "attachment 1"])
    availability: Verdict
    reason: str = Field(description="One sentence: what was answered.")


class CheckOut(Model):
    """One look at a post."""

    model_config = ConfigDict(extra="forbid", from_attributes=True)

    checked_at: datetime
    verdict: Verdict = Field(
        description="Of post and files together: present when anything is shown; a refusal is unknown."
    )
    post_verdict: Verdict = Field(description="Of the post alone; a file may outlive it.")
    probes: list[ProbeOut]

    @classmethod
    def of(cls, check: AvailabilityCheck) -> CheckOut:
        """A stored look."""
        values = {name: getattr(check, name) for name in ("checked_at", "verdict", "post_verdict")}
        return cls(**values, probes=[ProbeOut(**probe) for probe in check.probes])
