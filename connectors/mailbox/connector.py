"""The mailbox connector: each mail is a post, its files are attachments, its links are told to whoever looks.

The checkpoint is UIDVALIDITY and the last UID that is stored. A mail that is marked or moved is so on the run
after the one that stored it, so a crash leaves none that was neither stored nor is still where it was.
"""

from __future__ import annotations

from collections.abc import Iterator
from urllib.parse import quote, unquote, urlsplit

from connectors.base import (
    Attachment,
    AttachmentRefused,
    AuthenticationFailed,
    Author,
    Batch,
    Checkpoint,
    ConfigurationInvalid,
    ConnectorError,
    PayloadChanged,
    Post,
    Rejected,
    SourceCheck,
)
from connectors.kind import ConnectorContext, ConnectorKind
from connectors.mailbox.client import Mailbox, opened
from connectors.mailbox.config import MailboxConfig, MailboxCredentials
from connectors.mailbox.parse import Mail, parse_mail
from connectors.mailbox.signing_in import ByPassword, ByToken, SignsIn
from connectors.text import bounded_id, clean_text
from connectors.trust import require_trusted

PLATFORM = "mailbox"
BATCH_SIZE = 20
_SCHEME = "mailbox:"


class MailboxConnector:
    """Reads one folder. Implements Connector and ReadsAttachments."""

    platform = PLATFORM

    def __init__(self, config: MailboxConfig, signs_in: SignsIn) -> None:
        self._config = config
        self._signs_in = signs_in

    def fetch(self, checkpoint: Checkpoint | None) -> Iterator[Batch]:
        """Yield the mails that came since `checkpoint`; None reads the whole folder.

        When the server has numbered the folder anew, all of it is read again: its mails are known by their
        own Message-IDs.
        """
        with opened(self._config, self._signs_in, writable=self._config.after != "leave") as mailbox:
            last = _last_uid(checkpoint, mailbox.uidvalidity)
            mailbox.finish(last)
            uids = mailbox.uids_after(last)
            for start in range(0, len(uids), BATCH_SIZE):
                yield self._batch(mailbox, uids[start : start + BATCH_SIZE])

    def check(self) -> SourceCheck:
        """Sign in, open the folder and count."""
        try:
            with opened(self._config, self._signs_in) as mailbox:
                count = len(mailbox.uids_after(0))
        except ConnectorError as error:
            return SourceCheck(False, str(error))
        return SourceCheck(True, f"The folder {self._config.folder} is open: {count} mail(s).")

    def read_attachment(self, url: str, max_bytes: int) -> bytes:
        """A file of a mail that was read. Raises AttachmentRefused or SourceUnavailable."""
        validity, uid, number, message_id = _parts(url)
        data = self._mail(validity, uid, message_id)
        if data is None:
            raise AttachmentRefused("The mail is no longer in its folder.")
        try:
            file = parse_mail(data).files[number]
        except (PayloadChanged, IndexError):
            raise AttachmentRefused("The mail has no such file.") from None
        if len(file.data) > max_bytes:
            raise AttachmentRefused(f"The file is larger than {max_bytes} bytes.")
        return file.data

    def close(self) -> None:
        """Release connections."""
        self._signs_in.close()

    def _mail(self, validity: int, uid: int, message_id: str) -> bytes | None:
        """A mail where it was, else where it was moved to, or where a new numbering put it."""
        with opened(self._config, self._signs_in) as mailbox:
            data = mailbox.mail(uid) if mailbox.uidvalidity == validity else _by_id(mailbox, message_id)
        if data is None and self._config.after == "move":
            with opened(self._config, self._signs_in, folder=self._config.move_to) as mailbox:
                data = _by_id(mailbox, message_id)
        return data

    def _batch(self, mailbox: Mailbox, uids: list[int]) -> Batch:
        sizes = mailbox.sizes(uids)
        limit = self._config.max_message_bytes
        reason = f"The mail's size is over {limit} bytes; raise max_message_bytes."
        rejected = [Rejected(_name(mailbox, uid), reason) for uid in uids if sizes.get(uid, 0) > limit]
        posts: dict[str, Post] = {}
        fitting = {uid: size for uid, size in sizes.items() if size <= limit}
        for uid, data in mailbox.mails(fitting):
            item = self._item(data, _name(mailbox, uid))
            if isinstance(item, Post):
                posts[item.external_id] = item
            else:
                rejected.append(item)
        checkpoint = {"uidvalidity": mailbox.uidvalidity, "uid": uids[-1]}
        return Batch(tuple(posts.values()), checkpoint, tuple(rejected))

    def _item(self, data: bytes, identity: str) -> Post | Rejected:
        try:
            mail = parse_mail(data)
        except PayloadChanged as error:
            return Rejected(identity, str(error))
        if not self._config.admits(mail.sender):
            return Rejected(identity, "The mail's sender is not among those that may send here.")
        return self._post(mail, identity)

    def _post(self, mail: Mail, identity: str) -> Post:
        name = quote(mail.external_id, safe="")
        return Post(
            platform=PLATFORM,
            external_id=mail.external_id,
            url=f"mid:{quote(mail.external_id)}",
            text=mail.text,
            author=Author(bounded_id(mail.sender), mail.sender) if mail.sender else None,
            posted_at=mail.sent_at,
            attachments=tuple(
                Attachment(f"{_SCHEME}{identity}/{number}?{name}", file.media_type, file.name or None)
                for number, file in enumerate(mail.files)
            ),
            context=clean_text(self._config.folder),
            reported=mail.links,
        )


