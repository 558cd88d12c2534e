"""Discord: messages as posts, what the bot may not read, and what a missing message proves."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.base import (
    Attachment,
    AuthenticationFailed,
    Author,
    Availability,
    Deletion,
    PayloadChanged,
    PostRef,
    SourceClosed,
)
from connectors.discord.parse import parse_message
from connectors.payload import Json
from connectors.registry import build
from tests.connectors.abilities import context_for
from tests.connectors.discord_server import CHANNEL, GUILD, TOKEN, DiscordServer
from tests.connectors.loopback import running
from tests.connectors.wellformed import VALUES, assert_well_formed

CDN = "https://cdn.discordapp.com/attachments/1/2"


@pytest.fixture
def server() -> Iterator[DiscordServer]:
    """A channel without messages."""
    with running(DiscordServer()) as made:
        yield made


def connect(server: DiscordServer, **settings: Any) -> Any:
    """A connector to it."""
    values = {"channels": [CHANNEL], "api_url": server.url} | settings
    return build("discord", values, {"token": TOKEN}, context_for(server.place))


def raw(**fields: Any) -> dict[str, Any]:
    """A message as the API gives it."""
    file = {"id": "7", "filename": "letter.png", "content_type": "image/png", "url": f"{CDN}/letter.png?ex=1"}
    sound = {"id": "8", "filename": "a.ogg", "content_type": "audio/ogg", "url": f"{CDN}/a.ogg"}
    return {
        "id": "1310000000000000001",
        "type": 0,
        "content": "Look",
        "author": {"id": "5", "username": "ann"},
        "timestamp": "2026-11-24T10:00:00.000000+00:00",
        "attachments": [file, sound],
        "embeds": [
            {"title": "News", "description": "About", "thumbnail": {"url": "https://n.example/t.png"}}
        ],
    } | fields


def test_a_message() -> None:
    """Words with those of embeds, pictures with their names, the address people use."""
    post = parse_message(Json(raw()), GUILD, CHANNEL, "#ward")
    assert post.external_id == f"{CHANNEL}/1310000000000000001"
    assert post.url == f"https://discord.com/channels/{GUILD}/{CHANNEL}/1310000000000000001"
    assert (post.text, post.author) == ("Look\n\nNews\n\nAbout", Author("5", "ann"))
    assert post.attachments == (
        Attachment(f"{CDN}/letter.png?ex=1", "image/png", "letter.png"), Attachment("https://n.example/t.png")
    )  # fmt: skip


@given(st.dictionaries(st.sampled_from(sorted(raw())), VALUES))
def test_any_values_in_the_fields(fields: dict[str, Any]) -> None:
    """Whatever stands in a message's fields, it is parsed or said to have changed."""
    with suppress(PayloadChanged):
        assert_well_formed([parse_message(Json(raw(**fields)), GUILD, CHANNEL, "")])


def test_the_first_run_is_bounded(server: DiscordServer) -> None:
    """The first run takes the newest messages; joins and pins are no posts."""
    for number in range(30):
        server.publish(str(number))
    server.publish("", type=7)
    batches = list(connect(server, first_run_posts=5).fetch(None))
    assert [post.text for batch in batches for post in batch.posts] == ["26", "27", "28", "29"]
    assert list(connect(server).fetch(batches[-1].checkpoint)) == []


def test_what_the_bot_may_not_read(server: DiscordServer) -> None:
    """Without the intent for it every message is blank, which is not the same as nothing written."""
    for _ in range(12):
        server.publish("")
    with pytest.raises(SourceClosed, match="MESSAGE_CONTENT"):
        list(connect(server).fetch(None))
    assert "MESSAGE_CONTENT" in connect(server).check().message


def test_deletions_are_told_once(server: DiscordServer) -> None:
    """A message that stands among others no longer is gone; a channel that shows none proves nothing."""
    ids = [int(server.publish(str(number))["id"]) for number in range(4)]
    connector = connect(server)
    *_, last = connector.fetch(None)
    del server.messages[ids[1]], server.messages[ids[3]]
    batches = list(connector.fetch(last.checkpoint))
    told = [deletion for batch in batches for deletion in batch.deletions]
    assert told == [Deletion(f"{CHANNEL}/{ids[n]}", "deleted from its channel") for n in (1, 3)]
    assert not any(batch.posts for batch in batches)
    assert list(connector.fetch(batches[-1].checkpoint)) == []
    server.messages.clear()
    assert list(connector.fetch(batches[-1].checkpoint)) == []
    server.publish("new")
    (batch,) = connector.fetch(batches[-1].checkpoint)
    assert ([post.text for post in batch.posts], len(batch.deletions)) == (["new"], 2)


def test_a_missing_channel_proves_nothing(server: DiscordServer) -> None:
    """A message is gone when its channel is there without it, not when the channel is gone for the bot."""
    gone = PostRef(f"{CHANNEL}/99", "https://discord.com/x")
    elsewhere = PostRef("7/99", "https://discord.com/x")
    assert connect(server).check_availability(gone)[0].availability == Availability.GONE
    assert connect(server).check_availability(elsewhere)[0].availability == Availability.UNKNOWN


def test_a_closed_channel_stops_no_other(server: DiscordServer) -> None:
    """A channel that the bot may not see is told after the others were read."""
    server.publish("one")
    batches = connect(server, channels=["7", CHANNEL]).fetch(None)
    assert [post.text for post in next(batches).posts] == ["one"]
    with pytest.raises(SourceClosed, match="channel 7"):
        next(batches)


def test_without_a_token() -> None:
    """A source without a bot says what it needs."""
    with pytest.raises(AuthenticationFailed, match="bot"):
        build("discord", {"channels": [CHANNEL]}, None, context_for())
