"""The firehose: frames of DAG-CBOR and CAR, going on exactly, and taking Jetstream's place."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import suppress
from itertools import islice
from typing import Any

import libipld
import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.base import Batch, ConfigurationInvalid, ConnectorError, Deletion, PayloadChanged
from connectors.bluesky.events import CursorRefused, Event
from connectors.bluesky.firehose import LAST, SPAN, Firehose, parse_frame
from connectors.registry import build
from tests.connectors.abilities import context_for
from tests.connectors.bluesky_server import DID, JetstreamServer, cid_of, record
from tests.connectors.firehose_server import FirehoseServer, car, frame

Connect = Callable[..., Any]
BODY = {"seq": 7, "time": "2026-11-25T10:00:00.000Z", "repo": DID, "rev": "r", "ops": [], "blocks": car([])}


@pytest.fixture
def relay() -> Iterator[FirehoseServer]:
    """A relay without events."""
    made = FirehoseServer()
    yield made
    made.stop()


@pytest.fixture
def connect(relay: FirehoseServer) -> Connect:
    """Builds connectors to it."""

    def make(jetstream: str | None = None, **settings: Any) -> Any:
        values = {"network": "images", "jetstream_url": jetstream, "firehose_url": f"ws://{relay.place}"}
        places = [place.removeprefix("ws://") for place in (jetstream,) if place]
        return build(
            "bluesky",
            values | {"first_run_seconds": 86_400} | settings,
            None,
            context_for(relay.place, *places),
        )

    return make


def rkeys(batches: list[Batch]) -> list[str]:
    """Posts' last parts, as given."""
    return [post.external_id.rpartition("/")[2] for batch in batches for post in batch.posts]


def test_a_record_with_its_links(relay: FirehoseServer, connect: Connect) -> None:
    """A picture's link is read from the CAR file as Jetstream would write it; a deletion has no record."""
    relay.commit("create", "one", record("Look", b"picture"))
    relay.commit("delete", "zero")
    (batch,) = connect().fetch(None)
    (post,) = batch.posts
    assert (post.text, post.attachments[0].url) == ("Look", f"at-blob:{DID}/{cid_of(b'picture')}")
    assert batch.deletions == (Deletion(f"at://{DID}/app.bsky.feed.post/zero", "deleted by its author"),)


def test_a_commit_that_was_cut_in_two(relay: FirehoseServer, connect: Connect) -> None:
    """When a batch ends within a commit, the rest of the commit comes with the next run, once."""
    changes = [("create", f"p{number}", record("Look", b"picture")) for number in range(120)]
    relay.commits(*changes)
    connector = connect()
    (first,) = islice(connector.fetch(None), 1)
    assert len(first.posts) == 50
    rest = list(connector.fetch(first.checkpoint))
    assert rkeys([first, *rest]) == [f"p{number}" for number in range(120)]


def test_jetstream_comes_back(relay: FirehoseServer, connect: Connect) -> None:
    """From Jetstream to the firehose and back, no post is lost and none comes twice."""
    jetstream = JetstreamServer()
    given: list[Batch] = []
    for _ in range(10):
        relay.add("identity", {"did": DID})
        jetstream.add("identity", {"did": DID})
    try:
        connector = connect(f"ws://{jetstream.place}")
        for round_number, refusal in enumerate([None, (503, {}), None]):
            jetstream.refusal = refusal
            for number in range(3):
                rkey, value = f"r{round_number}{number}", record("Look", b"picture")
                jetstream.commit("create", rkey, value)
                relay.commit("create", rkey, value)
            given += connector.fetch(given[-1].checkpoint if given else None)
    finally:
        jetstream.stop()
    assert rkeys(given) == [f"r{one}{two}" for one in range(3) for two in range(3)]
    assert [batch.gap for batch in given if batch.gap] == []


def test_a_place_that_is_too_old(relay: FirehoseServer, connect: Connect) -> None:
    """What the relay no longer has is said to be missed, and what it has is given."""
    relay.commit("create", "one", record("Look", b"picture"))
    connector = connect()
    first = list(connector.fetch(None))[-1]
    for number in range(9):
        relay.commit("create", f"more{number}", record("Look", b"picture"))
    relay.floor = relay.events[-2]["payload"]["seq"]
    batches = list(connector.fetch(first.checkpoint))
    assert rkeys(batches) == ["more7", "more8"]
    assert "OutdatedCursor" in str(batches[0].gap)


