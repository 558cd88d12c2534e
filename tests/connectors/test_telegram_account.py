"""Telegram through an account: Telethon's own objects as posts, albums, edits, deletions, its errors."""

from __future__ import annotations

from contextlib import suppress
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from telethon import errors
from telethon.tl import types

from connectors.base import (
    Attachment,
    AttachmentRefused,
    AuthenticationFailed,
    ConfigurationInvalid,
    ConnectorError,
    Deletion,
    LinkCard,
    PayloadChanged,
    PostRef,
    RateLimited,
    ReadsAttachments,
    SourceClosed,
    SourceUnavailable,
)
from connectors.registry import build
from connectors.telegram.account import PAGE_SIZE, AccountConnector
from connectors.telegram.messages import parse_album
from connectors.telegram.mtproto import telegram_errors
from tests.connectors.abilities import context_for
from tests.connectors.telegram_account import CHANNEL, EPOCH, PEER, MemoryChannels, photo
from tests.connectors.wellformed import assert_well_formed


def message(number: int = 1001, text: str = "Look", **fields: Any) -> Any:
    """A message as Telethon gives it."""
    return types.Message(number, PEER, EPOCH, text, **fields)


def document(mime_type: str, name: str) -> Any:
    """A document as Telegram describes it."""
    names = [types.DocumentAttributeFilename(name)]
    return types.MessageMediaDocument(document=types.Document(7, 8, b"ref", EPOCH, mime_type, 10, 2, names))


def connector(client: MemoryChannels) -> AccountConnector:
    """One that reads the channel."""
    return AccountConnector([CHANNEL], client, first_run_posts=400)


def test_an_album() -> None:
    """Its first message is its identity, as on the web; each message's file is one of its pictures."""
    parts = [message(1001, media=photo(), grouped_id=5), message(1002, "", media=photo(), grouped_id=5)]
    post = parse_album(parts, CHANNEL)
    assert (post.external_id, post.url) == ("wardnews/1001", "https://t.me/wardnews/1001")
    assert (post.text, post.posted_at) == ("Look", EPOCH)
    assert post.attachments == (
        Attachment("telegram:wardnews/1001", "image/jpeg"),
        Attachment("telegram:wardnews/1002", "image/jpeg"),
    )


def test_what_else_a_message_shows() -> None:
    """A document's name and kind, a poll's words, a link's card, whom it is forwarded from."""
    scan = parse_album([message(media=document("application/pdf", "letter.pdf"))], CHANNEL)
    assert (scan.text, scan.attachments[0].media_type) == ("Look\n\nletter.pdf", "application/pdf")
    sound = parse_album([message(media=document("audio/ogg", "voice.ogg"))], CHANNEL)
    assert sound.attachments == ()
    page = types.WebPage(1, "https://x.example/1", "x.example", 0, title="A letter")
    linked = parse_album([message(media=types.MessageMediaWebPage(page))], CHANNEL)
    assert linked.card == LinkCard("https://x.example/1", "A letter", "")
    forwarded = types.MessageFwdHeader(EPOCH, from_name="Ann")
    assert parse_album([message(fwd_from=forwarded)], CHANNEL).text == "Forwarded from Ann\n\nLook"


@given(st.text(), st.none() | st.datetimes() | st.text(), st.text(), st.text())
def test_any_words(text: str, moment: Any, name: str, kind: str) -> None:
    """Whatever stands in a message, it is parsed or said to have changed."""
    made = message(text=text, media=document(kind, name))
    made.date = moment.replace(tzinfo=UTC) if isinstance(moment, datetime) else moment
    with suppress(PayloadChanged):
        assert_well_formed([parse_album([made], CHANNEL)])


def test_an_album_that_a_page_cuts() -> None:
    """It waits for the next page and comes whole."""
    client = MemoryChannels()
    client.post("first")
    reader = connector(client)
    first = list(reader.fetch(None))[-1]
    for number in range(PAGE_SIZE - 1):
        client.post(str(number))
    for _ in range(3):
        client.post("", photo(), grouped_id=9)
    posts = [post for batch in reader.fetch(first.checkpoint) for post in batch.posts]
    assert len(posts) == PAGE_SIZE
    assert len(posts[-1].attachments) == 3


def test_deletions_and_edits_among_the_last() -> None:
    """A deleted message is told once; joins and pins are no posts."""
    client = MemoryChannels()
    numbers = [client.post(str(number)).id for number in range(5)]
    client.messages[2000] = types.MessageService(
        id=2000, peer_id=PEER, date=EPOCH, action=types.MessageActionPinMessage()
    )
    reader = connector(client)
    first = list(reader.fetch(None))[-1]
    del client.messages[numbers[2]]
    (batch,) = reader.fetch(first.checkpoint)
    assert batch.deletions == (Deletion(f"{CHANNEL}/{numbers[2]}", "deleted from its channel"),)
    assert list(reader.fetch(batch.checkpoint)) == []


def test_hidden_is_not_gone() -> None:
    """A message that is empty is gone only in a channel that shows others."""
    client = MemoryChannels()
    ref = PostRef(f"{CHANNEL}/1", "https://t.me/wardnews/1")
    assert connector(client).check_availability(ref)[0].availability.value == "unknown"
    client.post("another")
    assert connector(client).check_availability(ref)[0].availability.value == "gone"


def test_files() -> None:
    """The connector reads a message's file by its name; other addresses are refused."""
    client = MemoryChannels()
    reader = connector(client)
    assert isinstance(reader, ReadsAttachments)
    assert reader.read_attachment("telegram:wardnews/1001", 100) == b"picture of 1001"
    with pytest.raises(AttachmentRefused):
        reader.read_attachment("telegram:wardnews/x", 100)


@pytest.mark.parametrize(
    ("raised", "error"),
    [
        (errors.FloodWaitError(None, 42), RateLimited),
        (errors.AuthKeyUnregisteredError(None), AuthenticationFailed),
        (errors.SessionRevokedError(None), AuthenticationFailed),
        (errors.ChannelPrivateError(None), SourceClosed),
        (errors.UsernameNotOccupiedError(None), SourceClosed),
        (errors.ServerError(None, "x"), SourceUnavailable),
        (ValueError("no user has that name"), SourceClosed),
        (ConnectionError(), SourceUnavailable),
        (TimeoutError(), SourceUnavailable),
    ],
)
def test_errors(raised: Exception, error: type[ConnectorError]) -> None:
    """Telethon's errors are said in the words of the port."""
    with pytest.raises(error) as told, telegram_errors():
        raise raised
    assert not isinstance(told.value, RateLimited) or told.value.retry_after == 42


def test_what_an_account_takes() -> None:
    """A session, and one of Telethon's; it stands in no message."""
    settings = {"channels": [CHANNEL], "account": True}
    with pytest.raises(AuthenticationFailed, match="session"):
        build("telegram", settings, None, context_for())
    credentials = {"api_id": 1, "api_hash": "hash", "session": "not a session"}
    with pytest.raises(AuthenticationFailed) as refused:
        build("telegram", settings, credentials, context_for())
    assert "not a session" not in str(refused.value)
    with pytest.raises(ConfigurationInvalid, match="api_id"):
        build("telegram", settings, credentials | {"api_id": "x"}, context_for())
