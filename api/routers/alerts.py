"""Alerts: listing, reading, deciding."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Path, Query, Request, Response
from sqlalchemy.orm import Session

from api import actions
from api.auth.keys import Caller, needs
from api.deps import CoreDep
from api.etags import IfMatch, etag, versions_in
from api.pagination import decode_id, page
from api.routers.responses import problems
from api.schemas.alert import AlertChange, AlertOut, AlertSummary
from api.schemas.base import Page
from api.schemas.query import AlertQuery
from monitor.details import MOST_SHOWN, alert_detail
from monitor.storage.alert import Alert, find_alerts, get_alert, seen_in
from monitor.storage.evidence import bundles_of

router = APIRouter(prefix="/alerts", tags=["alerts"])

Reference = Annotated[
    str, Path(max_length=32, description="The alert's reference.", examples=["LW-2026-000123"])
]


@router.get("", openapi_extra=needs("alerts:read"))
def list_alerts(request: Request, core: CoreDep, query: Annotated[AlertQuery, Query()]) -> Page[AlertSummary]:
    """List alerts, newest first."""
    filters = query.model_dump(exclude={"cursor", "limit"})
    with core.database.read() as session:
        alerts = find_alerts(session, **filters, before=decode_id(query.cursor), limit=query.limit + 1)
        seen = seen_in(session, [alert.id for alert in alerts])

    def summary(alert: Alert) -> AlertSummary:
        return AlertSummary.of(alert, seen[alert.id])

    return page(request, alerts, query.limit, lambda alert: alert.id, summary)


@router.get("/{reference}", openapi_extra=needs("alerts:read"), responses=problems(404))
def read_alert(reference: Reference, response: Response, core: CoreDep) -> AlertOut:
    """Read an alert: reasons, posts, pictures with findings, evidence and history, all masked."""
    with core.database.read() as session:
        return _answer(session, reference, response)


@router.patch("/{reference}", openapi_extra=needs("alerts:write"), responses=problems(404, 409, 412))
def change_alert(
    *,
    reference: Reference,
    change: AlertChange,
    response: Response,
    core: CoreDep,
    caller: Caller,
    if_match: IfMatch = None,
) -> AlertOut:
    """Decide about an alert: give it another status.

    With `If-Match` the change is made only if nobody else changed the alert since you read it.
    """
    with core.database.transaction() as session:
        actions.decide(
            session,
            core,
            caller,
            reference,
            change.status,
            note=change.note,
            harmless_picture=change.harmless_picture,
            versions=versions_in(if_match),
        )
        return _answer(session, reference, response)


def _answer(session: Session, reference: str, response: Response) -> AlertOut:
    alert = get_alert(session, reference)
    response.headers["ETag"] = etag(alert.version)
    return AlertOut.whole(alert_detail(session, alert, MOST_SHOWN), bundles_of(session, alert.id))
