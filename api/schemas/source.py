"""Sources and their runs."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from pydantic import ConfigDict, Field

from api.schemas.base import Model
from monitor.storage.source import RunOutcome, Source, SourceRun

THRESHOLD = "Score from which its posts alert, in place of the settings'."
NAME = r"^[A-Za-z0-9][A-Za-z0-9._-]*$"


class RunOut(Model):
    """One run of a source."""

    model_config = ConfigDict(extra="forbid", from_attributes=True)

    id: UUID
    started_at: datetime
    finished_at: datetime | None
    outcome: RunOutcome
    posts_new: int
    posts_rejected: int
    error: str | None
    gap: str | None = Field(description="Why posts may have been missed, if so.")

    @classmethod
    def of(cls, run: SourceRun) -> RunOut:
        """A stored run."""
        return cls.model_validate(run)


class SourceOut(Model):
    """A source and how it stands."""

    model_config = ConfigDict(extra="forbid", from_attributes=True)

    name: str = Field(examples=["reddit-nhs"])
    connector: str = Field(examples=["reddit"])
    config: dict[str, Any] = Field(description="The connector's own settings.")
    enabled: bool
    packs: list[str] = Field(description="Query packs whose words it looks for.")
    poll_seconds: int | None = Field(description="A fixed pace; null: it adapts to how busy the source is.")
    poll_min_seconds: int | None = Field(description="Shortest wait; null: the settings decide.")
    poll_max_seconds: int | None = Field(description="Longest wait; null: the settings decide.")
    pace_seconds: float | None = Field(description="The wait that it has adapted to.")
    pace_reason: str | None = Field(description="Why its next run is when it is.")
    alert_threshold: float | None = Field(description="Null: the settings decide from which score it alerts.")
    next_run_at: datetime | None
    last_ok_at: datetime | None
    created_at: datetime

    @classmethod
    def of(cls, source: Source) -> SourceOut:
        """A stored source."""
        return cls.model_validate(source)


class NewSource(Model):
    """A source to watch."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "examples": [{"name": "drop-folder", "connector": "folder", "config": {"path": "/srv/drop"}}]
        },
    )

    name: str = Field(min_length=1, max_length=100, pattern=NAME)
    connector: str = Field(max_length=32, description="Which platform's connector reads it.")
    config: dict[str, Any] = Field(default_factory=dict, description="The connector's own settings.")
    packs: list[str] = Field(default_factory=list, max_length=50, description="Query packs to look for.")
    poll_seconds: int | None = Field(default=None, ge=1, le=86_400)
    poll_min_seconds: int | None = Field(default=None, ge=1, le=86_400)
    poll_max_seconds: int | None = Field(default=None, ge=1, le=86_400)
    alert_threshold: float | None = Field(default=None, gt=0, lt=1, description=THRESHOLD)


class SourceChange(Model):
    """What to change; fields left out stay as they are."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"examples": [{"enabled": False}]})

    enabled: bool = Field(default=True, description="False pauses the source.")
    poll_seconds: int | None = Field(default=None, ge=1, le=86_400)
    poll_min_seconds: int | None = Field(default=None, ge=1, le=86_400)
    poll_max_seconds: int | None = Field(default=None, ge=1, le=86_400)
    alert_threshold: float | None = Field(default=None, gt=0, lt=1, description=THRESHOLD)
