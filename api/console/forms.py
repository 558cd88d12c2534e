"""What the console's forms do. Every one proves its session, then answers with a page to go to."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Form
from fastapi.responses import RedirectResponse, Response

from api import actions
from api.auth.browser import Visitor, require_own_form, require_same_site, visitor_with
from api.console.rendering import page
from api.console.views import Reference
from api.deps import CoreDep
from monitor.errors import InvalidInput
from monitor.moderators import Telling, tell_platform
from monitor.reposts.answers import answer
from monitor.storage.alert import AlertStatus, get_alert
from monitor.storage.evidence import BundleKind
from monitor.storage.known_image import Answer

router = APIRouter(dependencies=[Depends(require_same_site), Depends(require_own_form)])


@router.post("/alerts/{reference}/status")
def decide(
    *,
    reference: Reference,
    core: CoreDep,
    visitor: Annotated[Visitor, Depends(visitor_with("alerts:write"))],
    status: Annotated[AlertStatus, Form()],
    version: Annotated[int, Form(ge=0)],
    note: Annotated[str, Form(max_length=2000)] = "",
    harmless_picture: Annotated[bool, Form()] = False,
) -> Response:
    """Give an alert another status, if it is still as the person saw it."""
    if status == "dismissed" and not note.strip():
        raise InvalidInput("Say in a note why the alert is no leak; others rely on it later.")
    with core.database.transaction() as session:
        actions.decide(
            session,
            core,
            visitor.principal,
            reference,
            status,
            note=note,
            versions={version},
            harmless_picture=harmless_picture,
        )
    return _back(reference, status)


@router.post("/alerts/{reference}/related")
def answer_repost(
    reference: Reference,
    core: CoreDep,
    visitor: Annotated[Visitor, Depends(visitor_with("alerts:write"))],
    other: Annotated[str, Form(max_length=32)],
    said: Annotated[Answer, Form()],
) -> Response:
    """Say whether this alert and another are copies of one record."""
    with core.database.transaction() as session:
        pair = get_alert(session, reference), get_alert(session, other)
        answer(session, *pair, said, actor=visitor.principal.name, now=core.now())
    return _back(reference, said)


@router.post("/alerts/{reference}/platform-reports")
def report_to_platform(
    *,
    reference: Reference,
    core: CoreDep,
    visitor: Annotated[Visitor, Depends(visitor_with("alerts:report"))],
    post: Annotated[UUID, Form()],
    reason: Annotated[str, Form(max_length=500)] = "",
    again: Annotated[bool, Form()] = False,
) -> Response:
    """Tell a post's platform, once; what it answered stands in the alert's history."""
    telling = Telling(reason, post_id=post, again=again)
    tell_platform(core, reference, telling, actor=visitor.principal.name)
    return _back(reference, "told")


@router.post("/alerts/{reference}/bundles")
def make_bundle(
    reference: Reference,
    core: CoreDep,
    visitor: Annotated[Visitor, Depends(visitor_with("bundles:create"))],
    kind: Annotated[BundleKind, Form()],
) -> Response:
    """Make a bundle."""
    actions.make_bundle(core, visitor.principal, reference, kind)
    return _back(reference, "bundle")


@router.post("/alerts/{reference}/reveal")
def reveal(
    reference: Reference,
    core: CoreDep,
    visitor: Annotated[Visitor, Depends(visitor_with("evidence:reveal"))],
    item: Annotated[UUID, Form()],
    reason: Annotated[str, Form(max_length=500)] = "",
) -> Response:
    """Show clear identifiers, once, on a page that is not kept."""
    values = actions.clear_values(core, visitor.principal, reference, item, reason)
    return page("revealed.html", visitor=visitor, reference=reference, values=values, at=core.now())


def _back(reference: str, notice: str) -> Response:
    return RedirectResponse(f"/alerts/{reference}?notice={notice}", status_code=303)
