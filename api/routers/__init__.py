"""The API's endpoints, one module per noun."""

from __future__ import annotations

from fastapi import APIRouter, Depends

from api.auth.keys import authorise
from api.routers import (
    alerts,
    audit,
    evidence,
    moderators,
    posts,
    recordings,
    registers,
    related,
    reports,
    sources,
    templates,
    usage,
    version,
)
from api.routers.responses import EVERYWHERE, problems

PREFIX = "/api/v1"


def api_router() -> APIRouter:
    """Every endpoint of the API, behind the one dependency that lets callers in."""
    router = APIRouter(prefix=PREFIX, dependencies=[Depends(authorise)], responses=problems(*EVERYWHERE))
    nouns = (
        alerts,
        related,
        evidence,
        moderators,
        reports,
        posts,
        sources,
        recordings,
        usage,
        templates,
        registers,
        audit,
        version,
    )
    for module in nouns:
        router.include_router(module.router)
    return router
