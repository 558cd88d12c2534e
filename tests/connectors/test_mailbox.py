"""The mailbox connector against a real Dovecot: TLS, files, what becomes of mails, numbering anew."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from connectors.base import (
    AttachmentRefused,
    AuthenticationFailed,
    Batch,
    Checkpoint,
    ConfigurationInvalid,
    Connector,
    Post,
    ReadsAttachments,
)
from connectors.registry import build
from tests.connectors.abilities import context_for
from tests.connectors.mailbox_mails import PICTURE, written
from tests.connectors.mailbox_server import FOLDER, MailboxPlatform
from tests.services.dovecot import PASSWORD

pytestmark = pytest.mark.needs_dovecot


@pytest.fixture
def mailbox() -> Iterator[MailboxPlatform]:
    """A mailbox of its own."""
    platform = MailboxPlatform()
    yield platform
    platform.close()


def batches(connector: Connector, checkpoint: Checkpoint | None = None) -> list[Batch]:
    """A whole run."""
    return list(connector.fetch(checkpoint))


def posts(connector: Connector, checkpoint: Checkpoint | None = None) -> list[Post]:
    """What a run gives."""
    return [post for batch in batches(connector, checkpoint) for post in batch.posts]


def read(connector: Connector, url: str, most: int = 10**6) -> bytes:
    """An attachment's bytes."""
    assert isinstance(connector, ReadsAttachments)
    return connector.read_attachment(url, most)


def send_picture(mailbox: MailboxPlatform, identity: str = "1@x") -> None:
    """A mail with one picture and one link."""
    mail = written("see https://x.com/a/status/5", identity, subject="a leak")
    mail.add_attachment(PICTURE, maintype="image", subtype="png", filename="ward 7.png")
    mailbox.send(mail)


def test_a_mail_is_a_post(mailbox: MailboxPlatform) -> None:
    """Its words, sender, time and links; its file comes by an address that only this connector reads."""
    send_picture(mailbox)
    connector = mailbox.connect()
    (post,) = posts(connector)
    assert (post.external_id, post.url, post.context) == ("1@x", "mid:1%40x", FOLDER)
    assert post.author is not None
    assert post.author.handle == "ward.seven@trust.example"
    assert post.reported == ("https://x.com/a/status/5",)
    (file,) = post.attachments
    assert (file.media_type, file.alt_text) == ("image/png", "ward 7.png")
    assert read(connector, file.url) == PICTURE
    for url, most in ((file.url, 10), (file.url.replace("/0?", "/7?"), 10**6), ("mailbox:x", 10**6)):
        with pytest.raises(AttachmentRefused):
            read(connector, url, most)
    mailbox.admin.select_folder(FOLDER)
    assert b"\\Seen" not in mailbox.admin.get_flags([1])[1]


def test_over_tls(mailbox: MailboxPlatform) -> None:
    """TLS from the first byte and by STARTTLS; an untrusted certificate, or another name's, is refused."""
    mailbox.publish(2)
    tls = {"port": mailbox.tls_port, "security": "tls"}
    trusted = {"ca_file": str(mailbox.certificate), "host": "localhost"}
    assert len(posts(mailbox.connect(**tls, **trusted))) == 2
    assert len(posts(mailbox.connect(security="starttls", **trusted))) == 2
    for settings in (
        tls,
        tls | {"host": "localhost"},
        {"security": "starttls"},
        tls | trusted | {"host": "127.0.0.1"},
    ):
        refused = mailbox.connect(**settings)
        with pytest.raises(ConfigurationInvalid, match="is not trusted"):
            batches(refused)
        assert not refused.check().ok


