"""Text and pictures of HTML."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.html import HtmlImage, absolute, html_images, html_text


@pytest.mark.parametrize(
    ("html", "text"),
    [
        ("", ""),
        ("just words\nin source", "just words in source"),
        ("<p>Hi <b>wor</b>ld<br>next</p><p>Two&nbsp;&amp; \u00e9</p>", "Hi world\nnext\n\nTwo & \u00e9"),
        ('<a href="/x">li<span class="invisible">n</span>k</a>', "link"),
        ("<ul><li>one</li><li>two</li></ul>", "one\n\ntwo"),
        ("a<script>alert(1)</script><style>p{}</style>b", "ab"),
        ("<p>unclosed <i>tags", "unclosed tags"),
        ("nul \x00 here", "nul \ufffd here"),
        ("\u0631\u0633\u0627\u0644\u0629 \U0001f3e5", "\u0631\u0633\u0627\u0644\u0629 \U0001f3e5"),
    ],
)  # fmt: skip
def test_what_a_reader_sees(html: str, text: str) -> None:
    """Paragraphs and breaks are lines; markup, scripts and styles are not there."""
    assert html_text(html) == text


def test_pictures_in_order() -> None:
    """Each picture once, absolute, at its largest, with its alternative text."""
    page = """
      <img src="/a.png" alt="A ward"><img src="data:image/gif;base64,R0"><img src="a.png?x" data-src="b.png">
      <img srcset="s.jpg 1x, l.jpg 2x" src="s.jpg"><video poster="v.jpg"></video><img src="/a.png">
      <picture><source srcset="w.webp 640w, w2.webp 1280w"></picture><img src="javascript:x">
    """
    assert list(html_images(page, "https://h.example/dir/page")) == [
        HtmlImage("https://h.example/a.png", "A ward"),
        HtmlImage("https://h.example/dir/b.png", None),
        HtmlImage("https://h.example/dir/l.jpg", None),
        HtmlImage("https://h.example/dir/v.jpg", None),
        HtmlImage("https://h.example/dir/w2.webp", None),
    ]


@given(st.text(), st.text(alphabet='<>/="abip srctmg&;#x'))
def test_any_html(words: str, markup: str) -> None:
    """Whatever is written, it is read, and the result can be stored."""
    html_text(words + markup).encode("utf-8")
    for image in html_images(markup + words, "https://h.example/"):
        assert image.url.lower().startswith(("http://", "https://"))


def test_addresses_that_are_none() -> None:
    """What is no web address gives none."""
    assert absolute("https://h.example/", "http://[broken") is None
    assert absolute("https://h.example/", "mailto:a@h.example") is None
