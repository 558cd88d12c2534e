"""The Mastodon connector against a loopback instance: paging, late posts, streams, policy, reports."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator
from itertools import islice
from threading import Thread
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from connectors.base import (
    AuthenticationFailed,
    Availability,
    Batch,
    ConfigurationInvalid,
    Deletion,
    PostRef,
    Report,
    SourceClosed,
    SourceUnavailable,
)
from connectors.mastodon.connector import MastodonConnector, StreamingMastodonConnector
from connectors.registry import build
from tests.connectors.abilities import context_for
from tests.connectors.loopback import Answer, running
from tests.connectors.mastodon_server import TOKEN, MastodonServer

TAG = "timelines/tag/nhs"
Connect = Callable[..., Any]


@pytest.fixture
def server() -> Iterator[MastodonServer]:
    """An instance without statuses."""
    with running(MastodonServer()) as made:
        yield made


@pytest.fixture
def connect(server: MastodonServer) -> Iterator[Connect]:
    """Builds connectors to the instance."""
    made: list[MastodonConnector] = []

    def make(token: str | None = None, **settings: Any) -> MastodonConnector:
        values = {"instance": server.url, "hashtags": ["nhs"]} | settings
        credentials = {"tokens": {server.place: token}} if token else None
        connector = build("mastodon", values, credentials, context_for(server.place, "127.0.0.1"))
        assert isinstance(connector, MastodonConnector)
        made.append(connector)
        return connector

    yield make
    for connector in made:
        connector.close()


def texts(batches: list[Batch]) -> list[str]:
    """The posts' texts, in the order they were given."""
    return [post.text for batch in batches for post in batch.posts]


def test_a_long_absence_skips_nothing(server: MastodonServer, connect: Connect) -> None:
    """More new posts than a page holds are all read, oldest first, where `since_id` would skip the middle."""
    for number in range(5):
        server.post(f"old {number}", TAG)
    connector = connect()
    last = list(connector.fetch(None))[-1]
    for number in range(150):
        server.post(f"new {number}", TAG)
    assert texts(list(connector.fetch(last.checkpoint))) == [f"new {number}" for number in range(150)]


def test_a_late_post_is_not_missed(server: MastodonServer, connect: Connect) -> None:
    """A post that another server sent late, and whose id is below known ones, is still read."""
    late = server.status("late")
    for number in range(10):
        server.post(f"post {number}", TAG)
    connector = connect()
    last = list(connector.fetch(None))[-1]
    server.timelines[TAG].append(late["id"])
    first = server.status("lower than all")
    assert texts(list(connector.fetch(last.checkpoint))) == []
    between = server.post("x", TAG, id=str(int(last.posts[4].external_id.rpartition("/")[2]) + 5))
    assert between["id"] < first["id"]
    assert texts(list(connector.fetch(last.checkpoint))) == ["x"]


def test_the_first_run_is_bounded(server: MastodonServer, connect: Connect) -> None:
    """The first run takes the newest posts only; no later run returns to the rest."""
    for number in range(60):
        server.post(f"{number}", TAG)
    connector = connect(first_run_posts=45)
    batches = list(connector.fetch(None))
    assert texts(batches) == [f"{number}" for number in range(15, 60)]
    assert list(connector.fetch(batches[-1].checkpoint)) == []


def test_only_media_is_asked_for(server: MastodonServer, connect: Connect) -> None:
    """The platform itself leaves out what has no pictures when that is wanted."""
    list(connect(only_media=True).fetch(None))
    asked = [request for request in server.asked if request.path == f"api/v1/{TAG}"]
    assert [request.query["only_media"] for request in asked] == ["true"]


def test_closed_without_a_token(server: MastodonServer, connect: Connect) -> None:
    """A feed for signed-in accounts says that a token is missing; with one it is read."""
    server.access, server.needs_token = "authenticated", True
    server.post("one", TAG)
    with pytest.raises(AuthenticationFailed, match="token"):
        list(connect().fetch(None))
    assert texts(list(connect(TOKEN).fetch(None))) == ["one"]


def test_an_older_server_without_a_policy(server: MastodonServer, connect: Connect) -> None:
    """A server that has no such description is taken to be open."""
    server.post("one", TAG)
    server.failures = [Answer({"error": "Not found"}, 404)]
    assert texts(list(connect().fetch(None))) == ["one"]


def test_a_refusal_for_want_of_a_token(server: MastodonServer, connect: Connect) -> None:
    """Mastodon's 422 for anonymous readers is missing credentials, not a fault of the settings."""
    server.failures = [Answer({}, 200), Answer({"error": "This method requires an authenticated user"}, 422)]
    with pytest.raises(AuthenticationFailed):
        list(connect().fetch(None))


def test_a_closed_timeline_does_not_stop_the_others(server: MastodonServer, connect: Connect) -> None:
    """What is closed is told after everything else was read."""
    server.post("one", TAG)
    batches = connect(hashtags=["gone", "nhs"]).fetch(None)
    assert texts([next(batches)]) == ["one"]
    with pytest.raises(SourceClosed, match="#gone"):
        next(batches)


