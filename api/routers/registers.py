"""Registers: what is looked up, and how it goes. They are loaded on the command line, where the keys are."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Path

from api.auth.keys import needs
from api.deps import CoreDep
from api.routers.responses import problems
from api.schemas.base import Page
from api.schemas.register import RegisterOut
from monitor.register_stats import register_stats

router = APIRouter(prefix="/registers", tags=["registers"])

Name = Annotated[str, Path(max_length=100, description="The register's name.", examples=["pas"])]


@router.get("", openapi_extra=needs("registers:read"))
def list_registers(core: CoreDep) -> Page[RegisterOut]:
    """List all registers by name; there is one page."""
    return Page(items=[RegisterOut.of(stats) for stats in register_stats(core)], next=None)


@router.get("/{name}", openapi_extra=needs("registers:read"), responses=problems(404))
def show_register(name: Name, core: CoreDep) -> RegisterOut:
    """Show one register: its generations, what they hold by field, and what was matched."""
    (stats,) = register_stats(core, name)
    return RegisterOut.of(stats)
