"""The Bluesky connector against loopback servers: network, blobs, takedowns, reports, sessions."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import islice
from typing import Any

import pytest
import zstandard

from connectors.base import (
    AttachmentRefused,
    AuthenticationFailed,
    Batch,
    ConfigurationInvalid,
    Deletion,
    PostRef,
    Report,
    SourceUnavailable,
)
from connectors.bluesky.asking import DEFAULT_CATEGORY
from connectors.bluesky.blobs import is_content_of
from connectors.bluesky.config import MODERATION_SERVICE
from connectors.bluesky.network import StreamingNetworkConnector
from connectors.registry import build
from tests.connectors.abilities import context_for
from tests.connectors.bluesky_server import (
    DID,
    PASSWORD,
    BlueskyServer,
    JetstreamServer,
    addresses,
    cid_of,
    record,
)
from tests.connectors.loopback import Answer, running

Connect = Callable[..., Any]
CREDENTIALS = {"identifier": "watch.example.org", "password": PASSWORD}


@pytest.fixture
def server() -> Iterator[BlueskyServer]:
    """A network without posts."""
    with running(BlueskyServer()) as made:
        yield made


@pytest.fixture
def jetstreams() -> Iterator[Callable[[int], JetstreamServer]]:
    """Starts Jetstreams of a version."""
    made: list[JetstreamServer] = []

    def start(version: int = 2) -> JetstreamServer:
        made.append(JetstreamServer(version))
        return made[-1]

    yield start
    for jetstream in made:
        jetstream.stop()


@pytest.fixture
def connect(server: BlueskyServer) -> Iterator[Connect]:
    """Builds connectors to the loopback servers."""
    made: list[Any] = []

    def make(
        jetstream: JetstreamServer | None = None, credentials: dict[str, str] | None = None, **settings: Any
    ) -> Any:
        places = [server.place] + ([jetstream.place] if jetstream else [])
        network = {"network": "images", "jetstream_url": f"ws://{jetstream.place}"} if jetstream else {}
        listed = {} if jetstream or settings.keys() & {"searches", "actors", "feeds"} else {"actors": [DID]}
        values = {**network, **listed, **addresses(server), **settings}
        if jetstream:
            values["jetstream_version"] = jetstream.version
        made.append(build("bluesky", values, credentials, context_for(*places)))
        return made[-1]

    yield make
    for connector in made:
        connector.close()


def texts(batches: list[Batch]) -> list[str]:
    """The posts' texts, in the order they were given."""
    return [post.text for batch in batches for post in batch.posts]


def test_accounts_feeds_and_searches(server: BlueskyServer, connect: Connect) -> None:
    """Searches go through the signed-in account, accounts do not; a post found twice comes once."""
    for number in range(3):
        server.post(f"post {number}")
    connector = connect(None, CREDENTIALS, actors=["@ward.example.org"], searches=["letter"])
    assert texts(list(connector.fetch(None))) == ["post 0", "post 1", "post 2"]
    asked = [request for request in server.asked if "searchPosts" in request.path]
    assert asked[0].query["sort"] == "latest"
    with pytest.raises(AuthenticationFailed, match="app password"):
        connect(searches=["letter"])


def test_a_session_is_renewed(server: BlueskyServer, connect: Connect) -> None:
    """A session that expired is begun again without a word."""
    server.post("one")
    connector = connect(None, CREDENTIALS, searches=["letter"])
    list(connector.fetch(None))
    server.failures = [Answer({"error": "ExpiredToken"}, 400)]
    assert connector.check().ok
    assert server.tokens == 2


@pytest.mark.parametrize("version", [1, 2])
def test_the_network(jetstreams: Any, connect: Connect, version: int) -> None:
    """Posts with pictures are given, edits and deletions told, and a resume repeats and skips nothing."""
    jetstream = jetstreams(version)
    for number in range(60):
        jetstream.commit("create", f"r{number}", record(f"post {number}", b"x"))
        jetstream.commit("create", f"t{number}", record("words"))
    connector = connect(jetstream, first_run_seconds=86_400)
    first = next(connector.fetch(None))
    rest = list(connector.fetch(first.checkpoint))
    assert texts([first, *rest]) == [f"post {number}" for number in range(60)]
    jetstream.commit("update", "r3", record("edited", b"x"))
    jetstream.commit("delete", "r4")
    (batch,) = connector.fetch(rest[-1].checkpoint)
    assert texts([batch]) == ["edited"]
    assert batch.deletions == (Deletion(f"at://{DID}/app.bsky.feed.post/r4", "deleted by its author"),)


