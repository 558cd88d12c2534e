"""What was asked of the platforms."""

from __future__ import annotations

from datetime import timedelta
from typing import Annotated

from fastapi import APIRouter, Query

from api.auth.keys import needs
from api.deps import CoreDep
from api.schemas.base import Page
from api.schemas.usage import UsageOut
from monitor.meters import spent_since

router = APIRouter(prefix="/usage", tags=["sources"])

Days = Annotated[int, Query(ge=1, le=90, description="How many UTC days back, today included.")]


@router.get("", openapi_extra=needs("sources:read"))
def list_usage(core: CoreDep, days: Days = 1) -> Page[UsageOut]:
    """List what each source spent by each meter and day, newest first; there is one page."""
    since = core.now().date() - timedelta(days=days - 1)
    with core.database.read() as session:
        spent = spent_since(session, core.settings, since)
    return Page(items=[UsageOut.of(entry) for entry in spent], next=None)
