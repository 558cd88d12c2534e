"""Notifications: people are told once, masked, and again later when nobody took it."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from pydantic import SecretStr
from sqlalchemy import select

from monitor.core import Core
from monitor.errors import ConfigurationError
from monitor.notify.outbox import Channels, send_pending
from monitor.settings import Settings
from monitor.storage.notification import Notification

LEAK = "NHS No 999 888 7771 Mr Owen Pellow DOB 01/02/1950 admitted with sepsis, ward 4, DNACPR"


class Receiver(ThreadingHTTPServer):
    """A webhook's far end: keeps what it was sent, and answers what it is told to."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.received: list[dict[str, str]] = []
        self.status = 200


class Handler(BaseHTTPRequestHandler):
    """Takes one JSON document."""

    server: Receiver

    def do_POST(self) -> None:
        """Keep the document."""
        body = self.rfile.read(int(self.headers["content-length"]))
        self.server.received.append(json.loads(body))
        self.send_response(self.server.status)
        self.end_headers()

    def log_message(self, *args: object) -> None:
        """Say nothing."""


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    """A real HTTP server on loopback."""
    with Receiver() as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield server
        server.shutdown()


@pytest.fixture
def settings(settings: Settings, receiver: Receiver) -> Settings:
    """Settings that tell the receiver."""
    url = SecretStr(f"json://127.0.0.1:{receiver.server_port}/hook")
    return settings.model_copy(update={"notify_urls": (url,)})


@pytest.fixture
def channels(core: Core) -> Channels:
    """The channels that the settings name."""
    return Channels(tuple(url.get_secret_value() for url in core.settings.notify_urls))


def test_an_alert_is_told_once_and_masked(
    core: Core, post: Callable[..., None], process: Callable[[], None], channels: Channels, receiver: Receiver
) -> None:
    """A new alert sends one message with its reference and severity, and nothing of the patient."""
    post("leak", LEAK)
    process()
    assert send_pending(core, channels) == 1
    process()
    assert send_pending(core, channels) == 0
    (message,) = receiver.received
    assert "LW-" in message["title"]
    assert "/alerts/LW-" in message["message"]
    for secret in ("7771", "Pellow", "01/02/1950", "sepsis"):
        assert secret not in json.dumps(message)


def test_a_refused_message_is_sent_again_later(
    core: Core,
    post: Callable[..., None],
    process: Callable[[], None],
    channels: Channels,
    receiver: Receiver,
) -> None:
    """A receiver that answers 503 is tried again after a wait, not at once."""
    receiver.status = 503
    post("leak", LEAK)
    process()
    assert send_pending(core, channels) == 0
    tried = len(receiver.received)
    assert send_pending(core, channels) == 0
    assert len(receiver.received) == tried
    receiver.status = 200
    later = replace(core, now=lambda: core.now() + timedelta(minutes=5))
    assert send_pending(later, channels) == 1
    with core.database.read() as session:
        assert session.scalars(select(Notification.state)).all() == ["sent"]


def test_an_unusable_address_is_refused_without_being_quoted() -> None:
    """An address may hold a token, so the error names its place in the list only."""
    with pytest.raises(ConfigurationError, match="Address 2 of the setting notify_urls") as refused:
        Channels(("json://127.0.0.1/a", "nonsense://token@host"))
    assert "token" not in str(refused.value)