def test_another_instance(jetstreams: Any, connect: Connect) -> None:
    """Moving to another instance goes on from a moment a little earlier, and repeats nothing."""
    first, second = jetstreams(2), jetstreams(1)
    for jetstream in (first, second):
        for number in range(5):
            jetstream.commit("create", f"r{number}", record(f"post {number}", b"x"))
    last = list(connect(first, first_run_seconds=86_400).fetch(None))[-1]
    second.commit("create", "r9", record("new", b"x"))
    assert texts(list(connect(second).fetch(last.checkpoint))) == ["new"]


def test_languages(jetstreams: Any, connect: Connect) -> None:
    """Posts in other languages are left out; those that name none are not."""
    jetstream = jetstreams()
    for langs in (["en-GB"], ["ru"], ["cy", "ru"], []):
        jetstream.commit("create", f"r{len(langs)}{langs}", record(str(langs), langs=langs))
    connector = connect(jetstream, network="all", languages=["en", "cy"], first_run_seconds=86_400)
    found = texts(list(connector.fetch(None)))
    assert found == ["['en-GB']", "['cy', 'ru']", "[]"]


def test_compressed(jetstreams: Any, connect: Connect) -> None:
    """A compressed network is read with the dictionary that the instance gives out."""
    samples = [f'{{"text": "post {n}", "kind": "commit", "did": "did:plc:{n}"}}'.encode() for n in range(500)]
    dictionary = zstandard.train_dictionary(2048, samples)
    jetstream = jetstreams()
    jetstream.dictionary = dictionary
    connector = connect(jetstream, compress=True, first_run_seconds=86_400)
    jetstream.commit("create", "r1", record("one", b"x"))
    assert texts(list(connector.fetch(None))) == ["one"]
    assert jetstream.asked[-1]["zstdDictionary"] == [str(dictionary.dict_id())]


def test_what_cannot_be_combined(connect: Connect, jetstreams: Any) -> None:
    """Settings that contradict each other are refused."""
    with pytest.raises(ConfigurationInvalid, match="either network"):
        connect(jetstreams(), actors=[DID])
    with pytest.raises(ConfigurationInvalid, match="only a source of the network can stream"):
        connect(stream=True)
    with pytest.raises(ConfigurationInvalid, match="compress needs version 2"):
        connect(jetstreams(1), compress=True)


def test_streaming(jetstreams: Any, connect: Connect) -> None:
    """A stream catches up, tells posts and deletions as they happen, and its silence in between."""
    jetstream = jetstreams()
    jetstream.commit("create", "r1", record("missed", b"x"))
    connector = connect(jetstream, stream=True, first_run_seconds=86_400)
    assert isinstance(connector, StreamingNetworkConnector)
    batches = connector.stream(None)
    assert texts([told(batches)]) == ["missed"]
    jetstream.commit("create", "r2", record("heard", b"x"))
    heard = told(batches)
    assert texts([heard]) == ["heard"]
    jetstream.commit("delete", "r2")
    assert [gone.external_id for gone in told(batches).deletions] == [f"at://{DID}/app.bsky.feed.post/r2"]
    batches.close()
    assert texts(list(connector.fetch(heard.checkpoint))) == []


def test_a_stream_that_is_hung_up(jetstreams: Any, connect: Connect) -> None:
    """An instance that goes away is transient trouble."""
    jetstream = jetstreams()
    jetstream.commit("create", "r1", record("one", b"x"))
    batches = connect(jetstream, stream=True, first_run_seconds=86_400).stream(None)
    told(batches)
    for listener in jetstream.listeners:
        listener.put(None)
    with pytest.raises(SourceUnavailable):
        list(islice(batches, 5))


