"""The report page: a form for whoever saw a leak, thanks with a reference, the list for the security team.

Signed in or, where the settings allow it, not. The page's one script shows the chosen pictures before they
are sent; without it the form works the same.
"""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Path, Query, Request
from fastapi.responses import RedirectResponse, Response
from starlette.concurrency import run_in_threadpool

from api.auth.browser import Visitor, check_token, require_same_site, visitor_of, visitor_with
from api.console.rendering import POLICY, page
from api.deps import CoreDep
from api.errors import SignInNeeded
from api.pagination import decode_id, next_link
from api.uploads import read_report
from monitor.core import Core
from monitor.errors import InvalidInput, NotAllowed, TooMany
from monitor.reports import (
    ANONYMOUS,
    MAX_FILE_MB,
    MAX_FILES,
    MAX_NAME,
    MAX_NOTE,
    NewReport,
    list_reports,
    require_room,
    standing_of,
    submit,
)

WITH_PREVIEW = POLICY.replace("img-src 'self'", "img-src 'self' blob:") + "; script-src 'self'"
PAGE = 50
LIMITS = {"files": MAX_FILES, "file_mb": MAX_FILE_MB, "note": MAX_NOTE, "who": MAX_NAME}

router = APIRouter()

Reference = Annotated[str, Path(max_length=32)]


def reporter_of(request: Request, core: CoreDep) -> Visitor | None:
    """Whoever is signed in and may report; nobody, where anybody may. Raises SignInNeeded or NotAllowed."""
    try:
        visitor = visitor_of(request, core)
    except SignInNeeded:
        if core.settings.anonymous_reports:
            return None
        raise
    if not visitor.may("reports:create"):
        raise NotAllowed(f"Your role, {visitor.principal.role}, does not permit this (reports:create).")
    return visitor


Reporter = Annotated[Visitor | None, Depends(reporter_of)]


@router.get("/report")
def show_form(reporter: Reporter) -> Response:
    """The empty form."""
    return _form(reporter, NewReport())


@router.post("/report", dependencies=[Depends(require_same_site)])
async def send(request: Request, core: CoreDep, reporter: Reporter) -> Response:
    """Take the form in; then a page with its reference, or the form again with what is wrong."""
    actor = reporter.principal.name if reporter else _address_of(core, request)
    new = NewReport()
    try:
        await run_in_threadpool(require_room, core, actor)
        new, token = await read_report(request)
        if reporter is not None:
            check_token(reporter, token)
        receipt = await run_in_threadpool(submit, core, new, actor=actor)
    except (InvalidInput, TooMany) as error:
        return _form(reporter, new, error)
    return RedirectResponse(f"/report/{receipt.reference}", status_code=303)


@router.get("/report/{reference}")
def show_standing(reference: Reference, core: CoreDep, reporter: Reporter) -> Response:
    """Thanks, the reference, and how the report stands."""
    return page("reported.html", visitor=reporter, receipt=standing_of(core, reference))


@router.get("/reports")
def show_reports(
    request: Request,
    core: CoreDep,
    visitor: Annotated[Visitor, Depends(visitor_with("reports:read"))],
    cursor: Annotated[str | None, Query(max_length=64)] = None,
) -> Response:
    """What was reported, newest first."""
    reports = list_reports(core, before=decode_id(cursor), limit=PAGE + 1)
    following = next_link(request, reports[PAGE - 1].id) if len(reports) > PAGE else None
    return page(
        "reports.html",
        visitor=visitor,
        reports=reports[:PAGE],
        following=following,
        first_page=cursor is None,
    )


def _form(reporter: Visitor | None, new: NewReport, error: InvalidInput | TooMany | None = None) -> Response:
    status, headers = 200, {"Content-Security-Policy": WITH_PREVIEW}
    if isinstance(error, TooMany):
        status, headers = 429, headers | {"Retry-After": str(round(error.retry_after) + 1)}
    elif error is not None:
        status = 422
    problem = str(error) if error else ""
    return page(
        "report.html",
        status=status,
        headers=headers,
        visitor=reporter,
        new=new,
        problem=problem,
        limits=LIMITS,
    )


def _address_of(core: Core, request: Request) -> str:
    """An anonymous reporter's address, by a keyed digest: enough to count, not to know."""
    host = request.client.host if request.client else ""
    return ANONYMOUS + core.vault.keyed_digest("reporter", host)[:16]
