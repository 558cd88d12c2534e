"""Problem details (RFC 9457)."""

from __future__ import annotations

from pydantic import Field

from api.schemas.base import Model


class InvalidField(Model):
    """One field that is not as it must be."""

    place: str = Field(
        description="Where it is: body, query or path, then its name.", examples=["body/status"]
    )
    detail: str = Field(description="What is wrong with it, in one sentence.", examples=["Field required"])


class Problem(Model):
    """What went wrong, as `application/problem+json`. It repeats nothing that was sent."""

    type: str = Field(
        description="What kind of problem; about:blank when the status says it all.",
        examples=["urn:leakwatch:problem:transition-not-allowed"],
    )
    title: str = Field(description="The kind of problem in words.", examples=["The alert changed meanwhile"])
    status: int = Field(description="The HTTP status.", examples=[409])
    detail: str = Field(
        description="What is wrong here and how to mend it.",
        examples=["Alert LW-2026-000123 is resolved; it cannot become dismissed."],
    )
    request_id: str = Field(
        description="Also in the X-Request-ID header and in the log.",
        examples=["0199c6f26a0b7f3e8d4c2b1a09f8e7d6"],
    )
    errors: list[InvalidField] | None = Field(default=None, description="The fields that are wrong, if any.")
