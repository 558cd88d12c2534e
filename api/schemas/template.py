"""Registered document templates."""

from __future__ import annotations

import base64
from datetime import datetime
from typing import Any, Literal

from pydantic import ConfigDict, Field, field_validator

from api.schemas.base import Model
from detectors.base import Box
from detectors.templates.base import TemplateSaid, Thresholds
from detectors.templates.report import Comparison
from monitor.errors import InvalidInput
from monitor.storage.template import Template
from monitor.template_facts import check_name

BOX = r"^ *\d{1,5} *(, *\d{1,5} *){3}$"


class TemplateOut(Model):
    """A document template."""

    model_config = ConfigDict(extra="forbid", from_attributes=True)

    name: str = Field(examples=["clinic-letter"])
    organisation: str | None = Field(examples=["Example Hospitals NHS Trust"])
    system: str | None = Field(description="The system or ward that prints it.")
    notes: str | None
    kind: Literal["document", "benign"] = Field(description="benign: a match speaks against a leak.")
    enabled: bool
    version: int = Field(description="Counts every change.")
    warnings: list[str] = Field(description="What its owner was told at registration.")
    created_at: datetime
    updated_at: datetime

    @classmethod
    def of(cls, template: Template) -> TemplateOut:
        """A stored template."""
        return cls.model_validate(template)


class TemplateVersionOut(Model):
    """A template after one change."""

    version: int
    changed_at: datetime
    actor: str
    changed: list[str] = Field(
        description="What it changed, in words.", examples=[["notes", "tiles 12 to 20"]]
    )
    facts: dict[str, Any] = Field(
        description="What was said of it, and the digest of what it was learned as."
    )


class TemplateDetail(TemplateOut):
    """A template with what it was learned to be, and its history, the newest first."""

    thresholds: dict[str, int]
    size: list[int] | None = Field(description="[width, height] of the learned raster.")
    letterhead: list[int] | None = Field(description="[x, y, width, height] in the learned raster's pixels.")
    words: list[str] = Field(description="The letterhead's words that confirm a match.")
    kilobytes: float | None = Field(description="null: to be learned again (`leakwatch template learn`).")
    posts: int = Field(description="How many posts it was found in.")
    posts_without_alert: int = Field(description="Those that raised none: passed over, if it is benign.")
    history: list[TemplateVersionOut]


class TemplateChange(Model):
    """What to change; what is left out stays."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"examples": [{"enabled": False}]})

    enabled: bool = Field(default=True, description="Whether pictures are compared with it.")
    kind: Literal["document", "benign"] = "document"
    organisation: str | None = Field(default=None, max_length=255)
    system: str | None = Field(default=None, max_length=255)
    notes: str | None = Field(default=None, max_length=2000)
    thresholds: dict[str, int | None] = Field(
        default_factory=dict, description="Those to change; null is the default again."
    )

    @field_validator("thresholds")
    @classmethod
    def _known(cls, value: dict[str, int | None]) -> dict[str, int | None]:
        Thresholds.from_json({name: number for name, number in value.items() if number is not None})
        return value


class NewTemplate(Model):
    """The fields that come with a template's pictures."""

    name: str = Field(min_length=1, max_length=100)
    organisation: str | None = Field(default=None, max_length=255)
    system: str | None = Field(default=None, max_length=255)
    notes: str | None = Field(default=None, max_length=2000)
    kind: Literal["document", "benign"] = "document"
    filled: bool = False
    page: int = Field(default=1, ge=1, le=1000)
    letterhead: str | None = Field(default=None, pattern=BOX)

    @field_validator("name")
    @classmethod
    def _fit_for_addresses(cls, value: str) -> str:
        try:
            return check_name(value)
        except InvalidInput as error:
            raise ValueError(str(error)) from None

    def said(self) -> TemplateSaid:
        """As the detectors are told."""
        return TemplateSaid(
            name=self.name,
            organisation=self.organisation,
            kind=self.kind,
            letterhead=Box(*map(int, self.letterhead.split(","))) if self.letterhead else None,
            filled=self.filled,
            page=self.page - 1,
        )


class EarlierPost(Model):
    """A post with a page that seems to show the template."""

    id: str
    platform: str
    url: str
    inliers: int = Field(description="Features that lie on the template together; nothing else is compared.")
    alert: str | None = Field(description="The alert it stands under, if triage found one due.")


class EarlierPosts(Model):
    """What was seen before a template was registered, the surest first, and how far the search is."""

    total: int = Field(description="Pages to compare, when the search began.")
    done: int
    finished: bool
    since: datetime | None
    posts: list[EarlierPost]


class TemplateReport(Model):
    """How a picture compares with the registered templates, the surest first."""

    matches: list[dict[str, Any]] = Field(
        description="name, level (null: not near), why, hashes, inliers, tiles, places, letterhead, quad."
    )
    overlay: str | None = Field(
        description="A PNG, base64: the first template, not the picture, with what agrees drawn on it."
    )

    @classmethod
    def of(cls, compared: Comparison) -> TemplateReport:
        """A comparison."""
        overlay = base64.b64encode(compared.overlay).decode() if compared.overlay else None
        return cls(matches=[dict(each) for each in compared.matches], overlay=overlay)
