"""Sources: what is watched, and how each run went."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Path, Query, Request, Response

from api.auth.keys import Caller, needs
from api.deps import CoreDep
from api.pagination import decode_id, page
from api.routers.responses import problems
from api.schemas.base import Page
from api.schemas.query import PageQuery
from api.schemas.source import NewSource, RunOut, SourceChange, SourceOut
from monitor import audit
from monitor.errors import Conflict
from monitor.sources import create_source, require_order
from monitor.storage.source import all_sources, runs_of, source_named

router = APIRouter(prefix="/sources", tags=["sources"])

Name = Annotated[str, Path(max_length=100, description="The source's name.", examples=["reddit-nhs"])]


@router.get("", openapi_extra=needs("sources:read"))
def list_sources(core: CoreDep) -> Page[SourceOut]:
    """List all sources by name; there is one page."""
    with core.database.read() as session:
        return Page(items=[SourceOut.of(source) for source in all_sources(session)], next=None)


@router.post("", status_code=201, openapi_extra=needs("sources:write"), responses=problems(409))
def add_source(new: NewSource, response: Response, core: CoreDep, caller: Caller) -> SourceOut:
    """Watch a new source; its first run is due at once."""
    with core.database.transaction() as session:
        source = create_source(session, **new.model_dump(), now=core.now(), settings=core.settings)
        audit.record(session, now=core.now(), actor=caller.name, action="source.add", item=new.name)
        response.headers["Location"] = f"/api/v1/sources/{new.name}"
        return SourceOut.of(source)


@router.get("/{name}", openapi_extra=needs("sources:read"), responses=problems(404))
def read_source(name: Name, core: CoreDep) -> SourceOut:
    """Read a source."""
    with core.database.read() as session:
        return SourceOut.of(source_named(session, name))


@router.patch("/{name}", openapi_extra=needs("sources:write"), responses=problems(404))
def change_source(name: Name, change: SourceChange, core: CoreDep, caller: Caller) -> SourceOut:
    """Pause or resume a source, or change how often it is read."""
    changes = change.model_dump(exclude_unset=True)
    with core.database.transaction() as session:
        source = source_named(session, name)
        for field, value in changes.items():
            setattr(source, field, value)
        require_order(source.poll_min_seconds, source.poll_max_seconds)
        note = ", ".join(f"{field}={value}" for field, value in changes.items())
        audit.record(session, now=core.now(), actor=caller.name, action="source.change", item=name, note=note)
        return SourceOut.of(source)


@router.get("/{name}/runs", openapi_extra=needs("sources:read"), responses=problems(404))
def list_runs(
    request: Request, name: Name, core: CoreDep, query: Annotated[PageQuery, Query()]
) -> Page[RunOut]:
    """List a source's runs, newest first."""
    with core.database.read() as session:
        source = source_named(session, name)
        runs = runs_of(session, source.id, before=decode_id(query.cursor), limit=query.limit + 1)
    return page(request, runs, query.limit, lambda run: run.id, RunOut.of)


@router.post(
    "/{name}/run", status_code=202, openapi_extra=needs("sources:write"), responses=problems(404, 409)
)
def run_source(name: Name, core: CoreDep, caller: Caller) -> SourceOut:
    """Make a source due now; the scheduler runs it at its next turn."""
    with core.database.transaction() as session:
        source = source_named(session, name)
        if not source.enabled:
            raise Conflict("This source is paused; enable it first.")
        source.next_run_at = core.now()
        audit.record(session, now=core.now(), actor=caller.name, action="source.run", item=name)
        return SourceOut.of(source)
