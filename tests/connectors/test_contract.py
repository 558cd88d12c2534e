"""The one contract of all connectors, held against a platform of each."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from itertools import islice
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from connectors.base import (
    AuthenticationFailed,
    Availability,
    Batch,
    Checkpoint,
    ChecksAvailability,
    Connector,
    PayloadChanged,
    Post,
    PostRef,
    RateLimited,
    SourceClosed,
    SourceUnavailable,
)
from connectors.registry import CONNECTORS
from connectors.text import LONGEST_ID
from connectors.traffic import Exchange, Unwatched
from tests.connectors.abilities import (
    ABILITIES,
    TRAFFIC,
    UNICODE,
    Closing,
    Drifting,
    Editable,
    Expiring,
    Limited,
    Malformed,
    Overflowing,
    Paged,
    Platform,
    Removing,
)
from tests.connectors.platforms import NEEDS, NOT_TRIED, PLATFORMS

MANY = 130
STOPS = st.tuples(st.integers(0, 3), st.integers(0, 60), st.integers(7, 100))
"""(batches until the kill, posts that arrive meanwhile, size of a page)"""


def of(names: list[str]) -> pytest.MarkDecorator:
    """A test for each of these connectors, where the machine has what its platform needs."""
    return pytest.mark.parametrize("name", [pytest.param(name, marks=NEEDS.get(name, ())) for name in names])


every_connector = of(sorted(PLATFORMS))


def having(ability: type) -> pytest.MarkDecorator:
    """Every connector whose platform has the ability."""
    return of([name for name in sorted(PLATFORMS) if ability not in NOT_TRIED[name]])


@contextmanager
def platform_of(name: str) -> Iterator[Platform]:
    """A fresh platform for the connector called `name`."""
    with tempfile.TemporaryDirectory() as scratch, PLATFORMS[name](Path(scratch)) as platform:
        yield platform


class Store:
    """What the program keeps: the posts of each batch and its checkpoint, together, as JSON."""

    def __init__(self) -> None:
        self.ids: list[str] = []
        self._checkpoint: str | None = None

    @property
    def checkpoint(self) -> Checkpoint | None:
        """As it comes back from the database."""
        return None if self._checkpoint is None else json.loads(self._checkpoint)

    def commit(self, batch: Batch) -> None:
        """Keep a batch."""
        self.ids += [post.external_id for post in batch.posts]
        self._checkpoint = json.dumps(batch.checkpoint, allow_nan=False)


def run(connector: Connector, store: Store, stop_after: int | None = None) -> None:
    """One run, killed after so many batches: a stopped process never resumes its iterator."""
    for batch in islice(connector.fetch(store.checkpoint), stop_after):
        store.commit(batch)


def read_all(connector: Connector) -> list[Post]:
    """Every post of a run from the start."""
    return [post for batch in connector.fetch(None) for post in batch.posts]


def test_every_connector_is_held_to_it() -> None:
    """Each connector in the table has a platform here, so none escapes the contract."""
    assert {name.partition(" ")[0] for name in PLATFORMS} == CONNECTORS.keys()


@every_connector
def test_no_ability_is_left_out(name: str) -> None:
    """A platform has every ability but those that are said not to be its own."""
    with platform_of(name) as platform:
        lacking = {ability for ability in ABILITIES if not isinstance(platform, ability)}
        assert lacking == NOT_TRIED[name]


class Gate(Unwatched):
    """Counts turns and keeps what was heard; closed, it lets nobody through."""

    def __init__(self, *, closed: bool = False) -> None:
        self.closed = closed
        self.turns: list[str] = []
        self.heard_of: list[Exchange] = []

    def turn(self, host: str) -> None:
        self.turns.append(host)
        if self.closed:
            raise RateLimited("It is not our turn.", 3600)

    def heard(self, host: str, exchange: Exchange) -> None:
        self.heard_of.append(exchange)


@contextmanager
def watched_by(gate: Gate) -> Iterator[None]:
    """Connectors made meanwhile ask it for their turns."""
    token = TRAFFIC.set(gate)
    try:
        yield
    finally:
        TRAFFIC.reset(token)


@every_connector
def test_every_request_waits_for_its_turn(name: str) -> None:
    """Nothing is asked of a platform out of turn; what is heard holds no parameters; a folder asks nobody."""
    if CONNECTORS[name.partition(" ")[0]].local:
        return
    with platform_of(name) as platform:
        platform.publish(3)
        with watched_by(Gate(closed=True)), pytest.raises(RateLimited):
            read_all(platform.connect())
        gate = Gate()
        with watched_by(gate):
            assert len(read_all(platform.connect())) == 3
        assert len(gate.heard_of) <= len(gate.turns) > 0
        assert not any("?" in exchange.url for exchange in gate.heard_of)


@every_connector
def test_reads_everything_once(name: str) -> None:
    """A whole run gives every post exactly once, in bounded batches, under its own platform's name."""
    with platform_of(name) as platform:
        platform.publish(MANY)
        connector = platform.connect()
        batches = list(connector.fetch(None))
        ids = [post.external_id for batch in batches for post in batch.posts]
        assert len(ids) == len(set(ids))
        assert set(ids) == platform.expected
        assert max(len(batch.posts) for batch in batches) <= 50
        assert {post.platform for batch in batches for post in batch.posts} == {connector.platform}
        connector.close()


