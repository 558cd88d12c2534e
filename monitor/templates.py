"""Registered templates: learning, changing, and handing them to whatever examines next.

Workers are handed a file that holds all templates in use (`detectors.templates.bank`). It is named by the
digest of what is in it, written by whoever needs it first, and mapped, so many workers hold one copy. Each
examination asks the database which digest holds now: a change is in use with the next file.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Any

from sqlalchemy.orm import Session

from detectors.base import Box, DetectorError
from detectors.image import READ, ImageLimits, media_type_of
from detectors.table import ExaminerConfig
from detectors.templates.bank import BankFile
from detectors.templates.base import TemplateSaid, Thresholds
from detectors.templates.packing import pack, unpack
from detectors.templates.report import Learning
from monitor.blobs import Blobs
from monitor.core import Core
from monitor.errors import Conflict, InvalidInput
from monitor.pipeline.pool import ExaminePool
from monitor.register_files import live_registers
from monitor.settings import Settings
from monitor.storage.base import new_id
from monitor.storage.template import (
    Template,
    TemplateVersion,
    all_templates,
    shown_in,
    template_named,
    used_digests,
    used_packed,
    versions_of,
)
from monitor.storage.upsert import insert_missing
from monitor.template_banks import bank_file, bank_in, write_bank
from monitor.template_folder import TemplateFile, templates_in


@dataclass(frozen=True, slots=True)
class Registration:
    """What is registered: the pictures, what is said of them, and what was learned."""

    said: TemplateSaid
    samples: tuple[bytes, ...]
    learning: Learning
    notes: str | None = None
    system: str | None = None


def learn_file(file: TemplateFile, pool: ExaminePool, config: ExaminerConfig) -> Registration:
    """Learn the template of a file (and its further samples). Raises InvalidInput."""
    samples = file.read()
    try:
        learning = learn_template(samples, file.said, pool, config)
    except InvalidInput as error:
        raise InvalidInput(f"{file.paths[0]}: {error}") from None
    return Registration(file.said, tuple(samples), learning, file.notes, file.system)


def learn_template(
    samples: Sequence[bytes], said: TemplateSaid, pool: ExaminePool, config: ExaminerConfig
) -> Learning:
    """Learn a template from its pictures' bytes. Raises InvalidInput."""
    if any(media_type_of(data) not in READ for data in samples):
        raise InvalidInput(f"A file of the template {said.name} is not a picture or a PDF.")
    try:
        return pool.learn_template(samples, said, config)
    except DetectorError as error:
        raise InvalidInput(str(error)) from None


def learn_files(
    files: Iterable[TemplateFile], pool: ExaminePool, config: ExaminerConfig, workers: int
) -> Iterable[Registration]:
    """Learn several, as many at a time as there are workers, in order. Raises InvalidInput."""
    with ThreadPoolExecutor(workers) as threads:
        yield from threads.map(lambda file: learn_file(file, pool, config), files)


def register_template(
    session: Session, blobs: Blobs, new: Registration, *, actor: str, now: datetime
) -> Template:
    """Store a template. Raises Conflict when the name is taken."""
    written = [blobs.write(data, media_type_of(data) or "") for data in new.samples]
    digests = [blobs.register(session, each, now) for each in written]
    said = new.said
    values = {
        "id": new_id(),
        "name": said.name,
        "organisation": said.organisation,
        "system": new.system,
        "notes": new.notes,
        "kind": said.kind,
        "enabled": True,
        "said": said_to_json(said),
        "warnings": list(new.learning.warnings),
        "packed": new.learning.packed,
        "digest": hashlib.sha256(new.learning.packed).hexdigest(),
        "version": 1,
        "blob_sha256": digests[0],
        "samples": digests,
        "created_at": now,
        "updated_at": now,
    }
    if not insert_missing(session, Template, values):
        raise Conflict(f"A template named {said.name!r} exists already; choose another name.")
    template = session.get_one(Template, values["id"])
    _remember(session, template, actor, now)
    return template


def change_template(
    session: Session, template: Template, changes: dict[str, Any], *, actor: str, now: datetime
) -> None:
    """Change facts of a template (its columns, or `thresholds`); the history keeps who and when.

    Raises InvalidInput.
    """
    thresholds = changes.pop("thresholds", None)
    for name, value in changes.items():
        setattr(template, name, value)
    if thresholds is not None:
        template.said = {**template.said, "thresholds": _checked(thresholds)}
    if template.packed is not None:
        _repack(template)
    template.version += 1
    template.updated_at = now
    _remember(session, template, actor, now)


def _checked(thresholds: dict[str, int]) -> dict[str, int]:
    """Thresholds that there are, within their bounds. Raises InvalidInput."""
    try:
        return asdict(Thresholds.from_json(thresholds))
    except ValueError as error:
        raise InvalidInput(str(error)) from None


