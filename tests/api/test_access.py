"""Deny by default: every route of the API, without a key, with a wrong one, and with every role's."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any, get_args

import httpx
import pytest
from fastapi.routing import APIRoute, iter_route_contexts

from api.app import create_app
from api.auth.keys import EXTENSION
from api.routers import api_router
from api.schemas.problem import Problem
from monitor.access import ROLES, Permission, create_key, revoke_key
from tests.api.served import World, bearer

OPEN = {"/healthz", "/readyz", "/api/v1/openapi.json"}
"""What may be asked without a key: how the service is, and what the API looks like."""
FILLED = {
    "{reference}": "LW-2026-000001",
    "{sha256}": "0" * 64,
    "{bundle_id}": "0199c6f2-6a0b-7f3e-8d4c-2b1a09f8e7d6",
    "{post_id}": "0199c6f2-6a0b-7f3e-8d4c-2b1a09f8e7d6",
    "{name}": "nothing",
}


def _operations() -> Iterator[tuple[str, str, Any]]:
    """Every operation of the API's router, hidden ones too: method, path, permission."""
    for route in iter_route_contexts(api_router().routes):
        original = route.original_route
        assert isinstance(original, APIRoute)
        path = str(route.path)
        for name, value in FILLED.items():
            path = path.replace(name, value)
        for method in original.methods:
            yield method, path, (original.openapi_extra or {}).get(EXTENSION)


OPERATIONS = sorted(_operations(), key=str)


def test_the_walk_sees_the_api() -> None:
    """The walk below covers the operations there are, and each says which permission it needs."""
    assert len(OPERATIONS) >= 20
    assert {each[2] for each in OPERATIONS} == {*get_args(Permission), "any"}


def test_nobody_gets_in_without_a_key(world: World, client: httpx.Client) -> None:
    """Every operation answers 401 to no key, an unknown key and another scheme."""
    for method, path, _ in OPERATIONS:
        for headers in ({}, bearer("lwk_unknown"), {"Authorization": "Basic bHdrOmx3aw=="}):
            answer = client.request(method, path, headers=headers)
            assert answer.status_code == 401, (method, path)
            assert answer.headers["WWW-Authenticate"] == "Bearer"
            Problem.model_validate(answer.json())


@pytest.mark.parametrize("role", ROLES)
def test_a_role_can_do_what_it_is_permitted_and_nothing_else(
    world: World, client: httpx.Client, role: Any
) -> None:
    """An operation answers 403 exactly to the roles without its permission."""
    key = bearer(world.key(role))
    for method, path, permission in OPERATIONS:
        permitted = permission == "any" or permission in ROLES[role]
        answer = client.request(method, path, headers=key, json={} if method in {"POST", "PATCH"} else None)
        if answer.status_code == 422 and not permitted:
            continue  # the body was looked at first; nothing was done with it
        assert (answer.status_code != 403) == permitted, (method, path, answer.text)


def test_a_route_that_names_no_permission_is_refused_to_everyone(world: World) -> None:
    """Whoever forgets to name a permission has made a route that nobody can use."""
    app = create_app(world.core)
    router = api_router()
    router.add_api_route("/forgotten", lambda: {"open": True}, methods=["GET"], name="forgotten")
    app.include_router(router)
    transport = httpx.ASGITransport(app)

    async def ask() -> httpx.Response:
        async with httpx.AsyncClient(transport=transport, base_url="http://test") as client:
            return await client.get("/api/v1/forgotten", headers=bearer(world.key("admin")))

    import asyncio

    assert asyncio.run(ask()).status_code == 403


def test_keys_end(world: World, client: httpx.Client) -> None:
    """A revoked key and an expired one are nobody's."""
    now = world.core.now()
    with world.core.database.transaction() as session:
        revoked = create_key(session, name="revoked", role="reviewer", now=now)
        past = now - timedelta(seconds=1)
        expired = create_key(session, name="expired", role="reviewer", now=now, expires_at=past)
    assert client.get("/api/v1/alerts", headers=bearer(revoked)).status_code == 200
    with world.core.database.transaction() as session:
        revoke_key(session, "revoked", now)
    assert client.get("/api/v1/alerts", headers=bearer(revoked)).status_code == 401
    assert client.get("/api/v1/alerts", headers=bearer(expired)).status_code == 401


def test_a_session_cookie_opens_no_api(world: World, client: httpx.Client) -> None:
    """The API takes keys only, so no form on another site can reach it through a browser's session."""
    token = world.sign_in_path("reviewer").partition("=")[2]
    assert client.post("/sign-in", data={"token": token}).status_code == 303
    assert client.get("/alerts").status_code == 200
    assert client.get("/api/v1/alerts").status_code == 401


def test_what_is_open_is_named(world: World, client: httpx.Client) -> None:
    """Health and the API's description need no key."""
    assert {path: client.get(path).status_code for path in OPEN} == dict.fromkeys(OPEN, 200)
