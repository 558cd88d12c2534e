"""The web console: pages made on the server, plain forms; scripts show chosen pictures."""

from __future__ import annotations

from pathlib import Path

from fastapi import FastAPI
from starlette.staticfiles import StaticFiles

from api.console import forms, reports, sign_in, sources, templates, views


def install(app: FastAPI) -> None:
    """Add the console's pages and its static files."""
    for router in (
        sign_in.router,
        reports.router,
        sources.router,
        templates.router,
        views.router,
        forms.router,
    ):
        app.include_router(router, include_in_schema=False)
    app.mount("/static", StaticFiles(directory=Path(__file__).parent / "static"), name="static")
