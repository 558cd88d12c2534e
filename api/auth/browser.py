"""People in a browser: the session cookie, who it stands for, and proof that a form is ours.

The cookie is SameSite=Lax, not Strict, so that a link to an alert in a message opens for somebody who is
signed in. Nothing changes on GET, and every form carries a token that is an HMAC of its session.
"""

from __future__ import annotations

import hmac
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Annotated

from fastapi import Depends, Form, Request
from starlette.responses import Response

from api.deps import CoreDep
from api.errors import SignInNeeded
from monitor.access import Permission, Principal, principal_of_session
from monitor.core import Core
from monitor.errors import NotAllowed
from monitor.settings import Settings

OURS = frozenset({"same-origin", "none"})
"""What `Sec-Fetch-Site` says of our own forms; browsers send it over HTTPS and to localhost."""


@dataclass(frozen=True, slots=True)
class Visitor:
    """Somebody who is signed in; `secret` is the session's, `csrf` goes into its forms."""

    principal: Principal
    csrf: str
    secret: str = field(repr=False)

    def may(self, permission: Permission) -> bool:
        """Whether the person's role permits it."""
        return self.principal.may(permission)


def visitor_of(request: Request, core: CoreDep) -> Visitor:
    """Who is signed in. Raises SignInNeeded."""
    secret = request.cookies.get(_cookie(core.settings))
    if secret:
        with core.database.read() as session:
            principal = principal_of_session(session, secret, core.now())
        if principal is not None:
            return Visitor(principal, _csrf(core, secret), secret)
    raise SignInNeeded("Sign in first.")


def visitor_with(permission: Permission) -> Callable[[Visitor], Visitor]:
    """A dependency: whoever is signed in, if they have the permission. Raises NotAllowed."""

    def check(visitor: Annotated[Visitor, Depends(visitor_of)]) -> Visitor:
        if not visitor.may(permission):
            raise NotAllowed(f"Your role, {visitor.principal.role}, does not permit this ({permission}).")
        return visitor

    return check


def require_same_site(request: Request) -> None:
    """Refuse a form that another site sent. Raises NotAllowed."""
    if request.headers.get("sec-fetch-site", "none") not in OURS:
        raise NotAllowed("This form was sent by another site and was not carried out.")


def require_own_form(
    core: CoreDep,
    visitor: Annotated[Visitor, Depends(visitor_of)],
    csrf: Annotated[str, Form(max_length=128)] = "",
) -> None:
    """Refuse a form that this session did not get from us. Raises NotAllowed."""
    check_token(visitor, csrf)


def check_token(visitor: Visitor, csrf: str) -> None:
    """Refuse a form whose token is not the session's. Raises NotAllowed."""
    if not hmac.compare_digest(csrf.encode(), visitor.csrf.encode()):
        raise NotAllowed("This form is not of your present session; open the page again and repeat it.")


def set_session(response: Response, core: Core, secret: str) -> None:
    """Give the browser its session."""
    settings = core.settings
    response.set_cookie(
        _cookie(settings),
        secret,
        max_age=settings.session_hours * 3600,
        httponly=True,
        secure=settings.secure_cookies,
        samesite="lax",
    )


def drop_session(response: Response, core: Core) -> None:
    """Take the session away from the browser."""
    settings = core.settings
    response.delete_cookie(_cookie(settings), httponly=True, secure=settings.secure_cookies, samesite="lax")


def _cookie(settings: Settings) -> str:
    """With HTTPS the prefix makes browsers refuse the cookie from any other host or path."""
    return "__Host-leakwatch" if settings.secure_cookies else "leakwatch"


def _csrf(core: Core, secret: str) -> str:
    return core.vault.keyed_digest("csrf", secret)
