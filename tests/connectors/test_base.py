"""The port's own values: what strangers write is bounded once, for every connector."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.base import MOST_PARTS, Attachment, Author, Deletion, LinkCard, PayloadChanged, Post, Rejected
from connectors.text import LONGEST_ID, LONGEST_TEXT, web_address
from tests.connectors.wellformed import ADDRESSES, assert_well_formed

LONG = "x" * (LONGEST_TEXT + 1)


def test_long_ids_stay_apart() -> None:
    """Ids are as long as can be stored; two that differ only at their end still differ, everywhere alike."""
    posts = [Post("folder", LONG + end, "folder:x", LONG, author=Author(LONG + end, LONG)) for end in "ab"]
    assert_well_formed(posts)
    assert len({post.author for post in posts}) == 2
    assert (
        Deletion(LONG + "a", "").external_id == Rejected(LONG + "a", "").external_id == posts[0].external_id
    )
    assert len(posts[0].external_id) == LONGEST_ID


def test_parts_are_bounded() -> None:
    """No post brings more files, tags or posts before it than a program can bear."""
    many = (LONG,) * (MOST_PARTS + 1)
    files = tuple(Attachment(f"https://x.example/{number}") for number in range(MOST_PARTS + 1))
    post = Post("x", "1", "https://x.example/1", "", context=LONG, tags=many, thread=many, attachments=files)
    assert (len(post.tags), len(post.thread), len(post.attachments)) == (MOST_PARTS,) * 3
    assert len(post.thread[0]) == LONGEST_TEXT


def test_a_post_without_an_id() -> None:
    """It is said to be malformed, and what is kept of it has a name all the same."""
    with pytest.raises(PayloadChanged, match="id: is empty"):
        Post("x", "", "https://x.example", "")
    assert Rejected("", "why").external_id == "unnamed"


@pytest.mark.parametrize("address", ADDRESSES)
def test_addresses_that_lead_nowhere(address: str) -> None:
    """Nobody is led to an address that is none of the web's."""
    assert Author("1", "ann", address).url is None
    assert LinkCard(address, "title").url is None


@given(st.text() | st.text(alphabet="htps:/[]%@.x"))
def test_any_address(text: str) -> None:
    """An address that is taken begins as the web's do."""
    found = web_address(text)
    assert found is None or found.lower().startswith(("http://", "https://"))
