"""The guarded fetcher: the only way bytes named by a stranger's post are taken from the network.

In order, for the URL and again for each redirect: the URL's form, its host and port, one resolution, the
address, the connection, the status, the size. Nothing is sent but the request: no cookies, no credentials,
no referrer, no proxy of the environment.
"""

from __future__ import annotations

import ssl
import zlib
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass
from types import MappingProxyType
from urllib.parse import urljoin

import httpcore
import httpx

from connectors.address import Target, parse_target
from connectors.base import AttachmentRefused, RateLimited, SourceUnavailable
from connectors.network import Deadline, GuardedBackend, Resolver, shared_tls, system_resolver
from connectors.retry import DEFAULT_RETRY_AFTER, retry_after
from connectors.traffic import UNWATCHED, Exchange, Traffic

_REDIRECTS = frozenset({301, 302, 303, 307, 308})
_TRANSIENT_STATUSES = frozenset({408, 425, 429})
_KEPT_HEADERS = frozenset(
    {
        "content-type",
        "content-length",
        "content-encoding",
        "last-modified",
        "etag",
        "date",
        "server",
        "via",
        "retry-after",
    }
)


@dataclass(frozen=True, slots=True)
class Fetched:
    """An answer as it was received, with what evidence needs to know of the way."""

    data: bytes
    final_url: str
    status: int
    headers: Mapping[str, str]
    """A fixed subset, names in lower case."""
    content_type: str | None
    """The header's claim; the bytes decide."""
    peer: str
    """The address the bytes came from."""
    hops: tuple[str, ...] = ()
    """The URLs that redirected here, first to last."""


class GuardedFetcher:
    """Fetches over http(s) from public addresses only, within size, time and redirect limits.

    `allow_hosts` opens private addresses: "host" on ports 80 and 443, "host:port" on that port. Times are in
    seconds; `total_timeout` covers every hop together. Safe to share between threads.
    """

    def __init__(
        self,
        *,
        max_bytes: int,
        user_agent: str,
        allow_hosts: frozenset[str] = frozenset(),
        connect_timeout: float = 5.0,
        total_timeout: float = 30.0,
        max_redirects: int = 3,
        resolver: Resolver = system_resolver,
        ssl_context: ssl.SSLContext | None = None,
        traffic: Traffic = UNWATCHED,
    ) -> None:
        self._max_bytes = max_bytes
        self._user_agent = user_agent
        self._allow_hosts = frozenset(entry.lower() for entry in allow_hosts)
        self._connect_timeout = connect_timeout
        self._total_timeout = total_timeout
        self._max_redirects = max_redirects
        self._resolver = resolver
        self._ssl_context = ssl_context or shared_tls()
        self._traffic = traffic

    def fetch(self, url: str) -> Fetched:
        """The bytes at `url`.

        Raises AttachmentRefused (never to be had: not public, too large, gone), SourceUnavailable (try
        later) or RateLimited (try after the time it names). Messages name the host, never the path.
        """
        fetched = self.probe(url)
        _require_ok(fetched)
        return fetched

    def probe(self, url: str, headers: Mapping[str, str] | None = None) -> Fetched:
        """The final answer at `url` whatever its status, for checks of availability. Raises as `fetch`.

        `headers` are sent besides, to every host that redirects: conditions, never credentials.
        """
        deadline = Deadline(self._total_timeout)
        hops: tuple[str, ...] = ()
        while True:
            target = parse_target(url, self._allow_hosts)
            self._traffic.turn(target.host)
            with _network_errors(target.host, self._total_timeout):
                answer = self._request(target, deadline, hops, headers or {})
            if isinstance(answer, Fetched):
                self._traffic.heard(target.host, _exchange(answer))
                return answer
            hops += (target.url,)
            if len(hops) > self._max_redirects:
                raise AttachmentRefused(f"{target.host} redirects more than {self._max_redirects} times.")
            url = answer

    def _request(
        self, target: Target, deadline: Deadline, hops: tuple[str, ...], sent: Mapping[str, str]
    ) -> Fetched | str:
        """One hop: the answer, or the URL that it redirects to."""
        backend = GuardedBackend(
            allowed=target.allowed,
            resolver=self._resolver,
            deadline=deadline,
            connect_timeout=self._connect_timeout,
        )
        with (
            self._pool(backend) as pool,
            closing(pool.handle_request(self._outgoing(target, sent))) as response,
        ):
            headers = httpx.Headers(response.headers)
            if response.status in _REDIRECTS and "location" in headers:
                return _joined(target.url, headers["location"])
            return Fetched(
                data=self._body(target.host, response, headers),
                final_url=target.url,
                status=response.status,
                headers=MappingProxyType({name: headers[name] for name in _KEPT_HEADERS & headers.keys()}),
                content_type=headers.get("content-type"),
                peer=backend.peer or "",
                hops=hops,
            )

    def _pool(self, backend: GuardedBackend) -> httpcore.ConnectionPool:
        return httpcore.ConnectionPool(
            ssl_context=self._ssl_context,
            max_connections=1,
            max_keepalive_connections=0,
            network_backend=backend,
        )

    def _outgoing(self, target: Target, sent: Mapping[str, str]) -> httpcore.Request:
        url = httpcore.URL(
            scheme=target.scheme.encode(), host=target.host.encode(), port=target.port, target=target.path
        )
        headers = [
            ("Host", target.host_header),
            ("User-Agent", self._user_agent),
            ("Accept", "*/*"),
            ("Accept-Encoding", "identity"),
            ("Connection", "close"),
            *sent.items(),
        ]
        return httpcore.Request("GET", url, headers=headers)

    def _body(self, host: str, response: httpcore.Response, headers: httpx.Headers) -> bytes:
        declared = headers.get("content-length", "")
        if declared.isdecimal() and int(declared[:20]) > self._max_bytes:
            raise _too_large(host, self._max_bytes)
        decoder = _decoder(host, headers.get("content-encoding", ""))
        received, body = 0, bytearray()
        for chunk in response.iter_stream():
            received += len(chunk)
            body += decoder.decode(chunk, self._max_bytes - len(body) + 1)
            if received > self._max_bytes or len(body) > self._max_bytes:
                raise _too_large(host, self._max_bytes)
        if received and not decoder.complete:
            raise SourceUnavailable(f"{host} ended its compressed answer early.")
        return bytes(body)


