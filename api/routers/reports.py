"""Reports by people: told, and how each stands."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Header, Path, Query, Request, Response
from starlette.concurrency import run_in_threadpool

from api.auth.keys import Caller, needs
from api.deps import CoreDep
from api.pagination import decode_id, page
from api.routers.responses import problems
from api.schemas.base import Page
from api.schemas.query import PageQuery
from api.schemas.report import ReportListed, ReportOut
from api.uploads import read_report
from monitor.reports import NewReport, list_reports, require_room, standing_of, submit

router = APIRouter(prefix="/reports", tags=["reports"])

Reference = Annotated[str, Path(max_length=32, examples=["R-7KQM-2XTB-9HWD"])]
FORM = {
    "requestBody": {
        "required": True,
        "content": {
            "multipart/form-data": {
                "schema": {
                    "type": "object",
                    "properties": {
                        "url": {
                            "type": "string",
                            "description": "The post's address; it or a file is needed.",
                        },
                        "note": {"type": "string", "maxLength": 2000},
                        "who": {"type": "string", "maxLength": 200, "description": "Who reports; optional."},
                        "screenshot": {
                            "type": "array",
                            "maxItems": 5,
                            "items": {"type": "string", "format": "binary", "description": "At most 15 MB."},
                        },
                    },
                }
            }
        },
    }
}


async def read_form(request: Request, core: CoreDep, caller: Caller) -> NewReport:
    """The form, unless its sender has made too many."""
    await run_in_threadpool(require_room, core, caller.name)
    return (await read_report(request))[0]


@router.post(
    "", status_code=201, openapi_extra={**needs("reports:create"), **FORM}, responses=problems(413, 429)
)
def report_leak(
    new: Annotated[NewReport, Depends(read_form)],
    response: Response,
    core: CoreDep,
    caller: Caller,
    idempotency_key: Annotated[str | None, Header(min_length=8, max_length=128)] = None,
) -> ReportOut:
    """Tell of a post that seems to leak a record; the same address and files are one report (200)."""
    receipt = submit(core, new, actor=caller.name, idempotency_key=idempotency_key)
    response.headers["Location"] = f"/api/v1/reports/{receipt.reference}"
    response.status_code = 201 if receipt.new else 200
    return ReportOut.of(receipt)


@router.get("", openapi_extra=needs("reports:read"))
def list_all(request: Request, core: CoreDep, query: Annotated[PageQuery, Query()]) -> Page[ReportListed]:
    """List reports, newest first, with what became of each."""
    details = list_reports(core, before=decode_id(query.cursor), limit=query.limit + 1)
    return page(request, details, query.limit, lambda each: each.id, ReportListed.of_detail)


@router.get("/{reference}", openapi_extra=needs("reports:create"), responses=problems(404))
def read_standing(reference: Reference, core: CoreDep) -> ReportOut:
    """How a report stands, for whoever knows its reference."""
    return ReportOut.of(standing_of(core, reference))
