"""What holds of every post, whatever a platform answered."""

from __future__ import annotations

import json
from collections.abc import Iterable
from datetime import timedelta

from hypothesis import strategies as st

from connectors.base import NEVER_FILES, Post
from connectors.text import LONGEST_ADDRESS, LONGEST_ID, LONGEST_TEXT

ADDRESSES = ["javascript:alert(1)", "https://", "//x/y", "https://[::1/", "http://x/" + "y" * 9000, "data:,x"]
VALUES = (
    st.none()
    | st.integers()
    | st.text(max_size=20)
    | st.sampled_from([*ADDRESSES, "x" * 300, "\ud800\x00", "2026-11-25T10:00:00"])
    | st.lists(st.none() | st.text(max_size=3), max_size=3)
    | st.dictionaries(st.text(max_size=5), st.text(max_size=5), max_size=2)
)
"""What may stand in a field: other types, addresses that are none, text that is too long or not storable."""


def assert_well_formed(posts: Iterable[Post]) -> None:
    """Ids are there, bounded and unique, text bounded and storable, times aware UTC, addresses the web's."""
    found = list(posts)
    ids = [post.external_id for post in found]
    assert len(ids) == len(set(ids))
    for post in found:
        assert 0 < len(post.external_id) <= LONGEST_ID
        assert len(post.text) <= LONGEST_TEXT
        assert post.posted_at is None or post.posted_at.utcoffset() == timedelta(0)
        _assert_addresses(post)
        words = [post.external_id, post.text, post.context, post.tags, post.thread, post.url]
        json.dumps(words, ensure_ascii=False).encode("utf-8")


def _assert_addresses(post: Post) -> None:
    """Those that people are led to are the web's; those of files the web's or a connector's own."""
    author, card = post.author, post.card
    assert post.url.startswith(("http://", "https://", "folder:"))
    assert len(post.url) <= LONGEST_ADDRESS
    for address in (author and author.url, card and card.url):
        assert not address or address.startswith(("http://", "https://"))
    assert author is None or max(len(author.external_id), len(author.handle)) <= LONGEST_ID
    assert not any(file.url.startswith(NEVER_FILES) or ":" not in file.url for file in post.attachments)
