"""What a connector says about itself, and what it is built with."""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from pydantic import BaseModel, BeforeValidator, ConfigDict

from connectors.base import Connector
from connectors.fetch import GuardedFetcher
from connectors.http import ApiClient
from connectors.query import Grammar
from connectors.traffic import CAREFUL, UNWATCHED, Rate, Traffic

LARGEST_PROBED = 64 * 2**20
"""Bytes of a file that is only looked for: a larger one is unknown, not gone."""


class Settings(BaseModel):
    """Base of every connector's settings and credentials: unknown names are refused, values are frozen."""

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)


def without(signs: str) -> BeforeValidator:
    """Takes the space around a name away, and the pattern `signs` before it: "@ann" is "ann"."""
    sign = re.compile(signs)
    return BeforeValidator(
        lambda value: sign.sub("", value.strip(), count=1) if isinstance(value, str) else value
    )


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

    traffic: Traffic = UNWATCHED
    """Gives each request its turn."""

    def fetcher(self, max_bytes: int = LARGEST_PROBED) -> GuardedFetcher:
        """A fetcher for addresses that come from strangers."""
        return GuardedFetcher(
            max_bytes=max_bytes,
            user_agent=self.user_agent,
            allow_hosts=self.allow_hosts,
            traffic=self.traffic,
        )

    def client(self, base_url: str, *, user_agent: str | None = None, **options: Any) -> ApiClient:
        """A client for the platform's own API; `options` are those of ApiClient."""
        return ApiClient(
            base_url,
            user_agent=user_agent or self.user_agent,
            sleep=self.sleep,
            traffic=self.traffic,
            **options,
        )


def one_request(config: Any) -> int:
    """For connectors that ask one thing."""
    return 1


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
    grammar: Grammar | None = None
    """How it is asked for the words of query packs; None when it cannot be."""
    local: bool = False
    """Whether reading it asks nobody else's server."""
    rate: Rate = CAREFUL
    """How often the hosts of its API may be asked, by all of us together."""
    daily: Mapping[str, int] = field(default_factory=dict)
    """What the platform allows in a day of the meters that it spends on."""
    requests: Callable[[Any], int] = one_request
    """How many requests a run over sources with these settings takes when nothing is new."""