def test_by_a_token(mailbox: MailboxPlatform) -> None:
    """An application signs in with a token; one that is refused a token, or whose token is, is told so."""
    mailbox.publish(2)
    mailbox.tokens.user = mailbox.user
    application = {
        "client_id": "app",
        "client_secret": mailbox.tokens.secret,
        "token_url": f"{mailbox.tokens.url}/token",
    }
    assert len(posts(mailbox.connect(credentials=application))) == 2
    with pytest.raises(AuthenticationFailed, match="refused a token"):
        batches(mailbox.connect(credentials=application | {"client_secret": "wrong"}))
    mailbox.tokens.user = "somebody.else@trust.example"
    with pytest.raises(AuthenticationFailed, match="name, password or token"):
        batches(mailbox.connect(credentials=application))
    for wrong in ({"client_id": "app"}, application | {"token_url": "http://login.example/token"}):
        with pytest.raises(ConfigurationInvalid):
            mailbox.connect(credentials=wrong)


def test_what_becomes_of_a_mail(mailbox: MailboxPlatform) -> None:
    """Marked or moved on the run after it was stored, never deleted; its file is still found."""
    send_picture(mailbox)
    flagging, moving = mailbox.connect(after="flag"), mailbox.connect(after="move")
    (batch,) = batches(flagging)
    mailbox.admin.select_folder(FOLDER)
    assert mailbox.admin.search("UNSEEN") == [1]
    send_picture(mailbox, "2@x")
    assert [post.external_id for post in posts(flagging, batch.checkpoint)] == ["2@x"]
    mailbox.admin.noop()
    assert mailbox.admin.search("UNSEEN") == [2]
    assert posts(moving, batch.checkpoint)[0].external_id == "2@x"
    assert mailbox.admin.select_folder(FOLDER)[b"EXISTS"] == 1
    assert mailbox.admin.select_folder("leakwatch")[b"EXISTS"] == 1
    assert read(moving, batch.posts[0].attachments[0].url) == PICTURE
    with pytest.raises(AttachmentRefused, match="no longer in its folder"):
        read(flagging, batch.posts[0].attachments[0].url)


def test_a_folder_numbered_anew_is_read_again(mailbox: MailboxPlatform) -> None:
    """When UIDVALIDITY changes, the mails come again with their ids, and old addresses still lead."""
    send_picture(mailbox)
    connector = mailbox.connect()
    (batch,) = batches(connector)
    mailbox.admin.delete_folder(FOLDER)
    mailbox.admin.create_folder(FOLDER)
    mailbox.publish(1)
    send_picture(mailbox)
    assert {post.external_id for post in posts(connector, batch.checkpoint)} == {"1@x", *mailbox.expected}
    assert read(connector, batch.posts[0].attachments[0].url) == PICTURE


def test_who_may_send(mailbox: MailboxPlatform) -> None:
    """Mail of others is rejected, and the sender's domain or address admits."""
    mailbox.publish(1)
    for senders, taken in ((["trust.example"], 1), (["ward.seven@trust.example"], 1), (["other.example"], 0)):
        (batch,) = batches(mailbox.connect(senders=senders))
        assert (len(batch.posts), len(batch.rejected)) == (taken, 1 - taken)


def test_settings_that_cannot_work(mailbox: MailboxPlatform) -> None:
    """A missing password, plain words to strangers, a missing file and a move to itself are told."""
    config = {"host": "mail.example", "username": "leaks"}
    passwords = {"passwords": {"leaks": PASSWORD}}
    with pytest.raises(AuthenticationFailed, match="password"):
        build("mailbox", config, {"passwords": {}}, context_for())
    for wrong in (
        {"security": "plain"},
        {"after": "move", "move_to": "INBOX"},
        {"host": "https://mail.example"},
    ):
        with pytest.raises(ConfigurationInvalid):
            build("mailbox", config | wrong, passwords, context_for())
    with pytest.raises(ConfigurationInvalid, match="ca_file"):
        batches(mailbox.connect(ca_file="/nowhere.pem"))
    with pytest.raises(ConfigurationInvalid, match="checkpoint"):
        batches(mailbox.connect(), {"uid": "x"})
