"""A loopback web server that misbehaves in every way the guarded fetcher must survive."""

from __future__ import annotations

import gzip
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Event, Thread

BOMB = gzip.compress(bytes(50_000_000))
HUGE = 300 << 20
PICTURE = b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 8


class HostileServer(ThreadingHTTPServer):
    """Answers by path; keeps the headers of every request."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.requests: list[tuple[str, dict[str, str]]] = []
        self.stopping = Event()

    @property
    def port(self) -> int:
        """Where it listens."""
        return int(self.server_address[1])

    @property
    def place(self) -> str:
        """As an allow-list names it."""
        return f"127.0.0.1:{self.port}"

    def url(self, path: str, host: str = "127.0.0.1") -> str:
        """A URL on this server."""
        return f"http://{host}:{self.port}{path}"

    def handle_error(self, request: object, client_address: object) -> None:
        """Clients hang up on purpose here."""


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: HostileServer

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002
        """Quiet."""

    def do_GET(self) -> None:
        """Do what the first part of the path asks for."""
        self.close_connection = True
        self.server.requests.append(
            (self.path, {name.lower(): value for name, value in self.headers.items()})
        )
        action, _, argument = self.path.partition("?")[0].removeprefix("/").partition("/")
        getattr(self, f"_{action}")(argument)

    def _answer(self, status: int, body: bytes, **headers: str) -> None:
        self.send_response(status)
        for name, value in {"Content-Length": str(len(body)), "Connection": "close", **headers}.items():
            self.send_header(name.replace("_", "-"), value)
        self.end_headers()
        self.wfile.write(body)

    def _picture(self, _: str) -> None:
        self._answer(
            200, PICTURE, Content_Type="image/png", ETag='"e1"', Set_Cookie="tracker=1", X_Other="no"
        )

    def _status(self, argument: str) -> None:
        code, _, wait = argument.partition("/")
        self._answer(int(code), b"sorry", **({"Retry_After": wait} if wait else {}))

    def _redirect(self, location: str) -> None:
        self._answer(302, b"", Location=location, Set_Cookie="hop=1")

    def _loop(self, _: str) -> None:
        self._answer(302, b"", Location="/loop")

    def _chain(self, left: str) -> None:
        self._answer(301, b"", Location=f"/chain/{int(left) - 1}" if int(left) else "/picture")

    def _control(self, _: str) -> None:
        self.wfile.write(b"HTTP/1.1 302 Found\r\nLocation: /pic\x01ture\r\nContent-Length: 0\r\n\r\n")

    def _endless(self, _: str) -> None:
        self.wfile.write(b"HTTP/1.1 200 OK\r\n\r\n")
        while not self.server.stopping.is_set():
            self.wfile.write(bytes(65536))

    def _trickle(self, _: str) -> None:
        self.wfile.write(b"HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n")
        self._drip()

    def _headers(self, _: str) -> None:
        self.wfile.write(b"HTTP/1.1 200 OK\r\nX: ")
        self._drip()

    def _drip(self) -> None:
        while not self.server.stopping.wait(0.02):
            self.wfile.write(b"x")

    def _short(self, _: str) -> None:
        self.wfile.write(b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\nonly this")

    def _boast(self, _: str) -> None:
        self.wfile.write(b"HTTP/1.1 200 OK\r\nContent-Length: 99999999999\r\n\r\n")
        self.server.stopping.wait(5)

    def _modest(self, _: str) -> None:
        self.wfile.write(b"HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\n" + PICTURE * 50)

    def _huge(self, _: str) -> None:
        """A picture of 300 MB, with its true length or, asked for, without any."""
        declared = b"" if self.path.endswith("/silent") else b"Content-Length: %d\r\n" % HUGE
        self.wfile.write(b"HTTP/1.1 200 OK\r\nContent-Type: image/png\r\n" + declared + b"\r\n" + PICTURE)
        chunk = bytes(1 << 20)
        for _sent in range(HUGE >> 20):
            if self.server.stopping.is_set():
                return
            self.wfile.write(chunk)

    def _lie(self, kind: str) -> None:
        """A page that says it is a picture, or a program that does."""
        body = b"<!doctype html><title>Sign in</title>" if kind == "page" else b"MZ\x90\x00" + bytes(4000)
        self._answer(200, body, Content_Type="image/jpeg")

    def _null(self, _: str) -> None:
        self.wfile.write(b"HTTP/1.1 302 Found\r\nLocation: /pic%00\x00ture\r\nContent-Length: 0\r\n\r\n")

    def _bomb(self, _: str) -> None:
        self._answer(200, BOMB, Content_Encoding="gzip")

    def _zipped(self, _: str) -> None:
        self._answer(200, gzip.compress(PICTURE), Content_Encoding="gzip")

    def _cut(self, _: str) -> None:
        self._answer(200, gzip.compress(PICTURE)[:-20], Content_Encoding="gzip")

    def _mangled(self, _: str) -> None:
        self._answer(200, b"not gzip at all", Content_Encoding="gzip")

    def _exotic(self, _: str) -> None:
        self._answer(200, b"x", Content_Encoding="br")

    def _junk(self, _: str) -> None:
        self.wfile.write(b"SSH-2.0-OpenSSH_9.2\r\n" * 20)

    def _silence(self, _: str) -> None:
        self.server.stopping.wait(5)


@contextmanager
def hostile_server(tls: ssl.SSLContext | None = None) -> Iterator[HostileServer]:
    """A running server on a free loopback port, over TLS when a context is given."""
    server = HostileServer()
    if tls is not None:
        server.socket = tls.wrap_socket(server.socket, server_side=True)
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield server
    finally:
        server.stopping.set()
        server.shutdown()
        server.server_close()
        thread.join()
