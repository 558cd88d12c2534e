"""Recorded answers of platforms: listed for those who watch sources, opened by role and with a trace."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Path

from api.auth.keys import Caller, needs
from api.deps import CoreDep
from api.routers.responses import problems
from api.routers.sources import Name
from api.schemas.base import Page
from api.schemas.recording import OpenedOut, OpenRequest, RecordingOut
from monitor.recordings import open_recording
from monitor.storage.recording import recordings_of
from monitor.storage.source import source_named

router = APIRouter(prefix="/sources/{name}/recordings", tags=["sources"])


@router.get("", openapi_extra=needs("sources:read"), responses=problems(404))
def list_recordings(name: Name, core: CoreDep) -> Page[RecordingOut]:
    """List what is recorded of a source, newest first, without its contents; there is one page."""
    with core.database.read() as session:
        found = recordings_of(session, source_named(session, name).id, core.now())
    return Page(items=[RecordingOut.of(each) for each in found], next=None)


@router.post("/{recording}/open", openapi_extra=needs("evidence:reveal"), responses=problems(404))
def open_one(
    name: Name,
    recording: Annotated[UUID, Path(description="As the list names it.")],
    request: OpenRequest,
    core: CoreDep,
    caller: Caller,
) -> OpenedOut:
    """Open one recording: posts as they came. Who looked, when and why goes into the audit log first."""
    opened = open_recording(core, name, recording, reason=request.reason, actor=caller.name)
    return OpenedOut.of(opened)
