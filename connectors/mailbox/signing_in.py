"""How a mailbox is signed in to: by a password, or by a token that an application gets for itself.

OAuth 2.0 client credentials (RFC 6749, 4.4), and SASL XOAUTH2 as Exchange Online and others speak it.
"""

from __future__ import annotations

from typing import Any, Protocol
from urllib.parse import urlsplit

from connectors.base import AuthenticationFailed
from connectors.http import ApiClient
from connectors.payload import Json


class SignsIn(Protocol):
    """A way to sign in. Raises ConnectorError, or what the IMAP library raises for a refusal."""

    def __call__(self, client: Any, username: str) -> None:
        """Sign a connected client in."""
        ...

    def close(self) -> None:
        """Release connections."""
        ...


class ByPassword:
    """LOGIN with a password."""

    def __init__(self, password: str) -> None:
        self._password = password

    def __call__(self, client: Any, username: str) -> None:
        """Sign a connected client in."""
        client.login(username, self._password)

    def close(self) -> None:
        """Nothing is held open."""


class ByToken:
    """XOAUTH2 with a token that is fetched for each sign-in: one lives an hour, a reading some seconds."""

    def __init__(self, api: ApiClient, token_url: str, form: dict[str, str]) -> None:
        self._api = api
        self._path = urlsplit(token_url).path
        self._form = {"grant_type": "client_credentials", **form}

    def __call__(self, client: Any, username: str) -> None:
        """Sign a connected client in."""
        client.oauth2_login(username, self._token())

    def close(self) -> None:
        """Release the connection to whoever gives tokens."""
        self._api.close()

    def _token(self) -> str:
        answer = self._api.post_form(self._path, self._form)
        if not answer.is_success:  # what it says may quote what was sent
            raise AuthenticationFailed("The application is refused a token for the mailbox.")
        return Json(self._api.parsed(answer), "token")["access_token"].text()
