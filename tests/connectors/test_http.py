"""The API client: retries, waits and what each status becomes."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import closing
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread

import pytest

from connectors.base import (
    AuthenticationFailed,
    ConfigurationInvalid,
    ConnectorError,
    PayloadChanged,
    RateLimited,
    SourceClosed,
    SourceUnavailable,
)
from connectors.http import ApiClient
from connectors.retry import retry_after

Answer = tuple[int, dict[str, str], bytes]


class ScriptedServer(ThreadingHTTPServer):
    """Gives the answers it was told, in order, then `{}` with status 200."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.answers: list[Answer] = []
        self.asked: list[str] = []

    @property
    def url(self) -> str:
        """Its base URL."""
        return f"http://127.0.0.1:{self.server_address[1]}"


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: ScriptedServer

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002
        """Quiet."""

    def do_GET(self) -> None:
        """The next answer."""
        self.rfile.read(int(self.headers.get("content-length") or 0))
        self.server.asked.append(f"{self.command} {self.path} {self.headers['user-agent']}")
        status, headers, body = self.server.answers.pop(0) if self.server.answers else (200, {}, b"{}")
        self.send_response(status)
        for name, value in {"Content-Length": str(len(body)), **headers}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    do_POST = do_GET  # noqa: N815  the name that the base class calls


@pytest.fixture
def server() -> Iterator[ScriptedServer]:
    """A scripted server on loopback."""
    with ScriptedServer() as running:
        thread = Thread(target=running.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
        thread.start()
        yield running
        running.shutdown()
        thread.join()


@pytest.fixture
def waits() -> list[float]:
    """The seconds the client would have slept."""
    return []


@pytest.fixture
def client(server: ScriptedServer, waits: list[float]) -> Iterator[ApiClient]:
    """A client of the scripted server that notes its waits instead of sleeping."""
    with closing(ApiClient(server.url, user_agent="leakwatch/1", sleep=waits.append)) as made:
        yield made


def test_an_answer(server: ScriptedServer, client: ApiClient) -> None:
    """JSON comes back parsed, with parameters and our name sent."""
    server.answers = [(200, {}, json.dumps({"a": ["\u00e9"]}).encode())]
    assert client.get_json("/x", {"q": "a b"}) == {"a": ["\u00e9"]}
    assert server.asked == ["GET /x?q=a+b leakwatch/1"]


def test_transient_trouble_is_repeated(server: ScriptedServer, client: ApiClient, waits: list[float]) -> None:
    """Three failures in a row are got over, each wait longer than the last one's floor."""
    server.answers = [(503, {}, b""), (500, {}, b""), (408, {}, b"")]
    assert client.get_json("/x") == {}
    assert len(server.asked) == 4
    assert [floor <= wait <= floor + 0.5 for floor, wait in zip([0.5, 1, 2], waits, strict=True)] == [
        True
    ] * 3


def test_retries_are_bounded(server: ScriptedServer, client: ApiClient) -> None:
    """After four attempts the trouble is said."""
    server.answers = [(502, {}, b"")] * 9
    with pytest.raises(SourceUnavailable, match="answered 502"):
        client.get("/x")
    assert len(server.asked) == 4


def test_retry_after_is_honoured(server: ScriptedServer, client: ApiClient, waits: list[float]) -> None:
    """A short wait that the platform asks for is waited out in full."""
    server.answers = [(429, {"Retry-After": "17"}, b"")]
    client.get("/x")
    assert len(waits) == 1
    assert waits[0] >= 17


def test_a_long_wait_is_the_callers(server: ScriptedServer, client: ApiClient, waits: list[float]) -> None:
    """A wait longer than a run should sleep is raised at once, with its length."""
    server.answers = [(429, {"Retry-After": "600"}, b"")]
    with pytest.raises(RateLimited) as limited:
        client.get("/x")
    assert (limited.value.retry_after, waits) == (600, [])


@pytest.mark.parametrize(
    ("status", "error"),
    [
        (401, AuthenticationFailed),
        (403, SourceClosed),
        (404, SourceClosed),
        (410, SourceClosed),
        (451, SourceClosed),
        (400, ConfigurationInvalid),
        (302, ConfigurationInvalid),
    ],
)
def test_final_statuses(
    server: ScriptedServer, client: ApiClient, status: int, error: type[ConnectorError]
) -> None:
    """What will not get better by asking again is asked once and becomes the port's error."""
    server.answers = [(status, {"Location": "/elsewhere"}, b"")]
    with pytest.raises(error, match=str(status)):
        client.get("/x")
    assert len(server.asked) == 1


def test_posts_are_sent_once(server: ScriptedServer, client: ApiClient) -> None:
    """A request that changes something is never repeated on its own."""
    server.answers = [(503, {}, b"")]
    with pytest.raises(SourceUnavailable):
        client.post_json("/report", {"reason": "x"})
    assert len(server.asked) == 1
    assert client.post_json("/report", {"reason": "x"}) == {}


def test_not_json(server: ScriptedServer, client: ApiClient) -> None:
    """A login page where JSON should be is a changed payload."""
    server.answers = [(200, {}, b"<html>")]
    with pytest.raises(PayloadChanged, match="did not answer in JSON"):
        client.get_json("/x")


def test_nobody_listens(server: ScriptedServer, waits: list[float]) -> None:
    """A refused connection is transient, and repeated like any other."""
    server.shutdown()
    server.server_close()
    client = ApiClient(server.url, user_agent="leakwatch/1", sleep=waits.append)
    with closing(client), pytest.raises(SourceUnavailable, match="could not be reached"):
        client.get("/x")
    assert len(waits) == 3


def test_an_address_that_is_none() -> None:
    """An API address that is no http address is a fault of the settings."""
    client = ApiClient("ftp://127.0.0.1", user_agent="leakwatch/1")
    with closing(client), pytest.raises(ConfigurationInvalid):
        client.get("/x")


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({}, None),
        ({"retry-after": "1.5"}, 1.5),
        ({"retry-after": "-3"}, 0.0),
        ({"retry-after": "nan"}, None),
        ({"retry-after": "soon"}, None),
        ({"retry-after": "soon", "date": "Sun, 22 Nov 2026 12:00:00 GMT"}, None),
        ({"retry-after": "Sun, 22 Nov 2026 12:00:30 GMT"}, None),
        ({"retry-after": "Sun, 22 Nov 2026 12:00:30 GMT", "date": "Sun, 22 Nov 2026 12:00:00 GMT"}, 30.0),
        ({"retry-after": "Sun, 22 Nov 2026 11:00:00 GMT", "date": "Sun, 22 Nov 2026 12:00:00 GMT"}, 0.0),
    ],
)
def test_retry_after_in_all_its_forms(headers: dict[str, str], seconds: float | None) -> None:
    """Seconds and dates are understood, anything else is as if it were not there."""
    assert retry_after(headers) == seconds
