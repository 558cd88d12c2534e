"""Registered templates: learning, changing, and handing them to whatever examines next.

Workers are handed a file that holds all templates in use (`detectors.templates.bank`). It is named by the
digest of what is in it, written by whoever needs it first, and mapped, so many workers hold one copy. Each
examination asks the database which digest holds now: a change is in use with the next file.
"""

from __future__ import annotations

import hashlib
from collections.abc import Container, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from itertools import zip_longest
from pathlib import Path
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from detectors.image import ImageLimits
from detectors.table import ExaminerConfig
from detectors.templates.bank import BankFile
from detectors.templates.base import TemplateSaid
from detectors.templates.packing import pack, unpack
from detectors.templates.report import Learning
from monitor.blobs import Blobs
from monitor.core import Core
from monitor.errors import Conflict, TemplateChanged
from monitor.register_files import live_registers
from monitor.settings import Settings
from monitor.storage.base import new_id
from monitor.storage.blob import Blob
from monitor.storage.template import (
    Template,
    TemplateVersion,
    shown_in,
    template_named,
    used_digests,
    used_packed,
    versions_of,
)
from monitor.storage.upsert import insert_missing
from monitor.template_banks import bank_file, write_bank
from monitor.template_facts import changes_between, check_name, said_of, said_to_json, thresholds_of, tidy


@dataclass(frozen=True, slots=True)
class Registration:
    """What is registered: the pictures, what is said of them, and what was learned."""

    said: TemplateSaid
    samples: tuple[bytes, ...]
    learning: Learning
    notes: str | None = None
    system: str | None = None


def find_registered(
    session: Session, said: TemplateSaid, samples: Sequence[bytes], notes: str | None, system: str | None
) -> Template | None:
    """The template that was registered from these pictures with these facts, if it was.

    Raises Conflict when the name belongs to another, InvalidInput when the facts cannot be taken.
    """
    check_name(said.name)
    wanted = _facts(said, notes, system)
    known = session.scalar(select(Template).where(Template.name == said.name))
    if known is None:
        return None
    first = versions_of(session, known)[-1].facts
    same = all(first[name] == value for name, value in wanted.items())
    if same and known.samples == [hashlib.sha256(_own(known.id, data)).hexdigest() for data in samples]:
        return known
    raise Conflict(
        f"A template named {said.name!r} exists already, from other pictures or with other facts;"
        " choose another name, or change or remove that one."
    )


def register_template(
    session: Session, blobs: Blobs, new: Registration, *, actor: str, now: datetime
) -> Template:
    """Store a template. Raises Conflict when the name is taken, InvalidInput when a fact cannot be taken."""
    said, id_ = new.said, new_id()
    values = {
        "id": id_,
        "name": check_name(said.name),
        **_facts(said, new.notes, new.system),
        "enabled": True,
        "warnings": list(new.learning.warnings),
        "packed": new.learning.packed,
        "digest": hashlib.sha256(new.learning.packed).hexdigest(),
        "version": 1,
        "created_at": now,
        "updated_at": now,
    }
    written = [blobs.write(_own(id_, data), _OWN_TYPE) for data in new.samples]
    digests = [blobs.register(session, each, now) for each in written]
    if not insert_missing(session, Template, {**values, "blob_sha256": digests[0], "samples": digests}):
        raise Conflict(f"A template named {said.name!r} exists already; choose another name.")
    template = session.get_one(Template, id_)
    _remember(session, template, actor, now)
    return template


_OWN_TYPE = "application/vnd.leakwatch.template"


def _own(template_id: UUID, data: bytes) -> bytes:
    """A picture as it is kept: the template's alone, for a post may show the same file and be forgotten."""
    return b"leakwatch template " + template_id.bytes + data


def _facts(said: TemplateSaid, notes: str | None, system: str | None) -> dict[str, Any]:
    texts = tidy({"organisation": said.organisation, "system": system, "notes": notes})
    return {**texts, "kind": said.kind, "said": said_to_json(said)}


def change_template(
    session: Session,
    name: str,
    changes: Mapping[str, Any],
    *,
    actor: str,
    now: datetime,
    versions: Container[int] | None = None,
) -> Template:
    """Change facts of a template (its columns, or `thresholds`); the history keeps who and when.

    What is so already is no change. Raises NotFound, InvalidInput, and TemplateChanged when its version is
    none of `versions` (None: any will do).
    """
    template = template_named(session, name, lock=True)
    if versions is not None and template.version not in versions:
        raise TemplateChanged(name)
    wanted = tidy(changes)
    if (given := wanted.pop("thresholds", None)) is not None:
        thresholds = thresholds_of(template.said["thresholds"], given)
        wanted["said"] = {**template.said, "thresholds": thresholds}
    different = {key: value for key, value in wanted.items() if getattr(template, key) != value}
    if different:
        for key, value in different.items():
            setattr(template, key, value)
        _count_up(session, template, actor, now)
    return template


def remove_template(session: Session, blobs: Blobs, name: str, now: datetime) -> list[str]:
    """Forget a template and its pictures; what it matched stays as it is. Raises NotFound.

    Returns the store names to `Blobs.remove` once the transaction is committed.
    """
    template = template_named(session, name, lock=True)
    own = [blob.sha256 for each in _samples(template) if (blob := session.get(Blob, each)) and _is_own(blob)]
    session.delete(template)
    gone = (blobs.forget(session, sha256, now) for sha256 in own)
    return [each for each in gone if each]


def _is_own(blob: Blob) -> bool:
    """Whether nothing else can be about a stored picture; older versions shared them with posts."""
    return blob.media_type == _OWN_TYPE


def _count_up(session: Session, template: Template, actor: str, now: datetime) -> None:
    if template.packed is not None:
        _repack(template)
    template.version += 1
    template.updated_at = now
    _remember(session, template, actor, now)


def pictures_of(session: Session, blobs: Blobs, template: Template) -> list[bytes]:
    """The pictures that a template was learned from. Raises NotFound, EvidenceAltered."""
    kept = [blobs.read(session, each) for each in _samples(template)]
    return [data.removeprefix(_own(template.id, b"")) for data in kept]


def relearn_template(session: Session, name: str, learning: Learning, *, actor: str, now: datetime) -> None:
    """Keep what was learned anew from a template's own pictures. Raises NotFound."""
    template = template_named(session, name, lock=True)
    template.packed, template.warnings = learning.packed, list(learning.warnings)
    _count_up(session, template, actor, now)


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
        "history": list(_history(versions_of(session, template))),
    }


def _history(versions: Sequence[TemplateVersion]) -> Iterator[dict[str, Any]]:
    """Each version, the newest first, with what it changed."""
    for version, before in zip_longest(versions, versions[1:]):
        told = {field: getattr(version, field) for field in ("version", "changed_at", "actor", "facts")}
        yield told | {"changed": changes_between(before.facts, version.facts) if before else ["registered"]}


_SHOWN = (
    *("name", "organisation", "system", "notes", "kind", "enabled", "version"),
    *("created_at", "updated_at", "warnings"),
)


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
        file = bank_file(core.settings, used_digests(session))
        if file is not None and not Path(file.path).exists():
            packed = used_packed(session)  # perhaps of a moment later
            file = bank_file(core.settings, [hashlib.sha256(each).hexdigest() for each in packed])
            if file is not None:
                write_bank(Path(file.path), packed)
    return replace(base_config(core.settings, file), registers=live_registers(core))
