"""Registered document templates, their history, and what pictures examined earlier show of new ones."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, LargeBinary, String, Text, UniqueConstraint, distinct, func, select
from sqlalchemy.orm import Mapped, Session, mapped_column, undefer

from monitor.errors import NotFound
from monitor.storage.alert import Sighting
from monitor.storage.base import Base, Identified
from monitor.storage.examination import Examination, Finding, image_subject
from monitor.storage.post import Attachment, PostRevision

_SHA256_FROM = len(image_subject("")) + 1
"""Where, from 1, a file's SHA-256 begins in the subject of its examination."""


class Template(Identified, Base):
    """A document template that an organisation registered, as it is now."""

    __tablename__ = "template"

    name: Mapped[str] = mapped_column(String(100), unique=True)
    organisation: Mapped[str | None] = mapped_column(String(255))
    system: Mapped[str | None] = mapped_column(String(255), comment="The system or ward that prints it.")
    notes: Mapped[str | None] = mapped_column(Text)
    kind: Mapped[str] = mapped_column(String(16), default="document", comment="document, or benign.")
    enabled: Mapped[bool] = mapped_column(default=True)
    said: Mapped[dict[str, Any]] = mapped_column(
        comment="Letterhead box, filled, page, thresholds, as given."
    )
    warnings: Mapped[list[Any]] = mapped_column(comment="What its owner was told at registration.")
    packed: Mapped[bytes | None] = mapped_column(
        LargeBinary, deferred=True, comment="What pictures are compared with; null: to be learned again."
    )
    digest: Mapped[str | None] = mapped_column(String(64), comment="SHA-256 of packed.")
    version: Mapped[int] = mapped_column(default=1)
    blob_sha256: Mapped[str] = mapped_column(ForeignKey("blob.sha256"))
    samples: Mapped[list[Any]] = mapped_column(comment="SHA-256 of every picture it was learned from.")
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]


class TemplateVersion(Identified, Base):
    """A template's facts after one change; the highest version is how it is now."""

    __tablename__ = "template_version"
    __table_args__ = (UniqueConstraint("template_id", "version"),)

    template_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("template.id", ondelete="CASCADE"))
    version: Mapped[int]
    changed_at: Mapped[datetime]
    actor: Mapped[str] = mapped_column(String(255))
    facts: Mapped[dict[str, Any]]


def all_templates(session: Session) -> Sequence[Template]:
    """Templates by name, without what pictures are compared with."""
    return session.scalars(select(Template).order_by(Template.name)).all()


def templates_after(session: Session, last: uuid.UUID | None, limit: int) -> Sequence[Template]:
    """Templates in the order of their registration, those after one."""
    query = select(Template).order_by(Template.id).limit(limit)
    return session.scalars(query if last is None else query.where(Template.id > last)).all()


def used_digests(session: Session) -> list[str]:
    """The digests of the templates in use, by name."""
    query = select(Template.digest).where(Template.enabled, Template.digest.is_not(None))
    return [digest for digest in session.scalars(query.order_by(Template.name)) if digest]


def used_packed(session: Session) -> list[bytes]:
    """What pictures are compared with, of the templates in use, by name."""
    query = select(Template.packed).where(Template.enabled, Template.digest.is_not(None))
    return [packed for packed in session.scalars(query.order_by(Template.name)) if packed]


def learned_templates(session: Session, ids: Sequence[uuid.UUID]) -> Sequence[Template]:
    """Those of some templates that pictures can be compared with, with what they are compared with."""
    query = select(Template).where(Template.id.in_(ids), Template.packed.is_not(None))
    return session.scalars(query.options(undefer(Template.packed)).order_by(Template.id)).all()


def template_named(session: Session, name: str, *, lock: bool = False) -> Template:
    """The template of that name, locked for a change if asked for. Raises NotFound."""
    query = select(Template).where(Template.name == name)
    template = session.scalar(query.with_for_update() if lock else query)
    if template is None:
        raise NotFound("template", name)
    return template


def versions_of(session: Session, template: Template) -> Sequence[TemplateVersion]:
    """A template's history, the newest first."""
    query = select(TemplateVersion).where(TemplateVersion.template_id == template.id)
    return session.scalars(query.order_by(TemplateVersion.version.desc())).all()


def shown_in(session: Session, name: str) -> tuple[int, int]:
    """How many posts a template was found in, and how many of these raised no alert."""
    query = (
        select(func.count(distinct(PostRevision.post_id)), func.count(distinct(Sighting.post_id)))
        .select_from(Finding)
        .join(Examination, Examination.id == Finding.examination_id)
        .join(Attachment, Attachment.blob_sha256 == func.substr(Examination.subject, _SHA256_FROM))
        .join(PostRevision, PostRevision.id == Attachment.revision_id)
        .outerjoin(Sighting, Sighting.post_id == PostRevision.post_id)
        .where(Finding.detector == "template", Finding.masked == name)
    )
    posts, alerted = session.execute(query).one()
    return posts, posts - alerted
