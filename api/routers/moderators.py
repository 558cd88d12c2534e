"""Telling a platform's moderators: a person's explicit act."""

from __future__ import annotations

from fastapi import APIRouter

from api.auth.keys import Caller, needs
from api.deps import CoreDep
from api.routers.alerts import Reference
from api.routers.responses import problems
from api.schemas.moderators import PlatformReport, ReceiptOut
from monitor.moderators import Telling, tell_platform

router = APIRouter(prefix="/alerts/{reference}", tags=["alerts"])


@router.post(
    "/platform-reports",
    status_code=201,
    openapi_extra=needs("alerts:report"),
    responses=problems(404, 409, 502),
)
def report_to_platform(
    reference: Reference, report: PlatformReport, core: CoreDep, caller: Caller
) -> ReceiptOut:
    """Report one post of the alert to its platform, once; who, when and why goes into the audit log first."""
    receipt = tell_platform(core, reference, Telling(**report.model_dump()), actor=caller.name)
    return ReceiptOut(reference=receipt.reference, message=receipt.message)
