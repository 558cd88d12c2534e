"""Related alerts, answers about copies, spread and harmless pictures, through the API."""

from __future__ import annotations

import httpx
import pytest

from tests.api.served import World, ask, bearer

ALERTS = "/api/v1/alerts"


@pytest.fixture
def reviewer(world: World, client: httpx.Client) -> httpx.Client:
    """A client with a reviewer's key."""
    client.headers.update(bearer(world.key("reviewer")))
    return client


def test_an_answer_merges_and_parts_two_alerts(world: World, reviewer: httpx.Client) -> None:
    """Same makes the newer a sighting of the older, and different undoes it."""
    older, newer = world.leak().reference, world.leak("critical").reference
    address = f"{ALERTS}/{newer}/related/{older}"
    said = reviewer.put(address, json={"answer": "same"}).raise_for_status().json()
    (link,) = said["related"]
    assert (link["reference"], link["question"]["answer"]) == (older, "same")
    assert "repost_question" in link["reasons"]
    merged = reviewer.get(f"{ALERTS}/{newer}").json()
    assert (merged["status"], merged["sightings"], merged["may_become"]) == ("merged", 0, [])
    whole = reviewer.get(f"{ALERTS}/{older}").json()
    assert (whole["sightings"], whole["severity"]) == (2, "critical")
    assert len([item for item in whole["evidence"] if item["kind"] == "original"]) == 2
    reviewer.put(address, json={"answer": "different"}).raise_for_status()
    assert reviewer.get(f"{ALERTS}/{newer}").json()["sightings"] == 1
    assert reviewer.put(f"{ALERTS}/{newer}/related/{newer}", json={"answer": "same"}).status_code == 422


def test_spread_tells_where_and_when(world: World, reviewer: httpx.Client) -> None:
    """Posts by day and platform, and a graph whose lines lead to nodes that are there."""
    first, second = world.leak(), world.leak(platform="bluesky")
    ask(world, second, first)
    found = reviewer.get(f"{ALERTS}/{first.reference}/spread").raise_for_status().json()
    assert found["by_platform"] == {"reddit": 1, "bluesky": 1}
    assert list(found["first_on"]) == ["reddit", "bluesky"]
    assert found["posts"] == sum(found["by_day"].values()) == 2
    nodes = {node["id"] for node in found["nodes"]}
    assert all({edge["source"], edge["target"]} <= nodes for edge in found["edges"])
    assert found["first_seen"]["alert"] == first.reference
    reviewer.put(f"{ALERTS}/{second.reference}/related/{first.reference}", json={"answer": "different"})
    told_apart = reviewer.get(f"{ALERTS}/{first.reference}/spread").raise_for_status().json()
    assert told_apart["by_platform"] == {"reddit": 1}


def test_a_harmless_picture_is_listed_until_its_alert_is_reopened(
    world: World, reviewer: httpx.Client
) -> None:
    """Dismissing says so, reopening takes it back; only a dismissed alert can be one."""
    leak = world.leak()
    address = f"{ALERTS}/{leak.reference}"
    assert reviewer.patch(address, json={"status": "confirmed", "harmless_picture": True}).status_code == 422
    reviewer.patch(address, json={"status": "dismissed", "harmless_picture": True}).raise_for_status()
    (item,) = reviewer.get("/api/v1/harmless-pictures").json()["items"]
    assert (item["reference"], item["suppressed"]) == (leak.reference, 0)
    reviewer.patch(address, json={"status": "new"}).raise_for_status()
    assert reviewer.get("/api/v1/harmless-pictures").json()["items"] == []
