"""What is sealed under an alert: previews for everyone who may read it, the rest by role and with a trace."""

from __future__ import annotations

from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Header, Path, Response
from fastapi.responses import FileResponse

from api import actions
from api.auth.keys import Caller, needs
from api.deps import CoreDep
from api.routers.alerts import Reference
from api.routers.responses import problems
from api.schemas.alert import BundleOut, BundleRequest, ClearValueOut, Revealed, RevealRequest

router = APIRouter(prefix="/alerts/{reference}", tags=["evidence"])

Sha256 = Annotated[str, Path(pattern="^[0-9a-f]{64}$", description="As the alert's pictures name it.")]
IdempotencyKey = Annotated[
    str | None,
    Header(
        min_length=8,
        max_length=128,
        description="Repeat a request with the same key and the bundle made first is the answer again."
        " It holds for one caller, alert and kind.",
    ),
]
JPEG: dict[int | str, Any] = {
    200: {"content": {"image/jpeg": {"schema": {"type": "string", "format": "binary"}}}}
}
ZIP: dict[int | str, Any] = {
    200: {"content": {"application/zip": {"schema": {"type": "string", "format": "binary"}}}}
}


@router.get(
    "/preview/{sha256}",
    openapi_extra=needs("alerts:read"),
    response_class=Response,
    responses={**problems(404), **JPEG},
)
def read_preview(reference: Reference, sha256: Sha256, core: CoreDep) -> Response:
    """The redacted preview of a picture, as JPEG. Originals are never served."""
    return actions.preview(core, reference, sha256)


@router.post("/reveal", openapi_extra=needs("evidence:reveal"), responses=problems(404))
def reveal_identifiers(
    reference: Reference, request: RevealRequest, core: CoreDep, caller: Caller
) -> Revealed:
    """Show clear identifiers. Who looked, when and why goes into the audit and custody logs first."""
    values = actions.clear_values(core, caller, reference, request.item, request.reason)
    return Revealed(
        reference=reference, item=request.item, values=[ClearValueOut.of(value) for value in values]
    )


@router.post(
    "/bundles",
    status_code=201,
    openapi_extra=needs("bundles:create"),
    responses={**problems(404, 409), 200: {"model": BundleOut, "description": "It was made before."}},
)
def create_bundle(
    *,
    reference: Reference,
    request: BundleRequest,
    response: Response,
    core: CoreDep,
    caller: Caller,
    idempotency_key: IdempotencyKey = None,
) -> BundleOut:
    """Make an evidence bundle of an alert; anyone can check it without us."""
    bundle, new = actions.make_bundle(core, caller, reference, request.kind, idempotency_key)
    made = BundleOut.of(reference, bundle)
    response.status_code = 201 if new else 200
    response.headers["Location"] = made.download
    return made


@router.get(
    "/bundles/{bundle_id}",
    openapi_extra=needs("bundles:create"),
    response_class=FileResponse,
    responses={**problems(404), **ZIP},
)
def download_bundle(reference: Reference, bundle_id: UUID, core: CoreDep, caller: Caller) -> FileResponse:
    """Download a bundle. Who took it goes into the audit log first."""
    return actions.download_bundle(core, caller, reference, bundle_id)
