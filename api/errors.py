"""Every error's way out: RFC 9457 problem details, and the HTTP status, decided here once.

A problem repeats nothing that was sent: a path, a field or a header may hold a patient's data.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from http import HTTPStatus
from math import ceil
from typing import Any

from fastapi.exceptions import RequestValidationError
from sqlalchemy.exc import OperationalError
from starlette.exceptions import HTTPException

from api.schemas.problem import InvalidField, Problem
from monitor.errors import (
    ConfigurationError,
    Conflict,
    InvalidInput,
    LeakwatchError,
    NotAllowed,
    NotFound,
    PlatformFailed,
    TemplateChanged,
    TooMany,
    TransitionNotAllowed,
)
from monitor.evidence.sharing import ClearIdentifierFound
from monitor.vault import EvidenceAltered

TYPE = "urn:leakwatch:problem:"


class Unauthenticated(LeakwatchError):
    """Nobody we know is asking."""


class SignInNeeded(LeakwatchError):
    """A console page was asked for without a session."""


class AlertChanged(Conflict):
    """An alert is no longer as the caller saw it."""

    def __init__(self, reference: str) -> None:
        super().__init__(f"Alert {reference} changed meanwhile; read it again, then decide.")


@dataclass(frozen=True, slots=True)
class Kind:
    """How one kind of error is answered."""

    status: HTTPStatus
    slug: str
    title: str
    headers: Mapping[str, str] = field(default_factory=dict)


KINDS: Mapping[type[LeakwatchError], Kind] = {
    LeakwatchError: Kind(HTTPStatus.INTERNAL_SERVER_ERROR, "internal", "Something went wrong here"),
    ConfigurationError: Kind(HTTPStatus.SERVICE_UNAVAILABLE, "not-ready", "The service is not ready"),
    EvidenceAltered: Kind(
        HTTPStatus.INTERNAL_SERVER_ERROR, "evidence-altered", "Stored evidence is not what was sealed"
    ),
    ClearIdentifierFound: Kind(
        HTTPStatus.CONFLICT, "clear-identifier", "A clear identifier is where only its masked form may be"
    ),
    InvalidInput: Kind(HTTPStatus.UNPROCESSABLE_ENTITY, "invalid-input", "The request cannot be used"),
    NotFound: Kind(HTTPStatus.NOT_FOUND, "not-found", "There is no such thing"),
    Conflict: Kind(HTTPStatus.CONFLICT, "conflict", "The request does not fit the present state"),
    TransitionNotAllowed: Kind(
        HTTPStatus.CONFLICT, "transition-not-allowed", "The alert cannot go from its status to that one"
    ),
    AlertChanged: Kind(HTTPStatus.PRECONDITION_FAILED, "alert-changed", "The alert changed meanwhile"),
    TemplateChanged: Kind(
        HTTPStatus.PRECONDITION_FAILED, "template-changed", "The template changed meanwhile"
    ),
    PlatformFailed: Kind(HTTPStatus.BAD_GATEWAY, "platform-failed", "The platform did not do it"),
    NotAllowed: Kind(HTTPStatus.FORBIDDEN, "not-allowed", "The role does not permit this"),
    TooMany: Kind(HTTPStatus.TOO_MANY_REQUESTS, "too-many", "Too much was asked for in a short time"),
    Unauthenticated: Kind(
        HTTPStatus.UNAUTHORIZED, "unauthenticated", "A valid key is needed", {"WWW-Authenticate": "Bearer"}
    ),
}


@dataclass(frozen=True, slots=True)
class Answer:
    """A problem and the headers that go with it."""

    problem: Problem
    headers: Mapping[str, str] = field(default_factory=dict)


def answer_to(error: Exception, request_id: str) -> Answer:
    """How an error is told to the caller. What nobody foresaw is told without any detail."""
    if isinstance(error, LeakwatchError):
        return _ours(error, request_id)
    if isinstance(error, RequestValidationError):
        return _invalid(error, request_id)
    if isinstance(error, HTTPException):
        status = HTTPStatus(error.status_code)
        return Answer(_plain(status, _SENTENCES.get(status, ""), request_id), error.headers or {})
    if isinstance(error, OperationalError):
        detail = "The database does not answer; try again in a moment."
        return Answer(_problem(KINDS[ConfigurationError], detail, request_id))
    detail = "The request failed here, not with you. Quote the request id to whoever runs the monitor."
    return Answer(_plain(HTTPStatus.INTERNAL_SERVER_ERROR, detail, request_id))


_SENTENCES = {
    HTTPStatus.BAD_REQUEST: "The request cannot be read; check that its body is what its type says.",
    HTTPStatus.NOT_FOUND: "There is nothing at this address.",
    HTTPStatus.METHOD_NOT_ALLOWED: "This address does not take that method; see the Allow header.",
    HTTPStatus.REQUEST_ENTITY_TOO_LARGE: "The request's body is larger than this address takes.",
}


def _ours(error: LeakwatchError, request_id: str) -> Answer:
    kind = next(KINDS[each] for each in type(error).__mro__ if each in KINDS)
    detail = f"There is no such {error.noun}." if isinstance(error, NotFound) else str(error)
    headers = {"Retry-After": str(ceil(error.retry_after))} if isinstance(error, TooMany) else kind.headers
    return Answer(_problem(kind, detail, request_id), headers)


def _problem(kind: Kind, detail: str, request_id: str) -> Problem:
    return Problem(
        type=TYPE + kind.slug, title=kind.title, status=kind.status, detail=detail, request_id=request_id
    )


def _plain(status: HTTPStatus, detail: str, request_id: str) -> Problem:
    return Problem(
        type="about:blank",
        title=status.phrase,
        status=status,
        detail=detail or status.description,
        request_id=request_id,
    )


def _invalid(error: RequestValidationError, request_id: str) -> Answer:
    problem = Problem(
        type=TYPE + "invalid-input",
        title=KINDS[InvalidInput].title,
        status=HTTPStatus.UNPROCESSABLE_ENTITY,
        detail="Some fields are missing or not as they must be; 'errors' names them.",
        request_id=request_id,
        errors=[_field(each) for each in error.errors()],
    )
    return Answer(problem)


def _field(error: Mapping[str, Any]) -> InvalidField:
    """Where and what, without the value; an unknown field's own name is a value too."""
    place: Sequence[object] = error["loc"]
    if error["type"] == "extra_forbidden":
        return InvalidField(place=_path(place[:-1]), detail="It holds a field that is not known.")
    return InvalidField(place=_path(place), detail=_message(error))


def _path(place: Sequence[object]) -> str:
    return "/".join(str(part) for part in place)


def _message(error: Mapping[str, Any]) -> str:
    if error["type"] == "json_invalid":
        return "It is not JSON."
    return str(error["msg"]).removeprefix("Value error, ")
