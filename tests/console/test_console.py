"""The console in a real browser: signing in, looking, deciding, and what each role sees."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import pytest

from monitor.storage.alert import get_alert
from monitor.storage.audit import audit_events
from monitor.storage.evidence import custody_of
from tests.api.served import CLEAR_NAME, CLEAR_NUMBER, Leak, Server, World

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

pytestmark = pytest.mark.needs_chromium


class Visit:
    """A browser window, and everything in it that should not have happened."""

    def __init__(self, page: Page, server: Server) -> None:
        self.page = page
        self.url = server.url
        self.trouble: list[str] = []
        page.on("console", lambda message: self.trouble.append(message.text))
        page.on("pageerror", lambda error: self.trouble.append(str(error)))
        page.on("request", self._watch)

    def _watch(self, request: Any) -> None:
        if not request.url.removeprefix("blob:").startswith(self.url):
            self.trouble.append(f"request to {request.url}")

    def sign_in(self, world: World, role: str) -> Page:
        """Go through the one-time link as a person of that role."""
        self.page.goto(self.url + world.sign_in_path(role))
        self.page.get_by_role("button", name="Sign in").click()
        self.page.wait_for_url(re.compile(r"/(alerts|audit)"))
        return self.page

    def open(self, leak: Leak) -> Page:
        """Open an alert's page."""
        self.page.goto(f"{self.url}/alerts/{leak.reference}")
        return self.page


@pytest.fixture
def visit(chromium: Browser, server: Server) -> Iterator[Visit]:
    """A window that may show no error, break no policy and ask no other host."""
    context = chromium.new_context()
    visit = Visit(context.new_page(), server)
    yield visit
    context.close()
    assert visit.trouble == []


def test_a_reviewer_signs_in_looks_and_confirms(world: World, visit: Visit) -> None:
    """Through the link to the list, to an alert with its preview, to a decision that is recorded."""
    leak = world.leak("critical")
    page = visit.sign_in(world, "reviewer")
    row = page.get_by_role("row").filter(has_text=leak.reference)
    assert "Critical" in row.inner_text()
    assert "Discharge summary" in row.inner_text()
    page.get_by_role("link", name=leak.reference).click()
    assert page.get_by_role("heading", level=1).inner_text() == leak.reference
    page.get_by_label("Note").fill("Seen with the ward.")
    page.get_by_role("button", name="Confirm leak").click()
    page.get_by_role("status").get_by_text("confirmed as a leak").wait_for()
    with world.core.database.read() as session:
        alert = get_alert(session, leak.reference)
        assert alert.status == "confirmed"
        assert [(event.actor, event.note) for event in alert.events][-1] == (
            "Jo Reviewer",
            "Seen with the ward.",
        )


def test_the_preview_is_shown_with_its_boxes_inside(world: World, visit: Visit) -> None:
    """The picture loads, each box lies inside it, where the finding is, and leads to the finding."""
    leak = world.leak()
    visit.sign_in(world, "reviewer")
    page = visit.open(leak)
    image = page.get_by_role("img", name=re.compile("Redacted preview"))
    image.wait_for()
    assert image.evaluate("image => image.decode().then(() => image.naturalWidth)") == 800
    whole = image.bounding_box()
    assert whole is not None
    boxes = page.locator("svg a.box")
    assert boxes.count() == 3
    for number in range(3):
        box = boxes.nth(number).locator("rect").last.bounding_box()
        assert box is not None
        assert whole["x"] <= box["x"] + 2
        assert box["x"] + box["width"] <= whole["x"] + whole["width"] + 2
        assert whole["y"] <= box["y"] + 2
        assert box["y"] + box["height"] <= whole["y"] + whole["height"] + 2
    number_box = page.locator("#b3 rect").last.bounding_box()
    assert number_box is not None
    scale = whole["width"] / 800
    assert number_box["x"] == pytest.approx(whole["x"] + 420 * scale, abs=4)
    page.locator("#b3").click()
    assert page.url.endswith("#f3")
    assert "999 *** **54" in page.locator("#f3").inner_text()


def test_nothing_clear_is_on_the_pages(world: World, visit: Visit) -> None:
    """What a reviewer sees holds masks only, and what people wrote is text, not markup."""
    leak = world.leak()
    page = visit.sign_in(world, "reviewer")
    listed = page.content()
    page = visit.open(leak)
    for text in (listed, page.content()):
        assert CLEAR_NUMBER not in text
        assert CLEAR_NAME not in text
    assert page.locator("blockquote b").count() == 0
    assert "<b>" in page.locator("blockquote").inner_text()


