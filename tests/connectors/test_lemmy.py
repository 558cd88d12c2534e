"""Lemmy: views of both API versions as posts, and what can be asked of an instance."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import suppress
from datetime import UTC, datetime
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
    LinkCard,
    PayloadChanged,
    PostRef,
    RateLimited,
    Report,
    SourceClosed,
)
from connectors.lemmy.parse import parse_view
from connectors.payload import Json
from connectors.registry import build
from tests.connectors.abilities import context_for
from tests.connectors.lemmy_server import TOKEN, LemmyServer
from tests.connectors.loopback import Answer, running
from tests.connectors.wellformed import VALUES, assert_well_formed

CREATOR = {"id": 5, "name": "ann", "actor_id": "https://far.example/u/ann"}
COMMUNITY = {"id": 2, "name": "nursing", "actor_id": "https://l.example/c/nursing"}


@pytest.fixture(params=[3, 4])
def server(request: pytest.FixtureRequest) -> Iterator[LemmyServer]:
    """An instance of each API version."""
    with running(LemmyServer(request.param)) as made:
        yield made


@pytest.fixture
def connect(server: LemmyServer) -> Iterator[Callable[..., Any]]:
    """Builds connectors to the instance."""
    made: list[Any] = []

    def make(token: str | None = None, **settings: Any) -> Any:
        values = {"instance": server.url, "everything": "local"} | settings
        credentials = {"tokens": {server.place: token}} if token else None
        made.append(build("lemmy", values, credentials, context_for(server.place)))
        return made[-1]

    yield make
    for connector in made:
        connector.close()


def post(**fields: Any) -> dict[str, Any]:
    """A post's view as Lemmy 0.19 gives it."""
    shown = {
        "id": 17,
        "name": "Look",
        "ap_id": "https://l.example/post/17",
        "published": "2026-11-24T10:00:00.123456Z",
        "url": "https://l.example/pictrs/image/a.webp",
        "url_content_type": "image/webp",
        "alt_text": "A letter",
        "thumbnail_url": "https://l.example/pictrs/image/t.webp",
        "body": "see ![desk](https://h.example/d.png) too",
        "removed": False,
        "deleted": False,
    }
    return {"post": shown | fields, "creator": CREATOR, "community": COMMUNITY}


def test_a_post() -> None:
    """Title and text, the linked picture with its alternative text, and pictures within the text."""
    found = parse_view(Json(post(), "view"))
    assert (found.external_id, found.context) == ("https://l.example/post/17", "!nursing@l.example")
    assert found.text == "Look\n\nsee ![desk](https://h.example/d.png) too"
    assert found.author == Author("https://far.example/u/ann", "ann@far.example", "https://far.example/u/ann")
    assert found.posted_at == datetime(2026, 11, 24, 10, 0, 0, 123456, tzinfo=UTC)
    assert found.attachments == (
        Attachment("https://l.example/pictrs/image/a.webp", "image/webp", "A letter"),
        Attachment("https://h.example/d.png", alt_text="desk"),
    )


def test_a_linked_page() -> None:
    """A link to a page shows its preview, title and description."""
    fields = {"url": "https://n.example/x", "url_content_type": "text/html", "body": None,
              "embed_title": "News", "embed_description": "About"}  # fmt: skip
    found = parse_view(Json(post(**fields), "view"))
    assert [attachment.url for attachment in found.attachments] == ["https://l.example/pictrs/image/t.webp"]
    assert found.card == LinkCard("https://n.example/x", "News", "About")


@pytest.mark.parametrize("flag", ["removed", "deleted"])
def test_what_is_gone_shows_nothing(flag: str) -> None:
    """A removed or deleted post keeps its title only."""
    found = parse_view(Json(post(**{flag: True}), "view"))
    assert (found.text, found.attachments) == ("Look", ())


@given(st.dictionaries(st.sampled_from(sorted(post()["post"])), VALUES))
def test_any_values_in_the_fields(fields: dict[str, Any]) -> None:
    """Whatever stands in a view, it is parsed or said to have changed."""
    with suppress(PayloadChanged):
        assert_well_formed([parse_view(Json(post(**fields), "view"))])


