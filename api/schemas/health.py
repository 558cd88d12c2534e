"""How the service is."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from api.schemas.base import Model


class Alive(Model):
    """The process answers."""

    alive: Literal[True] = True


class Readiness(Model):
    """Whether the monitor does its work; `reasons` name what does not, never how."""

    ready: bool
    reasons: list[Literal["database", "pipeline", "sources", "index"]]


class Version(Model):
    """What is running."""

    version: str = Field(examples=["0.1.0"])
    schema_revision: str = Field(description="Of the database this version was written for.")