def test_dismissing_takes_a_note(world: World, visit: Visit) -> None:
    """The browser asks for the note; the dismissed alert moves to the closed ones and can be reopened."""
    leak = world.leak()
    visit.sign_in(world, "reviewer")
    page = visit.open(leak)
    page.get_by_text("Dismiss as no leak").click()
    page.get_by_role("button", name="Dismiss", exact=True).click()
    assert page.url.endswith(leak.reference)
    page.get_by_label("Why it is no leak").fill("A training slide.")
    page.get_by_role("button", name="Dismiss", exact=True).click()
    page.get_by_role("status").get_by_text("dismissed").wait_for()
    page.goto(f"{visit.url}/alerts?view=closed")
    assert page.get_by_role("link", name=leak.reference).count() == 1
    page.goto(f"{visit.url}/alerts")
    assert "No alert waits" in page.locator("main").inner_text()
    visit.open(leak).get_by_role("button", name="Reopen").click()
    page.get_by_role("status").get_by_text("open again").wait_for()


def test_a_coordinator_reveals_with_a_reason(world: World, visit: Visit) -> None:
    """Clear identifiers are shown after a reason was given, and both logs say so."""
    leak = world.leak()
    visit.sign_in(world, "coordinator")
    page = visit.open(leak)
    page.get_by_label("Reason (at least").fill("Telling the practice whose record this is.")
    page.get_by_role("button", name="Reveal and log").click()
    page.get_by_role("heading", name="Clear identifiers").wait_for()
    assert CLEAR_NUMBER in page.locator("main").inner_text()
    with world.core.database.read() as session:
        assert audit_events(session)[0].action == "evidence.reveal"
        assert custody_of(session, leak.alert_id)[-1].actor == "Jo Coordinator"


def test_a_coordinator_makes_and_downloads_a_bundle(world: World, visit: Visit) -> None:
    """A bundle is made by a button and comes down as a zip file."""
    leak = world.leak()
    visit.sign_in(world, "coordinator")
    page = visit.open(leak)
    page.get_by_role("button", name="Make bundle").click()
    page.get_by_role("status").get_by_text("bundle is made").wait_for()
    with page.expect_download() as download:
        page.get_by_role("link", name="Shareable bundle").click()
    assert download.value.suggested_filename.startswith(f"{leak.reference}-shareable-")


FORMS = {"Confirm leak", "Report post", "Reveal and log", "Make bundle"}


@pytest.mark.parametrize(
    ("role", "offered"), [("reviewer", {"Confirm leak"}), ("coordinator", FORMS), ("admin", set())]
)
def test_a_role_is_offered_what_it_may_do(world: World, visit: Visit, role: str, offered: set[str]) -> None:
    """The page has the forms that the role's permissions cover and no others."""
    leak = world.leak()
    visit.sign_in(world, role)
    page = visit.open(leak)
    assert {button.inner_text() for button in page.get_by_role("button").all()} & FORMS == offered


def test_an_auditor_reads_the_log_and_no_alert(world: World, visit: Visit) -> None:
    """The auditor's first page is the audit log, verified; alerts are closed to that role."""
    leak = world.leak()
    page = visit.sign_in(world, "auditor")
    assert page.url.endswith("/audit")
    assert "every line is as it was written" in page.locator("main").inner_text()
    assert "user.sign_in" in page.locator("main").inner_text()
    answer = page.request.get(f"{visit.url}/alerts/{leak.reference}")
    assert answer.status == 403


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [400, 1280])
def test_pages_fit_the_window(
    world: World, chromium: Browser, server: Server, scheme: Any, width: int
) -> None:
    """Neither page scrolls sideways, on a phone or a desk, light or dark."""
    leak = world.leak()
    context = chromium.new_context(color_scheme=scheme, viewport={"width": width, "height": 800})
    visit = Visit(context.new_page(), server)
    page = visit.sign_in(world, "coordinator")
    for path in ("/alerts", f"/alerts/{leak.reference}"):
        page.goto(visit.url + path)
        assert page.evaluate("document.documentElement.scrollWidth") <= width
    context.close()
    assert visit.trouble == []


def test_the_keyboard_reaches_the_content_first(world: World, visit: Visit) -> None:
    """The first stop of the tab key skips to the content; an alert opens by Enter."""
    leak = world.leak()
    page = visit.sign_in(world, "reviewer")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.textContent") == "Skip to content"
    page.keyboard.press("Enter")
    page.get_by_role("link", name=leak.reference).focus()
    page.keyboard.press("Enter")
    page.wait_for_url(f"**/alerts/{leak.reference}")
    unnamed = "e => !(e.labels?.length || e.ariaLabel || e.type === 'hidden')"
    fields = page.locator("main input, main select, main textarea")
    assert [field.evaluate(unnamed) for field in fields.all()].count(True) == 0
