"""Signing in by a one-time link, and out.

The link opens a page with one button, which spends the token by POST: a mail scanner or link preview
that fetches the address changes nothing.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Annotated

from fastapi import APIRouter, Depends, Form, Query
from fastapi.responses import RedirectResponse, Response

from api.auth.browser import (
    Visitor,
    drop_session,
    require_own_form,
    require_same_site,
    set_session,
    visitor_of,
)
from api.console.rendering import page
from api.deps import CoreDep
from monitor import audit
from monitor.access import end_session, principal_of_session, redeem_sign_in

router = APIRouter()


@router.get("/sign-in")
def show_sign_in(token: Annotated[str, Query(max_length=128)] = "") -> Response:
    """The page with the button."""
    return page("sign_in.html", token=token, spent=False)


@router.post("/sign-in", dependencies=[Depends(require_same_site)])
def sign_in(core: CoreDep, token: Annotated[str, Form(max_length=128)] = "") -> Response:
    """Spend the token; the session's cookie and the way to the console."""
    now = core.now()
    with core.database.transaction() as session:
        secret = redeem_sign_in(session, token, now, timedelta(hours=core.settings.session_hours))
        visitor = principal_of_session(session, secret, now) if secret else None
        if visitor:
            audit.record(session, now=now, actor=visitor.name, action="user.sign_in", item=visitor.name)
    if secret is None or visitor is None:
        return page("sign_in.html", status=403, token="", spent=True)
    response = RedirectResponse("/", status_code=303)
    set_session(response, core, secret)
    return response


@router.post("/sign-out", dependencies=[Depends(require_same_site), Depends(require_own_form)])
def sign_out(core: CoreDep, visitor: Annotated[Visitor, Depends(visitor_of)]) -> Response:
    """End the session here and in the browser."""
    name = visitor.principal.name
    with core.database.transaction() as session:
        end_session(session, visitor.secret, core.now())
        audit.record(session, now=core.now(), actor=name, action="user.sign_out", item=name)
    response = RedirectResponse("/sign-in", status_code=303)
    drop_session(response, core)
    return response
