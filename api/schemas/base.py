"""What every schema shares, and pages of things."""

from __future__ import annotations

from typing import Generic, TypeVar

from pydantic import BaseModel, ConfigDict, Field

Item = TypeVar("Item")


class Model(BaseModel):
    """Base of every schema: unknown fields are refused, ours in answers as well as the caller's."""

    model_config = ConfigDict(extra="forbid")


class Page(Model, Generic[Item]):
    """Some of the items, and the address of those that follow."""

    items: list[Item]
    next: str | None = Field(
        description="Path and query of the next page; null on the last.",
        examples=["/api/v1/alerts?limit=50&cursor=AZnG8moLfz6NTCsaCfjn1g"],
    )
