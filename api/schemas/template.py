"""Registered document templates."""

from __future__ import annotations

from datetime import datetime

from pydantic import ConfigDict, Field

from api.schemas.base import Model
from monitor.storage.template import Template

NAME = r"^[A-Za-z0-9][A-Za-z0-9._ -]*$"


class TemplateOut(Model):
    """A document template."""

    model_config = ConfigDict(extra="forbid", from_attributes=True)

    name: str = Field(examples=["clinic-letter"])
    organisation: str | None = Field(examples=["Example Hospitals NHS Trust"])
    notes: str | None
    enabled: bool
    created_at: datetime

    @classmethod
    def of(cls, template: Template) -> TemplateOut:
        """A stored template."""
        return cls.model_validate(template)


class TemplateChange(Model):
    """What to change."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"examples": [{"enabled": False}]})

    enabled: bool = Field(description="Whether pictures are compared with it.")


class NewTemplate(Model):
    """The fields that come with a template's picture."""

    name: str = Field(min_length=1, max_length=100, pattern=NAME)
    organisation: str | None = Field(default=None, max_length=255)
    notes: str | None = Field(default=None, max_length=2000)
