"""The one place that asks TikTok: the Research API with a token of two hours, and oEmbed without one.

Documentation: "Query Videos" and "Client Access Token Management" of TikTok for Developers. The `error` of an
answer has the code "ok" when it is none. A day's requests end with `rate_limit_exceeded`, until midnight UTC.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

import httpx
from pydantic import SecretStr

from connectors.base import (
    AuthenticationFailed,
    ConfigurationInvalid,
    ConnectorError,
    RateLimited,
    SourceClosed,
    SourceUnavailable,
)
from connectors.http import status_error
from connectors.kind import ConnectorContext, Settings
from connectors.payload import Json

QUERY, TOKEN = "/v2/research/video/query/", "/v2/oauth/token/"
REQUESTS = "requests"
"""The meter of the Research API's day."""
_FIELDS = "id,video_description,create_time,username,hashtag_names,voice_to_text,region_code"
_TOKEN_ENDED = "access_token_invalid"  # noqa: S105  the name of an error
_PASSING = frozenset({"internal_error", "timeout"})


class TiktokCredentials(Settings):
    """A client that TikTok has approved for its Research API."""

    client_key: str
    client_secret: SecretStr


class TiktokClient:
    """Asks as one client."""

    def __init__(
        self, api_url: str, site_url: str, credentials: TiktokCredentials, context: ConnectorContext
    ) -> None:
        self._credentials = credentials
        self._context = context
        self._api = context.client(api_url)
        self._site = context.client(site_url)
        self._signed_in = False

    def close(self) -> None:
        """Release connections."""
        self._api.close()
        self._site.close()

    def query(self, body: Mapping[str, Any]) -> Json:
        """The `data` of a query for videos; a token that ended is renewed once. Raises ConnectorError."""
        self._sign_in()
        answer = self._asked(body)
        if _code(answer) == _TOKEN_ENDED:
            self._signed_in = False
            self._sign_in()
            answer = self._asked(body)
        if not answer.is_success or _code(answer) not in {"ok", ""}:
            raise self._error(answer)
        return Json(self._api.parsed(answer))["data"]

    def oembed(self, url: str) -> httpx.Response:
        """What the embedding service answers for a video, whatever its status. Raises ConnectorError."""
        return self._site.ask("/oembed", {"url": url})

    def _asked(self, body: Mapping[str, Any]) -> httpx.Response:
        self._context.traffic.spend(REQUESTS, 1)
        return self._api.query_json(QUERY, body, {"fields": _FIELDS})

    def _sign_in(self) -> None:
        if self._signed_in:
            return
        secret = self._credentials.client_secret.get_secret_value()
        form = {"client_key": self._credentials.client_key, "client_secret": secret,
                "grant_type": "client_credentials"}  # fmt: skip
        answer = self._api.post_form(TOKEN, form)
        token = Json(self._api.parsed(answer)).get("access_token").text_or() if answer.is_success else ""
        if not token:
            raise _refusal(answer)
        self._api.set_header("Authorization", f"Bearer {token}")
        self._signed_in = True

    def _error(self, answer: httpx.Response) -> ConnectorError:
        code = _code(answer)
        if code == "rate_limit_exceeded":
            return RateLimited("TikTok's requests of today are spent.", self._until_midnight())
        if code == _TOKEN_ENDED:
            return AuthenticationFailed("TikTok refused the token; renew this source's credentials.")
        if code in _PASSING:
            return SourceUnavailable(f"TikTok could not answer ({code}); it may work later.")
        if code in {"scope_not_authorized", "scope_permission_missed"}:
            return SourceClosed("TikTok has not approved this client for its Research API.", 403)
        if code.startswith("invalid_"):
            return ConfigurationInvalid(f"TikTok refused the query ({code}); check the settings.")
        return status_error("TikTok", answer.status_code, answer.headers)

    def _until_midnight(self) -> float:
        now = self._context.now()
        midnight = (now + timedelta(days=1)).replace(hour=0, minute=0, second=0, microsecond=0)
        return (midnight - now).total_seconds()


def _code(answer: httpx.Response) -> str:
    """The code of an answer's error, or nothing."""
    try:
        return Json(answer.json()).get("error").get("code").text_or()
    except (ValueError, RecursionError):
        return ""


def _refusal(answer: httpx.Response) -> ConnectorError:
    """Why no token was given: with status 200 the client or its secret is wrong."""
    if answer.is_success or answer.status_code in {400, 401}:
        return AuthenticationFailed("TikTok refused the client key or its secret.")
    return status_error("TikTok", answer.status_code, answer.headers)