class _Identity:
    """Bytes as they come."""

    complete = True

    def decode(self, chunk: bytes, room: int) -> bytes:
        """The chunk itself."""
        return chunk


class _Inflate:
    """gzip or deflate, never giving out more than asked for, so that a bomb stays unexploded."""

    def __init__(self, host: str) -> None:
        self._host = host
        self._zlib = zlib.decompressobj(wbits=zlib.MAX_WBITS | 32)

    @property
    def complete(self) -> bool:
        """Whether the compressed stream reached its end."""
        return self._zlib.eof

    def decode(self, chunk: bytes, room: int) -> bytes:
        """At most `room` bytes of the decoded chunk."""
        try:
            return self._zlib.decompress(chunk, max(room, 1))
        except zlib.error as error:
            raise AttachmentRefused(f"{self._host} sent bytes that do not decompress.") from error


def _decoder(host: str, encoding: str) -> _Identity | _Inflate:
    name = encoding.strip().lower()
    if name in {"", "identity"}:
        return _Identity()
    if name in {"gzip", "x-gzip", "deflate"}:
        return _Inflate(host)
    raise AttachmentRefused(f"{host} answered in a content encoding that was not asked for.")


def _joined(base: str, location: str) -> str:
    try:
        return urljoin(base, location)
    except ValueError as error:
        raise AttachmentRefused("A redirect names a URL that is not well formed.") from error


def _too_large(host: str, max_bytes: int) -> AttachmentRefused:
    return AttachmentRefused(f"{host} sent more than the {max_bytes} bytes an attachment may have.")


def _exchange(fetched: Fetched) -> Exchange:
    wait = retry_after(fetched.headers)
    if fetched.status == 429 and wait is None:
        wait = DEFAULT_RETRY_AFTER
    url = str(httpx.URL(fetched.final_url).copy_with(query=None))
    asked = wait if fetched.status in {429, 503} else None
    return Exchange("GET", url, fetched.status, fetched.headers, fetched.data, asked)


def _require_ok(fetched: Fetched) -> None:
    """Raise the error that a status other than 200 means."""
    host, status = httpx.URL(fetched.final_url).host, fetched.status
    if status == 200:
        return
    if status == 429:
        wait = retry_after(fetched.headers)
        raise RateLimited(f"{host} asks us to slow down.", DEFAULT_RETRY_AFTER if wait is None else wait)
    if status in _TRANSIENT_STATUSES or status >= 500:
        raise SourceUnavailable(f"{host} answered {status}; it may work later.")
    raise AttachmentRefused(f"{host} answered {status} instead of the file.")


@contextmanager
def _network_errors(host: str, total: float) -> Iterator[None]:
    """Say what went wrong on the network in the words of the port; the cause is kept."""
    try:
        yield
    except (httpcore.ConnectTimeout, httpcore.ConnectError) as error:
        raise SourceUnavailable(f"No connection to {host} could be made.") from error
    except httpcore.TimeoutException as error:
        raise SourceUnavailable(f"{host} took longer than {total:g} seconds in all.") from error
    except (httpcore.NetworkError, httpcore.ProtocolError) as error:
        raise SourceUnavailable(f"{host} broke off or did not speak HTTP.") from error
