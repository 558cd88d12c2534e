"""Records of the AT Protocol as posts: the shapes that the network has."""

from __future__ import annotations

from contextlib import suppress
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.base import Attachment, Author, LinkCard, PayloadChanged, Post
from connectors.bluesky.jetstream import parse_v1, parse_v2
from connectors.bluesky.parse import author_of, has_pictures, languages, parse_record, parse_view
from connectors.payload import Json
from tests.connectors.bluesky_server import cid_of, record
from tests.connectors.wellformed import VALUES, assert_well_formed

DID = "did:plc:ewvi7nxzyoun6zhxrhs64oiz"
URI = f"at://{DID}/app.bsky.feed.post/3mptbxs3hq22j"
PICTURE = {"$type": "blob", "ref": {"$link": cid_of(b"x")}, "mimeType": "image/png", "size": 1}


def post(value: dict[str, Any]) -> Post:
    """A record as a post."""
    return parse_record(Json(value, "record"), URI, author_of(DID), Json("2026-11-20T11:00:00Z"), "Bluesky")


def urls(value: dict[str, Any]) -> list[str]:
    """The addresses of a record's attachments."""
    return [attachment.url for attachment in post(value).attachments]


def test_a_view() -> None:
    """The AppView's post: address by DID, words, pictures with their alternative text."""
    view = {
        "uri": URI,
        "cid": "bafy",
        "author": {"did": DID, "handle": "ward.example.org", "displayName": "Ward"},
        "record": record("Look", b"x", tags=["nhs"]),
        "indexedAt": "2026-11-20T10:00:01.000Z",
    }
    assert parse_view(Json(view), "@ward") == Post(
        platform="bluesky",
        external_id=URI,
        url=f"https://bsky.app/profile/{DID}/post/3mptbxs3hq22j",
        text="Look",
        author=Author(DID, "ward.example.org", f"https://bsky.app/profile/{DID}"),
        posted_at=datetime(2026, 11, 20, 10, tzinfo=UTC),
        attachments=(Attachment(f"at-blob:{DID}/{cid_of(b'x')}", "image/jpeg", "a letter"),),
        context="@ward",
        tags=("nhs",),
    )


OLD = {"cid": cid_of(b"x"), "mimeType": "image/png"}
EXTERNAL = {"uri": "u", "title": "", "description": "", "thumb": PICTURE}
QUOTED = {"record": {"uri": "at://x", "cid": "y"}}


@pytest.mark.parametrize(
    "embed",
    [
        {"$type": "app.bsky.embed.images", "images": [{"alt": "", "image": PICTURE}]},
        {"$type": "app.bsky.embed.video", "video": PICTURE | {"mimeType": "video/mp4"}},
        {"$type": "app.bsky.embed.external", "external": EXTERNAL},
        {"$type": "app.bsky.embed.recordWithMedia", "record": QUOTED, "media": {"images": [{"image": OLD}]}},
    ],
)
def test_kinds_of_embeds(embed: dict[str, Any]) -> None:
    """Pictures, videos, link previews, quotes with pictures, and blobs as the oldest records wrote them."""
    assert urls(record("x", embed=embed)) == [f"at-blob:{DID}/{cid_of(b'x')}"]
    assert has_pictures(Json(record("x", embed=embed)))


def test_a_quote_shows_nothing_of_its_own() -> None:
    """A quoted post is a post of its own."""
    embed = {"$type": "app.bsky.embed.record", "record": {"uri": URI, "cid": "bafy"}}
    assert urls(record("x", embed=embed)) == []
    assert not has_pictures(Json(record("x", embed=embed)))


def test_a_link_card() -> None:
    """A link's title and description are kept."""
    external = {"uri": "https://n.example", "title": "News", "description": "About"}
    card = post(record("x", embed={"$type": "app.bsky.embed.external", "external": external})).card
    assert card == LinkCard("https://n.example", "News", "About")


def test_an_author_s_wrong_time() -> None:
    """A time that is none is replaced by when the network saw the post."""
    assert post(record("x", createdAt="yesterday")).posted_at == datetime(2026, 11, 20, 11, tzinfo=UTC)


def test_languages_without_regions() -> None:
    """Languages are compared without their regions."""
    assert languages(Json({"langs": ["en-GB", "CY", 5]})) == {"en", "cy", ""}


@pytest.mark.parametrize(
    ("parse", "frame", "path"),
    [
        (parse_v1, {"did": DID, "kind": "commit"}, "event.time_us"),
        (parse_v2, {"$type": "message"}, "event.payload"),
        (
            parse_v2,
            {"payload": {"$type": "x#commit", "seq": 1, "time": "soon", "did": DID}},
            "event.payload.time",
        ),
    ],
)
def test_a_changed_event_is_named(parse: Any, frame: dict[str, Any], path: str) -> None:
    """An event of another shape says which field."""
    with pytest.raises(PayloadChanged) as changed:
        parse(Json(frame, "event"))
    assert changed.value.path == path


@given(st.dictionaries(st.sampled_from(["text", "createdAt", "embed", "langs", "tags"]), VALUES))
def test_any_values_in_the_fields(fields: dict[str, Any]) -> None:
    """Whatever stands in a record, it is parsed or said to have changed."""
    with suppress(PayloadChanged):
        assert_well_formed([post(record("x", b"y") | fields)])
    has_pictures(Json(fields))
