"""The outermost layer: a request's id, its log line, security headers, size limits, and the last catch."""

from __future__ import annotations

import time
import traceback
from collections.abc import Mapping
from inspect import isfunction
from pathlib import Path
from uuid import uuid4

import structlog
from starlette.datastructures import MutableHeaders
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api.answers import respond

HEADERS: Mapping[str, str] = {
    "Cache-Control": "no-store",
    "Content-Security-Policy": (
        "default-src 'none'; form-action 'none'; frame-ancestors 'none'; base-uri 'none'"
    ),
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "X-Robots-Tag": "noindex, nofollow, noarchive",
}
"""Set on every answer that does not set them itself."""

HSTS = "max-age=31536000"

log = structlog.get_logger()


class Edge:
    """Gives every request an id and every answer its headers; nothing unforeseen gets past it."""

    def __init__(self, app: ASGIApp, *, https_only: bool) -> None:
        self._app = app
        self._headers = {**HEADERS, **({"Strict-Transport-Security": HSTS} if https_only else {})}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        request_id = scope.setdefault("state", {})["request_id"] = uuid4().hex
        started, status = time.monotonic(), 0

        async def send_guarded(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                self._complete(MutableHeaders(scope=message), request_id)
            await send(message)

        try:
            await self._app(scope, receive, send_guarded)
        except Exception as error:  # noqa: BLE001 - a server would log its message, which may hold patient data
            log.error("request_failed", request_id=request_id, error=type(error).__name__, at=_place(error))
            if not status:
                await respond(Request(scope), error)(scope, receive, send_guarded)
        _log(scope, request_id, status, time.monotonic() - started)

    def _complete(self, headers: MutableHeaders, request_id: str) -> None:
        headers["X-Request-ID"] = request_id
        for name, value in self._headers.items():
            headers.setdefault(name, value)


def _log(scope: Scope, request_id: str, status: int, seconds: float) -> None:
    """Which function served it, never the address itself: addresses hold tokens and what people typed."""
    endpoint = scope.get("endpoint")
    name = f"{endpoint.__module__}.{endpoint.__name__}" if isfunction(endpoint) else None
    log.info(
        "request",
        request_id=request_id,
        method=scope["method"],
        endpoint=name,
        status=status,
        ms=round(seconds * 1000),
    )


def _place(error: Exception) -> str:
    """Where it was raised: file and line, which is all of a traceback that holds no data."""
    frames = traceback.extract_tb(error.__traceback__)
    return f"{Path(frames[-1].filename).name}:{frames[-1].lineno}" if frames else ""


class BodyLimit:
    """Refuses bodies that are too large, by what they declare and by what really comes."""

    def __init__(self, app: ASGIApp, *, limit: int, larger: Mapping[str, int]) -> None:
        self._app = app
        self._limit = limit
        self._larger = larger

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request; reading past the limit raises HTTPException 413."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        limit = self._larger.get(scope["path"], self._limit)
        received = 0

        async def receive_limited() -> Message:
            nonlocal received
            message = await receive()
            received += len(message.get("body", b""))
            if received > limit:
                raise HTTPException(413)
            return message

        declared = Request(scope).headers.get("content-length", "0")
        if not declared.isdecimal() or int(declared) > limit:
            error = HTTPException(413, headers={"Connection": "close"})
            await respond(Request(scope), error)(scope, receive, send)
            return
        await self._app(scope, receive_limited, send)
