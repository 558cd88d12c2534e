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