def relearn_template(
    session: Session, template: Template, learning: Learning, *, actor: str, now: datetime
) -> None:
    """Keep what was learned anew from a template's own pictures."""
    template.packed = learning.packed
    template.digest = hashlib.sha256(learning.packed).hexdigest()
    template.warnings = list(learning.warnings)
    change_template(session, template, {}, actor=actor, now=now)


def learn_again(core: Core, pool: ExaminePool, name: str | None, *, actor: str) -> list[str]:
    """Learn templates anew from their kept pictures, one transaction each; the names. Raises NotFound."""
    with core.database.read() as session:
        chosen = all_templates(session) if name is None else [template_named(session, name)]
        pictures = {t.name: [core.blobs.read(session, each) for each in _samples(t)] for t in chosen}
    for template in chosen:
        learning = learn_template(pictures[template.name], said_of(template), pool, examiner_config(core))
        with core.database.transaction() as session:
            fresh = template_named(session, template.name)
            relearn_template(session, fresh, learning, actor=actor, now=core.now())
    return [template.name for template in chosen]


def _samples(template: Template) -> list[str]:
    return template.samples or [template.blob_sha256]


def describe_template(session: Session, name: str) -> dict[str, Any]:
    """Everything that is known of a template, its history last. Raises NotFound."""
    template = template_named(session, name)
    facts = unpack(template.packed).facts if template.packed else None
    posts, quiet = shown_in(session, name)
    return {
        **{field: getattr(template, field) for field in _SHOWN},
        "thresholds": asdict(said_of(template).thresholds),
        "size": list(facts.size) if facts else None,
        "letterhead": list(facts.letterhead) if facts and facts.letterhead else None,
        "words": list(facts.words) if facts else [],
        "kilobytes": round(len(template.packed) / 1000, 1) if template.packed else None,
        "posts": posts,
        "posts_without_alert": quiet,
        "history": [
            {"version": v.version, "changed_at": v.changed_at, "actor": v.actor, "facts": v.facts}
            for v in versions_of(session, template)
        ],
    }


_SHOWN = (
    *("name", "organisation", "system", "notes", "kind", "enabled", "version"),
    *("created_at", "updated_at", "warnings"),
)


def said_of(template: Template) -> TemplateSaid:
    """What was said of a template."""
    return said_from_json(template.name, template.organisation, template.kind, template.said)


def said_from_json(name: str, organisation: str | None, kind: str, stored: dict[str, Any]) -> TemplateSaid:
    """What `said_to_json` described."""
    box = stored["letterhead"]
    return TemplateSaid(
        name=name,
        organisation=organisation,
        kind="benign" if kind == "benign" else "document",
        letterhead=Box(*box) if box else None,
        filled=stored["filled"],
        page=stored["page"],
        thresholds=Thresholds(**stored["thresholds"]),
    )


def said_to_json(said: TemplateSaid) -> dict[str, Any]:
    """The part of it that has no column of its own."""
    return {
        "letterhead": list(said.letterhead) if said.letterhead else None,
        "filled": said.filled,
        "page": said.page,
        "thresholds": asdict(said.thresholds),
    }


def _repack(template: Template) -> None:
    assert template.packed is not None
    kept = unpack(template.packed)
    said = said_of(template)
    facts = replace(kept.facts, organisation=said.organisation, kind=said.kind, thresholds=said.thresholds)
    template.packed = pack(replace(kept, facts=facts))
    template.digest = hashlib.sha256(template.packed).hexdigest()


def _remember(session: Session, template: Template, actor: str, now: datetime) -> None:
    facts = {name: getattr(template, name) for name in _HISTORY}
    session.add(
        TemplateVersion(
            template_id=template.id, version=template.version, changed_at=now, actor=actor, facts=facts
        )
    )


_HISTORY = ("organisation", "system", "notes", "kind", "enabled", "said", "digest", "samples")
"""What each version remembers."""


def base_config(settings: Settings, templates: BankFile | None = None) -> ExaminerConfig:
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
        digests = used_digests(session)
        file = bank_file(core.settings, digests)
        if file is not None and not Path(file.path).exists():
            write_bank(Path(file.path), used_packed(session))
    return replace(base_config(core.settings, file), registers=live_registers(core))


def scan_templates(
    folder: Path, made: Path, pool: ExaminePool, config: ExaminerConfig, workers: int
) -> ExaminerConfig:
    """`config` with the templates of a folder, learned here and now; their file is put into `made`.

    Raises InvalidInput.
    """
    learned = list(learn_files(templates_in(folder), pool, config, workers))
    return replace(config, templates=bank_in(made, [each.learning.packed for each in learned]))
