"""The one place that asks the AppView and the account's service, over XRPC."""

from __future__ import annotations

from collections.abc import Mapping

import httpx

from connectors.base import AuthenticationFailed, ConfigurationInvalid, ConnectorError, SourceClosed
from connectors.bluesky.config import BlueskyConfig, BlueskyCredentials
from connectors.http import status_error
from connectors.kind import ConnectorContext
from connectors.limits import Limits
from connectors.payload import Json

GONE_ERRORS = frozenset(
    {"RecordNotFound", "RepoNotFound", "RepoTakendown", "RepoDeactivated", "BlobNotFound", "NotFound",
     "AccountTakedown", "AccountDeactivated", "ActorNotFound"}
)  # fmt: skip
"""Names of XRPC errors (status 400) for what is not there any more."""
_EXPIRED = frozenset({"ExpiredToken", "InvalidToken"})


class BlueskyClient:
    """The AppView without an account, and the account's own service when there are credentials."""

    def __init__(
        self, config: BlueskyConfig, credentials: BlueskyCredentials | None, context: ConnectorContext
    ) -> None:
        self.limits = Limits("ratelimit-")
        self._appview = context.client(config.appview_url, limits=self.limits)
        self._service = context.client(config.service_url, limits=Limits("ratelimit-"))
        self._labeler = context.client(config.labeler_url)
        self._credentials = credentials
        self._labeler_did = config.labeler_did
        self._signed_in = False

    def close(self) -> None:
        """Release connections."""
        for client in (self._appview, self._service, self._labeler):
            client.close()

    def get(self, method: str, params: Mapping[str, str], *, session: bool = False) -> Json:
        """The answer of a query method; with `session` as the signed-in account. Raises ConnectorError."""
        path = f"/xrpc/{method}"
        answer = self._asked_signed_in(path, params) if session else self._appview.ask(path, params)
        return self._read(answer)

    def labels(self, uri: str) -> Json:
        """The moderation service's labels of a post. Raises ConnectorError."""
        params = {"uriPatterns": uri}
        return self._read(self._labeler.ask("/xrpc/com.atproto.label.queryLabels", params))

    def report(self, subject: Mapping[str, str], reason_type: str, reason: str) -> Json:
        """Tell the moderation service, once. Raises ConnectorError."""
        self._require_session()
        body = {"subject": dict(subject), "reasonType": reason_type, "reason": reason}
        headers = {"atproto-proxy": f"{self._labeler_did}#atproto_labeler"}
        return Json(self._service.post_json("/xrpc/com.atproto.moderation.createReport", body, headers))

    def _asked_signed_in(self, path: str, params: Mapping[str, str]) -> httpx.Response:
        self._require_session()
        answer = self._service.ask(path, params)
        if error_name(answer) in _EXPIRED:
            self._signed_in = False
            self._require_session()
            answer = self._service.ask(path, params)
        return answer

    def _require_session(self) -> None:
        if self._signed_in:
            return
        if self._credentials is None:
            raise AuthenticationFailed("Searching and reporting on Bluesky need an account's app password.")
        body = {
            "identifier": self._credentials.identifier,
            "password": self._credentials.password.get_secret_value(),
        }
        session = Json(self._service.post_json("/xrpc/com.atproto.server.createSession", body), "session")
        self._service.set_header("Authorization", f"Bearer {session['accessJwt'].text()}")
        self._signed_in = True

    def _read(self, answer: httpx.Response) -> Json:
        if answer.is_success:
            return Json(self._appview.parsed(answer))
        raise xrpc_error(answer)


def error_name(answer: httpx.Response) -> str:
    """The name of an XRPC error, or nothing."""
    try:
        return Json(answer.json()).get("error").text_or()
    except (ValueError, RecursionError):
        return ""


def xrpc_error(answer: httpx.Response) -> ConnectorError:
    """The port's error for an unsuccessful XRPC answer."""
    name = error_name(answer)
    if name in GONE_ERRORS:
        return SourceClosed(f"Bluesky does not show this ({name}).", answer.status_code)
    if name in _EXPIRED:
        return AuthenticationFailed("Bluesky refused the session; renew the app password of this source.")
    if answer.status_code == 400 and name:
        return ConfigurationInvalid(f"Bluesky refused the request ({name}); check the settings.")
    return status_error("Bluesky", answer.status_code, answer.headers)
