"""API keys: `Authorization: Bearer lwk_...`, and what the key's role permits.

Deny by default: the API's router runs `authorise` for every route, and a route that does not say
which permission it needs (`needs`) is refused to everyone.
"""

from __future__ import annotations

from typing import Annotated, Any, get_args

from fastapi import Depends, Request
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer

from api.deps import CoreDep
from api.errors import Unauthenticated
from monitor.access import Permission, Principal, principal_of_key
from monitor.errors import NotAllowed

EXTENSION = "x-permission"
ANY_ROLE = "any"

bearer = HTTPBearer(
    scheme_name="ApiKey",
    bearerFormat="lwk_...",
    description="An API key, made with `leakwatch key create`.",
    auto_error=False,
)


def needs(permission: Permission | None) -> dict[str, Any]:
    """For a route's `openapi_extra`: the permission it takes (None: any role), checked and documented."""
    return {EXTENSION: permission or ANY_ROLE}


def authorise(
    request: Request,
    core: CoreDep,
    credentials: Annotated[HTTPAuthorizationCredentials | None, Depends(bearer)],
) -> Principal:
    """Whoever is asking, if the route's permission is theirs. Raises Unauthenticated or NotAllowed."""
    principal = None
    if credentials is not None:
        with core.database.read() as session:
            principal = principal_of_key(session, credentials.credentials, core.now())
    if principal is None:
        raise Unauthenticated("Send a key that is valid as 'Authorization: Bearer lwk_...'.")
    _require(principal, (request.scope["route"].openapi_extra or {}).get(EXTENSION))
    return principal


def _require(principal: Principal, permission: str | None) -> None:
    if permission == ANY_ROLE:
        return
    known = next((each for each in get_args(Permission) if each == permission), None)
    if known is None or not principal.may(known):
        raise NotAllowed(f"The role {principal.role} does not have the permission {permission}.")


Caller = Annotated[Principal, Depends(authorise)]
"""The principal behind a request that may be served."""
