"""X's filtered stream: its rules, catching up by search, the cap, and being hung up on."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.base import (
    Batch,
    Checkpoint,
    ConfigurationInvalid,
    ConnectorError,
    RateLimited,
    SourceUnavailable,
    Streams,
)
from connectors.registry import build
from connectors.x.stream import TAG, parse_line
from tests.connectors.abilities import context_for
from tests.connectors.loopback import running
from tests.connectors.x_server import TOKEN, XServer

Connect = Callable[..., Any]


@pytest.fixture
def server() -> Iterator[XServer]:
    """An X without posts."""
    with running(XServer()) as made:
        yield made
        made.send(None)


@pytest.fixture
def connect(server: XServer) -> Iterator[Connect]:
    """Builds connectors that stream."""
    made: list[Any] = []

    def make(**settings: Any) -> Any:
        values = {"accept_costs": True, "posts_per_day": 50, "searches": ["nhs letter"], "users": ["ann"]}
        values |= {"api_url": server.url, "stream": True, "first_run_posts": 10}
        made.append(build("x", values | settings, {"bearer_token": TOKEN}, context_for(server.place)))
        return made[-1]

    yield make
    for connector in made:
        connector.close()


def rule_of(server: XServer, query: str) -> str:
    """The id of the rule for a query."""
    return next(identity for identity, rule in server.rules.items() if rule["value"] == query)


def wait_for_listeners(server: XServer, count: int) -> None:
    """Until so many are connected."""
    for _ in range(500):
        if len(server.listeners) >= count:
            return
        time.sleep(0.01)
    raise AssertionError("nobody connected")


def words(batches: list[Batch]) -> list[str]:
    """Texts as given."""
    return [post.text for batch in batches for post in batch.posts]


def read_until(stream: Iterator[Batch], text: str) -> list[Batch]:
    """Batches up to the one with a post."""
    found: list[Batch] = []
    for batch in stream:
        found.append(batch)
        if text in words([batch]):
            return found
    raise AssertionError(f"{text} never came")


def test_rules_are_kept_as_the_searches_are(server: XServer, connect: Connect) -> None:
    """Ours that are no longer wanted go, missing ones come, others' are left alone, and one is used twice."""
    server._rule("old search", TAG)
    server._rule("somebody else's", "other tool")
    server._rule("from:ann", "other tool")
    stream = connect().stream(None)
    next(stream)
    stream.close()
    assert [(rule["value"], rule["tag"]) for rule in server.rules.values()] == [
        ("somebody else's", "other tool"),
        ("from:ann", "other tool"),
        ("nhs letter", TAG),
    ]


def test_what_was_missed_and_what_happens(server: XServer, connect: Connect) -> None:
    """Posts made while nobody listened come by search, later ones by the stream, each once and counted."""
    server.publish("before")
    connector = connect(users=[])
    assert isinstance(connector, Streams)
    stream = connector.stream(None)
    first = read_until(stream, "before")
    rule = rule_of(server, "nhs letter")
    live = server.publish("live")
    server.tell(live, rule)
    server.tell(live, rule)
    server.tell(server.publish("not ours"), "99")
    server.tell(server.publish("last"), rule)
    told = read_until(stream, "last")
    stream.close()
    assert words([*first, *told]) == ["before", "live", "last"]
    checkpoint = told[-1].checkpoint
    assert checkpoint["meter"]["posts"] == 5
    server.publish("while away")
    again = connect(users=[]).stream(checkpoint)
    caught_up = read_until(again, "while away")
    again.close()
    assert words(caught_up) == ["not ours", "while away"]
    assert int(server.asked[-1].query["since_id"]) < int(live["id"])


def test_the_cap_ends_the_stream(server: XServer, connect: Connect) -> None:
    """The post that reaches the cap is given, then nothing more is read; a spent day does not connect."""
    stream = connect(users=[], posts_per_day=10).stream(None)
    next(stream)
    rule = rule_of(server, "nhs letter")
    batches: list[Batch] = []
    for number in range(10):
        server.tell(server.publish(f"post {number}"), rule)
        batches += read_until(stream, f"post {number}")
    with pytest.raises(RateLimited) as limited:
        next(stream)
    assert words(batches) == [f"post {number}" for number in range(10)]
    assert 0 < limited.value.retry_after <= 86_400
    connected = len(server.listeners)
    with pytest.raises(RateLimited):
        next(connect(users=[], posts_per_day=10).stream(batches[-1].checkpoint))
    assert len(server.listeners) == connected


def test_a_rule_that_x_does_not_take(server: XServer, connect: Connect) -> None:
    """A search that is no rule is named with X's reason."""
    server.refused.add("nhs letter")
    with pytest.raises(ConfigurationInvalid, match=r"nhs letter.*InvalidRule"):
        next(connect().stream(None))


def test_being_hung_up_on(server: XServer, connect: Connect) -> None:
    """X says why it hangs up, and the next stream goes on from the same checkpoint."""
    stream = connect(users=[]).stream(None)
    checkpoint: Checkpoint = next(stream).checkpoint
    wait_for_listeners(server, 1)
    server.send(b'{"errors":[{"title":"operational-disconnect","detail":"closing"}]}\r\n')
    with pytest.raises(SourceUnavailable, match="operational-disconnect"):
        list(stream)
    server.publish("afterwards")
    again = connect(users=[]).stream(checkpoint)
    assert words(read_until(again, "afterwards")) == ["afterwards"]
    again.close()


def test_a_post_in_another_shape(server: XServer, connect: Connect) -> None:
    """It is kept as failed, and the stream goes on."""
    stream = connect(users=[]).stream(None)
    next(stream)
    rule = rule_of(server, "nhs letter")
    broken = server.publish("broken")
    del broken["author_id"]
    server.tell(broken, rule)
    server.tell(server.publish("fine"), rule)
    batches = read_until(stream, "fine")
    stream.close()
    (rejected,) = [item for batch in batches for item in batch.rejected]
    assert rejected.external_id == broken["id"]
    assert "author_id" in rejected.reason


@given(st.text() | st.text(alphabet='{}[]":,daterros01 '))
def test_any_line(line: str) -> None:
    """A line is a post, a sign of life, or trouble that is said."""
    with suppress(ConnectorError):
        event = parse_line(line)
        assert event is None or event["data"]