@pytest.mark.parametrize("name", ["sse", "websocket"])
def test_streaming(
    server: MastodonServer, connect: Connect, name: str, request: pytest.FixtureRequest
) -> None:
    """A stream gives what was missed, then new posts, edits and deletions as they happen, each once."""
    if name == "websocket":
        server.streaming = request.getfixturevalue("websocket")
    server.post("missed", TAG)
    connector = connect(stream=True, transport=name)
    assert isinstance(connector, StreamingMastodonConnector)
    batches = connector.stream(None)
    (missed,) = [batch for batch in [next(batches)] if batch.posts]
    assert texts([missed]) == ["missed"]
    wait_for(lambda: bool(server.listeners.get(TAG)))
    made = server.post("heard", TAG)
    heard = next_told(batches)
    assert texts([heard]) == ["heard"]
    made |= {"content": "<p>edited</p>", "edited_at": "2026-11-20T10:00:00.000Z"}
    server.tell((TAG,), "status.update", json.dumps(made))
    assert texts([next_told(batches)]) == ["edited"]
    server.tell((TAG,), "delete", made["id"])
    server.tell((TAG,), "filters_changed", "")
    gone = next_told(batches)
    assert gone.deletions == (Deletion(made["uri"], "deleted by its author or the server"),)
    batches.close()
    assert texts(list(connector.fetch(gone.checkpoint))) == []


def test_silence_is_told(server: MastodonServer, connect: Connect) -> None:
    """While nothing happens a batch without posts comes every few seconds, and moves nothing."""
    server.post("one", TAG)
    batches = connect(stream=True).stream(None)
    first = next(batches)
    silence = next(batches)
    assert (silence.posts, silence.checkpoint) == ((), first.checkpoint)
    batches.close()


def test_a_stream_that_is_refused(server: MastodonServer, connect: Connect) -> None:
    """A stream cut at once is trouble to wait for; what was missed is given before."""
    server.post("one", TAG)
    batches = connect(stream=True).stream(None)
    assert texts([next(batches)]) == ["one"]
    server.hang_up()
    with pytest.raises(SourceUnavailable):
        list(islice(batches, 3))


def test_what_cannot_be_streamed(server: MastodonServer, connect: Connect) -> None:
    """A server without this transport says so by its status."""
    with pytest.raises(SourceClosed):
        next(connect(stream=True, transport="websocket").stream(None))


def test_a_report(server: MastodonServer, connect: Connect) -> None:
    """A report names account and status by the instance's own ids, and its number comes back."""
    made = server.post("one", TAG)
    receipt = connect(TOKEN).submit_report(PostRef(made["uri"], made["url"]), Report("A patient's letter."))
    assert receipt.reference == "1"
    (sent,) = server.reports
    assert sent == {"account_id": "77", "status_ids": [made["id"]], "comment": "A patient's letter.",
                    "category": "other", "forward": True}  # fmt: skip
    with pytest.raises(ConfigurationInvalid, match="1000"):
        connect(TOKEN).submit_report(PostRef(made["uri"], made["url"]), Report("x" * 1001))


def test_a_post_of_another_server(server: MastodonServer, connect: Connect) -> None:
    """Another server's post is looked up by its uri with a token; without one nothing is proved."""
    uri = "https://elsewhere.example/users/x/statuses/5"
    made = server.post("far", TAG, uri=uri, url="https://elsewhere.example/@x/5")
    ref = PostRef(uri, made["url"])
    assert connect(TOKEN).resolve_permalink("https://elsewhere.example/@x/5") == uri
    connect(TOKEN).submit_report(ref, Report("look"))
    assert server.reports[0]["status_ids"] == [made["id"]]
    assert connect(TOKEN).check_availability(ref)[0].availability == Availability.PRESENT
    assert connect().check_availability(ref)[0].availability == Availability.UNKNOWN
    del server.statuses[made["id"]]
    assert connect(TOKEN).check_availability(ref)[0].availability == Availability.UNKNOWN
    assert connect(TOKEN).resolve_permalink("https://elsewhere.example/@x/5") is None


def test_a_permalink(server: MastodonServer, connect: Connect) -> None:
    """The address people see leads to the post's id; one of nothing leads nowhere."""
    made = server.post("one", TAG)
    assert connect().resolve_permalink(made["url"]) == made["uri"]
    assert connect().resolve_permalink(f"{server.url}/@ward/404") is None


def test_pictures_are_probed_apart(server: MastodonServer, connect: Connect) -> None:
    """A picture that is still served after its post was deleted is still present."""
    made = server.post("one", TAG)
    picture = f"{server.url}/@media/{server.status('a file')['id']}"
    del server.statuses[made["id"]]
    found = connect().check_availability(PostRef(made["uri"], made["url"], (picture,)))
    assert [(probe.subject, probe.availability.value) for probe in found] == [
        ("API", "gone"), ("page", "gone"), ("attachment 1", "present")
    ]  # fmt: skip


@pytest.fixture
def websocket(server: MastodonServer) -> Iterator[str]:
    """The instance's streaming API by WebSocket, at an address of its own."""
    import queue

    from websockets.sync.server import ServerConnection, serve

    def handle(connection: ServerConnection) -> None:
        assert connection.request is not None
        query = parse_qs(urlsplit(connection.request.path).query)
        assert query["stream"] == ["hashtag"]
        events: queue.Queue[bytes | None] = queue.Queue()
        server.listeners.setdefault(f"timelines/tag/{query['tag'][0]}", []).append(events)
        while (event := events.get()) is not None:
            name, _, data = event.decode().strip().removeprefix("event: ").partition("\ndata: ")
            connection.send(json.dumps({"stream": ["hashtag", "nhs"], "event": name, "payload": data}))

    with serve(handle, "127.0.0.1", 0) as sockets:
        thread = Thread(target=sockets.serve_forever, daemon=True)
        thread.start()
        place = f"127.0.0.1:{sockets.socket.getsockname()[1]}"
        yield f"ws://{place}"
        server.hang_up()
        sockets.shutdown()
        thread.join()


def next_told(batches: Iterator[Batch]) -> Batch:
    """The next batch that tells something."""
    return next(batch for batch in batches if batch.posts or batch.deletions)


def wait_for(happened: Callable[[], bool]) -> None:
    """Until it happens."""
    deadline = time.monotonic() + 10
    while not happened():
        assert time.monotonic() < deadline
        time.sleep(0.01)
