"""X: posts with their media, the cap, and answers of 200 that show nothing."""

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
    AuthenticationFailed,
    Author,
    Availability,
    ChecksManyPosts,
    ConfigurationInvalid,
    PayloadChanged,
    PostRef,
    RateLimited,
)
from connectors.payload import Json
from connectors.registry import build, parse_config
from connectors.traffic import Unwatched
from connectors.x.parse import parse_item, parse_items
from tests.connectors.abilities import TRAFFIC, context_for
from tests.connectors.loopback import Answer, running
from tests.connectors.wellformed import VALUES, assert_well_formed
from tests.connectors.x_server import TOKEN, XServer

NOON = datetime(2026, 11, 25, 12, tzinfo=UTC)
PICTURES = "https://pbs.twimg.com"


@pytest.fixture
def server() -> Iterator[XServer]:
    """An X without posts."""
    with running(XServer()) as made:
        yield made


def connect(server: XServer, now: datetime = NOON, **settings: Any) -> Any:
    """A connector to it."""
    values = {"accept_costs": True, "posts_per_day": 50, "users": ["@ann"], "api_url": server.url} | settings
    context = replace(context_for(server.place), now=lambda: now)
    return build("x", values, {"bearer_token": TOKEN}, context)


def raw(**fields: Any) -> dict[str, Any]:
    """A post as the API gives it."""
    return {
        "id": "1990000000000000002",
        "text": "Look",
        "author_id": "5",
        "created_at": "2026-11-24T10:00:00.000Z",
        "edit_history_tweet_ids": ["1990000000000000001", "1990000000000000002"],
        "attachments": {"media_keys": ["3_1", "7_2", "7_3", "9_9"]},
    } | fields


def page(**fields: Any) -> Json:
    """A page with one post."""
    files = [
        {"content_type": "application/x-mpegURL", "url": f"{PICTURES}/v.m3u8"},
        {"bit_rate": 256, "content_type": "video/mp4", "url": f"{PICTURES}/small.mp4"},
        {"bit_rate": 2176, "content_type": "video/mp4", "url": f"{PICTURES}/large.mp4"},
    ]
    media = [
        {"media_key": "3_1", "type": "photo", "url": f"{PICTURES}/media/a.jpg", "alt_text": "A letter"},
        {"media_key": "7_2", "type": "video", "variants": files, "preview_image_url": f"{PICTURES}/p.jpg"},
        {"media_key": "7_3", "type": "video", "preview_image_url": f"{PICTURES}/q.jpg"},
    ]
    users = [{"id": "5", "username": "ann"}]
    return Json({"data": [raw(**fields)], "includes": {"users": users, "media": media}})


def test_a_post() -> None:
    """The first id of its history is its identity; photos come at their original size."""
    (item,) = parse_items(page())
    post = parse_item(item, "from:ann")
    assert (post.external_id, post.url) == (
        "1990000000000000001",
        "https://x.com/ann/status/1990000000000000002",
    )
    assert (post.text, post.author) == ("Look", Author("5", "ann", "https://x.com/ann"))
    assert post.attachments == (
        Attachment(f"{PICTURES}/media/a.jpg?name=orig", alt_text="A letter"),
        Attachment(f"{PICTURES}/large.mp4", "video/mp4"),
        Attachment(f"{PICTURES}/q.jpg"),
    )


def test_a_long_post() -> None:
    """A long post's whole text stands apart from its beginning."""
    (item,) = parse_items(page(note_tweet={"text": "Look at all of it"}))
    assert parse_item(item, "").text == "Look at all of it"


@given(st.dictionaries(st.sampled_from(sorted(raw())), VALUES))
def test_any_values_in_the_fields(fields: dict[str, Any]) -> None:
    """Whatever stands in a post's fields, it is parsed or said to have changed."""
    with suppress(PayloadChanged):
        assert_well_formed(parse_item(item, "") for item in parse_items(page(**fields)))


class Purse(Unwatched):
    """Grants posts while there are some."""

    def __init__(self, posts: int) -> None:
        self.posts = posts

    def spend(self, meter: str, wanted: int) -> int:
        granted = min(wanted, self.posts)
        if not granted:
            raise RateLimited("Nothing is left.", 60)
        self.posts -= granted
        return granted

    def give_back(self, meter: str, unused: int) -> None:
        self.posts += unused


def test_what_all_sources_share_is_not_overdrawn(server: XServer) -> None:
    """Pages shrink to what all sources may still pay for together; what was read is told, then it ends."""
    for number in range(40):
        server.publish(str(number))
    purse = Purse(27)
    token = TRAFFIC.set(purse)
    connector = connect(server, first_run_posts=40)
    TRAFFIC.reset(token)
    first = list(connector.fetch(None))
    assert sum(len(batch.posts) for batch in first) == 27 - purse.posts
    assert purse.posts < 10
    with pytest.raises(RateLimited):
        list(connector.fetch(first[-1].checkpoint))
    assert purse.posts < 10