@every_connector
@settings(max_examples=5)
@given(plan=st.lists(STOPS, min_size=1, max_size=5))
def test_any_stops_lose_and_repeat_nothing(name: str, plan: list[tuple[int, int, int]]) -> None:
    """However often a run is killed while posts arrive, and however long the pages, each post comes once."""
    with platform_of(name) as platform:
        store = Store()
        platform.publish(MANY)
        for stop_after, arrivals, page_size in plan:
            if isinstance(platform, Paged):
                platform.page_size = page_size
            connector = platform.connect()
            run(connector, store, stop_after)
            connector.close()
            platform.publish(arrivals)
        connector = platform.connect()
        run(connector, store)
        connector.close()
        assert sorted(store.ids) == sorted(platform.expected)


@every_connector
def test_every_possible_stop(name: str) -> None:
    """Resuming after each single batch of a run gives exactly the rest."""
    with platform_of(name) as platform:
        platform.publish(MANY)
        connector = platform.connect()
        count = len(list(connector.fetch(None)))
        for stop_after in range(count + 1):
            store = Store()
            run(connector, store, stop_after)
            run(connector, store)
            assert sorted(store.ids) == sorted(platform.expected)
        connector.close()


@every_connector
def test_the_same_checkpoint_gives_the_same_posts(name: str) -> None:
    """A crash after fetching and before storing repeats the same posts."""
    with platform_of(name) as platform:
        platform.publish(20)
        connector = platform.connect()
        store = Store()
        run(connector, store)
        platform.publish(20)
        first, second = ([list(batch.posts) for batch in connector.fetch(store.checkpoint)] for _ in range(2))
        assert first == second
        assert sum(map(len, first)) == 20
        connector.close()


@every_connector
def test_nothing_new_is_an_empty_run(name: str) -> None:
    """When nothing has happened, the iterator ends without a batch; so also on an empty platform."""
    with platform_of(name) as platform:
        connector = platform.connect()
        store = Store()
        run(connector, store)
        assert store.ids == []
        assert list(connector.fetch(store.checkpoint)) == []
        platform.publish(7)
        run(connector, store)
        assert len(store.ids) == 7
        assert list(connector.fetch(store.checkpoint)) == []
        connector.close()


@every_connector
def test_posts_are_well_formed(name: str) -> None:
    """Text keeps every script, times are aware UTC, and ids and URLs are never empty."""
    with platform_of(name) as platform:
        platform.publish(12)
        connector = platform.connect()
        posts = read_all(connector)
        assert any(UNICODE in post.text for post in posts)
        for post in posts:
            assert 0 < len(post.external_id) <= LONGEST_ID
            assert post.author is None or 0 < len(post.author.external_id) <= LONGEST_ID
            assert post.url
            assert post.posted_at is None or post.posted_at.utcoffset() == timedelta(0)
            json.dumps([post.text, post.url, post.context]).encode("utf-8")
        connector.close()


@every_connector
def test_a_check_moves_nothing_and_says_so(name: str) -> None:
    """A check finds a working source well without consuming anything."""
    with platform_of(name) as platform:
        platform.publish(3)
        connector = platform.connect()
        found = connector.check()
        assert found.ok, found.message
        assert {post.external_id for post in read_all(connector)} == platform.expected
        connector.close()


@every_connector
def test_an_unavailable_platform(name: str) -> None:
    """A platform that is away is a transient error from a run, and an answer from a check."""
    with platform_of(name) as platform:
        platform.publish(3)
        connector = platform.connect()
        platform.vanish()
        with pytest.raises(SourceUnavailable):
            list(connector.fetch(None))
        found = connector.check()
        assert not found.ok
        assert found.message
        connector.close()


@every_connector
def test_refused_credentials(name: str) -> None:
    """Wrong credentials are said to be wrong, and never repeated."""
    with platform_of(name) as platform:
        if not platform.needs_credentials:
            return
        platform.publish(3)
        connector = platform.connect(good=False)
        with pytest.raises(AuthenticationFailed) as refused:
            list(connector.fetch(None))
        assert "wrong" not in str(refused.value)
        assert not connector.check().ok
        connector.close()


@pytest.mark.parametrize("skew", [timedelta(days=-2), timedelta(days=2)], ids=["slow", "fast"])
@every_connector
def test_a_wrong_clock_loses_nothing(name: str, skew: timedelta) -> None:
    """A machine whose clock is days off still gets every post exactly once."""
    with platform_of(name) as platform:
        store = Store()
        for _ in range(2):
            platform.publish(20)
            connector = platform.connect(skew=skew)
            run(connector, store)
            connector.close()
        assert sorted(store.ids) == sorted(platform.expected)


