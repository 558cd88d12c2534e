"""Alerts over HTTP: listing, reading, deciding."""

from __future__ import annotations

from datetime import timedelta

import httpx
import pytest

from api.schemas.alert import AlertOut, AlertSummary, FindingOut
from api.schemas.base import Page
from monitor.storage.alert import get_alert
from monitor.storage.audit import audit_events
from monitor.storage.availability import AvailabilityCheck
from monitor.storage.examination import Finding
from tests.api.served import CLEAR_NAME, CLEAR_NUMBER, World, bearer

ALERTS = "/api/v1/alerts"


@pytest.fixture
def reviewer(world: World, client: httpx.Client) -> httpx.Client:
    """A client with a reviewer's key."""
    client.headers.update(bearer(world.key("reviewer")))
    return client


def _references(answer: httpx.Response) -> list[str]:
    page = Page[AlertSummary].model_validate(answer.json())
    return [item.reference for item in page.items]


def test_pages_of_one_show_every_alert_once(world: World, reviewer: httpx.Client) -> None:
    """Following `next` with one item a page shows all alerts, newest first, each once."""
    expected = [world.leak().reference for _ in range(3)][::-1]
    seen, address = [], f"{ALERTS}?limit=1"
    while address:
        answer = reviewer.get(address).raise_for_status()
        seen += _references(answer)
        address = answer.json()["next"]
    assert seen == expected


def test_an_alert_raised_between_pages_moves_nothing(world: World, reviewer: httpx.Client) -> None:
    """What is raised while somebody turns pages neither repeats nor hides an older alert."""
    first, second = world.leak().reference, world.leak().reference
    answer = reviewer.get(ALERTS, params={"limit": 1})
    assert _references(answer) == [second]
    world.leak()
    assert _references(reviewer.get(answer.json()["next"])) == [first]


@pytest.mark.parametrize(
    ("query", "matching"),
    [
        ("severity=critical", {"critical"}),
        ("severity=critical&severity=low", {"critical", "low"}),
        ("status=new", {"critical", "low"}),
        ("status=confirmed", set()),
        ("platform=bluesky", {"low"}),
        ("platform=nowhere", set()),
    ],
)
def test_filters_choose(world: World, reviewer: httpx.Client, query: str, matching: set[str]) -> None:
    """Each filter leaves exactly the alerts that fit, and repeating one widens it."""
    world.leak("critical")
    world.leak("low", platform="bluesky")
    items = reviewer.get(f"{ALERTS}?{query}").raise_for_status().json()["items"]
    assert {item["severity"] for item in items} == matching


def test_raised_after_includes_the_moment_itself(world: World, reviewer: httpx.Client) -> None:
    """`raised_after` takes an aware time; a naive one is refused."""
    leak = world.leak()
    raised = reviewer.get(f"{ALERTS}/{leak.reference}").json()["raised_at"]
    assert _references(reviewer.get(ALERTS, params={"raised_after": raised})) == [leak.reference]
    later = (world.core.now() + timedelta(seconds=1)).isoformat()
    assert _references(reviewer.get(ALERTS, params={"raised_after": later})) == []
    assert reviewer.get(ALERTS, params={"raised_after": "2026-01-01T00:00:00"}).status_code == 422


@pytest.mark.parametrize(
    "query", ["limit=0", "limit=201", "cursor=nonsense", "cursor=%FF", "statuss=new", "status=open"]
)
def test_parameters_that_make_no_sense_are_refused(reviewer: httpx.Client, query: str) -> None:
    """Limits out of range, foreign cursors and misspelt filters are problems, not ignored."""
    answer = reviewer.get(f"{ALERTS}?{query}")
    assert answer.status_code == 422
    assert answer.headers["content-type"] == "application/problem+json"


def test_an_alert_is_whole_and_masked(world: World, reviewer: httpx.Client) -> None:
    """The detail has reasons, posts, pictures with boxes, evidence and history, and no clear value."""
    leak = world.leak()
    answer = reviewer.get(f"{ALERTS}/{leak.reference}")
    alert = AlertOut.model_validate(answer.json())
    (post,) = alert.posts
    (picture,) = post.pictures
    number = picture.findings[2]
    assert number.box is not None
    assert (number.masked, number.valid, number.box.x) == ("999 *** **54", True, 420)
    assert post.text_findings[0].box is None
    assert picture.preview == f"{ALERTS}/{leak.reference}/preview/{leak.preview}"
    assert {item.kind for item in alert.evidence} == {"original", "preview", "clear_findings"}
    assert [event.action for event in alert.events] == ["raised"]
    assert alert.may_become == ["confirmed", "dismissed", "reviewing"]
    assert CLEAR_NUMBER not in answer.text
    assert CLEAR_NAME not in answer.text


