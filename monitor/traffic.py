"""Requests to platforms, kept within what they allow, over all sources, workers and machines.

1. a day's cap of the source's platform, if there is one: refused before anything is spent
2. the host's turn, at the connector's rate: waited for when it is near, else the run ends and comes back
3. the answer: a host that asks to be left alone is left alone by everybody
"""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

from sqlalchemy.orm import Session

from connectors.base import ConfigurationInvalid, Connector, RateLimited
from connectors.registry import find_kind
from connectors.traffic import CAREFUL, Exchange, Rate
from monitor.budget import Meter
from monitor.core import Core
from monitor.recordings import keep
from monitor.settings import Settings
from monitor.sources import build_connector
from monitor.storage import traffic as shared
from monitor.storage.source import Source

PATIENCE = 20.0
"""Seconds that a request may wait for its turn."""
REQUESTS = "requests"
USAGE_KEPT = timedelta(days=400)
FILES = Rate(10, 1, burst=20)
"""For hosts of attachments."""


class HostTurns:
    """Turns at hosts; what it is given besides is not counted. Safe to share between threads."""

    def __init__(self, core: Core, rate: Rate, sleep: Callable[[float], None] = time.sleep) -> None:
        self._core = core
        self._rate = rate
        self._sleep = sleep
        self._own = {entry.rpartition(":")[0] or entry for entry in core.settings.fetch_allow_hosts}

    def turn(self, host: str) -> None:
        """Wait for the turn; hosts that the operator opened are not waited for. Raises RateLimited."""
        if host in self._own:
            return
        with self._core.database.transaction() as session:
            now = self._core.now().timestamp()
            turn = shared.take_turn(session, host, self._rate, now=now, patience=PATIENCE)
        if not turn.granted:
            raise RateLimited(f"{host} is to be left alone for {turn.wait:.0f} s.", turn.wait)
        if turn.wait:
            self._sleep(turn.wait)

    def heard(self, host: str, exchange: Exchange) -> None:
        """Leave a host alone that asks for it."""
        if exchange.wait:
            until = self._core.now().timestamp() + exchange.wait
            with self._core.database.transaction() as session:
                shared.close_host(session, host, until)

    def spend(self, meter: str, wanted: int) -> int:
        """All of it."""
        return wanted

    def give_back(self, meter: str, unused: int) -> None:
        """Nothing is counted."""


class SourceTraffic(HostTurns):
    """The requests of one source, counted and capped, and recorded when a person wants that."""

    def __init__(self, core: Core, source: Source, sleep: Callable[[float], None] = time.sleep) -> None:
        super().__init__(core, _rate(source.connector), sleep)
        self._source = source

    def turn(self, host: str) -> None:
        """Count the request, then wait for its turn. Raises RateLimited."""
        self.spend(REQUESTS, 1)
        super().turn(host)

    def heard(self, host: str, exchange: Exchange) -> None:
        """Leave a host alone that asks for it; keep the answer if the source is being recorded."""
        super().heard(host, exchange)
        keep(self._core, self._source, host, exchange)

    def spend(self, meter: str, wanted: int) -> int:
        """Take from the day's cap, and count. Raises RateLimited when nothing is left for this source."""
        cap = cap_of(self._core.settings, self._source.connector, meter)
        now = self._core.now()
        with self._core.database.transaction() as session:
            granted = wanted
            if cap is not None:
                shared.lock_meter(session, self._source.connector, meter)
                state = meter_now(session, self._source, meter, cap, now)
                granted = min(wanted, state.allowed)
                if not granted:
                    raise RateLimited(_spent(self._source.connector, meter, state), state.wait)
            shared.add_usage(session, self._source.id, now.date(), meter, granted)
        return granted

    def give_back(self, meter: str, unused: int) -> None:
        """Uncount what was not spent."""
        if unused:
            with self._core.database.transaction() as session:
                shared.add_usage(session, self._source.id, self._core.now().date(), meter, -unused)


def open_connector(core: Core, source: Source) -> Connector:
    """The connector that reads a source, its requests in turn and counted. Raises ConnectorError."""
    return build_connector(core.settings, source, SourceTraffic(core, source))


def forget_spent(core: Core) -> None:
    """Drop what was spent so long ago that nobody asks."""
    with core.database.transaction() as session:
        shared.forget_usage(session, core.now().date() - USAGE_KEPT)


def cap_of(settings: Settings, connector: str, meter: str) -> int | None:
    """How much of a meter all sources of a connector may spend in a UTC day; None: as much as they like."""
    said = settings.daily_caps.get(f"{connector}.{meter}")
    return said if said is not None else daily_of(connector).get(meter)


def daily_of(connector: str) -> dict[str, int]:
    """What a connector's platform allows in a day."""
    try:
        return dict(find_kind(connector).daily)
    except ConfigurationInvalid:
        return {}


def meter_now(session: Session, source: Source, meter: str, cap: int, now: datetime) -> Meter:
    """A cap as it stands for one source."""
    used = shared.used_of(session, source.connector, now.date(), meter)
    midnight = datetime(now.year, now.month, now.day, tzinfo=UTC)
    return Meter(
        cap=cap,
        used=sum(used.values()),
        own=used.get(source.id, 0),
        sharers=shared.count_sharers(session, source.connector),
        seconds=(now - midnight).total_seconds(),
    )


def _rate(connector: str) -> Rate:
    try:
        return find_kind(connector).rate
    except ConfigurationInvalid:
        return CAREFUL


def _spent(connector: str, meter: str, state: Meter) -> str:
    if state.used >= state.cap:
        return f"Today's {state.cap} {meter} of {connector} are spent; nothing is asked until midnight UTC."
    return (
        f"This source's share of today's {state.cap} {meter} of {connector} is spent;"
        " more are released as the day goes on."
    )
