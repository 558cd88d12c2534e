"""The console's pages for reading: alerts, one alert, the audit log."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated, Literal
from urllib.parse import urlencode
from uuid import UUID

from fastapi import APIRouter, Depends, Path, Query, Request
from fastapi.responses import RedirectResponse, Response
from pydantic import BaseModel, Field

from api import actions
from api.auth.browser import Visitor, visitor_of, visitor_with
from api.console.presenting import shown_posts
from api.console.rendering import page
from api.deps import CoreDep
from api.pagination import decode_id, decode_number, next_link
from monitor.alerts import SEVERITIES, TRANSITIONS
from monitor.audit import first_altered
from monitor.details import MOST_SHOWN, AlertDetail, alert_detail
from monitor.moderators import ABOUT_TO, CLOSED
from monitor.reposts.known import images_of
from monitor.reposts.links import related
from monitor.storage.alert import (
    Alert,
    AlertStatus,
    Severity,
    count_by_status,
    find_alerts,
    get_alert,
    seen_in,
)
from monitor.storage.audit import audit_events
from monitor.storage.evidence import bundles_of, first_previews
from monitor.storage.post import Post
from monitor.storage.source import all_sources

PAGE = 25
AUDIT_PAGE = 100
MOST_LINKED = 20
View = Literal["open", "confirmed", "closed", "all"]
VIEWS: Mapping[View, tuple[str, Sequence[AlertStatus]]] = {
    "open": ("To decide", ("new", "reviewing")),
    "confirmed": ("Confirmed", ("confirmed",)),
    "closed": ("Closed", ("dismissed", "resolved", "merged")),
    "all": ("All", ("new", "reviewing", "confirmed", "dismissed", "resolved", "merged")),
}
NOTICES = {
    "new": "The alert is open again.",
    "reviewing": "The alert is in review.",
    "confirmed": "The alert is confirmed as a leak.",
    "dismissed": "The alert is dismissed.",
    "resolved": "The alert is resolved.",
    "bundle": "The bundle is made.",
    "told": "The post is reported to its platform.",
    "same": "The two alerts are one.",
    "different": "The two alerts are different matters.",
}

router = APIRouter(dependencies=[Depends(visitor_of)])


class ListQuery(BaseModel):
    """What of the list is shown; an empty filter is none."""

    view: View = "open"
    severity: Severity | Literal[""] = ""
    platform: str = Field(default="", max_length=32)
    cursor: str | None = Field(default=None, max_length=64)


@dataclass(frozen=True, slots=True)
class Tab:
    """One of the list's views, and how many alerts it holds before filtering."""

    title: str
    address: str
    count: int
    current: bool


Reader = Annotated[Visitor, Depends(visitor_with("alerts:read"))]
Reference = Annotated[str, Path(max_length=32)]
Cursor = Annotated[str | None, Query(max_length=64)]


@router.get("/")
def start(visitor: Annotated[Visitor, Depends(visitor_of)]) -> Response:
    """The first page a role has use for."""
    first = "/alerts" if visitor.may("alerts:read") else "/audit" if visitor.may("audit:read") else "/report"
    return RedirectResponse(first, status_code=303)


@router.get("/alerts")
def list_alerts(
    request: Request, core: CoreDep, visitor: Reader, query: Annotated[ListQuery, Query()]
) -> Response:
    """The alerts, newest first."""
    with core.database.read() as session:
        alerts = find_alerts(
            session,
            status=VIEWS[query.view][1],
            severity=[query.severity] if query.severity else [],
            platform=query.platform or None,
            before=decode_id(query.cursor),
            limit=PAGE + 1,
        )
        counts = count_by_status(session)
        seen = seen_in(session, [alert.id for alert in alerts])
        previews = first_previews(session, [alert.id for alert in alerts])
        platforms = sorted({source.connector for source in all_sources(session)})
    return page(
        "alerts.html",
        visitor=visitor,
        alerts=alerts[:PAGE],
        previews=previews,
        seen=seen,
        following=next_link(request, alerts[PAGE - 1].id) if len(alerts) > PAGE else None,
        query=query,
        tabs=_tabs(query, counts),
        severities=SEVERITIES[:0:-1],
        platforms=platforms,
    )


@router.get("/alerts/{reference}")
def show_alert(
    reference: Reference, core: CoreDep, visitor: Reader, notice: Annotated[str, Query(max_length=16)] = ""
) -> Response:
    """One alert with everything about it, masked."""
    with core.database.read() as session:
        alert = get_alert(session, reference)
        detail = alert_detail(session, alert, MOST_SHOWN)
        links = related(session, alert)
        return page(
            "alert.html",
            visitor=visitor,
            alert=alert,
            posts=shown_posts(detail),
            evidence=detail.evidence,
            bundles=bundles_of(session, alert.id),
            events=detail.events,
            unseen=detail.seen.posts - len(detail.posts),
            links=links[:MOST_LINKED],
            unlinked=len(links[MOST_LINKED:]),
            harmless=[image for image in images_of(session, alert.id) if image.known_as == "benign"],
            choices=_choices(alert, visitor),
            reportable=_reportable(detail, visitor),
            told={event.note for event in detail.events if event.action == ABOUT_TO},
            notice=NOTICES.get(notice),
        )


@router.get("/alerts/{reference}/preview/{sha256}")
def show_preview(reference: Reference, sha256: str, core: CoreDep, _visitor: Reader) -> Response:
    """A redacted preview, for the pages above."""
    return actions.preview(core, reference, sha256)


@router.get("/alerts/{reference}/bundles/{bundle_id}")
def download_bundle(
    reference: Reference,
    bundle_id: UUID,
    core: CoreDep,
    visitor: Annotated[Visitor, Depends(visitor_with("bundles:create"))],
) -> Response:
    """A bundle's file."""
    return actions.download_bundle(core, visitor.principal, reference, bundle_id)


@router.get("/audit")
def show_audit_log(
    request: Request,
    core: CoreDep,
    visitor: Annotated[Visitor, Depends(visitor_with("audit:read"))],
    cursor: Cursor = None,
) -> Response:
    """The audit log, newest first, and whether it is as it was written."""
    with core.database.read() as session:
        events = audit_events(session, before=decode_number(cursor), limit=AUDIT_PAGE + 1)
        altered = first_altered(session)
    more = len(events) > AUDIT_PAGE
    return page(
        "audit.html",
        visitor=visitor,
        events=events[:AUDIT_PAGE],
        altered=altered,
        following=next_link(request, events[AUDIT_PAGE - 1].seq) if more else None,
        first_page=cursor is None,
    )


def _tabs(query: ListQuery, counts: Mapping[AlertStatus, int]) -> list[Tab]:
    kept = {"severity": query.severity, "platform": query.platform}
    return [
        Tab(
            title=title,
            address="/alerts?" + urlencode({"view": view} | {k: v for k, v in kept.items() if v}),
            count=sum(counts.get(status, 0) for status in statuses),
            current=view == query.view,
        )
        for view, (title, statuses) in VIEWS.items()
    ]


def _reportable(detail: AlertDetail, visitor: Visitor) -> list[Post]:
    """The posts this person can report to their platforms now."""
    if not visitor.may("alerts:report") or detail.alert.status in CLOSED:
        return []
    return [seen.post for seen in detail.posts if seen.post.gone_at is None]


def _choices(alert: Alert, visitor: Visitor) -> frozenset[AlertStatus]:
    """The statuses this person can give the alert now."""
    return TRANSITIONS[alert.status] if visitor.may("alerts:write") else frozenset()
