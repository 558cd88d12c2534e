"""Hosts are asked in turn and within caps, by all processes together."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from connectors.base import RateLimited
from connectors.traffic import Exchange, Rate
from monitor.core import Core
from monitor.sources import create_source
from monitor.storage.source import Source, source_named
from monitor.storage.traffic import Turn, take_turn, usage_since
from monitor.traffic import PATIENCE, HostTurns, SourceTraffic

NOON = datetime(2026, 11, 25, 12, tzinfo=UTC)


class Clock:
    """Moves by sleeping."""

    def __init__(self) -> None:
        self.now = NOON
        self.slept: list[float] = []

    def __call__(self) -> datetime:
        return self.now

    def sleep(self, seconds: float) -> None:
        """Let time pass."""
        self.slept.append(seconds)
        self.now += timedelta(seconds=seconds)


@pytest.fixture
def clock() -> Clock:
    """A clock at noon."""
    return Clock()


@pytest.fixture
def timed(core: Core, clock: Clock) -> Core:
    """The core on that clock, with two sources of X and a cap for both."""
    settings = core.settings.model_copy(update={"daily_caps": {"x.posts": 100}})
    timed = replace(core, now=clock, settings=settings)
    config = {"accept_costs": True, "posts_per_day": 1000, "searches": ["nhs"]}
    with timed.database.transaction() as session:
        for name in ("one", "two"):
            create_source(session, name=name, connector="x", config=config, now=NOON)
    return timed


def source(core: Core, name: str) -> Source:
    """A source by its name."""
    with core.database.read() as session:
        return source_named(session, name)


def test_turns_are_evenly_spaced_after_a_burst(core: Core, clock: Clock) -> None:
    """A rested host takes a burst at once, then one request an interval; others have their own turns."""
    turns = HostTurns(replace(core, now=clock), Rate(2, 1, burst=3), clock.sleep)
    for _ in range(6):
        turns.turn("api.example")
    assert clock.slept == pytest.approx([0.5] * 3)
    turns.turn("other.example")
    assert len(clock.slept) == 3
    clock.sleep(100)
    turns.turn("api.example")
    assert len(clock.slept) == 4


def test_a_turn_that_is_far_off_is_not_waited_for(core: Core, clock: Clock) -> None:
    """The run ends with the time to come back, and the turn stays for others."""
    turns = HostTurns(replace(core, now=clock), Rate(1, PATIENCE * 2), clock.sleep)
    turns.turn("api.example")
    for _ in range(3):
        with pytest.raises(RateLimited) as caught:
            turns.turn("api.example")
        assert caught.value.retry_after == pytest.approx(PATIENCE * 2)
    clock.sleep(PATIENCE * 2)
    turns.turn("api.example")


def test_workers_take_their_turns_together(core: Core) -> None:
    """Many threads with connections of their own get turns that are each an interval apart, none twice."""
    rate = Rate(10, 1)

    def take(_: int) -> Turn:
        with core.database.transaction() as session:
            return take_turn(session, "api.example", rate, now=1000.0, patience=PATIENCE)

    with ThreadPoolExecutor(6) as threads:
        waits = sorted(turn.wait for turn in threads.map(take, range(30)))
    assert waits == pytest.approx([number / 10 for number in range(30)])


def test_a_clock_that_ran_ahead_closes_no_host(core: Core) -> None:
    """A turn written by a clock far ahead is passed over by the others."""
    with core.database.transaction() as session:
        take_turn(session, "api.example", Rate(1, 1), now=10_000_000.0, patience=PATIENCE)
        assert take_turn(session, "api.example", Rate(1, 1), now=1000.0, patience=PATIENCE).granted


def test_a_host_that_asks_to_be_left_alone_is_left_by_all(core: Core, clock: Clock) -> None:
    """What one source was told, every other knows until it is over; a shorter wait changes nothing."""
    core = replace(core, now=clock)
    told = Exchange("GET", "https://api.example/x", 429, {}, b"", wait=300.0)
    turns = HostTurns(core, Rate(1, 1), clock.sleep)
    turns.heard("api.example", told)
    turns.heard("api.example", replace(told, wait=5.0))
    with pytest.raises(RateLimited) as caught:
        HostTurns(core, Rate(9, 1), clock.sleep).turn("api.example")
    assert caught.value.retry_after == pytest.approx(300)
    clock.sleep(301)
    turns.turn("api.example")


def test_hosts_that_the_operator_opened_are_not_waited_for(core: Core, clock: Clock) -> None:
    """Private peers are the operator's own."""
    settings = core.settings.model_copy(update={"fetch_allow_hosts": frozenset({"10.0.0.7:8080"})})
    turns = HostTurns(replace(core, settings=settings, now=clock), Rate(1, 1000), clock.sleep)
    for _ in range(5):
        turns.turn("10.0.0.7")
    assert clock.slept == []


def test_a_cap_stops_before_it_is_spent(timed: Core, clock: Clock) -> None:
    """A source gets its share, the other its own, and nobody more than the cap until the next day."""
    one, two = (SourceTraffic(timed, source(timed, name), clock.sleep) for name in ("one", "two"))
    assert one.spend("posts", 70) == 50
    with pytest.raises(RateLimited, match="share of today's 100 posts of x is spent"):
        one.spend("posts", 10)
    assert two.spend("posts", 70) == 50
    with pytest.raises(RateLimited, match="Today's 100 posts of x are spent") as caught:
        two.spend("posts", 1)
    assert caught.value.retry_after == pytest.approx(12 * 3600)
    one.give_back("posts", 20)
    assert one.spend("posts", 50) == 20
    clock.sleep(12 * 3600)
    assert one.spend("posts", 10) == 10
    assert one.spend("unheard of", 5) == 5
    with timed.database.read() as session:
        today = {(s.name, u.meter): u.amount for u, s in usage_since(session, clock.now.date())}
    assert today == {("one", "posts"): 10, ("one", "unheard of"): 5}


def test_two_workers_never_overdraw_a_cap(timed: Core) -> None:
    """Threads that take at once get the cap between them and not a unit more."""
    taking = [SourceTraffic(timed, source(timed, name)) for name in ("one", "two")] * 3

    def take(traffic: SourceTraffic) -> int:
        got = 0
        for _ in range(8):
            try:
                got += traffic.spend("posts", 7)
            except RateLimited:
                break
        return got

    with ThreadPoolExecutor(6) as threads:
        assert sum(threads.map(take, taking)) == 100


def test_requests_are_counted_and_capped(core: Core, clock: Clock) -> None:
    """Each request of a source counts; a cap of zero switches a platform off without a request."""
    settings = core.settings.model_copy(update={"daily_caps": {"rss.requests": 0}})
    with core.database.transaction() as session:
        create_source(session, name="s", connector="rss", config={"feeds": ["https://f.example/"]}, now=NOON)
    free = SourceTraffic(replace(core, now=clock), source(core, "s"), clock.sleep)
    free.turn("f.example")
    with core.database.read() as session:
        assert [usage.amount for usage, _ in usage_since(session, NOON.date())] == [1]
    with pytest.raises(RateLimited, match="Today's 0 requests of rss are spent"):
        SourceTraffic(replace(core, now=clock, settings=settings), source(core, "s")).turn("f.example")
