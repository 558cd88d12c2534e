"""What looking at public addresses proves."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from connectors.availability import attachment_probes, web_probe
from connectors.base import Availability, PostRef
from connectors.fetch import GuardedFetcher
from tests.connectors.loopback import Answer, Asked, LoopbackServer, running


class Pages(LoopbackServer):
    """Answers with the status that the path names."""

    def answer(self, asked: Asked) -> Answer:
        """`/404` is gone, `/moved` redirects to `/200`."""
        if asked.path == "moved":
            return Answer(b"", 302, {"Location": "/200"})
        return Answer(b"x", int(asked.path))


@pytest.fixture
def pages() -> Iterator[Pages]:
    """Pages on loopback."""
    with running(Pages()) as server:
        yield server


def fetcher(pages: Pages) -> GuardedFetcher:
    """One that may reach them."""
    return GuardedFetcher(max_bytes=1000, user_agent="leakwatch/1", allow_hosts=frozenset({pages.place}))


@pytest.mark.parametrize(
    ("path", "availability"),
    [("200", "present"), ("404", "gone"), ("410", "gone"), ("451", "gone"), ("401", "unknown"),
     ("403", "unknown"), ("429", "unknown"), ("503", "unknown"), ("moved", "unknown")],
)  # fmt: skip
def test_a_page(pages: Pages, path: str, availability: str) -> None:
    """Only an answer for a page that is gone is gone; refusals, limits and redirects prove nothing."""
    assert web_probe(fetcher(pages), "page", f"{pages.url}/{path}").availability == availability


def test_an_unreachable_page(pages: Pages) -> None:
    """An outage, and an address that must not be fetched, are unknown."""
    probe = web_probe(fetcher(pages), "page", "http://127.0.0.1:1/200")
    assert probe.availability == Availability.UNKNOWN
    assert probe.reason


def test_attachments_are_probed_one_by_one(pages: Pages) -> None:
    """Each attachment on the web has a verdict of its own, a moved file is still the file."""
    urls = (f"{pages.url}/200", f"{pages.url}/404", "folder:inside", f"{pages.url}/moved")
    found = [(probe.subject, probe.availability.value) for probe in attachment_probes(
        fetcher(pages), PostRef("1", "https://example.org/1", urls))]  # fmt: skip
    assert found == [("attachment 1", "present"), ("attachment 2", "gone"), ("attachment 4", "present")]
