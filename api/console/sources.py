"""The console's page of sources: what is watched, how it goes, and what it spends."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends
from fastapi.responses import Response

from api.auth.browser import Visitor, visitor_with
from api.console.rendering import page
from api.deps import CoreDep
from monitor.meters import spent_since
from monitor.storage.source import all_sources, last_run

router = APIRouter()

Reader = Annotated[Visitor, Depends(visitor_with("sources:read"))]


@router.get("/sources")
def list_sources(core: CoreDep, visitor: Reader) -> Response:
    """The sources by name, with their last run, the next one and why then, and what they spent today."""
    with core.database.read() as session:
        rows = [(source, last_run(session, source.id)) for source in all_sources(session)]
        spent = spent_since(session, core.settings, core.now().date())
    return page("sources.html", visitor=visitor, rows=rows, spent=spent, now=core.now())
