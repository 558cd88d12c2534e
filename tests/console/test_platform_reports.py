"""Reporting a post to its platform from an alert's page: by whom, once, and with a trace."""

from __future__ import annotations

import re
from collections.abc import Iterator

import httpx
import pytest

from connectors import registry
from connectors.base import PostRef, Receipt, Report
from monitor.moderators import COMMENT
from monitor.storage.alert import get_alert
from monitor.storage.audit import audit_events
from tests.api.served import Leak, World
from tests.monitor.scripted import Scripted

WHY = "Confirmed with the ward manager."


class Moderators(Scripted):
    """Take reports."""

    reports: tuple[tuple[str, Report], ...] = ()

    def submit_report(self, post: PostRef, report: Report) -> Receipt:
        """Take it."""
        self.reports += ((post.external_id, report),)
        return Receipt("77", "The report was taken.")


@pytest.fixture
def moderators(monkeypatch: pytest.MonkeyPatch) -> Iterator[Moderators]:
    """Reddit's."""
    made = Moderators()
    monkeypatch.setitem(registry.CONNECTORS, "reddit", made.kind("reddit"))
    yield made
    assert all(report == Report(COMMENT, None) for _, report in made.reports)


def form(client: httpx.Client, leak: Leak) -> dict[str, str]:
    """The hidden fields of the form on the alert's page; none when there is no form."""
    page = client.get(f"/alerts/{leak.reference}").text
    found = re.search(r'platform-reports">(.*?)</form>', page, re.DOTALL)
    if found is None:
        return {}
    fields = dict(re.findall(r'type="hidden" name="(\w+)" value="([^"]*)"', found[1]))
    return fields | ({"again?": ""} if 'name="again"' in found[1] else {})


def sign_in(world: World, client: httpx.Client, role: str) -> None:
    """As a person of that role."""
    token = world.sign_in_path(role).partition("=")[2]
    assert client.post("/sign-in", data={"token": token}).status_code == 303


def test_a_coordinator_reports_once(world: World, client: httpx.Client, moderators: Moderators) -> None:
    """With a reason and the session's own token; what came back is in the history; again is said so."""
    leak = world.leak()
    address = f"/alerts/{leak.reference}/platform-reports"
    sign_in(world, client, "coordinator")
    fields = form(client, leak)
    assert fields.keys() == {"csrf", "post"}
    assert client.post(address, data={**fields, "reason": WHY, "csrf": "0" * 64}).status_code == 403
    assert client.post(address, data={**fields, "reason": "short"}).status_code == 422
    assert moderators.reports == ()
    told = client.post(address, data={**fields, "reason": WHY})
    assert (told.status_code, told.headers["location"]) == (303, f"/alerts/{leak.reference}?notice=told")
    page = client.get(told.headers["location"]).text
    assert "The post is reported to its platform." in page
    assert "The report was taken. (number 77)" in page
    with world.core.database.read() as session:
        (line,) = [line for line in audit_events(session) if line.action == "alert.report"]
    assert (line.actor, line.note) == ("Jo Coordinator", WHY)
    assert "again?" in form(client, leak)
    assert client.post(address, data={**fields, "reason": WHY}).status_code == 409
    assert client.post(address, data={**fields, "reason": WHY, "again": "true"}).status_code == 303
    assert len(moderators.reports) == 2


def test_a_reviewer_is_offered_and_allowed_none(
    world: World, client: httpx.Client, moderators: Moderators
) -> None:
    """Without the permission there is no form, and its address refuses."""
    leak = world.leak()
    sign_in(world, client, "reviewer")
    assert form(client, leak) == {}
    found = re.search(r'name="csrf" value="([0-9a-f]{64})"', client.get("/alerts").text)
    assert found is not None
    fields = {"csrf": found[1], "post": str(leak.post_id), "reason": WHY}
    assert client.post(f"/alerts/{leak.reference}/platform-reports", data=fields).status_code == 403
    assert moderators.reports == ()
    with world.core.database.read() as session:
        assert [event.action for event in get_alert(session, leak.reference).events] == ["raised"]


def test_a_platform_without_reports(
    world: World, client: httpx.Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its own form is named on the page of the error, and nothing is written down."""
    monkeypatch.setitem(registry.CONNECTORS, "reddit", Scripted().kind("reddit"))
    leak = world.leak()
    sign_in(world, client, "coordinator")
    fields = {**form(client, leak), "reason": WHY}
    refused = client.post(f"/alerts/{leak.reference}/platform-reports", data=fields)
    assert refused.status_code == 422
    assert "use its own form: https://example.org/r/example/" in refused.text
