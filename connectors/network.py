"""The guarded connection: one resolution, one checked address, one deadline for everything.

An httpcore network backend. The name is resolved once, every address it gave is checked, and the socket is
opened to exactly those addresses, so a second answer of the name server can change nothing. The TLS name
and the Host header stay the name.
"""

from __future__ import annotations

import queue
import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterable
from functools import cache
from typing import Any

import httpcore
import httpx

from connectors.address import as_address, is_public
from connectors.base import AttachmentRefused, SourceUnavailable

Resolver = Callable[[str, int], Iterable[str]]
"""(host, port) -> addresses as text, best first. Raises OSError when the name does not resolve."""

MAX_ADDRESSES_TRIED = 3


@cache
def shared_tls() -> ssl.SSLContext:
    """One context for all clients: reading the certificates takes longer than most requests."""
    return httpx.create_ssl_context(trust_env=False)


class Deadline:
    """A fixed moment after which nothing more is read or written."""

    def __init__(self, seconds: float) -> None:
        self.seconds = seconds
        self._end = time.monotonic() + seconds

    def left(self, limit: float | None = None) -> float:
        """Seconds left, at most `limit`. Raises httpcore.ReadTimeout when none are."""
        left = self._end - time.monotonic()
        if left <= 0:
            raise httpcore.ReadTimeout("deadline")
        return left if limit is None else min(left, limit)


def system_resolver(host: str, port: int) -> list[str]:
    """The operating system's answer, in its order of preference."""
    answers = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return [str(answer[4][0]) for answer in answers]


def resolve(host: str, port: int, resolver: Resolver, deadline: Deadline) -> list[str]:
    """Addresses of `host`, within the deadline. Raises SourceUnavailable when there is no answer.

    The resolution runs in a thread of its own because the system's resolver takes no time limit.
    """
    if as_address(host) is not None:
        return [host]
    answers: queue.SimpleQueue[list[str] | OSError] = queue.SimpleQueue()

    def ask() -> None:
        try:
            answers.put(list(resolver(host, port)))
        except (OSError, UnicodeError) as error:
            answers.put(error if isinstance(error, OSError) else OSError(str(error)))

    threading.Thread(target=ask, name="resolve", daemon=True).start()
    try:
        answer = answers.get(timeout=deadline.left())
    except queue.Empty as error:
        raise SourceUnavailable(f"The name server did not answer for {host} in time.") from error
    if isinstance(answer, OSError):
        raise SourceUnavailable(f"The name {host} does not resolve.") from answer
    return answer


def require_public(host: str, addresses: Iterable[str]) -> None:
    """Raise AttachmentRefused when any of the addresses is not public: a mixed answer is an attack."""
    for address in addresses:
        if not is_public(address):
            raise AttachmentRefused(f"{host} is not a public address, so nothing is fetched from it.")


class GuardedBackend(httpcore.NetworkBackend):
    """Opens TCP connections to checked addresses only, under one deadline."""

    def __init__(
        self, *, allowed: bool, resolver: Resolver, deadline: Deadline, connect_timeout: float
    ) -> None:
        self._allowed = allowed
        self._resolver = resolver
        self._deadline = deadline
        self._connect_timeout = connect_timeout
        self._tcp = httpcore.SyncBackend()
        self.peer: str | None = None
        """The address that was connected to."""

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore.NetworkStream:
        """Resolve, check and connect. Raises AttachmentRefused, SourceUnavailable or httpcore errors."""
        addresses = resolve(host, port, self._resolver, self._deadline)
        if not self._allowed:
            require_public(host, addresses)
        failure: httpcore.ConnectError | httpcore.ConnectTimeout | None = None
        for address in addresses[:MAX_ADDRESSES_TRIED]:
            try:
                stream = self._tcp.connect_tcp(address, port, self._deadline.left(self._connect_timeout))
            except (httpcore.ConnectError, httpcore.ConnectTimeout) as error:
                failure = error
                continue
            self.peer = address
            return DeadlineStream(stream, self._deadline)
        raise failure or httpcore.ConnectError("the name has no address")


class DeadlineStream(httpcore.NetworkStream):
    """A stream whose every wait ends at the deadline, however slowly the bytes trickle."""

    def __init__(self, stream: httpcore.NetworkStream, deadline: Deadline) -> None:
        self._stream = stream
        self._deadline = deadline

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        """Read within the deadline."""
        return self._stream.read(max_bytes, self._deadline.left(timeout))

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        """Write within the deadline."""
        self._stream.write(buffer, self._deadline.left(timeout))

    def close(self) -> None:
        """Close the socket."""
        self._stream.close()

    def start_tls(
        self,
        ssl_context: ssl.SSLContext,
        server_hostname: str | None = None,
        timeout: float | None = None,
    ) -> httpcore.NetworkStream:
        """Shake hands within the deadline."""
        secured = self._stream.start_tls(ssl_context, server_hostname, self._deadline.left(timeout))
        return DeadlineStream(secured, self._deadline)

    def get_extra_info(self, info: str) -> Any:
        """What the stream below knows."""
        return self._stream.get_extra_info(info)
