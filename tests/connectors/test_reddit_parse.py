"""Reddit's JSON as posts: the shapes that its listings have."""

from __future__ import annotations

from contextlib import suppress
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.base import Attachment, Author, LinkCard, PayloadChanged, Post
from connectors.reddit.parse import fullname, is_unfinished, parse_page, parse_thing
from tests.connectors.reddit_server import comment, submission
from tests.connectors.wellformed import assert_well_formed


def urls(thing: dict[str, Any]) -> list[str]:
    """The addresses of the thing's attachments."""
    return [attachment.url for attachment in parse_thing(thing).attachments]


def uploaded(key: str, status: str = "valid", **changes: Any) -> dict[str, Any]:
    """An entry of media_metadata."""
    source = {"y": 1440, "x": 1080, "u": f"https://preview.redd.it/{key}.jpg?width=1080&amp;s=5d5"}
    return {"status": status, "e": "Image", "m": "image/jpg", "p": [], "s": source, "id": key} | changes


def preview(*sources: str) -> dict[str, Any]:
    """A preview with these source pictures."""
    return {"images": [{"source": {"url": url, "width": 9, "height": 9}} for url in sources], "enabled": True}


def gallery(*keys: str, **entries: Any) -> dict[str, Any]:
    """A gallery submission of the keys in this order; `entries` replace or add metadata."""
    items = [{"caption": f"about {key}", "media_id": key, "is_deleted": False, "id": 1} for key in keys]
    metadata = {key: uploaded(key) for key in reversed(keys)} | entries
    link = "https://www.reddit.com/gallery/z00001"
    return submission(
        1,
        is_gallery=True,
        gallery_data={"items": items},
        media_metadata=metadata,
        url=link,
        url_overridden_by_dest=link,
    )


def test_a_self_post() -> None:
    """Title and text, author, time, permalink and place."""
    assert parse_thing(submission(3, title="On \u2764", selftext="Body")) == Post(
        platform="reddit",
        external_id="t3_z00003",
        url="https://www.reddit.com/r/nursing_uk/comments/z00003/post_3/",
        text="On \u2764\n\nBody",
        author=Author("t2_a3", "writer_3", "https://www.reddit.com/user/writer_3"),
        posted_at=datetime.fromtimestamp(1_790_000_003, tz=UTC),
        context="r/nursing_uk",
    )


def test_a_gallery_keeps_its_order() -> None:
    """Gallery pictures come in the author's order, unescaped, with type and caption."""
    first, second = parse_thing(gallery("bbb", "aaa")).attachments
    assert first == Attachment("https://preview.redd.it/bbb.jpg?width=1080&s=5d5", "image/jpeg", "about bbb")
    assert second.url == "https://preview.redd.it/aaa.jpg?width=1080&s=5d5"


def test_a_gallery_leaves_out_what_is_not_valid() -> None:
    """Failed, deleted and unknown entries of a gallery are passed over."""
    thing = gallery("a", "b", "c", "d", b=uploaded("b", status="failed"))
    thing["gallery_data"]["items"][2]["is_deleted"] = True
    del thing["media_metadata"]["d"]
    assert urls(thing) == ["https://preview.redd.it/a.jpg?width=1080&s=5d5"]


def test_moving_pictures_of_a_gallery() -> None:
    """A moving picture gives its GIF, or its video where there is no GIF."""
    source = {"gif": "https://i.redd.it/a.gif", "mp4": "https://preview.redd.it/a.gif?format=mp4"}
    moving = uploaded("a", e="AnimatedImage", m="image/gif", s=source)
    silent = uploaded("b", e="AnimatedImage", m="image/gif", s={"mp4": "https://preview.redd.it/b.gif?s=1"})
    assert urls(gallery("a", "b", a=moving, b=silent)) == [
        "https://i.redd.it/a.gif",
        "https://preview.redd.it/b.gif?s=1",
    ]


def test_a_linked_image() -> None:
    """A direct link to an image is the attachment, and its preview is not a second one."""
    link = "https://i.redd.it/abc123.png"
    shown = preview("https://preview.redd.it/abc123.png?auto=webp&s=1")
    thing = submission(1, url=link, url_overridden_by_dest=link, post_hint="image", preview=shown)
    assert urls(thing) == [link]


@pytest.mark.parametrize(
    ("link", "is_image"),
    [
        ("https://i.imgur.com/x.JPEG", True),
        ("https://example.org/scan.tiff?v=1", True),
        ("https://i.imgur.com/x.gifv", False),
        ("https://example.org/page", False),
        ("/r/other/comments/1/x.png", False),
        ("https://[bad/x.png", False),
    ],
)
def test_which_links_are_images(link: str, is_image: bool) -> None:
    """Only a web address of an image file is taken from a link post."""
    assert urls(submission(1, url=link)) == ([link] if is_image else [])


def test_a_query_that_looks_like_an_entity() -> None:
    """Only Reddit's own escapes are undone: "&copy=2" stays what it is."""
    thing = submission(1, url="https://example.org/x.png?a=1&amp;copy=2")
    assert urls(thing) == ["https://example.org/x.png?a=1&copy=2"]


def test_a_crosspost_shows_the_parents_pictures() -> None:
    """A crosspost without pictures of its own has those of its parent, unless that was removed."""
    parent = gallery("aaa")
    thing = submission(9, crosspost_parent="t3_z00001", crosspost_parent_list=[parent], url="/r/x/1")
    assert urls(thing) == ["https://preview.redd.it/aaa.jpg?width=1080&s=5d5"]
    parent["removed_by_category"] = "moderator"
    assert urls(thing) == []


