"""The report page in a real browser: telling of a leak, signed in or not, and the list of what was told."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace

import httpx
import pytest

from monitor.reports import list_reports
from tests.api.served import Server, World
from tests.console.test_console import Visit, visit
from tests.monitor.pictures import draw, encode

__all__ = ["visit"]

PICTURE = encode(draw("tea at four", size=(300, 120)))
SHOT = {"name": "shot.png", "mimeType": "image/png", "buffer": PICTURE}


@pytest.mark.needs_chromium
def test_a_reporter_reports(world: World, visit: Visit) -> None:
    """By labels and keyboard: address, picture with its preview, note; then thanks with the reference."""
    page = visit.page
    page.goto(visit.url + world.sign_in_path("reporter"))
    page.get_by_role("button", name="Sign in").click()
    page.wait_for_url("**/report")
    page.get_by_label("Address of the post").fill("www.reddit.com/r/x/comments/abc/title")
    page.get_by_label("Screenshots").set_input_files([SHOT])  # type: ignore[list-item]
    preview = page.get_by_role("list", name="Chosen files").locator("img")
    assert preview.evaluate("image => image.decode().then(() => image.naturalWidth)") == 300
    page.get_by_label("What do you know").fill("on the ward's group")
    page.get_by_label("Who are you").focus()
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    page.get_by_role("heading", name="Thank you").wait_for()
    (report,) = list_reports(world.core)
    assert report.reference in page.locator("main").inner_text()
    assert (report.files, report.note, report.actor) == (1, "on the ward's group", "Jo Reporter")
    assert page.evaluate("document.documentElement.scrollWidth") <= 1280


@pytest.mark.needs_chromium
def test_what_is_wrong_is_told_in_the_form(world: World, visit: Visit) -> None:
    """A report that cannot be used comes back as it was typed, with one sentence, and fits a phone."""
    page = visit.page
    page.set_viewport_size({"width": 360, "height": 700})
    page.goto(visit.url + world.sign_in_path("reviewer"))
    page.get_by_role("button", name="Sign in").click()
    page.get_by_role("link", name="Report a leak").click()
    page.get_by_label("What do you know").fill("<b>words</b> only")
    page.get_by_role("button", name="Send report").click()
    assert "Give the address" in page.get_by_role("alert").inner_text()
    assert page.get_by_label("What do you know").input_value() == "<b>words</b> only"
    assert page.evaluate("document.documentElement.scrollWidth") <= 360
    assert [text for text in visit.trouble if "422" not in text] == []
    visit.trouble.clear()
    page.goto(f"{visit.url}/reports")
    assert "Nobody has reported" in page.locator("main").inner_text()


@pytest.fixture
def open_page(world: World) -> Iterator[httpx.Client]:
    """A monitor that takes anonymous reports, one an hour from an address."""
    changed = {"anonymous_reports": True, "anonymous_reports_per_hour": 1}
    core = replace(world.core, settings=world.core.settings.model_copy(update=changed))
    with closing(Server(core)) as server, httpx.Client(base_url=server.url) as client:
        yield client


def test_anonymous_reports(world: World, client: httpx.Client, open_page: httpx.Client) -> None:
    """Off unless set; then anybody may report, within a limit of their own and from our own page only."""
    form = {"url": "https://example.org/1"}
    assert client.get("/report").headers["Location"] == "/sign-in"
    assert client.post("/report", data=form).headers["Location"] == "/sign-in"
    foreign = {"Sec-Fetch-Site": "cross-site"}
    assert open_page.post("/report", data=form, headers=foreign).status_code == 403
    sent = open_page.post("/report", data=form)
    assert sent.status_code == 303
    assert "Thank you" in open_page.get(sent.headers["Location"]).text
    again = open_page.post("/report", data={"url": "https://example.org/2"})
    assert (again.status_code, int(again.headers["Retry-After"]) > 3500) == (429, True)
    assert open_page.get("/reports").headers["Location"] == "/sign-in"
    (report,) = list_reports(world.core)
    assert report.actor.startswith("anonymous:")
    assert "127.0.0.1" not in report.actor


def test_a_session_needs_its_own_token(world: World, client: httpx.Client) -> None:
    """A form without the session's token is refused, also where anonymous reports are off."""
    token = world.sign_in_path("reporter").partition("=")[2]
    client.post("/sign-in", data={"token": token})
    assert client.post("/report", data={"url": "https://example.org/", "csrf": "x"}).status_code == 403
    assert list_reports(world.core) == []
