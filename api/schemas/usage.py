"""What sources spend of what platforms allow."""

from __future__ import annotations

from datetime import date

from pydantic import ConfigDict, Field

from api.schemas.base import Model
from monitor.meters import Spent


class UsageOut(Model):
    """What one source spent on one UTC day by one meter."""

    model_config = ConfigDict(extra="forbid", from_attributes=True)

    day: date
    connector: str = Field(examples=["youtube"])
    source: str = Field(examples=["youtube-leaks"])
    meter: str = Field(description="What is counted.", examples=["searches"])
    amount: int = Field(ge=0)
    cap: int | None = Field(description="Of all sources of the connector together; null: none.")
    left: int | None = Field(description="Of the cap; null: there is none.")
    cost: float | None = Field(description="By the setting meter_prices; null: no price is set.")

    @classmethod
    def of(cls, spent: Spent) -> UsageOut:
        """A meter as it stands."""
        return cls.model_validate(spent)
