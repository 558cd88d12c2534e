"""A small HTTP server on loopback that the platforms' servers build on."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any, TypeVar
from urllib.parse import parse_qsl, urlsplit

RAW_HEADERS = {"Connection": "close"}
JSON_HEADERS = RAW_HEADERS | {"Content-Type": "application/json; charset=utf-8"}


@dataclass(frozen=True)
class Asked:
    """A request as it came."""

    method: str
    path: str
    """Without its first slash."""
    query: dict[str, str]
    headers: dict[str, str]
    """Names in lower case."""
    body: bytes = b""

    @property
    def json(self) -> Any:
        """The body parsed."""
        return json.loads(self.body)


@dataclass(frozen=True)
class Answer:
    """What is answered; a body that is no bytes is sent as JSON."""

    body: Any = None
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)


class LoopbackServer(ThreadingHTTPServer):
    """Answers by `answer`, unless told to fail."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.asked: list[Asked] = []
        self.failures: list[Answer] = []
        """Given instead of the next answers, in order."""
        self.standing: Answer | None = None
        """Given instead of every answer."""
        self.page_limit = 1000
        """Items in one answer at most."""
        self.valid_answers: int | None = None
        """How often the credentials are still taken; None for ever."""

    def has_expired(self) -> bool:
        """Count an answer that takes credentials, and tell whether they are good no longer."""
        if self.valid_answers is not None:
            self.valid_answers -= 1
        return (self.valid_answers or 0) < 0

    @property
    def place(self) -> str:
        """As an allow-list names it."""
        return f"127.0.0.1:{self.server_address[1]}"

    @property
    def url(self) -> str:
        """Its base address."""
        return f"http://{self.place}"

    def answer(self, asked: Asked) -> Answer:
        """What the platform says."""
        raise NotImplementedError

    def stream(self, asked: Asked, handler: BaseHTTPRequestHandler) -> bool:
        """Take the connection over; whether it did."""
        return False

    def vanish(self) -> None:
        """Nobody listens any more."""
        self.shutdown()
        self.server_close()


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: LoopbackServer

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002
        """Quiet."""

    def do_GET(self) -> None:
        """Any method."""
        parts = urlsplit(self.path)
        body = self.rfile.read(int(self.headers.get("content-length") or 0))
        headers = {name.lower(): value for name, value in self.headers.items()}
        query = dict(parse_qsl(parts.query, keep_blank_values=True))
        asked = Asked(self.command, parts.path.lstrip("/"), query, headers, body)
        self.server.asked.append(asked)
        if self.server.stream(asked, self):
            return
        self._send(self._chosen(asked))

    do_POST = do_GET  # noqa: N815  the name that the base class calls

    def _chosen(self, asked: Asked) -> Answer:
        if self.server.failures:
            return self.server.failures.pop(0)
        return self.server.standing or self.server.answer(asked)

    def _send(self, answer: Answer) -> None:
        is_raw = isinstance(answer.body, bytes)
        body = answer.body if is_raw else b"" if answer.body is None else json.dumps(answer.body).encode()
        self.send_response(answer.status)
        self.close_connection = True
        base = {"Connection": "close"} if is_raw else JSON_HEADERS
        for name, value in (base | {"Content-Length": str(len(body))} | answer.headers).items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)


Server = TypeVar("Server", bound=ThreadingHTTPServer)


@contextmanager
def running(server: Server) -> Iterator[Server]:
    """The server at work in a thread."""
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield server
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
