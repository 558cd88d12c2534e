"""A pasted address means the post that the platform's own connector would store."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.base import AttachmentRefused
from connectors.permalinks import read_permalink

DID = "did:plc:ewvi7nxzyoun6zhxrhs64oiz"
MEANT = [
    ("https://x.com/nurse/status/1234567890123456789?s=20&t=abc", "x", "1234567890123456789"),
    ("mobile.twitter.com/i/web/status/99/photo/1", "x", "99"),
    ("https://www.reddit.com/r/nhs/comments/1abcde/some_title/", "reddit", "t3_1abcde"),
    ("https://old.reddit.com/comments/1abcde", "reddit", "t3_1abcde"),
    ("https://redd.it/1abcde", "reddit", "t3_1abcde"),
    ("https://www.reddit.com/gallery/1abcde", "reddit", "t3_1abcde"),
    ("https://www.reddit.com/r/nhs/comments/1abcde/some_title/kx9zz/?context=3", "reddit", "t1_kx9zz"),
    ("https://youtu.be/dQw4w9WgXcQ?si=tracking", "youtube", "dQw4w9WgXcQ"),
    ("https://m.youtube.com/watch?app=desktop&v=dQw4w9WgXcQ#t=1", "youtube", "dQw4w9WgXcQ"),
    ("https://t.me/s/channel/17", "telegram", "channel/17"),
    (f"https://bsky.app/profile/{DID}/post/3k2a", "bluesky", f"at://{DID}/app.bsky.feed.post/3k2a"),
    ("https://gist.github.com/someone/0123456789abcdef0123", "gists", "0123456789abcdef0123"),
    ("https://blog.tumblr.com/post/712345/slug", "tumblr", "712345"),
    ("https://www.instagram.com/reel/Cxyz_1-a/?igsh=abc", "instagram", "Cxyz_1-a"),
    (
        "https://www.tiktok.com/@ward7/video/7300000000000000000?is_from_webapp=1",
        "tiktok",
        "7300000000000000000",
    ),
    ("HTTPS://Example.ORG/p?id=1&utm_source=x&fbclid=y#top", "web", "https://example.org/p?id=1"),
]


@pytest.mark.parametrize(("given_url", "platform", "external_id"), MEANT)
def test_what_an_address_means(given_url: str, platform: str, external_id: str) -> None:
    """Other hosts, apps' parameters and fragments lead to the same post."""
    meant = read_permalink(given_url)
    assert (meant.platform, meant.external_id) == (platform, external_id)
    assert meant.sure == (platform != "web")


def test_the_fediverse_looks_like_itself() -> None:
    """An address that only a server can tell is known by its form; an ordinary page is not taken for one."""
    assert read_permalink("https://social.example/@ann/113000000000000001").federated
    assert read_permalink("https://lemmy.example/post/77").federated
    assert not read_permalink("https://news.example/2026/11/story").federated


def test_no_address() -> None:
    """What would not be fetched is refused without being repeated."""
    for url in ("", "javascript:alert(1)", "http://user:pw@example.org/", "file:///etc/passwd", "at://x/y"):
        with pytest.raises(AttachmentRefused) as refused:
            read_permalink(url)
        assert "pw" not in str(refused.value)


@given(st.text(max_size=60))
def test_any_text(text: str) -> None:
    """Whatever is pasted, it is an address with a bounded id, and reading it again changes nothing."""
    try:
        meant = read_permalink(text)
    except AttachmentRefused:
        return
    assert 0 < len(meant.external_id) <= 255
    assert read_permalink(meant.url) == meant
