"""The one way connectors listen to a WebSocket: time and size limits, no proxy, the port's errors."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack
from urllib.parse import urlsplit

from connectors.base import SourceUnavailable
from connectors.http import status_error
from connectors.kind import ConnectorContext

MAX_MESSAGE_BYTES = 32 * 2**20


class Socket:
    """An open WebSocket. `close` may be called from another thread than the one that reads."""

    def __init__(
        self,
        address: str,
        context: ConnectorContext,
        headers: Mapping[str, str] | None = None,
        *,
        subprotocol: str | None = None,
        refused: Callable[[int, bytes], None] | None = None,
    ) -> None:
        """Connect. Raises ConnectorError: what the HTTP status that refused it means, or SourceUnavailable.

        `refused` sees the status and body of a refusal first, and may raise an error of its own.
        """
        from websockets.exceptions import InvalidStatus, WebSocketException  # noqa: PLC0415
        from websockets.sync.client import connect  # noqa: PLC0415  only streaming sources need it
        from websockets.typing import Subprotocol  # noqa: PLC0415

        self._host = urlsplit(address).hostname or "The stream"
        self._open = ExitStack()
        context.traffic.turn(self._host)
        try:
            connection = connect(
                address,
                additional_headers=dict(headers or {}),
                user_agent_header=context.user_agent,
                subprotocols=None if subprotocol is None else [Subprotocol(subprotocol)],
                proxy=None,
                max_size=MAX_MESSAGE_BYTES,
                close_timeout=0.1,
            )
            self._connection = self._open.enter_context(connection)
        except InvalidStatus as error:
            answer = error.response
            if refused:
                refused(answer.status_code, bytes(answer.body or b""))
            raise status_error(self._host, answer.status_code, answer.headers) from error
        except (WebSocketException, OSError) as error:
            raise SourceUnavailable(f"{self._host} could not be listened to.") from error

    def messages(self) -> Iterator[str | bytes]:
        """What comes, until the other side hangs up in order. Raises SourceUnavailable when it breaks off."""
        from websockets.exceptions import ConnectionClosedOK, WebSocketException  # noqa: PLC0415

        try:
            while True:
                yield self._connection.recv()
        except ConnectionClosedOK:
            return
        except (WebSocketException, OSError) as error:
            raise SourceUnavailable(f"{self._host} broke the stream off.") from error

    def close(self) -> None:
        """Hang up."""
        self._open.close()