def test_a_place_in_the_future(relay: FirehoseServer, connect: Connect) -> None:
    """A relay that began to count anew is read from the moment the last run ended, and the gap is said."""
    relay.commit("create", "one", record("Look", b"picture"))
    connector = connect()
    first = list(connector.fetch(None))[-1]
    relay.future = 5
    relay.commit("create", "two", record("Look", b"picture"))
    batches = list(connector.fetch(first.checkpoint))
    assert rkeys(batches) == ["two"]
    assert "no longer has" in str(batches[0].gap)


def test_a_moment_is_found_by_halves(relay: FirehoseServer) -> None:
    """The cursor for a moment lies before it, and not far, after few questions."""
    for _ in range(60):
        relay._seq += 100
        relay.events.append(relay._event("identity", {"did": DID}))
    stream = Firehose(f"ws://{relay.place}", context_for(relay.place))
    (newest,) = parse_frame(relay._frame(relay.events[-1], False))
    (wanted,) = parse_frame(relay._frame(relay.events[30], False))
    cursor, is_whole = stream.at(wanted.time_us, newest)
    assert is_whole
    assert wanted.position // SPAN - 1000 <= cursor < wanted.position // SPAN
    assert len(relay.asked) <= 5
    assert stream.at(0, newest) == (0, False)


def test_positions() -> None:
    """Each change has a place of its own, and the last one is the commit's."""
    stream = Firehose("ws://127.0.0.1:9", context_for())
    assert stream.after(7 * SPAN + LAST) == 7
    assert stream.after(7 * SPAN + 1) == 6


@pytest.mark.parametrize(
    ("message", "error"),
    [
        ("text", PayloadChanged),
        (b"\xff\xff", PayloadChanged),
        (frame("#commit", {}), None),
        (frame("#commit", {"seq": 5}), PayloadChanged),
        (frame("#commit", BODY | {"time": "yesterday"}), PayloadChanged),
        (frame("", {"error": "FutureCursor"}, -1), CursorRefused),
        (frame("", {"error": "ConsumerTooSlow"}, -1), ConnectorError),
    ],
)
def test_frames_that_are_wrong(message: str | bytes, error: type[Exception] | None) -> None:
    """A frame without its shape is said to have changed; the server's own errors are told apart."""
    if error is None:
        assert list(parse_frame(message)) == []
        return
    with pytest.raises(error):
        list(parse_frame(message))


def test_a_commit_without_its_blocks() -> None:
    """A post whose record is not in the commit is an event all the same, so that it is kept as failed."""
    op = {
        "action": "create",
        "path": "app.bsky.feed.post/1",
        "cid": libipld.decode_multibase(cid_of(b"x"))[1],
    }
    (event,) = parse_frame(frame("#commit", BODY | {"ops": [op]}))
    assert event.operation == "create"
    assert not event.commit.get("record")


VALUES = st.none() | st.integers(-(2**63), 2**63) | st.text() | st.binary() | st.lists(st.none())


@given(fields=st.dictionaries(st.sampled_from(sorted(BODY)), VALUES))
def test_any_values_in_a_commit(fields: dict[str, Any]) -> None:
    """Whatever stands in a commit, it is read in order or said to have changed."""
    with suppress(PayloadChanged):
        events: list[Event] = list(parse_frame(frame("#commit", BODY | fields)))
        assert [event.position for event in events] == sorted({event.position for event in events})


@given(st.binary(max_size=200))
def test_any_bytes(message: bytes) -> None:
    """No frame does more than fail to be read."""
    with suppress(ConnectorError, CursorRefused):
        list(parse_frame(message))


def test_the_network_needs_a_stream() -> None:
    """A source of the network names Jetstream or a firehose."""
    with pytest.raises(ConfigurationInvalid, match="firehose_url"):
        build("bluesky", {"network": "all", "jetstream_url": None}, None, context_for())