def _name(mailbox: Mailbox, uid: int) -> str:
    return f"{mailbox.uidvalidity}/{uid}"


def _last_uid(checkpoint: Checkpoint | None, uidvalidity: int) -> int:
    """The last UID stored, 0 for a folder that is new or numbered anew. Raises ConfigurationInvalid."""
    if checkpoint is None:
        return 0
    try:
        known, uid = int(checkpoint["uidvalidity"]), int(checkpoint["uid"])
    except (KeyError, TypeError, ValueError) as error:
        raise ConfigurationInvalid(
            "The checkpoint is not one of a mailbox source; reset the source to read the folder afresh."
        ) from error
    return uid if known == uidvalidity else 0


def _by_id(mailbox: Mailbox, message_id: str) -> bytes | None:
    uid = mailbox.uid_of(message_id)
    return None if uid is None else mailbox.mail(uid)


def _parts(url: str) -> tuple[int, int, int, str]:
    """UIDVALIDITY, UID, number of the file and Message-ID of an attachment's address."""
    place, _, message_id = url.removeprefix(_SCHEME).partition("?")
    try:
        validity, uid, number = map(int, place.split("/"))
    except ValueError:
        raise AttachmentRefused("The attachment is not a file of this mailbox.") from None
    return validity, uid, number, unquote(message_id)


def _build(
    config: MailboxConfig, credentials: MailboxCredentials | None, context: ConnectorContext
) -> MailboxConnector:
    place = f"{config.host}:{config.port}"
    if config.security == "plain" and not {place, config.host} & context.allow_hosts:
        raise ConfigurationInvalid("security: plain is only spoken to hosts on the allow-list; use tls.")
    return MailboxConnector(config, _signing_in(config, credentials or MailboxCredentials(), context))


def _signing_in(config: MailboxConfig, credentials: MailboxCredentials, context: ConnectorContext) -> SignsIn:
    password = credentials.passwords.get(config.username)
    if password is not None:
        return ByPassword(password.get_secret_value())
    if not (credentials.token_url and credentials.client_id and credentials.client_secret):
        raise AuthenticationFailed("A mailbox source needs the password of its username, or an application.")
    require_trusted("token_url", credentials.token_url, context)
    form = {
        "client_id": credentials.client_id,
        "client_secret": credentials.client_secret.get_secret_value(),
        "scope": credentials.scope,
    }
    parts = urlsplit(credentials.token_url)
    return ByToken(context.client(f"{parts.scheme}://{parts.netloc}"), credentials.token_url, form)


KIND = ConnectorKind(
    name=PLATFORM,
    summary="Reads a mailbox over IMAP that staff forward leaks to: words, files, nested mails and links.",
    config=MailboxConfig,
    credentials=MailboxCredentials,
    build=_build,
    local=True,
)