def test_the_words_beside_a_submission() -> None:
    """The flair is a tag, an embedded page a card, and a crossposted post's words are context."""
    embedded = {
        "type": "example.org",
        "oembed": {"title": "A talk", "description": "On wards", "html": "<i>"},
    }
    parent = submission(2, title="Look", selftext="who was in")
    post = parse_thing(
        submission(
            1,
            link_flair_text="Rant",
            secure_media=embedded,
            url_overridden_by_dest="https://example.org/v",
            crosspost_parent_list=[parent],
        )
    )
    assert post.tags == ("Rant",)
    assert post.card == LinkCard("https://example.org/v", "A talk", "On wards")
    assert post.thread == ("Look\n\nwho was in",)


def test_a_comment_answers_a_submission() -> None:
    """A comment's context is the title it stands under."""
    assert parse_thing(comment(5)).thread == ("Post 1",)
    assert parse_thing(comment(5, link_title=None)).thread == ()


def test_pictures_within_the_text() -> None:
    """Uploads in a self text come in the order of the text, then linked images; each once."""
    text = (
        "see https://preview.redd.it/letter-v0-bbb.jpg?width=640&amp;s=9 and ![img](aaa)\n"
        "also [this](https://example.org/scan.png), https://example.org/scan.png."
    )
    thing = submission(1, selftext=text, media_metadata={"aaa": uploaded("aaa"), "bbb": uploaded("bbb")})
    assert urls(thing) == [
        "https://preview.redd.it/bbb.jpg?width=1080&s=5d5",
        "https://preview.redd.it/aaa.jpg?width=1080&s=5d5",
        "https://example.org/scan.png",
    ]


def test_a_video_gives_its_still() -> None:
    """Of a video hosted by Reddit the still picture is taken."""
    video = {"reddit_video": {"fallback_url": "https://v.redd.it/x/DASH_720.mp4", "is_gif": False}}
    still = "https://external-preview.redd.it/abc-DEF_1.png?format=pjpg&auto=webp&s=1"
    thing = submission(
        1,
        url="https://v.redd.it/x",
        is_video=True,
        media=video,
        post_hint="hosted:video",
        preview=preview(still),
    )
    assert urls(thing) == [still]


def test_a_link_gives_its_preview() -> None:
    """Of a linked page Reddit's own preview is taken."""
    shown = preview("https://external-preview.redd.it/q.jpg?auto=webp&amp;s=1", "javascript:alert(1)")
    thing = submission(1, url="https://example.org/news", post_hint="link", preview=shown)
    assert urls(thing) == ["https://external-preview.redd.it/q.jpg?auto=webp&s=1"]


@pytest.mark.parametrize(
    "changes",
    [
        {"removed_by_category": "moderator"},
        {"removed_by_category": "copyright_takedown"},
        {"selftext": "[removed]"},
        {"selftext": "[deleted]", "author": "[deleted]"},
    ],
)
def test_what_was_removed_has_no_pictures(changes: dict[str, Any]) -> None:
    """A removed or deleted submission gives no attachment and not the word "[removed]" as its text."""
    post = parse_thing(gallery("aaa") | changes)
    assert (post.attachments, post.text) == ((), "Post 1")


def test_a_deleted_account_does_not_hide_the_post() -> None:
    """A post whose author closed the account keeps its pictures and has no author."""
    post = parse_thing(gallery("aaa") | {"author": "[deleted]"})
    assert (post.author, len(post.attachments)) == (None, 1)


def test_a_comment() -> None:
    """A comment's text, place and pictures; an old shape without permalink gets one made."""
    thing = comment(5, body="look ![img](aaa)", media_metadata={"aaa": uploaded("aaa")})
    post = parse_thing(thing)
    assert (post.external_id, post.text) == ("t1_k00005", "look ![img](aaa)")
    assert post.url == "https://www.reddit.com/r/nursing_uk/comments/z00001/post_1/k00005/"
    assert len(post.attachments) == 1
    del thing["permalink"]
    assert parse_thing(thing).url == "https://www.reddit.com/comments/z00001/_/k00005/"
    assert parse_thing(thing | {"body": "[removed]"}).attachments == ()


@pytest.mark.parametrize("field", ["name", "title", "created_utc"])
def test_a_field_that_is_gone(field: str) -> None:
    """A required field that is missing is named, with the post it is missing from."""
    thing = submission(1)
    del thing[field]
    with pytest.raises(PayloadChanged) as changed:
        parse_thing(thing)
    assert changed.value.path == f"{fullname(thing)}.{field}"


@pytest.mark.parametrize(
    "payload", [None, [], {}, {"data": None}, {"data": {"children": None}}, {"message": "x", "error": 200}]
)
def test_a_listing_that_is_none(payload: object) -> None:
    """An answer without a list of children is a changed payload, not an empty listing."""
    with pytest.raises(PayloadChanged, match=r"data\.children"):
        parse_page(payload, "t3")


def test_an_upload_in_processing_is_noticed() -> None:
    """A picture that Reddit has not finished makes its post unfinished."""
    assert is_unfinished(gallery("aaa", bbb={"status": "unprocessed", "id": "bbb"}))
    assert not is_unfinished(gallery("aaa"))
    assert not is_unfinished(submission(1, media_metadata=None))


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=10,
)
FIELDS = sorted(
    {*submission(1), *comment(1), "gallery_data", "media_metadata", "preview", "crosspost_parent_list"}
    | {"link_flair_text", "secure_media", "media"}
)


@given(st.dictionaries(st.sampled_from(FIELDS), json_values, max_size=4), st.booleans())
def test_any_values_in_the_fields(changes: dict[str, Any], is_comment: bool) -> None:
    """Whatever Reddit puts in its fields, the thing is a post or a named change of payload."""
    thing = (comment(1) if is_comment else gallery("aaa")) | changes
    with suppress(PayloadChanged):
        assert_well_formed([parse_thing(thing)])
