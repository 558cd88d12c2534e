"""What the connectors' tests share: a context, and a loopback Reddit."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime

import pytest

from connectors.kind import ConnectorContext
from tests.connectors.reddit_server import RedditServer, reddit_server


@pytest.fixture
def context() -> ConnectorContext:
    """A context with the true time."""
    return ConnectorContext("leakwatch/0.1.0", lambda: datetime.now(UTC))


@pytest.fixture
def reddit() -> Iterator[RedditServer]:
    """A Reddit on loopback, without listings."""
    with reddit_server() as server:
        yield server


@pytest.fixture(autouse=True, scope="session")
def _hurried() -> Iterator[None]:
    """What prawcore waits between two tries of its own, no test need wait."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("prawcore.sessions.FiniteRetryStrategy._sleep_seconds", lambda strategy: None)
        yield
