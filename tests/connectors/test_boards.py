"""Imageboards: threads as posts, removals, pruning, known files, and vichan's places."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.base import (
    Attachment,
    Author,
    Availability,
    Batch,
    ConfigurationInvalid,
    Deletion,
    PayloadChanged,
    PostRef,
    SourceClosed,
)
from connectors.boards.config import Places
from connectors.boards.parse import parse_post
from connectors.payload import Json
from connectors.registry import build
from tests.connectors.abilities import context_for
from tests.connectors.boards_server import EPOCH, BoardServer
from tests.connectors.loopback import running
from tests.connectors.wellformed import VALUES, assert_well_formed

FOURCHAN = Places("https://a.4cdn.org", "https://i.4cdn.org", "https://boards.4chan.org", True)
VICHAN = Places(*["https://chan.example"] * 3, False)
MD5 = "uZUeZeB14FVR+Mc2ScHvVA=="


@pytest.fixture
def server() -> Iterator[BoardServer]:
    """A board without threads."""
    with running(BoardServer()) as made:
        yield made


def connect(server: BoardServer, **settings: Any) -> Any:
    """A connector to the board."""
    urls = dict.fromkeys(("api_url", "image_url", "page_url"), server.url)
    return build("boards", {"boards": ["med"], **urls, **settings}, None, context_for(server.place))


def texts(batches: list[Batch]) -> list[str]:
    """The posts' texts."""
    return [post.text for batch in batches for post in batch.posts]


def raw(**fields: Any) -> dict[str, Any]:
    """A post as 4chan gives it."""
    return {
        "no": 570370,
        "now": "12/31/18(Mon)17:14:56",
        "name": "Anonymous",
        "com": "<b>Look</b><br>at &gt;this<wbr>",
        "filename": "discharge letter",
        "ext": ".jpg",
        "tim": 1546294496751,
        "time": 1546294496,
        "md5": MD5,
        "resto": 570368,
    } | fields


FIRST = {"no": 570368, "sub": "Ward &amp; round", "com": "First words"}


def test_a_reply() -> None:
    """Words without markup, the file with its original name, the thread's words as its context."""
    post = parse_post(Json(raw()), Json(FIRST), "po", FOURCHAN, frozenset())
    assert post.external_id == "boards.4chan.org/po/570370"
    assert post.url == "https://boards.4chan.org/po/thread/570368#p570370"
    assert (post.text, post.context) == ("Look\nat >this", "/po/ Ward & round")
    assert post.thread == ("Ward & round\n\nFirst words",)
    assert post.posted_at == datetime(2018, 12, 31, 22, 14, 56, tzinfo=UTC)
    file = Attachment("https://i.4cdn.org/po/1546294496751.jpg", alt_text="discharge letter.jpg")
    assert post.attachments == (file,)
    assert post.author is None


def test_vichan() -> None:
    """The same JSON at other places, with more than one file, and somebody who can be told apart."""
    more = [{"tim": "1546294496752-0", "ext": ".png", "md5": "x"}]
    found = raw(extra_files=more, tim="1546294496751-0", name="Ann", trip="!Ep8pui8Vw2")
    post = parse_post(Json(found), Json(FIRST), "b", VICHAN, frozenset())
    assert post.url == "https://chan.example/b/res/570368.html#570370"
    assert [attachment.url for attachment in post.attachments] == [
        "https://chan.example/b/src/1546294496751-0.jpg", "https://chan.example/b/src/1546294496752-0.png"
    ]  # fmt: skip
    assert post.author == Author("!Ep8pui8Vw2", "Ann!Ep8pui8Vw2")


NO_FILE = [({"filedeleted": 1}, set()), ({}, {MD5}), ({"tim": None}, set())]


@pytest.mark.parametrize(("fields", "skipped"), NO_FILE)
def test_no_file(fields: dict[str, Any], skipped: set[str]) -> None:
    """A deleted file, and one that is known to be harmless, are not asked for."""
    assert parse_post(Json(raw(**fields)), Json(FIRST), "po", FOURCHAN, skipped).attachments == ()


@given(st.dictionaries(st.sampled_from(sorted(raw())), VALUES))
def test_any_values_in_the_fields(fields: dict[str, Any]) -> None:
    """Whatever stands in a post's fields, it is parsed or said to have changed."""
    with suppress(PayloadChanged):
        assert_well_formed([parse_post(Json(raw(**fields)), Json(FIRST), "po", FOURCHAN, frozenset())])


def test_only_changed_threads_are_read(server: BoardServer) -> None:
    """A thread that did not change since is not asked for."""
    first = server.post("one")
    server.post("two")
    connector = connect(server)
    last = list(connector.fetch(None))[-1]
    server.asked.clear()
    server.post("three", first["no"])
    assert texts(list(connector.fetch(last.checkpoint))) == ["three"]
    assert [asked.path for asked in server.asked] == ["med/threads.json", f"med/thread/{first['no']}.json"]