def test_the_cap_holds(server: XServer) -> None:
    """No more than the cap is read on a day, what is missed is said, and the next day goes on."""
    for number in range(15):
        server.publish(str(number))
    connector = connect(server, first_run_posts=15)
    last = list(connector.fetch(None))[-1]
    assert last.checkpoint["meter"] == {"day": "2026-11-25", "posts": 15}
    for number in range(200):
        server.publish(f"more {number}")
    batches = list(connector.fetch(last.checkpoint))
    assert sum(len(batch.posts) for batch in batches) == 35
    assert batches[0].gap is not None
    with pytest.raises(RateLimited) as limited:
        list(connector.fetch(batches[-1].checkpoint))
    assert limited.value.retry_after == 12 * 3600
    server.publish("next day")
    tomorrow = connect(server, now=NOON.replace(day=26))
    (batch,) = tomorrow.fetch(batches[-1].checkpoint)
    assert [post.text for post in batch.posts] == ["next day"]
    assert batch.checkpoint["meter"] == {"day": "2026-11-26", "posts": 1}


def test_only_what_is_new_is_paid_for(server: XServer) -> None:
    """A later run asks for what follows the newest known post, and no known one is read again."""
    for number in range(15):
        server.publish(str(number))
    connector = connect(server)
    last = list(connector.fetch(None))[-1]
    assert list(connector.fetch(last.checkpoint)) == []
    assert server.asked[-1].query["since_id"] == server.posts[-1]["id"]
    assert server.asked[-1].query["query"] == "from:ann"


def test_a_check_reads_no_posts(server: XServer) -> None:
    """Trying the source costs nothing."""
    assert connect(server).check().details == {"posts read this month": "17"}
    assert [asked.path for asked in server.asked] == ["2/usage/tweets"]


def test_protected_is_not_gone(server: XServer) -> None:
    """200 with errors means gone only when the error says that nothing was found."""
    made = server.publish("one")
    ref = PostRef(made["id"], f"https://x.com/ann/status/{made['id']}")
    assert connect(server).check_availability(ref)[0].availability == Availability.PRESENT
    server.is_open = False
    assert connect(server).check_availability(ref)[0].availability == Availability.UNKNOWN
    server.is_open = True
    server.posts.clear()
    assert connect(server).check_availability(ref)[0].availability == Availability.GONE


def test_many_posts_in_one_request(server: XServer) -> None:
    """Each has its own verdict, by its own id; an error about what a post refers to proves nothing."""
    ids = [server.publish(str(number))["id"] for number in range(3)]
    server.protected, deleted = {ids[1]}, server.posts.pop(0)["id"]
    refs = [PostRef(each, f"https://x.com/ann/status/{each}") for each in ids]
    asked = connect(server)
    assert isinstance(asked, ChecksManyPosts)
    server.asked.clear()
    verdicts = [probes[0].availability for probes in asked.check_many(refs)]
    assert verdicts == [Availability.GONE, Availability.UNKNOWN, Availability.PRESENT]
    assert [each.query for each in server.asked] == [{"ids": ",".join(ids)}]
    about = {"type": "https://api.twitter.com/2/problems/resource-not-found", "value": deleted}
    server.standing = Answer({"errors": [{**about, "resource_type": "media"}]})
    assert asked.check_availability(refs[0])[0].availability == Availability.UNKNOWN


def test_it_is_off_by_default() -> None:
    """A source that does not say that its costs and its cap are known is refused."""
    with pytest.raises(ConfigurationInvalid, match="accept_costs is missing"):
        parse_config("x", {"users": ["ann"], "posts_per_day": 100})
    with pytest.raises(ConfigurationInvalid, match="posts_per_day is missing"):
        parse_config("x", {"users": ["ann"], "accept_costs": True})
    with pytest.raises(ConfigurationInvalid, match="accept_costs"):
        parse_config("x", {"users": ["ann"], "accept_costs": False, "posts_per_day": 100})
    config = {"users": ["ann"], "accept_costs": True, "posts_per_day": 100}
    with pytest.raises(AuthenticationFailed, match="bearer"):
        build("x", config, None, context_for())


@pytest.mark.parametrize(
    ("url", "found"),
    [
        ("https://x.com/ann/status/1990000000000000001", "1990000000000000001"),
        ("https://twitter.com/i/web/status/1990000000000000001?s=20", "1990000000000000001"),
        ("https://x.com/ann", None),
    ],
)
def test_permalinks(server: XServer, url: str, found: str | None) -> None:
    """All addresses of a post lead to its id."""
    assert connect(server).resolve_permalink(url) == found
