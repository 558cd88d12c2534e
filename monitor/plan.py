"""What watching a source means: its queries, its pace, and what that costs a day. Asks no platform."""

from __future__ import annotations

import math
from dataclasses import dataclass

from connectors.base import ConfigurationInvalid
from connectors.registry import find_kind, parse_config
from monitor.errors import InvalidInput
from monitor.pace import Bounds
from monitor.queries import queries_of
from monitor.settings import Settings
from monitor.sources import effective_config
from monitor.storage.source import Source
from monitor.traffic import cap_of

DAY = 86_400


@dataclass(frozen=True, slots=True)
class SourcePlan:
    """How a source is watched. Days are those of a source that is as busy, or as quiet, as can be."""

    name: str
    connector: str
    queries: tuple[str, ...]
    """Of its packs."""
    left_out: tuple[str, ...]
    """Terms of its packs that its platform cannot be asked for."""
    requests: int
    """That a run takes when nothing is new."""
    bounds: Bounds
    streams: bool
    notes: tuple[str, ...]

    @property
    def requests_a_day(self) -> tuple[int, int]:
        """The fewest and the most."""
        slowest, fastest = math.ceil(DAY / self.bounds.most), math.ceil(DAY / self.bounds.least)
        return slowest * self.requests, fastest * self.requests


def bounds_of(settings: Settings, source: Source) -> Bounds:
    """Within what a source's wait moves: its own limits before those of the settings.

    A source that says its pace keeps it, unless it also says limits. A stream keeps the usual one for when it
    breaks off, and what asks nobody else's server is never read more slowly than usual.
    """
    usual = float(source.poll_seconds or settings.poll_seconds)
    own = source.poll_min_seconds, source.poll_max_seconds
    if (source.poll_seconds and own == (None, None)) or source.config.get("stream"):
        return Bounds(usual, usual, usual)
    least = float(own[0] or min(settings.poll_min_seconds, usual))
    most = float(own[1] or (usual if _is_local(source) else max(settings.poll_max_seconds, usual)))
    least, most = min(least, most), max(least, most)
    return Bounds(least, min(max(usual, least), most), most)


def plan_of(settings: Settings, source: Source) -> SourcePlan:
    """The plan of one source. Raises InvalidInput when its settings or packs cannot be used any more."""
    try:
        kind = find_kind(source.connector)
        expansion = queries_of(settings, source.connector, source.packs)
        config = parse_config(source.connector, effective_config(settings, source))
    except ConfigurationInvalid as error:
        raise InvalidInput(f"The source {source.name}: {error}") from None
    said = [name.partition(".") for name in settings.daily_caps]
    meters = {*kind.daily, *(meter for connector, _, meter in said if connector == kind.name)}
    caps = [(cap_of(settings, kind.name, meter), meter) for meter in sorted(meters)]
    notes = [kind.grammar.note] if kind.grammar and kind.grammar.note and source.packs else []
    notes += [f"All {kind.name} sources share {cap} {meter} a day." for cap, meter in caps]
    return SourcePlan(
        name=source.name,
        connector=source.connector,
        queries=expansion.queries,
        left_out=expansion.left_out,
        requests=kind.requests(config),
        bounds=bounds_of(settings, source),
        streams=bool(source.config.get("stream")),
        notes=tuple(notes),
    )


def _is_local(source: Source) -> bool:
    try:
        return find_kind(source.connector).local
    except ConfigurationInvalid:
        return False
