"""Bundles of an alert: from what is stored to a file that a third party can check."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC
from pathlib import Path
from typing import Any

from sqlalchemy.orm import Session

from monitor import audit
from monitor.core import Core
from monitor.details import AlertDetail, alert_detail
from monitor.errors import InvalidInput
from monitor.evidence.bundle import BundleContents, BundleItem, WrittenBundle, write_bundle
from monitor.evidence.custody import CustodyAction
from monitor.storage.alert import get_alert
from monitor.storage.blob import Blob
from monitor.storage.evidence import Bundle, BundleKind, EvidenceItem, custody_of, take_custody
from monitor.storage.examination import Finding

SEALED_KINDS = ("original", "text")
"""What a sealed bundle holds; clear findings stay in the evidence store."""


@dataclass(frozen=True, slots=True)
class NewBundle:
    """A bundle that was just made."""

    written: WrittenBundle
    kind: BundleKind
    items: int


def create_bundle(
    core: Core, reference: str, *, kind: BundleKind, actor: str, output: Path | None = None
) -> NewBundle:
    """Write an alert's bundle to `output`, or into the bundle folder under a name of its own.

    The custody log records the export, and the bundle holds that line. Raises NotFound, InvalidInput,
    Conflict, EvidenceAltered.
    """
    now = core.now()
    with core.database.transaction() as session:
        alert = get_alert(session, reference)
        take_custody(
            session,
            alert.id,
            CustodyAction.EXPORTED,
            now=now,
            actor=actor,
            item="bundle",
            note=kind,
        )
        audit.record(session, now=now, actor=actor, action="bundle.create", item=reference, note=kind)
        contents = _contents(core, session, alert_detail(session, alert), kind, actor)
        stamp = now.astimezone(UTC).strftime("%Y%m%dT%H%M%S%fZ")
        path = output or core.settings.bundle_dir / f"{reference}-{kind}-{stamp}.zip"
        written = write_bundle(contents, path)
        session.add(
            Bundle(
                alert_id=alert.id,
                kind=kind,
                file_name=path.name,
                sha512=written.sha512,
                created_at=now,
                created_by=actor,
            )
        )
    return NewBundle(written, kind, len(contents.items))


def _contents(
    core: Core, session: Session, detail: AlertDetail, kind: BundleKind, actor: str
) -> BundleContents:
    alert = detail.alert
    items = list(_items(core, session, detail, kind))
    if not items:
        raise InvalidInput(_why_empty(detail, kind))
    return BundleContents(
        reference=alert.reference,
        kind=kind,
        created_at=core.now(),
        created_by=actor,
        organisation=core.settings.organisation,
        description=f"Public post(s) that expose a patient's record; alert {alert.reference}.",
        items=items,
        alert=alert_document(detail),
        findings=[finding_document(finding) for finding in detail.findings],
        custody=[row.entry() for row in custody_of(session, alert.id)],
    )


def _why_empty(detail: AlertDetail, kind: BundleKind) -> str:
    reference = detail.alert.reference
    if kind == "shareable" and detail.evidence:
        return f"Alert {reference} has no redacted picture to share: its posts hold none."
    return f"Alert {reference} has no sealed evidence yet; try again when its posts are processed."


def _items(core: Core, session: Session, detail: AlertDetail, kind: BundleKind) -> Iterable[BundleItem]:
    wanted = SEALED_KINDS if kind == "sealed" else ("preview",)
    for number, item in enumerate((i for i in detail.evidence if i.kind in wanted), start=1):
        blob = session.get_one(Blob, item.blob_sha256)
        yield BundleItem(
            name=f"{number:03d}-{item.kind}",
            data=core.blobs.read(session, item.blob_sha256),
            media_type=blob.media_type,
            sha256=item.blob_sha256,
            metadata=_item_document(item),
            redacted=kind == "shareable",
        )


def _item_document(item: EvidenceItem) -> dict[str, Any]:
    return {
        "kind": item.kind,
        "sealed_at": item.sealed_at,
        "derived_from": item.derived_from,
        "acquisition": item.facts,
    }


def alert_document(detail: AlertDetail) -> dict[str, Any]:
    """An alert and its posts as a masked JSON document."""
    alert = detail.alert
    return {
        "reference": alert.reference,
        "status": alert.status,
        "severity": alert.severity,
        "score": alert.score,
        "leak_class": alert.leak_class,
        "doc_type": alert.doc_type,
        "reasons": alert.reasons,
        "factors": alert.factors,
        "raised_at": alert.raised_at,
        "last_seen_at": alert.last_seen_at,
        "posts": [
            {
                "platform": seen.post.platform,
                "external_id": seen.post.external_id,
                "url": seen.post.url,
                "author": seen.post.author_handle,
                "author_id": seen.post.author_id,
                "posted_at": seen.post.posted_at,
                "first_seen_at": seen.post.first_seen_at,
                "reason": seen.reason,
            }
            for seen in detail.posts
        ],
    }


def finding_document(finding: Finding) -> dict[str, Any]:
    """A finding as a masked JSON document."""
    return {
        "kind": finding.kind,
        "detector": finding.detector,
        "version": finding.version,
        "score": finding.score,
        "masked": finding.masked,
        "valid": finding.valid,
        "box": finding.box,
        "page": finding.page,
        "why": finding.why,
    }