def test_an_unchanged_list_is_not_read_again(server: BoardServer) -> None:
    """Boards ask for If-Modified-Since; it is sent once every thread that the list told of was read."""
    for number in range(3):
        server.post(str(number))
    connector = connect(server, threads_per_run=2)

    def run(checkpoint: Any) -> Any:
        server.asked.clear()
        batches = list(connector.fetch(checkpoint))
        return batches[-1].checkpoint if batches else None

    partly = run(None)
    whole = run(partly)
    assert "if-modified-since" not in server.asked[0].headers
    assert run(whole) is None
    assert [(asked.path, "if-modified-since" in asked.headers) for asked in server.asked] == [
        ("med/threads.json", True)
    ]
    server.post("new")
    assert texts(list(connector.fetch(whole))) == ["new"]
    assert texts(list(connector.fetch({"boards": whole["boards"]}))) == ["new"]


def test_removed_is_not_pruned(server: BoardServer) -> None:
    """What is gone from a living thread was removed, a deleted file is told; a pruned thread is forgotten."""
    op = server.post("op")
    gone, kept = server.post("gone", op["no"]), server.post("kept", op["no"])
    server.post("pruned")
    connector = connect(server)
    last = list(connector.fetch(None))[-1]
    server.threads[op["no"]].remove(gone)
    kept["filedeleted"] = 1
    server.touch(op["no"])
    del server.threads[max(server.threads)]
    batch, end = connector.fetch(last.checkpoint)
    assert batch.deletions == (
        Deletion(f"{server.place}/med/{gone['no']}", "removed from its thread"),
        Deletion(f"{server.place}/med/{kept['no']}", "its file was deleted"),
    )
    assert list(connector.fetch(end.checkpoint)) == []
    assert len(batch.checkpoint["boards"]["med"]) == 1


def test_each_way_of_being_gone(server: BoardServer) -> None:
    """Removed, without its file, pruned and present are told apart."""
    op = server.post("op")
    reply = server.post("reply", op["no"])
    connector = connect(server)
    (post,) = [p for batch in connector.fetch(None) for p in batch.posts if p.text == "reply"]
    ref = PostRef(post.external_id, post.url, tuple(a.url for a in post.attachments))

    def verdicts() -> list[Availability]:
        return [probe.availability for probe in connector.check_availability(ref)]

    assert verdicts() == [Availability.PRESENT, Availability.PRESENT]
    reply["filedeleted"] = 1
    assert verdicts()[0] == Availability.GONE
    server.threads[op["no"]].remove(reply)
    assert verdicts() == [Availability.GONE, Availability.GONE]
    server.threads.clear()
    assert verdicts()[0] == Availability.UNKNOWN


def test_permalinks(server: BoardServer) -> None:
    """The address of a post, and of a thread, lead to an id."""
    connector = connect(server)
    assert connector.resolve_permalink(f"{server.url}/med/thread/5#p7") == f"{server.place}/med/7"
    assert connector.resolve_permalink(f"{server.url}/med/thread/5") == f"{server.place}/med/5"
    assert connector.resolve_permalink("https://elsewhere.example/med/thread/5#p7") is None


def test_a_run_is_bounded(server: BoardServer) -> None:
    """A run reads so many threads, those that waited longest first; the next goes on."""
    for number in range(5):
        server.post(str(number))
    connector = connect(server, threads_per_run=3)
    batches = list(connector.fetch(None))
    assert texts(batches) == ["0", "1", "2"]
    assert texts(list(connector.fetch(batches[-1].checkpoint))) == ["3", "4"]


def test_a_pause_before_each_request(server: BoardServer) -> None:
    """Boards ask for a second between two requests."""
    server.post("one")
    waits: list[float] = []
    urls = dict.fromkeys(("api_url", "image_url", "page_url"), server.url)
    context = replace(context_for(server.place), sleep=waits.append)
    list(build("boards", {"boards": ["med"], **urls}, None, context).fetch(None))
    assert waits == [1.0, 1.0]


def test_a_missing_board_stops_no_other(server: BoardServer) -> None:
    """A board that is not there is told after the others were read."""
    server.post("one")
    given: list[Batch] = []
    with pytest.raises(SourceClosed, match="/gone/"):
        given.extend(connect(server, boards=["gone", "med"]).fetch(None))
    assert texts(given) == ["one"]


def test_which_site() -> None:
    """Vichan runs on many sites, 4chan on its own."""
    for settings in ({"software": "vichan"}, {"site": "https://chan.example"}):
        with pytest.raises(ConfigurationInvalid, match="name the site for vichan"):
            build("boards", {"boards": ["b"], **settings}, None, context_for())


def test_time_is_unix() -> None:
    """The invented board counts as real ones do."""
    assert datetime.fromtimestamp(EPOCH, tz=UTC).year == 2026
