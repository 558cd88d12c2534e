"""What both doors, API and console, do with an alert: one transaction each, with its audit line."""

from __future__ import annotations

import hashlib
from collections.abc import Container
from pathlib import Path
from uuid import UUID

from sqlalchemy.orm import Session
from starlette.responses import FileResponse, Response

from api.errors import AlertChanged
from monitor import audit
from monitor.access import Principal
from monitor.alerts import change_status
from monitor.bundles import create_bundle
from monitor.core import Core
from monitor.errors import NotFound
from monitor.reveal import ClearValue, reveal
from monitor.storage.alert import AlertStatus, get_alert
from monitor.storage.evidence import Bundle, BundleKind, bundle_of_file, find_preview, get_bundle

PREVIEW_POLICY = "default-src 'none'; frame-ancestors 'none'; sandbox"


def decide(
    session: Session,
    core: Core,
    caller: Principal,
    reference: str,
    status: AlertStatus,
    *,
    note: str | None,
    versions: Container[int] | None,
    harmless_picture: bool = False,
) -> None:
    """Move an alert. Raises AlertChanged when its version is none of `versions` (None: any will do)."""
    alert = get_alert(session, reference)
    session.refresh(alert, with_for_update=True)
    if versions is not None and alert.version not in versions:
        raise AlertChanged(reference)
    change_status(
        session,
        alert,
        status,
        actor=caller.name,
        now=core.now(),
        note=note,
        harmless_picture=harmless_picture,
    )


def clear_values(core: Core, caller: Principal, reference: str, item: UUID, reason: str) -> list[ClearValue]:
    """The clear identifiers of one evidence item, logged."""
    with core.database.transaction() as session:
        alert = get_alert(session, reference)
        return reveal(session, core.blobs, alert, item, reason=reason, actor=caller.name, now=core.now())


def preview(core: Core, reference: str, sha256: str) -> Response:
    """A redacted preview of an alert, and nothing else that is stored."""
    with core.database.read() as session:
        item = find_preview(session, get_alert(session, reference).id, sha256)
        data = core.blobs.read(session, item.blob_sha256)
    return Response(data, media_type="image/jpeg", headers={"Content-Security-Policy": PREVIEW_POLICY})


def make_bundle(
    core: Core, caller: Principal, reference: str, kind: BundleKind, idempotency_key: str | None = None
) -> tuple[Bundle, bool]:
    """A bundle of an alert, and whether it was made now: a repeated idempotency key finds the first one."""
    output = None
    if idempotency_key:
        digest = hashlib.sha256(f"{caller.name}\n{idempotency_key}".encode()).hexdigest()[:24]
        output = core.settings.bundle_dir / f"{reference}-{kind}-{digest}.zip"
        if (made := _bundle_called(core, reference, output.name)) is not None:
            return made, False
    new = create_bundle(core, reference, kind=kind, actor=caller.name, output=output)
    made = _bundle_called(core, reference, new.written.path.name)
    assert made is not None
    return made, True


def download_bundle(core: Core, caller: Principal, reference: str, bundle_id: UUID) -> FileResponse:
    """A bundle's file; who took it is logged first. Raises NotFound."""
    with core.database.transaction() as session:
        bundle = get_bundle(session, get_alert(session, reference).id, bundle_id)
        path = core.settings.bundle_dir / Path(bundle.file_name).name
        if not path.is_file():
            raise NotFound("bundle file", bundle.file_name)
        item = f"{reference}/{bundle.file_name}"
        audit.record(session, now=core.now(), actor=caller.name, action="bundle.download", item=item)
    return FileResponse(path, media_type="application/zip", filename=path.name)


def _bundle_called(core: Core, reference: str, file_name: str) -> Bundle | None:
    with core.database.read() as session:
        bundle = bundle_of_file(session, file_name)
        return bundle if bundle and bundle.alert_id == get_alert(session, reference).id else None
