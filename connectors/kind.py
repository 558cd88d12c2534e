"""What a connector says about itself, and what it is built with."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from pydantic import BaseModel, ConfigDict

from connectors.base import Connector


class Settings(BaseModel):
    """Base of every connector's settings and credentials: unknown names are refused, values are frozen."""

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)


@dataclass(frozen=True)
class ConnectorContext:
    """What the program gives every connector."""

    user_agent: str
    """Name and version, as platforms ask for it."""
    now: Callable[[], datetime]
    """The present moment, aware, UTC."""
    allow_hosts: frozenset[str] = frozenset()
    """"host:port" of private peers that may be spoken to, over plain http too."""
    sleep: Callable[[float], None] = time.sleep
    """Waits so many seconds between two tries."""


@dataclass(frozen=True)
class ConnectorKind:
    """One row of the table of connectors."""

    name: str
    summary: str
    """One sentence: what it reads."""
    config: type[Settings]
    credentials: type[Settings] | None
    """None when the platform needs none. Fields that are secret are `SecretStr`."""
    build: Callable[[Any, Any, ConnectorContext], Connector]
    """(config, credentials or None, context) -> a connector that is ready, or ConnectorError."""
