"""The one place that speaks IMAP: sign in, look for mails, fetch one, mark or move what is done with.

IMAP4rev1 (RFC 3501), by UID. Mails are moved by MOVE (RFC 6851); where the server has none, they stay.
"""

from __future__ import annotations

import imaplib
import ssl
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from typing import Any

from connectors.base import (
    AuthenticationFailed,
    ConfigurationInvalid,
    SourceClosed,
    SourceUnavailable,
)
from connectors.mailbox.config import MailboxConfig
from connectors.mailbox.signing_in import SignsIn

CONNECT_SECONDS = 10.0
READ_SECONDS = 60.0
ANSWER_BYTES = 4 * 2**20
_SIZE = b"RFC822.SIZE"
_BODY = b"BODY[]"


class Mailbox:
    """One folder of a mailbox, signed in to and opened."""

    def __init__(self, client: Any, config: MailboxConfig, uidvalidity: int) -> None:
        self._client = client
        self._config = config
        self.uidvalidity = uidvalidity
        """Changes when the server numbers the folder anew (RFC 3501, 2.3.1.1)."""

    def uids_after(self, uid: int) -> list[int]:
        """The UIDs greater than `uid`, in order. "n:*" always includes the last mail, which may be older."""
        found = self._client.search(["UID", f"{uid + 1}:*"])
        return sorted(each for each in found if each > uid)

    def sizes(self, uids: Sequence[int]) -> dict[int, int]:
        """How many bytes each mail has; those that left meanwhile are missing."""
        answers = self._client.fetch(uids, [_SIZE]) if uids else {}
        return {uid: answer[_SIZE] for uid, answer in answers.items() if _SIZE in answer}

    def mails(self, sizes: Mapping[int, int]) -> Iterator[tuple[int, bytes]]:
        """Mails' bytes, without marking them as read, a few MiB in one answer; what left is passed over."""
        for group in _grouped(sizes):
            for uid, answer in sorted(self._client.fetch(group, ["BODY.PEEK[]"]).items()):
                if isinstance(body := answer.get(_BODY), bytes):
                    yield uid, body

    def mail(self, uid: int) -> bytes | None:
        """A mail's bytes; None when it is no longer there."""
        return next((body for _, body in self.mails({uid: 0})), None)

    def uid_of(self, message_id: str) -> int | None:
        """The last mail with that Message-ID."""
        found = self._client.search(["HEADER", "MESSAGE-ID", message_id])
        return max(found, default=None)

    def finish(self, uid: int) -> None:
        """Mark or move, as the settings say, the mails up to a UID. Never deletes one."""
        if self._config.after == "leave" or not uid:
            return
        done = self._client.search(["UID", f"1:{uid}", *(["UNSEEN"] if self._config.after == "flag" else [])])
        if not done:
            return
        if self._config.after == "flag":
            self._client.add_flags(done, [b"\\Seen"], silent=True)
        elif self._client.has_capability("MOVE"):
            self._client.move(done, self._config.move_to)


@contextmanager
def opened(
    config: MailboxConfig, signs_in: SignsIn, *, folder: str | None = None, writable: bool = False
) -> Iterator[Mailbox]:
    """The folder, read-only unless said. Raises ConnectorError, also for what goes wrong while it is open."""
    with _in_our_words(config):
        client = _connected(config)
        try:
            _sign_in(client, config, signs_in)
            yield Mailbox(client, config, _selected(client, folder or config.folder, writable=writable))
        finally:
            with suppress(Exception):  # whatever it was, it is over
                client.logout()


def _grouped(sizes: Mapping[int, int]) -> Iterator[list[int]]:
    """UIDs, as many together as stay under the size of one answer."""
    group: list[int] = []
    left = ANSWER_BYTES
    for uid, size in sizes.items():
        if group and size > left:
            yield group
            group, left = [], ANSWER_BYTES
        group.append(uid)
        left -= size
    if group:
        yield group


def _connected(config: MailboxConfig) -> Any:
    from imapclient import IMAPClient, SocketTimeout  # noqa: PLC0415

    trust = ssl.create_default_context()
    if config.ca_file is not None:
        try:
            trust.load_verify_locations(config.ca_file)
        except (OSError, ssl.SSLError) as error:
            raise ConfigurationInvalid(
                f"ca_file: {config.ca_file} holds no certificates that can be read."
            ) from error
    client = IMAPClient(
        config.host,
        port=config.port,
        ssl=config.security == "tls",
        ssl_context=trust,
        timeout=SocketTimeout(connect=CONNECT_SECONDS, read=READ_SECONDS),
    )
    if config.security == "starttls":
        client.starttls(trust)
    return client


def _sign_in(client: Any, config: MailboxConfig, signs_in: SignsIn) -> None:
    from imapclient.exceptions import LoginError  # noqa: PLC0415

    try:
        signs_in(client, config.username)
    except LoginError:  # what the server says may quote what was sent
        raise AuthenticationFailed(f"{config.host} refuses the mailbox's name, password or token.") from None


def _selected(client: Any, folder: str, *, writable: bool) -> int:
    try:
        answer = client.select_folder(folder, readonly=not writable)
    except imaplib.IMAP4.abort:
        raise
    except imaplib.IMAP4.error as error:
        raise SourceClosed(f"The mailbox has no folder {folder!r} that may be opened.") from error
    return int(answer.get(b"UIDVALIDITY", 0))


@contextmanager
def _in_our_words(config: MailboxConfig) -> Iterator[None]:
    """Say what went wrong in the words of the port; the cause is kept."""
    try:
        yield
    except ssl.SSLCertVerificationError as error:
        raise ConfigurationInvalid(
            f"The certificate of {config.host} is not trusted ({error.verify_message}); see ca_file."
        ) from error
    except (OSError, imaplib.IMAP4.abort) as error:
        raise SourceUnavailable(f"{config.host} does not answer or broke off.") from error
    except imaplib.IMAP4.error as error:
        raise SourceUnavailable(f"{config.host} refused a command of IMAP.") from error
