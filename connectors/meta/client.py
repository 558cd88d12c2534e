"""The one place that asks Meta's Graph API: its errors by their codes, its usage in percent.

    code                      error
    102, 190                  AuthenticationFailed
    1, 2                      SourceUnavailable
    4, 17, 32, 613, 800xx     RateLimited
    everything else           SourceClosed with the code: permissions, not there, a week's hashtags spent

Documentation: "Handle errors" and "Rate limits" of the Graph API. Tokens go into a header, never a URL.
"""

from __future__ import annotations

import json
import time
from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import httpx
from pydantic import SecretStr

from connectors.base import AuthenticationFailed, ConnectorError, RateLimited, SourceClosed, SourceUnavailable
from connectors.http import status_error
from connectors.kind import ConnectorContext, Settings
from connectors.limits import Limits
from connectors.payload import Json
from connectors.retry import retry_after

GRAPH = "https://graph.facebook.com/v24.0"
DEFAULT_WAIT = 600.0
"""Seconds, when usage is spent and nobody says until when: it is counted over a sliding hour."""
_TOKEN, _PASSING, _LIMITS = frozenset({102, 190}), frozenset({1, 2}), frozenset({4, 17, 32, 613})
_WEEK_SPENT = 18


class MetaCredentials(Settings):
    """A token of an application that Meta has reviewed for this use."""

    access_token: SecretStr


class Usage(Limits):
    """What Meta's headers say is left, in percent: X-App-Usage and X-Business-Use-Case-Usage."""

    def __init__(self) -> None:
        super().__init__("")

    def note(self, headers: Mapping[str, str]) -> None:
        """Read an answer's headers."""
        figures = list(_figures(headers))
        if figures:
            self.remaining = 100.0 - max(used for used, _ in figures)
            minutes = max(minutes for _, minutes in figures)
            self._ends_at = time.monotonic() + (minutes * 60 or DEFAULT_WAIT)


def _figures(headers: Mapping[str, str]) -> Iterator[tuple[float, float]]:
    """(percent used, minutes until it is less) of each kind of usage."""
    for name in ("x-app-usage", "x-business-use-case-usage"):
        try:
            told = json.loads(headers.get(name) or "{}")
        except (ValueError, RecursionError):
            continue
        groups = [each for group in _values(told) for each in (group if isinstance(group, list) else [])]
        for usage in [told, *groups]:
            shares = (
                [usage.get(key) for key in ("call_count", "total_time", "total_cputime")]
                if isinstance(usage, dict)
                else []
            )
            numbers = [float(share) for share in shares if isinstance(share, int | float)]
            if numbers:
                minutes = usage.get("estimated_time_to_regain_access")
                yield max(numbers), float(minutes) if isinstance(minutes, int | float) else 0.0


def _values(told: Any) -> list[Any]:
    return list(told.values()) if isinstance(told, dict) else []


class MetaClient:
    """Asks with one token."""

    def __init__(self, url: str, credentials: MetaCredentials, context: ConnectorContext) -> None:
        self.usage = Usage()
        token = credentials.access_token.get_secret_value()
        self._api = context.client(url, headers={"Authorization": f"Bearer {token}"}, limits=self.usage)

    def close(self) -> None:
        """Release connections."""
        self._api.close()

    def get(self, path: str, params: Mapping[str, str]) -> Json:
        """The answer for an object or an edge. Raises ConnectorError; SourceClosed has Meta's code."""
        answer = self._api.ask(path, params)
        if not answer.is_success:
            raise graph_error(answer)
        return Json(self._api.parsed(answer))


def next_page(answer: Json) -> dict[str, str] | None:
    """What to ask the next page with. Its address is taken apart, since it names the token too."""
    address = answer.get("paging").get("next").text_or()
    try:
        query = parse_qsl(urlsplit(address).query, keep_blank_values=True)
    except ValueError:
        query = []
    return {name: value for name, value in query if name != "access_token"} or None


def graph_error(answer: httpx.Response) -> ConnectorError:
    """The port's error for an unsuccessful answer."""
    try:
        error = Json(answer.json()).get("error")
    except (ValueError, RecursionError):
        error = Json(None)
    code = error.get("code").value
    if not isinstance(code, int):
        return status_error("Meta", answer.status_code, answer.headers)
    if code in _TOKEN:
        return AuthenticationFailed("Meta refused the access token; renew it for this source.")
    if code in _PASSING:
        return SourceUnavailable(f"Meta could not answer ({code}); it may work later.")
    if code in _LIMITS or 80_000 <= code <= 80_014:
        wait = retry_after(answer.headers)
        minutes = max((minutes for _, minutes in _figures(answer.headers)), default=0.0)
        return RateLimited("Meta asks us to slow down.", wait or minutes * 60 or DEFAULT_WAIT)
    if code == _WEEK_SPENT:
        return SourceClosed("The account has asked for its 30 hashtags of a week.", code)
    return SourceClosed(f"Meta does not show this to the application (error {code}).", code)
