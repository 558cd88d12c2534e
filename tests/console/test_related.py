"""Related alerts and harmless pictures on an alert's page, in a real browser."""

from __future__ import annotations

import re

import pytest

from monitor.storage.alert import get_alert
from monitor.storage.known_image import KnownImage
from tests.api.served import World, ask
from tests.console.test_console import Visit, visit

__all__ = ["visit"]


@pytest.mark.needs_chromium
def test_a_reviewer_decides_about_a_copy_and_a_harmless_picture(world: World, visit: Visit) -> None:
    """Said to be the same it is merged, said to be different it is parted; a harmless one tells its count."""
    older, newer = world.leak(), world.leak()
    ask(world, newer, older)
    visit.sign_in(world, "reviewer")
    page = visit.open(newer)
    card = page.get_by_role("region", name="Related alerts")
    assert "much like" in card.inner_text()
    card.get_by_role("button", name=f"{older.reference} is the same record").click()
    page.get_by_role("status").get_by_text("The two alerts are one").wait_for()
    card.get_by_text("said to be the same by Jo Reviewer").wait_for()
    assert status_of(world, newer.reference) == "merged"
    assert page.get_by_text(f"posts are shown with {older.reference}").is_visible()
    card.get_by_role("button", name=f"{older.reference} is a different matter").click()
    card.get_by_text("said to be different by Jo Reviewer").wait_for()
    assert status_of(world, newer.reference) != "merged"
    card.get_by_role("link", name=older.reference).click()
    page.wait_for_url(re.compile(older.reference))
    page.get_by_text("Dismiss as no leak").click()
    page.get_by_label("Why it is no leak").fill("A joke that goes round.")
    page.get_by_label("A harmless picture").check()
    page.get_by_role("button", name="Dismiss", exact=True).click()
    page.get_by_role("status").get_by_text("dismissed").wait_for()
    passed_over(world, older.original, 7)
    page.reload()
    assert "7 posts" in page.get_by_role("region", name="Harmless picture").inner_text()


def status_of(world: World, reference: str) -> str:
    """The alert's status as it is stored."""
    with world.core.database.read() as session:
        return get_alert(session, reference).status


def passed_over(world: World, sha256: str, posts: int) -> None:
    """So many later posts showed the picture."""
    with world.core.database.transaction() as session:
        session.get_one(KnownImage, sha256).suppressed = posts