def test_blobs(server: BlueskyServer, connect: Connect) -> None:
    """A picture is the upload itself, from its author's server, checked against the post's digest."""
    view = server.post("one", b"the upload")
    (post,) = next(connect().fetch(None)).posts
    (attachment,) = post.attachments
    assert (attachment.url, attachment.alt_text) == (f"at-blob:{DID}/{cid_of(b'the upload')}", "a letter")
    assert connect().read_attachment(attachment.url, 1000) == b"the upload"
    with pytest.raises(AttachmentRefused, match="more than"):
        connect().read_attachment(attachment.url, 4)
    server.blobs[cid_of(b"the upload")] = b"something else"
    with pytest.raises(AttachmentRefused, match="other bytes"):
        connect().read_attachment(attachment.url, 1000)
    server.blobs.clear()
    server.cdn[cid_of(b"the upload")] = b"a copy"
    assert connect().read_attachment(attachment.url, 1000) == b"a copy"
    assert view["uri"] == post.external_id


@pytest.mark.parametrize("url", ["at-blob:", "at-blob:x/y", "https://x/y", "at-blob:did:key:z/y"])
def test_addresses_that_are_no_blobs(connect: Connect, url: str) -> None:
    """An address of another form is refused."""
    with pytest.raises(AttachmentRefused):
        connect().read_attachment(url, 1000)


def test_a_content_digest() -> None:
    """A CID is that of its bytes only."""
    assert is_content_of(cid_of(b"x"), b"x")
    assert not is_content_of(cid_of(b"x"), b"y")
    assert not is_content_of("bnot base32!", b"x")


def test_each_way_of_being_gone(server: BlueskyServer, connect: Connect) -> None:
    """View, record, label, blob and copy are told apart: some outlive the others."""
    view = server.post("one", b"pic")
    url = f"at-blob:{DID}/{cid_of(b'pic')}"
    ref = PostRef(view["uri"], "https://bsky.app/x", (url,))
    server.cdn[cid_of(b"pic")] = b"copy"

    def verdicts() -> list[str]:
        return [probe.availability.value for probe in connect().check_availability(ref)]

    assert verdicts() == ["present", "present", "unknown", "present", "present"]
    server.labels.append({"uri": view["uri"], "val": "!takedown"})
    server.blobs.clear()
    assert verdicts() == ["present", "present", "gone", "gone", "present"]
    server.views.clear()
    server.cdn.clear()
    assert verdicts() == ["gone", "gone", "gone", "gone", "gone"]
    assert [p.availability.value for p in connect().check_availability(PostRef("x", "y"))] == ["unknown"]


def test_a_report(server: BlueskyServer, connect: Connect) -> None:
    """A report names the record by address and digest, and goes to the moderation service."""
    view = server.post("one")
    ref = PostRef(view["uri"], "x")
    receipt = connect(None, CREDENTIALS).submit_report(ref, Report("A patient's letter."))
    assert receipt.reference == "1"
    ((proxy, sent),) = server.reports
    assert proxy == f"{MODERATION_SERVICE}#atproto_labeler"
    subject = {"$type": "com.atproto.repo.strongRef", "uri": view["uri"], "cid": view["cid"]}
    assert sent == {"subject": subject, "reasonType": DEFAULT_CATEGORY, "reason": "A patient's letter."}
    with pytest.raises(AuthenticationFailed):
        connect().submit_report(ref, Report("x"))


@pytest.mark.parametrize(
    ("url", "found"),
    [
        (f"https://bsky.app/profile/{DID}/post/3k1", f"at://{DID}/app.bsky.feed.post/3k1"),
        ("https://bsky.app/profile/ward.example.org/post/3k1?x=1", f"at://{DID}/app.bsky.feed.post/3k1"),
        (f"at://{DID}/app.bsky.feed.post/3k1", f"at://{DID}/app.bsky.feed.post/3k1"),
        ("https://bsky.app/profile/nobody.example.org/post/3k1", None),
        ("https://example.org/profile/x/post/3k1", None),
    ],
)
def test_permalinks(connect: Connect, url: str, found: str | None) -> None:
    """A page's address leads to the post's, by handle too."""
    assert connect().resolve_permalink(url) == found


def told(batches: Iterator[Batch]) -> Batch:
    """The next batch that tells something."""
    return next(batch for batch in batches if batch.posts or batch.deletions)