def test_comments_and_searches(server: LemmyServer, connect: Callable[..., Any]) -> None:
    """Comments come with what they answer, and pages are walked in both ways of counting."""
    for number in range(70):
        server.publish("comment", f"comment {number}")
        server.publish("post", f"post {number}")
    connector = connect(include_comments=True, searches=["letter"], first_run_posts=200)
    posts = [post for batch in connector.fetch(None) for post in batch.posts]
    assert sorted(p.text for p in posts) == sorted(
        [f"comment {n}" for n in range(70)] + [f"post {n}" for n in range(70)]
    )
    assert {p.thread for p in posts if p.text.startswith("comment")} == {("The post",)}
    assert connector.check().details == {"API": f"version {server.version}"}


def test_each_way_of_being_gone(server: LemmyServer, connect: Callable[..., Any]) -> None:
    """Removed, deleted and purged are gone; another server's post is unknown without a token."""
    view = server.publish("post", "one")
    ref = PostRef(view["post"]["ap_id"], view["post"]["ap_id"])

    def verdict(ref: PostRef = ref) -> tuple[str, str]:
        probe = connect().check_availability(ref)[0]
        return probe.availability.value, probe.reason

    assert verdict()[0] == "present"
    view["post"]["removed"] = True
    assert verdict() == ("gone", "It was removed by moderators.")
    view["post"] |= {"removed": False, "deleted": True}
    assert verdict() == ("gone", "It was deleted by its author.")
    server.things["post"].clear()
    assert verdict()[0] == "gone"
    assert (
        verdict(PostRef("https://far.example/post/1", "https://far.example/post/1"))[0]
        == Availability.UNKNOWN
    )


def test_reports(server: LemmyServer, connect: Callable[..., Any]) -> None:
    """A report names the post by the instance's own number, for posts of other servers too."""
    view = server.publish("post", "one", ap_id="https://far.example/post/9")
    ref = PostRef("https://far.example/post/9", "https://far.example/post/9")
    receipt = connect(TOKEN).submit_report(ref, Report("A patient's letter."))
    assert receipt.reference == "1"
    assert server.reports == [{"post_id": view["post"]["id"], "reason": "A patient's letter."}]
    with pytest.raises(AuthenticationFailed, match="token"):
        connect().submit_report(ref, Report("x"))


def test_permalinks(server: LemmyServer, connect: Callable[..., Any]) -> None:
    """An address of the instance leads to the id that all servers know."""
    view = server.publish("post", "one", ap_id="https://far.example/post/9")
    here = f"{server.url}/post/{view['post']['id']}"
    assert connect().resolve_permalink(here) == "https://far.example/post/9"
    assert connect(TOKEN).resolve_permalink("https://far.example/post/9") == "https://far.example/post/9"
    assert connect(TOKEN).resolve_permalink("https://far.example/post/8") is None
    assert connect().resolve_permalink(f"{server.url}/post/99") is None


@pytest.mark.parametrize(
    ("name", "error"),
    [
        ("rate_limit_error", RateLimited),
        ("instance_is_private", AuthenticationFailed),
        ("couldnt_find_community", SourceClosed),
    ],
)
def test_errors_have_names(
    server: LemmyServer, connect: Callable[..., Any], name: str, error: type[Exception]
) -> None:
    """Lemmy says in the body what a status 400 means."""
    connector = connect()
    connector.check()
    server.standing = Answer({"error": name}, 400)
    with pytest.raises(error):
        list(connector.fetch(None))


def test_a_removal_is_told(server: LemmyServer, connect: Callable[..., Any]) -> None:
    """A post that is still listed, marked as removed, is told as deleted, once."""
    server.publish("post", "zero")
    view = server.publish("post", "one")
    server.publish("post", "two")
    reader = connect()
    first = list(reader.fetch(None))[-1]
    view["post"]["removed"] = True
    (batch,) = reader.fetch(first.checkpoint)
    assert batch.deletions == (Deletion(view["post"]["ap_id"], "removed by moderators"),)
    assert batch.posts == ()
    assert list(reader.fetch(batch.checkpoint)) == []
