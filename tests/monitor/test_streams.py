"""A streaming source under the real scheduler, against a loopback server."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import replace

import pytest
from sqlalchemy import func, select

from connectors.registry import CONNECTORS
from monitor.core import Core
from monitor.schedule import Schedule
from monitor.sources import create_source
from monitor.storage.post import Post
from tests.connectors.loopback import running
from tests.connectors.mastodon_server import MastodonServer

SECONDS = 20.0
TAG = "timelines/tag/nhs"


@pytest.fixture
def server() -> Iterator[MastodonServer]:
    """An instance without statuses."""
    with running(MastodonServer()) as made:
        yield made


@pytest.fixture
def watching(core: Core, server: MastodonServer) -> Iterator[Core]:
    """A core that may speak to the instance, with a streaming source of it, under a scheduler at work."""
    settings = core.settings.model_copy(update={"fetch_allow_hosts": frozenset({server.place})})
    trusting = replace(core, settings=settings)
    config = {"instance": server.url, "hashtags": ["nhs"], "stream": True}
    with core.database.transaction() as session:
        create_source(session, name="tag", connector="mastodon", config=config, now=core.now())
    schedule = Schedule(trusting)
    schedule.start()
    try:
        yield trusting
    finally:
        began = time.monotonic()
        schedule.stop()
        assert time.monotonic() - began < SECONDS


def stored(core: Core) -> int:
    """How many posts are stored."""
    with core.database.read() as session:
        return session.scalar(select(func.count()).select_from(Post)) or 0


def wait_for(happened: Callable[[], bool]) -> None:
    """Until it happens."""
    deadline = time.monotonic() + SECONDS
    while not happened():
        assert time.monotonic() < deadline
        time.sleep(0.05)


def test_posts_are_stored_as_they_are_heard(watching: Core, server: MastodonServer) -> None:
    """A post is stored while the run that hears it goes on, its deletion is noted, and a stop is quick."""
    wait_for(lambda: bool(server.listeners.get(TAG)))
    made = server.post("heard", TAG)
    wait_for(lambda: stored(watching) == 1)
    server.tell((TAG,), "delete", made["id"])

    def is_gone() -> bool:
        with watching.database.read() as session:
            return session.scalar(select(Post.gone_reason)) == "deleted by its author or the server"

    wait_for(is_gone)


def test_who_can_stream_has_the_switch_for_it() -> None:
    """The scheduler gives a thread of its own to sources with `stream`, so those that stream have it."""
    streaming = {name for name, kind in CONNECTORS.items() if "stream" in kind.config.model_fields}
    assert streaming == {"bluesky", "mastodon", "x"}
