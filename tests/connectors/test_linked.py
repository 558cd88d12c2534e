"""What is looked behind, and what a page shows of itself."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.linked import LinkedFile, followed_links, looks_like_html, read_linked, read_oembed

PAGE = "https://imgur.example/a/xyz"


def urls(html: str, *, whole: bool = False) -> list[tuple[str, str]]:
    """The files a page names."""
    return [(file.url, file.found_as) for file in read_linked(html, PAGE, whole=whole).files]


def test_pictures_and_their_hosts_are_followed() -> None:
    """Picture files and known hosts' pages, each once, without the sentence's punctuation; at most four."""
    text = (
        "see https://imgur.com/a/xyz, (https://news.example/story) https://cdn.example/a.JPG?w=1! "
        "https://imgur.com/a/xyz https://notimgur.com/a"
    )
    assert followed_links(text, None, "pictures") == (
        "https://imgur.com/a/xyz",
        "https://cdn.example/a.JPG?w=1",
    )
    assert followed_links(text, "https://i.ibb.co/q", "none") == ()
    assert followed_links("", "https://i.ibb.co/q", "pictures") == ("https://i.ibb.co/q",)
    assert len(followed_links(" ".join(f"https://a.example/{n}" for n in range(9)), None, "all")) == 4


def test_a_page_names_its_picture() -> None:
    """Open Graph, cards and image_src, absolute, each address once; inline pictures of a whole page only."""
    html = (
        '<meta property="og:image" content="/1.jpg">'
        '<meta name="twitter:image" content="https://c.example/2.jpg">'
        '<meta property="og:image:secure_url" content="https://imgur.example/1.jpg">'
        '<link rel="image_src" href="javascript:x"><img src="3.png">'
        '<meta property="og:title" content=" A  title ">'
    )
    named = [
        ("https://imgur.example/1.jpg", "og:image:secure_url"),
        ("https://c.example/2.jpg", "twitter:image"),
    ]
    assert urls(html) == named
    assert urls(html, whole=True) == [*named, ("https://imgur.example/a/3.png", "img")]
    assert read_linked(html, PAGE, whole=False).title == "A title"


def test_oembed() -> None:
    """A photo's own picture, another kind's thumbnail, and nothing of what is no answer."""
    answer = {"type": "photo", "url": "https://c.example/p.jpg", "thumbnail_url": "https://c.example/t.jpg"}
    assert read_oembed(json.dumps(answer).encode(), PAGE) == (
        LinkedFile("https://c.example/p.jpg", "oEmbed"),
    )
    video = answer | {"type": "video"}
    assert read_oembed(json.dumps(video).encode(), PAGE)[0].url == "https://c.example/t.jpg"
    assert read_linked('<link type="application/json+oembed" href="/o?u=1">', PAGE, whole=False).oembed
    for nothing in (b"[]", b"{", b'{"type": "photo", "url": 7}', b"[" * 9999):
        assert read_oembed(nothing, PAGE) == ()


@pytest.mark.parametrize(
    ("data", "kind", "is_page"),
    [
        (b"x", "text/html; charset=x", True),
        (b"\n <!DOCTYPE html>", None, True),
        (b"\x89PNG", "image/png", False),
    ],
)
def test_what_is_a_page(data: bytes, kind: str | None, is_page: bool) -> None:
    """By its type, or by its beginning where the type lies."""
    assert looks_like_html(data, kind) == is_page


@given(st.text(max_size=200), st.booleans())
def test_any_page(html: str, whole: bool) -> None:
    """Any text is a page, and names nothing but web addresses."""
    page = read_linked(f'<meta property="og:image" content="{html}">{html}', PAGE, whole=whole)
    assert all(file.url.startswith(("http://", "https://")) for file in page.files)
    followed_links(html, html, "all")
