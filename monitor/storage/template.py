"""Registered document templates."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, String, Text, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from monitor.errors import NotFound
from monitor.storage.base import Base, Identified


class Template(Identified, Base):
    """A document template that an organisation registered."""

    __tablename__ = "template"

    name: Mapped[str] = mapped_column(String(100), unique=True)
    organisation: Mapped[str | None] = mapped_column(String(255))
    notes: Mapped[str | None] = mapped_column(Text)
    enabled: Mapped[bool] = mapped_column(default=True)
    signal: Mapped[dict[str, Any]] = mapped_column(comment="What a picture is compared with.")
    blob_sha256: Mapped[str] = mapped_column(ForeignKey("blob.sha256"))
    created_at: Mapped[datetime]


def all_templates(session: Session, *, enabled_only: bool = False) -> Sequence[Template]:
    """Templates by name."""
    query = select(Template).order_by(Template.name)
    return session.scalars(query.where(Template.enabled) if enabled_only else query).all()


def template_named(session: Session, name: str) -> Template:
    """The template of that name. Raises NotFound."""
    template = session.scalar(select(Template).where(Template.name == name))
    if template is None:
        raise NotFound("template", name)
    return template
