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

from connectors.base import AuthenticationFailed, Batch, Checkpoint, Connector, Post, SourceUnavailable
from connectors.registry import CONNECTORS
from tests.connectors.platforms import PLATFORMS, UNICODE, Platform

MANY = 130

every_connector = pytest.mark.parametrize("name", sorted(CONNECTORS))


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
    assert PLATFORMS.keys() == CONNECTORS.keys()


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


@pytest.mark.parametrize("name", sorted(CONNECTORS))
@settings(max_examples=12)
@given(plan=st.lists(st.tuples(st.integers(0, 3), st.integers(0, 60)), min_size=1, max_size=6))
def test_any_stops_lose_and_repeat_nothing(name: str, plan: list[tuple[int, int]]) -> None:
    """However often a run is killed between batches while posts arrive, each post is stored exactly once."""
    with platform_of(name) as platform:
        store = Store()
        platform.publish(MANY)
        for stop_after, arrivals in plan:
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
            assert post.external_id
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
            assert CONNECTORS[name].credentials is None
            return
        platform.publish(3)
        connector = platform.connect(good=False)
        with pytest.raises(AuthenticationFailed) as refused:
            list(connector.fetch(None))
        assert "wrong" not in str(refused.value)
        assert not connector.check().ok
        connector.close()
