"""Related alerts, answers about copies, spread and harmless pictures, through the API."""

from __future__ import annotations

import httpx
import pytest

from monitor.details import MOST_SHOWN
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


def test_related_alerts_come_in_pages(world: World, reviewer: httpx.Client) -> None:
    """Each page leads to the next, nothing is told twice, and every page tells how many there are."""
    first, *others = (world.leak() for _ in range(4))
    for other in others:
        ask(world, other, first)
    address, told = f"{ALERTS}/{first.reference}/related?limit=1", []
    while address:
        found = reviewer.get(address).raise_for_status().json()
        assert (found["total"], len(found["related"])) == (3, 1)
        told.append(found["related"][0]["reference"])
        address = found["next"]
    assert sorted(told) == sorted(other.reference for other in others)
    assert reviewer.get(f"{ALERTS}/{first.reference}/related?cursor=x").status_code == 422


def test_an_open_question_about_a_merged_alert_is_not_asked(world: World, reviewer: httpx.Client) -> None:
    """Nobody could answer it; it is asked again when the alerts are parted."""
    first, second, third = (world.leak() for _ in range(3))
    ask(world, third, first)
    answer = f"{ALERTS}/{third.reference}/related/{second.reference}"
    links = f"{ALERTS}/{first.reference}/related"
    reviewer.put(answer, json={"answer": "same"}).raise_for_status()
    asked = {each["reference"]: each["question"] for each in reviewer.get(links).json()["related"]}
    assert asked.get(third.reference) is None
    reviewer.put(answer, json={"answer": "different"}).raise_for_status()
    found = reviewer.get(links).json()["related"]
    assert (found[0]["reference"], found[0]["question"]["answer"]) == (third.reference, None)


def test_of_a_flood_the_first_and_the_newest_posts_are_shown(world: World, reviewer: httpx.Client) -> None:
    """An alert tells how many posts there are, and shows so many that it can be looked at."""
    leak = world.leak()
    world.flood(leak, MOST_SHOWN + 20)
    found = reviewer.get(f"{ALERTS}/{leak.reference}").raise_for_status().json()
    assert (found["sightings"], len(found["posts"])) == (MOST_SHOWN + 21, MOST_SHOWN)
    assert found["posts"][0]["seen_because"] == "first"
    told = [event["action"] for event in found["events"]]
    assert (told.count("raised"), told.count("sighted")) == (1, MOST_SHOWN)
    seen = reviewer.get(f"{ALERTS}/{leak.reference}/spread").json()["seen"]
    assert len({each["post"] for each in seen}) == MOST_SHOWN + 21


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
