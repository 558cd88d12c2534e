"""A mailbox on a real Dovecot, behind a forwarder that can fall silent."""

from __future__ import annotations

import atexit
import socket
import tempfile
import threading
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from email.message import EmailMessage
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl
from uuid import uuid4

from connectors.base import Connector
from connectors.registry import build
from tests.connectors.abilities import NO_SKEW, UNICODE, Platform, context_for
from tests.connectors.certificates import certificates
from tests.connectors.loopback import Answer, Asked, LoopbackServer, running
from tests.connectors.mailbox_mails import written
from tests.services.dovecot import PASSWORD, Dovecot

FOLDER = "Reports"
LARGEST = 20_000


class Tokens(LoopbackServer):
    """Gives tokens to one application, and tells Dovecot which of them hold."""

    secret = "an application's"
    user = ""
    """Whom the next sign-in is for."""

    def answer(self, asked: Asked) -> Answer:
        """RFC 6749 and RFC 7662."""
        form = dict(parse_qsl(asked.body.decode()))
        if asked.path == "introspect":
            return Answer({"active": form.get("token") == f"token of {self.user}", "username": self.user})
        good = form.get("grant_type") == "client_credentials" and form.get("client_secret") == self.secret
        return (
            Answer({"access_token": f"token of {self.user}", "expires_in": 3600}) if good else Answer({}, 401)
        )


@cache
def dovecot() -> tuple[Dovecot, Path, Tokens]:
    """The one server of this process, the certificate that it shows for "localhost", and who gives tokens."""
    ending = ExitStack()
    folder = Path(ending.enter_context(tempfile.TemporaryDirectory(prefix="dovecot-tls-")))
    certificates(folder, "localhost")
    tokens = ending.enter_context(running(Tokens()))
    server = Dovecot(folder / "server.pem", f"{tokens.url}/introspect")
    ending.callback(server.close)
    atexit.register(ending.close)
    return server, folder / "server.pem", tokens


class Forwarder:
    """Passes connections on to a port, until it is closed; then nobody listens, and what was open ends."""

    def __init__(self, port: int) -> None:
        self._to = port
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = int(self._listener.getsockname()[1])
        self._open: list[socket.socket] = []
        threading.Thread(target=self._accept, daemon=True).start()

    def close(self) -> None:
        """Fall silent."""
        for each in (self._listener, *self._open):
            with suppress(OSError):
                each.shutdown(socket.SHUT_RDWR)
            each.close()

    def _accept(self) -> None:
        with suppress(OSError):
            while True:
                near, _ = self._listener.accept()
                far = socket.create_connection(("127.0.0.1", self._to))
                self._open += [near, far]
                for pair in ((near, far), (far, near)):
                    threading.Thread(target=_pump, args=pair, daemon=True).start()


def _pump(source: socket.socket, sink: socket.socket) -> None:
    with suppress(OSError):
        while data := source.recv(65_536):
            sink.sendall(data)
    with suppress(OSError):
        sink.shutdown(socket.SHUT_WR)


class MailboxPlatform:
    """A fresh mailbox; what staff send lands in one folder."""

    needs_credentials = True

    def __init__(self) -> None:
        from imapclient import IMAPClient

        server, self.certificate, self.tokens = dovecot()
        self.tls_port = server.tls_port
        self.user = f"leaks-{uuid4().hex[:12]}@trust.example"
        self._forwarder = Forwarder(server.port)
        self.admin = IMAPClient("127.0.0.1", port=server.port, ssl=False)
        self.admin.login(self.user, PASSWORD)
        self.admin.create_folder(FOLDER)
        self._count = 0
        self._expected: dict[str, None] = {}

    @property
    def expected(self) -> set[str]:
        """Message-IDs."""
        return set(self._expected)

    def connect(
        self,
        *,
        good: bool = True,
        skew: Any = NO_SKEW,
        credentials: dict[str, Any] | None = None,
        **settings: Any,
    ) -> Connector:
        """A connector through the forwarder."""
        port = self._forwarder.port
        config = {
            "host": "127.0.0.1",
            "port": port,
            "security": "plain",
            "username": self.user,
            "folder": FOLDER,
            "max_message_bytes": LARGEST,
        }
        credentials = credentials or {"passwords": {self.user: PASSWORD if good else "wrong"}}
        context = context_for(f"127.0.0.1:{port}", self.tokens.place, skew=skew)
        return build("mailbox", config | settings, credentials, context)

    def send(self, mail: EmailMessage | bytes) -> None:
        """Put a mail into the folder."""
        self.admin.append(FOLDER, mail if isinstance(mail, bytes) else mail.as_bytes())

    def publish(self, count: int) -> None:
        """Mails with foreign scripts in subject and body."""
        names = [f"{self._count + number}.{uuid4().hex[:8]}@ward.example" for number in range(count)]
        self._count += count
        mails = [written(f"{UNICODE} {name}", name, UNICODE).as_bytes() for name in names]
        if mails:
            self.admin.multiappend(FOLDER, mails)
        self._expected |= dict.fromkeys(names)

    def publish_malformed(self) -> str:
        """A mail over the limit."""
        self.send(written("large" * LARGEST, "large@ward.example"))
        return "size"

    def close_by_policy(self) -> None:
        """The folder is gone, or no longer ours to open."""
        self.admin.delete_folder(FOLDER)

    def remove(self) -> str:
        """Somebody deletes the newest mail."""
        self.admin.select_folder(FOLDER)
        newest = max(self.admin.search())
        self.admin.delete_messages([newest])
        self.admin.expunge()
        self.admin.unselect_folder()
        return list(self._expected)[-1]

    def vanish(self) -> None:
        """Nobody listens any more."""
        self._forwarder.close()

    def close(self) -> None:
        """Sign out."""
        self._forwarder.close()
        self.admin.logout()


@contextmanager
def mailbox_platform(scratch: Path) -> Iterator[Platform]:
    """A mailbox of its own."""
    platform = MailboxPlatform()
    try:
        yield platform
    finally:
        platform.close()
