"""The application: routers, console, error handling and the layers round them, put together once.

Served by any ASGI server: `uvicorn --factory api.app:create_app`.
"""

from __future__ import annotations

from typing import Any

from fastapi import FastAPI
from fastapi.exceptions import RequestValidationError
from fastapi.routing import APIRoute
from sqlalchemy.exc import OperationalError
from starlette.exceptions import HTTPException

from api import console
from api.answers import respond
from api.edge import BodyLimit, Edge
from api.routers import PREFIX, api_router, health
from monitor import __version__, log
from monitor.bootstrap import build_core
from monitor.core import Core
from monitor.errors import LeakwatchError
from monitor.reports import MAX_REPORT_BYTES
from monitor.settings import load_settings

BODY_LIMIT = 64 * 1024
UPLOADS = {
    **dict.fromkeys(
        (f"{PREFIX}/templates", f"{PREFIX}/templates/test", "/templates/new", "/templates/test"),
        20 * 1024 * 1024,
    ),
    **dict.fromkeys((f"{PREFIX}/reports", "/report"), MAX_REPORT_BYTES),
}
"""Largest bodies, in bytes: everywhere, and where pictures are uploaded."""

DESCRIPTION = """
Alerts about leaked medical records, and the sources, posts and templates behind them. Everything is masked;
clear identifiers come only from `reveal`, which leaves a trace in two logs.

Send an API key as `Authorization: Bearer lwk_...`. Each operation names the permission it takes in
`x-permission`. Errors are problem details (RFC 9457) and never repeat what was sent.
"""
TAGS = [
    {"name": "alerts", "description": "What is put before people."},
    {"name": "evidence", "description": "Previews, clear identifiers, bundles."},
    {"name": "reports", "description": "What people tell of."},
    {"name": "posts", "description": "What was collected, and what failed."},
    {"name": "sources", "description": "What is watched."},
    {"name": "templates", "description": "Registered document templates."},
    {"name": "audit", "description": "Who did what."},
    {"name": "service", "description": "Whether it works, and which version it is."},
]


class Application(FastAPI):
    """FastAPI, with problem details in its OpenAPI document."""

    def openapi(self) -> dict[str, Any]:
        """The OpenAPI document; errors are `application/problem+json`."""
        if self.openapi_schema is None:
            _tell_problems(super().openapi())
        assert self.openapi_schema is not None
        return self.openapi_schema


def create_app(core: Core | None = None) -> FastAPI:
    """The ASGI application over `core`, or over one built from the settings. Raises ConfigurationError."""
    core = core or _core_from_settings()
    app = Application(
        title="leakwatch",
        version=__version__,
        description=DESCRIPTION,
        openapi_tags=TAGS,
        openapi_url=f"{PREFIX}/openapi.json",
        docs_url=None,
        redoc_url=None,
        redirect_slashes=False,
        generate_unique_id_function=_operation_id,
    )
    app.state.core = core
    app.include_router(health.router)
    app.include_router(api_router())
    console.install(app)
    for error in (LeakwatchError, RequestValidationError, HTTPException, OperationalError):
        app.add_exception_handler(error, respond)
    app.add_middleware(BodyLimit, limit=BODY_LIMIT, larger=UPLOADS)
    app.add_middleware(Edge, https_only=core.settings.secure_cookies)
    return app


def _core_from_settings() -> Core:
    settings = load_settings()
    log.configure(settings)
    return build_core(settings)


def _operation_id(route: APIRoute) -> str:
    return route.name


def _tell_problems(schema: dict[str, Any]) -> None:
    for path in schema["paths"].values():
        for operation in path.values():
            for status, answer in operation["responses"].items():
                content = answer.get("content", {})
                if status >= "400" and "/Problem" in str(content.get("application/json")):
                    answer["content"] = {"application/problem+json": content["application/json"]}
