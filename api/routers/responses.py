"""The problems a route documents."""

from __future__ import annotations

from http import HTTPStatus
from typing import Any

from api.schemas.problem import Problem

_DESCRIPTIONS = {
    401: "No valid key was sent.",
    403: "The key's role does not permit this.",
    404: "There is no such thing.",
    409: "It does not fit the present state.",
    412: "It is no longer at the version in If-Match.",
    413: "The body is too large.",
    422: "A parameter or the body is not as it must be.",
    429: "Too many were made within an hour; Retry-After says when to try again.",
    502: "The platform did not do what it was asked.",
    503: "The database does not answer.",
}
EVERYWHERE = (401, 403, 422, 503)


def problems(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """For a route's `responses`: these statuses are answered with problem details."""
    return {
        status: {"model": Problem, "description": _DESCRIPTIONS[status]}
        for status in map(HTTPStatus, statuses)
    }
