"""Paste sites: lists in JSON and in pages, texts that are gone, lists in another shape."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import suppress
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.base import ConfigurationInvalid, PayloadChanged
from connectors.pages import Validators, WebPage
from connectors.pastes.parse import parse_html_list, parse_json_list, parse_paste
from connectors.payload import Json
from connectors.registry import build, parse_config
from tests.connectors.abilities import context_for
from tests.connectors.loopback import running
from tests.connectors.pastes_server import EPOCH, PasteServer
from tests.connectors.wellformed import VALUES, assert_well_formed

SITE = "https://paste.example"


@pytest.fixture
def server() -> Iterator[PasteServer]:
    """A site without pastes."""
    with running(PasteServer()) as made:
        yield made


def page(data: bytes) -> WebPage:
    """A page of the site."""
    return WebPage(data, f"{SITE}/archive", "text/html", Validators())


def connect(server: PasteServer, **settings: Any) -> Any:
    """A connector to it."""
    values = {
        "listing": f"{server.url}/list",
        "page": f"{server.url}/{{id}}",
        "raw": f"{server.url}/r?i={{id}}",
    }
    return build("pastes", values | settings, None, context_for(server.place))


def test_a_list_in_a_page(server: PasteServer) -> None:
    """Links that a selector chooses are pastes, by the last part of their path; a page can be the text."""
    for number in range(3):
        server.publish(f"paste {number}")
    reader = connect(server, listing=f"{server.url}/archive", links="a.paste", raw=None)
    posts = [post for batch in reader.fetch(None) for post in batch.posts]
    assert [post.text for post in posts] == ["paste 0", "paste 1", "paste 2"]
    assert [probe.subject for probe in reader.check_availability(posts[0])] == ["page"]


def test_what_the_list_tells(server: PasteServer) -> None:
    """Who wrote it and when; a paste that is gone by the time it is read is kept without its text."""
    server.publish("one")
    reader = connect(server)
    (post,) = [post for batch in reader.fetch(None) for post in batch.posts]
    assert post.author is not None
    assert (post.author.handle, post.url) == ("ann", f"{server.url}/k000001")
    assert post.posted_at is not None
    assert post.posted_at.timestamp() == EPOCH + 1


@pytest.mark.parametrize("data", [b"<html>", b'{"a": 1}', b'[{"id": 1}]', b'[{"key": "../x"}]', b'["x"]'])
def test_a_list_in_another_shape(data: bytes) -> None:
    """It is said to have changed, and no id that is none gets into an address."""
    with pytest.raises(PayloadChanged):
        parse_json_list(page(data), "key")


def test_selectors(server: PasteServer) -> None:
    """One that is none, and one that chooses nothing, are told apart."""
    with pytest.raises(ConfigurationInvalid, match="selector"):
        parse_html_list(page(b"<a href=/x>x</a>"), "a[")
    with pytest.raises(PayloadChanged):
        parse_html_list(page(b"<a href=/x>x</a>"), ".paste")
    with pytest.raises(ConfigurationInvalid, match="page"):
        parse_config("pastes", {"listing": SITE, "page": SITE})


@given(st.dictionaries(st.sampled_from(["key", "title", "user", "date", "created_at"]), VALUES), st.text())
def test_any_values_in_an_entry(fields: dict[str, Any], text: str) -> None:
    """Whatever stands in an entry, it is parsed or said to have changed."""
    with suppress(PayloadChanged):
        data = json.dumps([{"key": "k1"} | fields]).encode()
        ((identity, entry),) = parse_json_list(page(data), "key")
        assert_well_formed([parse_paste(identity, entry, text, f"{SITE}/{identity}")])
    assert_well_formed([parse_paste("k1", Json(fields), text, f"{SITE}/k1")])
