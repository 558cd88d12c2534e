"""What endpoints are given: the program's parts. Sessions they open themselves, one block per request."""

from __future__ import annotations

from typing import Annotated, cast

from fastapi import Depends, Request

from monitor.core import Core


def core_of(request: Request) -> Core:
    """The parts the application was made with."""
    return cast(Core, request.app.state.core)


def request_id_of(request: Request) -> str:
    """The request's own id, made at the edge."""
    return cast(str, request.state.request_id)


CoreDep = Annotated[Core, Depends(core_of)]
