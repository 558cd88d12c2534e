"""Registered templates: what examining compares pictures with."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from sqlalchemy.orm import Session

from detectors.base import ImageUnreadable
from detectors.examine import ExaminerConfig
from detectors.image import ImageLimits, media_type_of
from detectors.templates import TemplateSignal, TemplateUnsuitable, signal_of
from monitor.blobs import Blobs
from monitor.core import Core
from monitor.errors import Conflict, InvalidInput
from monitor.register_files import live_registers
from monitor.settings import Settings
from monitor.storage.base import new_id
from monitor.storage.template import Template, all_templates
from monitor.storage.upsert import insert_missing


def register_template(
    session: Session,
    blobs: Blobs,
    data: bytes,
    *,
    name: str,
    organisation: str | None,
    notes: str | None,
    now: datetime,
) -> Template:
    """Register a document template from its picture. Raises InvalidInput or Conflict."""
    try:
        signal = signal_of(data, name=name, organisation=organisation)
    except (TemplateUnsuitable, ImageUnreadable) as error:
        raise InvalidInput(str(error)) from None
    sha256 = blobs.register(session, blobs.write(data, media_type_of(data) or ""), now)
    values = {"id": new_id(), "name": name, "organisation": organisation, "notes": notes, "enabled": True}
    values |= {"signal": signal.to_json(), "blob_sha256": sha256, "created_at": now}
    if not insert_missing(session, Template, values):
        raise Conflict(f"A template named {name!r} exists already; choose another name.")
    return session.get_one(Template, values["id"])


def base_config(settings: Settings, templates: tuple[TemplateSignal, ...] = ()) -> ExaminerConfig:
    """What settings say about examining."""
    return ExaminerConfig(
        engine=settings.ocr_engine,
        accept_unissued=settings.accept_unissued_numbers,
        limits=ImageLimits(max_megapixels=settings.max_megapixels, use_libreoffice=settings.use_libreoffice),
        templates=templates,
        register_fields=settings.register_fields,
    )


def examiner_config(core: Core) -> ExaminerConfig:
    """Settings, and the templates and registers of now: what the next file is examined with."""
    with core.database.read() as session:
        rows = all_templates(session, enabled_only=True)
    config = base_config(core.settings, tuple(TemplateSignal.from_json(row.signal) for row in rows))
    return replace(config, registers=live_registers(core))
