"""Registers of an organisation's own records: counts and dates, never a digest or a key."""

from __future__ import annotations

from datetime import datetime

from pydantic import ConfigDict, Field

from api.schemas.base import Model
from detectors.register.match import RegisterKind
from monitor.register_stats import RegisterStats


class GenerationOut(Model):
    """One set of digests in use."""

    model_config = ConfigDict(extra="forbid", from_attributes=True)

    number: int = Field(ge=1)
    key_id: str = Field(description="Names the key; tells nothing of it.", examples=["7fc5d002a33c8cbf"])
    records: int = Field(ge=0, description="How many people the list had.")
    counts: dict[str, int] = Field(
        description="Digests by field.",
        examples=[{"number": 9500, "surname_birth": 9990, "postcode_birth": 9800, "hospital_number": 10000}],
    )
    megabytes: float
    readable: bool = Field(
        description="Whether its file is where it must be; if not, load the register again."
    )
    loaded_at: datetime


class RegisterOut(Model):
    """A register."""

    name: str = Field(examples=["pas"])
    kind: RegisterKind
    organisation: str | None = Field(examples=["Example Hospitals NHS Trust"])
    system: str | None = Field(description="Where its records stand.", examples=["PAS"])
    created_at: datetime
    rotating: bool = Field(description="Whether two keys are in use, because one is being changed.")
    generations: list[GenerationOut]
    matches: int = Field(ge=0, description="Findings that were made with it and are still stored.")
    last_match_at: datetime | None

    @classmethod
    def of(cls, stats: RegisterStats) -> RegisterOut:
        """What is known of a register."""
        return cls.model_validate(stats.document())
