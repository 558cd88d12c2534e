"""Statuses of the Mastodon API as posts: the shapes that servers send."""

from __future__ import annotations

from contextlib import suppress
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.base import Attachment, Author, LinkCard, PayloadChanged, Post
from connectors.mastodon.parse import id_order, parse_status, parse_statuses
from connectors.payload import Json
from tests.connectors.wellformed import VALUES, assert_well_formed

HOST = "social.example"


def status(**fields: Any) -> dict[str, Any]:
    """A status as Mastodon 4.7 sends it."""
    account = {
        "id": "109",
        "username": "ward",
        "acct": "ward",
        "url": f"https://{HOST}/@ward",
        "uri": f"https://{HOST}/users/ward",
    }
    return {
        "id": "117440841601474392",
        "created_at": "2026-10-17T18:04:03.871Z",
        "in_reply_to_id": None,
        "sensitive": False,
        "spoiler_text": "",
        "visibility": "public",
        "language": "en",
        "uri": f"https://{HOST}/users/ward/statuses/117440841601474392",
        "url": f"https://{HOST}/@ward/117440841601474392",
        "edited_at": None,
        "content": "<p>Look at <a href='https://social.example/tags/nhs'>#<span>nhs</span></a></p>",
        "reblog": None,
        "account": account,
        "media_attachments": [],
        "mentions": [],
        "tags": [{"name": "nhs", "url": "https://social.example/tags/nhs"}],
        "card": None,
        "poll": None,
    } | fields


def media(**fields: Any) -> dict[str, Any]:
    """A picture as an instance describes it."""
    return {
        "id": "1",
        "type": "image",
        "url": "https://files.example/1.jpg",
        "preview_url": "https://files.example/small/1.jpg",
        "remote_url": None,
        "description": "A letter on a desk",
        "blurhash": "UBL_:rOpGG-oBUNG,qRj2so|=eE1w^n4S5NH",
    } | fields


def parsed(**fields: Any) -> Post:
    """A status with these fields as a post."""
    return parse_status(Json(status(**fields), "status"), "#nhs", HOST)


def test_a_status() -> None:
    """Words without markup, the author with its server, the uri as identity, the page as address."""
    assert parsed(media_attachments=[media()]) == Post(
        platform="mastodon",
        external_id="https://social.example/users/ward/statuses/117440841601474392",
        url="https://social.example/@ward/117440841601474392",
        text="Look at #nhs",
        author=Author(
            "https://social.example/users/ward", "ward@social.example", "https://social.example/@ward"
        ),
        posted_at=datetime(2026, 10, 17, 18, 4, 3, 871000, tzinfo=UTC),
        attachments=(Attachment("https://files.example/1.jpg", alt_text="A letter on a desk"),),
        context="#nhs",
    )


def test_everything_that_is_written() -> None:
    """A content warning and the answers of a poll are part of the text."""
    post = parsed(spoiler_text="Private!", poll={"options": [{"title": "Yes"}, {"title": "No"}]})
    assert post.text == "Private!\n\nLook at #nhs\n\nYes\nNo"


@pytest.mark.parametrize(
    ("fields", "url"),
    [
        ({"url": None, "type": "unknown", "remote_url": "https://far.example/1.jpg"}, "https://far.example/1.jpg"),
        ({"type": "video", "url": "https://files.example/1.mp4"}, "https://files.example/1.mp4"),
        ({"type": "gifv", "url": None}, "https://files.example/small/1.jpg"),
        ({"type": "audio"}, None),
    ],
)  # fmt: skip
def test_kinds_of_media(fields: dict[str, Any], url: str | None) -> None:
    """Pictures and videos are taken from the instance, else from where they came; sound is not."""
    found = [attachment.url for attachment in parsed(media_attachments=[media(**fields)]).attachments]
    assert found == ([url] if url else [])


def test_a_link_card() -> None:
    """A card's words are kept, and its picture where the post has none of its own."""
    card = {
        "url": "https://n.example/x",
        "title": "News",
        "description": "About",
        "image": "https://n.example/x.png",
    }
    post = parsed(card=card)
    assert post.card == LinkCard("https://n.example/x", "News", "About")
    assert [attachment.url for attachment in post.attachments] == ["https://n.example/x.png"]
    post = parsed(card=card, media_attachments=[media()])
    assert [attachment.url for attachment in post.attachments] == ["https://files.example/1.jpg"]


def test_boosts_and_quotes() -> None:
    """A boost is the post it boosts, and a quoted post comes as one of its own."""
    inner = status(uri="https://far.example/1", content="<p>inner</p>")
    boosted = parse_statuses(Json(status(reblog=inner, content=""), "status"), "@ward", HOST)
    assert [post.external_id for post in boosted] == ["https://far.example/1"]
    quote = {"state": "accepted", "quoted_status": inner}
    quoting = parse_statuses(Json(status(quote=quote), "status"), "@ward", HOST)
    assert [post.text for post in quoting] == ["Look at #nhs", "inner"]
    revoked = status(quote={"state": "revoked", "quoted_status": None})
    hidden = parse_statuses(Json(revoked, "status"), "", HOST)
    assert len(hidden) == 1


def test_ids_of_any_kind_are_sorted_by_age() -> None:
    """Snowflakes, short numbers and ULIDs keep their order without being read as numbers."""
    assert sorted(["100", "99", "101"], key=id_order) == ["99", "100", "101"]
    first, second = "01JCA1Z0000000000000000000", "01JCA1Z000000000000000000A"
    assert sorted([second, first], key=id_order) == [first, second]


@pytest.mark.parametrize("name", ["uri", "content", "account", "created_at", "media_attachments"])
def test_a_lost_field_is_named(name: str) -> None:
    """A status without one of the fields that matter says which."""
    broken = status()
    del broken[name]
    with pytest.raises(PayloadChanged) as changed:
        parse_status(Json(broken, "status"), "", HOST)
    assert changed.value.path == f"status.{name}"


@given(st.dictionaries(st.sampled_from(sorted(status())), VALUES))
def test_any_values_in_the_fields(fields: dict[str, Any]) -> None:
    """Whatever stands in the fields, a status is parsed or said to have changed."""
    with suppress(PayloadChanged):
        assert_well_formed(parse_statuses(Json(status(**fields), "status"), "", HOST))
