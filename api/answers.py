"""Turns an error into a response: problem details for programs, a page for people in the console."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response

from api.console.rendering import page
from api.deps import request_id_of
from api.errors import SignInNeeded, answer_to

FOR_PROGRAMS = ("/api/", "/healthz", "/readyz")


def respond(request: Request, error: Exception) -> Response:
    """The response to a request that ended in `error`."""
    if isinstance(error, SignInNeeded):
        return RedirectResponse("/sign-in", status_code=303)
    answer = answer_to(error, request_id_of(request))
    problem = answer.problem
    if not request.url.path.startswith(FOR_PROGRAMS):
        return page("error.html", status=problem.status, headers=answer.headers, problem=problem)
    return JSONResponse(
        problem.model_dump(exclude_none=True),
        status_code=problem.status,
        headers=dict(answer.headers),
        media_type="application/problem+json",
    )
