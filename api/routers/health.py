"""Whether the process is alive, and whether the monitor does its work. Neither asks for a key."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Literal

from fastapi import APIRouter, Response
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from api.deps import CoreDep
from api.schemas.health import Alive, Readiness
from monitor.core import Core
from monitor.errors import ConfigurationError
from monitor.fingerprints.keeper import index_states, is_stale
from monitor.storage.source import due_sources
from monitor.storage.work import waiting_since

STALE_AFTER = timedelta(minutes=30)
"""Work that has been due for so long says that nobody does it."""

Reason = Literal["database", "pipeline", "sources", "index"]

router = APIRouter(tags=["service"])


@router.get("/healthz")
def is_alive() -> Alive:
    """Whether the process answers."""
    return Alive()


@router.get(
    "/readyz", responses={503: {"model": Readiness, "description": "Something is not as it must be."}}
)
def is_ready(core: CoreDep, response: Response) -> Readiness:
    """Whether database and indexes are there and current, and posts and sources are not left waiting."""
    reasons = _reasons(core)
    response.status_code = 503 if reasons else 200
    return Readiness(ready=not reasons, reasons=reasons)


def _reasons(core: Core) -> list[Reason]:
    try:
        core.database.require_current()
        with core.database.read() as session:
            return list(_stale(session, core.now()))
    except (SQLAlchemyError, ConfigurationError):
        return ["database"]


def _stale(session: Session, now: datetime) -> Iterable[Reason]:
    since = waiting_since(session)
    if since is not None and since < now - STALE_AFTER:
        yield "pipeline"
    if any(is_stale(session, state, now) for state in index_states(session, now)):
        yield "index"
    if any(source.next_run_at for source in due_sources(session, now - STALE_AFTER)):
        yield "sources"
