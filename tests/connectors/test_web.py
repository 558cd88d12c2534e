"""Watched pages and followed results against a loopback site."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.base import Attachment, Batch, ConfigurationInvalid, SourceClosed, SourceUnavailable
from connectors.pages import Validators, WebPage
from connectors.registry import build
from connectors.web.parse import decoded, parse_links, parse_page
from tests.connectors.abilities import context_for
from tests.connectors.loopback import Answer, running
from tests.connectors.web_server import Site
from tests.connectors.wellformed import assert_well_formed

ADDRESS = "https://n.example/page"


@pytest.fixture
def site() -> Iterator[Site]:
    """A site without pages."""
    with running(Site()) as made:
        yield made


def connect(site: Site, **settings: Any) -> Any:
    """A connector to the site."""
    return build("web", settings, None, context_for(site.place))


def texts(batches: list[Batch]) -> list[str]:
    """The posts' texts."""
    return [post.text for batch in batches for post in batch.posts]


def page(html: str | bytes, content_type: str = "text/html") -> WebPage:
    """A page as it was answered."""
    data = html.encode() if isinstance(html, str) else html
    return WebPage(data, "https://n.example/page", content_type, Validators())


def test_a_page() -> None:
    """Title and words, and pictures with absolute addresses."""
    html = "<title> The  ward </title><nav>Menu</nav><main><p>Hello</p><img src='a.png' alt='x'></main>"
    post = parse_page(page(html), ADDRESS, None)
    assert (post.external_id, post.text) == (ADDRESS, "The ward\n\nMenu\n\nHello")
    assert post.attachments == (Attachment("https://n.example/a.png", alt_text="x"),)
    assert parse_page(page(html), ADDRESS, "main").text == "The ward\n\nHello"


def test_a_picture_that_is_a_page() -> None:
    """An address that leads to a picture or document is that attachment."""
    post = parse_page(page(b"\xff\xd8", "image/jpeg; x=1"), ADDRESS, None)
    assert post.attachments == (Attachment(ADDRESS, "image/jpeg"),)


def test_a_selector_that_fits_no_more() -> None:
    """A part that is not there any more is said, and so is a selector that is none."""
    with pytest.raises(ConfigurationInvalid, match="selects nothing"):
        parse_page(page("<p>x"), ADDRESS, "main")
    for selector in ("a[", ":::"):
        with pytest.raises(ConfigurationInvalid, match="not a CSS selector"):
            parse_page(page("<p>x"), ADDRESS, selector)


def test_links() -> None:
    """Each address once, without its fragment, and only web addresses."""
    html = "<a href='/1#x'>a</a><a href='/1'>b</a><a href='mailto:x@y'>c</a><a href='page'>d</a><a>e</a>"
    assert parse_links(page(html), "a", ADDRESS) == ("https://n.example/1",)


@pytest.mark.parametrize(
    ("data", "content_type"),
    [
        ("\u00e9".encode(), "text/html; charset=utf-8"),
        ("\u00e9".encode("latin-1"), 'text/html; charset="ISO-8859-1"'),
        (b'<meta charset="windows-1252">' + "\u00e9".encode("cp1252"), "text/html"),
        ("\u00e9".encode(), "text/html; charset=nonsense"),
    ],
)
def test_encodings(data: bytes, content_type: str) -> None:
    """The encoding is what the header or the page says, else UTF-8."""
    assert decoded(page(data, content_type)).endswith("\u00e9")


@given(st.binary(), st.text(max_size=40))
def test_any_page(data: bytes, content_type: str) -> None:
    """Whatever is answered, it is a post."""
    assert_well_formed([parse_page(page(data, content_type), ADDRESS, None)])


def test_a_watched_page(site: Site) -> None:
    """A page is a post, a revision when its words change, and nothing when only its markup does."""
    site.pages["a"] = "<p>one</p>"
    connector = connect(site, pages=[f"{site.url}/a"])
    (batch,) = connector.fetch(None)
    assert texts([batch]) == ["one"]
    site.pages["a"] = "<p class='x'>one</p>"
    assert list(connector.fetch(batch.checkpoint)) == []
    site.pages["a"] = "<p>two</p>"
    assert texts(list(connector.fetch(batch.checkpoint))) == ["two"]


def test_an_unchanged_page_is_not_sent_again(site: Site) -> None:
    """What the server gave to ask with is sent."""
    site.etag, site.pages["a"] = True, "<p>one</p>"
    connector = connect(site, pages=[f"{site.url}/a"])
    (batch,) = connector.fetch(None)
    assert list(connector.fetch(batch.checkpoint)) == []
    assert "if-none-match" in site.asked[-1].headers


def test_results_are_bounded(site: Site) -> None:
    """A run follows so many links; the next goes on."""
    for number in range(5):
        site.pages[f"p/{number}"] = f"<p>{number}</p>"
    connector = connect(site, results=[f"{site.url}/results"], links="a.hit", pages_per_run=3)
    batches = list(connector.fetch(None))
    assert texts(batches) == ["2", "3", "4"]
    assert texts(list(connector.fetch(batches[-1].checkpoint))) == ["0", "1"]


def test_a_dead_link(site: Site) -> None:
    """A link that leads nowhere is kept as rejected, once."""
    site.pages["p/1"] = "<p>one</p>"
    connector = connect(site, results=[f"{site.url}/results"])
    batches = list(connector.fetch(None))
    assert [item.url for batch in batches for item in batch.rejected] == [f"{site.url}/about"]
    assert list(connector.fetch(batches[-1].checkpoint)) == []


@pytest.mark.parametrize(
    ("rules", "error"),
    [
        (Answer(b"User-agent: *\nDisallow: /a\n"), SourceClosed),
        (Answer(b"User-agent: leakwatch\nDisallow: /\n\nUser-agent: *\nAllow: /\n"), SourceClosed),
        (Answer(b"", 503), SourceUnavailable),
    ],
)
def test_robots_are_obeyed(site: Site, rules: Answer, error: type[Exception]) -> None:
    """A page that a site forbids is not asked for, nor is any while its rules cannot be had."""
    site.pages["a"], site.robots = "<p>one</p>", rules
    with pytest.raises(error):
        list(connect(site, pages=[f"{site.url}/a"]).fetch(None))
    assert [asked.path for asked in site.asked] == ["robots.txt"]


@pytest.mark.parametrize(
    "rules", [Answer(b"", 404), Answer(b"", 403), Answer(b"User-agent: other\nDisallow: /")]
)
def test_what_robots_do_not_forbid(site: Site, rules: Answer) -> None:
    """Rules that are not there, are refused or are for others forbid nothing (RFC 9309)."""
    site.pages["a"], site.robots = "<p>one</p>", rules
    assert texts(list(connect(site, pages=[f"{site.url}/a"]).fetch(None))) == ["one"]


def test_pauses(site: Site) -> None:
    """Between two requests to one site there is a pause, as long as the site asks for."""
    site.robots = Answer(b"User-agent: *\nCrawl-delay: 7\n")
    site.pages |= {"a": "<p>a</p>", "b": "<p>b</p>"}
    waits: list[float] = []
    context = replace(context_for(site.place), sleep=waits.append)
    settings = {"pages": [f"{site.url}/a", f"{site.url}/b"], "pause_seconds": 1}
    list(build("web", settings, None, context).fetch(None))
    assert waits == [7, 7]