def test_a_decision_is_an_event_an_audit_line_and_a_new_version(world: World, reviewer: httpx.Client) -> None:
    """Confirming an alert changes its status and ETag, and says who did it in both records."""
    leak = world.leak()
    before = reviewer.get(f"{ALERTS}/{leak.reference}")
    answer = reviewer.patch(
        f"{ALERTS}/{leak.reference}",
        json={"status": "confirmed", "note": "Seen with the ward."},
        headers={"If-Match": before.headers["ETag"]},
    )
    assert answer.status_code == 200
    assert answer.headers["ETag"] != before.headers["ETag"]
    event = AlertOut.model_validate(answer.json()).events[-1]
    assert (event.actor, event.action, event.note) == ("key:reviewer-key", "confirmed", "Seen with the ward.")
    with world.core.database.read() as session:
        line = audit_events(session)[0]
    assert (line.actor, line.action, line.item) == ("key:reviewer-key", "alert.confirmed", leak.reference)


def test_a_decision_on_an_old_version_is_refused(world: World, reviewer: httpx.Client) -> None:
    """With an If-Match that is no longer true nothing changes; without one the change is made."""
    address = f"{ALERTS}/{world.leak().reference}"
    old = reviewer.get(address).headers["ETag"]
    assert reviewer.patch(address, json={"status": "reviewing"}).status_code == 200
    refused = reviewer.patch(address, json={"status": "dismissed"}, headers={"If-Match": old})
    assert refused.status_code == 412
    assert refused.json()["type"] == "urn:leakwatch:problem:alert-changed"
    assert reviewer.get(address).json()["status"] == "reviewing"


def test_an_etag_of_another_kind_is_refused(world: World, reviewer: httpx.Client) -> None:
    """If-Match that no alert's ETag can equal is told as such, and `*` matches any version."""
    address = f"{ALERTS}/{world.leak().reference}"
    wrong = reviewer.patch(address, json={"status": "reviewing"}, headers={"If-Match": "W/abc"})
    assert wrong.status_code == 422
    assert reviewer.patch(address, json={"status": "reviewing"}, headers={"If-Match": "*"}).status_code == 200


def test_a_transition_that_is_not_allowed_is_a_conflict(world: World, reviewer: httpx.Client) -> None:
    """A new alert cannot be resolved, and stays as it was."""
    leak = world.leak()
    answer = reviewer.patch(f"{ALERTS}/{leak.reference}", json={"status": "resolved"})
    assert answer.status_code == 409
    assert answer.json()["type"] == "urn:leakwatch:problem:transition-not-allowed"
    with world.core.database.read() as session:
        assert get_alert(session, leak.reference).status == "new"


def test_a_note_with_a_patients_number_is_not_kept(world: World, reviewer: httpx.Client) -> None:
    """Notes are stored in the clear, so one with a valid number in it changes nothing and is not repeated."""
    leak = world.leak()
    note = f"It is {CLEAR_NUMBER[:3]} {CLEAR_NUMBER[3:6]} {CLEAR_NUMBER[6:]} again."
    answer = reviewer.patch(f"{ALERTS}/{leak.reference}", json={"status": "confirmed", "note": note})
    assert answer.status_code == 422
    assert CLEAR_NUMBER[6:] not in answer.text
    with world.core.database.read() as session:
        assert get_alert(session, leak.reference).status == "new"


def test_an_alert_shows_whether_its_posts_are_still_there(world: World, reviewer: httpx.Client) -> None:
    """The latest looks come with the post, each probe by itself."""
    leak = world.leak()
    probes = [{"subject": "API", "availability": "unknown", "reason": "It asked for a log-in."}]
    with world.core.database.transaction() as session:
        for verdict in ("present", "unknown"):
            look = AvailabilityCheck(post_id=leak.post_id, checked_at=world.core.now(), verdict=verdict)
            look.post_verdict, look.probes = verdict, probes
            session.add(look)
            session.flush()
    (post,) = AlertOut.model_validate(reviewer.get(f"{ALERTS}/{leak.reference}").json()).posts
    assert [check.verdict for check in post.checks] == ["unknown", "present"]
    assert post.checks[0].probes[0].model_dump() == probes[0]
    assert post.gone_at is None


def test_a_platform_is_told_by_a_coordinator_only(world: World, client: httpx.Client) -> None:
    """A reviewer may not; a coordinator needs a reason; a platform that cannot be asked is a bad gateway."""
    leak = world.leak()
    address, body = f"{ALERTS}/{leak.reference}/platform-reports", {"reason": "Confirmed with the ward."}
    answers = [
        client.post(address, headers=bearer(world.key(role)), json=sent)
        for role, sent in (("reviewer", body), ("coordinator", {}), ("coordinator", body))
    ]
    assert [answer.status_code for answer in answers][:2] == [403, 422]
    assert answers[2].status_code in {422, 502}
    with world.core.database.read() as session:
        assert not [line for line in audit_events(session) if line.action == "alert.report"]


@pytest.mark.parametrize(("detector", "told"), [("template", {"inliers": 40}), ("address", None)])
def test_a_template_s_match_is_told_with_its_evidence(detector: str, told: dict[str, int] | None) -> None:
    """Distances, features and places of a template's match are told; other findings' facts are not."""
    finding = Finding(
        kind="template", detector=detector, version="1", score=0.6, masked="x", valid=None, page=0, why="y"
    )
    finding.facts, finding.box = {"inliers": 40}, None
    assert FindingOut.of(finding).match == told