@having(Limited)
def test_a_rate_limit_is_honoured(name: str) -> None:
    """A refusal for too many requests carries the wait that the platform's headers name."""
    with platform_of(name) as platform:
        assert isinstance(platform, Limited)
        platform.publish(3)
        connector = platform.connect()
        platform.limit(321)
        with pytest.raises(RateLimited) as limited:
            list(connector.fetch(None))
        assert 310 <= limited.value.retry_after <= 325
        assert not connector.check().ok
        connector.close()


@having(Drifting)
def test_a_changed_answer_is_named(name: str) -> None:
    """An answer that lost its documented shape is said to have, with the path of the field."""
    with platform_of(name) as platform:
        assert isinstance(platform, Drifting)
        platform.publish(3)
        connector = platform.connect()
        path = platform.drift()
        with pytest.raises(PayloadChanged) as changed:
            list(connector.fetch(None))
        assert path in changed.value.path
        connector.close()


@having(Malformed)
def test_a_malformed_post_stops_no_other(name: str) -> None:
    """A post that lost a field is kept as rejected, with the field's name; those around it are read."""
    with platform_of(name) as platform:
        assert isinstance(platform, Malformed)
        platform.publish(2)
        field = platform.publish_malformed()
        platform.publish(2)
        connector = platform.connect()
        store = Store()
        batches = list(connector.fetch(None))
        for batch in batches:
            store.commit(batch)
        (rejected,) = [item for batch in batches for item in batch.rejected]
        assert field in rejected.reason
        assert rejected.external_id
        assert sorted(store.ids) == sorted(platform.expected)
        assert [batch for batch in connector.fetch(store.checkpoint) if batch.rejected] == []
        connector.close()


@having(Expiring)
def test_expired_credentials(name: str) -> None:
    """Credentials that expire during a run end it; with new ones it goes on where it was."""
    with platform_of(name) as platform:
        assert isinstance(platform, Expiring)
        platform.publish(MANY)
        platform.expire_after(1)
        store = Store()
        connector = platform.connect()
        with pytest.raises(AuthenticationFailed):
            run(connector, store)
        connector.close()
        platform.renew()
        connector = platform.connect()
        run(connector, store)
        connector.close()
        assert sorted(store.ids) == sorted(platform.expected)


@having(Closing)
def test_closed_is_not_empty(name: str) -> None:
    """A platform that shows us nothing by policy is not taken for one where nothing was posted."""
    with platform_of(name) as platform:
        assert isinstance(platform, Closing)
        platform.publish(3)
        platform.close_by_policy()
        connector = platform.connect()
        with pytest.raises(SourceClosed):
            list(connector.fetch(None))
        assert not connector.check().ok
        connector.close()


@having(Editable)
def test_an_edit_comes_again(name: str) -> None:
    """An edited post comes once more under its own id, with its new words, and then no more."""
    with platform_of(name) as platform:
        assert isinstance(platform, Editable)
        platform.publish(5)
        connector = platform.connect()
        store = Store()
        run(connector, store)
        edited = platform.edit()
        batches = list(connector.fetch(store.checkpoint))
        posts = [post for batch in batches for post in batch.posts]
        assert [(post.external_id, "edited" in post.text) for post in posts] == [(edited, True)]
        assert list(connector.fetch(batches[-1].checkpoint)) == []
        connector.close()


@having(Removing)
def test_a_removed_post(name: str) -> None:
    """A post's removal loses no other post, and a connector that can tell says that it is gone."""
    with platform_of(name) as platform:
        assert isinstance(platform, Removing)
        platform.publish(12)
        connector = platform.connect()
        store = Store()
        run(connector, store)
        refs = {post.external_id: PostRef(post.external_id, post.url) for post in read_all(connector)}
        removed = platform.remove()
        platform.publish(3)
        batches = list(connector.fetch(store.checkpoint))
        for batch in batches:
            store.commit(batch)
        assert sorted(store.ids) == sorted(platform.expected)
        assert {gone.external_id for batch in batches for gone in batch.deletions} <= {removed}
        if isinstance(connector, ChecksAvailability):
            assert_told_apart(platform, connector, refs, removed)
        connector.close()


def assert_told_apart(
    platform: Platform, connector: ChecksAvailability, refs: dict[str, PostRef], removed: str
) -> None:
    """Gone, present and unknown are three answers."""
    live = next(ref for external_id, ref in refs.items() if external_id != removed)
    verdicts = {probe.availability for probe in connector.check_availability(live)}
    assert Availability.PRESENT in verdicts
    assert Availability.GONE not in verdicts
    verdicts = {probe.availability for probe in connector.check_availability(refs[removed])}
    assert Availability.GONE in verdicts
    assert Availability.PRESENT not in verdicts
    platform.vanish()
    assert {probe.availability for probe in connector.check_availability(live)} == {Availability.UNKNOWN}


@having(Overflowing)
def test_a_gap_is_said(name: str) -> None:
    """When more was posted than can be reached again, the run says that posts may have been missed."""
    with platform_of(name) as platform:
        assert isinstance(platform, Overflowing)
        platform.publish(5)
        connector = platform.connect()
        store = Store()
        run(connector, store)
        platform.overflow()
        assert any(batch.gap for batch in connector.fetch(store.checkpoint))
        connector.close()
