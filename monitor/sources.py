"""Sources as people configure them: checked against their connector before they are stored."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from connectors.base import ConfigurationInvalid, Connector
from connectors.registry import ConnectorContext, find_kind, parse_config
from connectors.traffic import UNWATCHED, Traffic
from monitor import __version__
from monitor.errors import InvalidInput
from monitor.queries import with_packs
from monitor.settings import Settings
from monitor.storage.base import utc_now
from monitor.storage.source import REPORTS, Source, add_source


def create_source(
    session: Session,
    *,
    name: str,
    connector: str,
    config: Mapping[str, Any],
    now: datetime,
    settings: Settings | None = None,
    packs: Sequence[str] = (),
    **options: Any,
) -> Source:
    """Check a source's settings and store it. Raises InvalidInput or Conflict.

    Packs take `settings`. `options` are the remaining columns that a source may be given: `poll_seconds`,
    `poll_min_seconds`, `poll_max_seconds`, `alert_threshold`, `enabled`.
    """
    require_order(options.get("poll_min_seconds"), options.get("poll_max_seconds"))
    stored = checked_config(settings, connector, config, packs)
    return add_source(
        session, name=name, connector=connector, config=stored, packs=list(packs), now=now, **options
    )


def checked_config(
    settings: Settings | None, connector: str, config: Mapping[str, Any], packs: Sequence[str]
) -> dict[str, Any]:
    """A source's own settings as they are stored: checked together with its packs. Raises InvalidInput."""
    try:
        whole = with_packs(settings, connector, config, packs) if settings and packs else config
        checked = parse_config(connector, whole).model_dump(mode="json", exclude_defaults=True)
        grammar = find_kind(connector).grammar
    except ConfigurationInvalid as error:
        raise InvalidInput(str(error)) from None
    if packs and grammar:
        own = checked.pop(grammar.field)[: len(config.get(grammar.field) or ())]
        checked |= {grammar.field: own} if own else {}
    return checked


def require_order(least: int | None, most: int | None) -> None:
    """Refuse a shortest wait above the longest. Raises InvalidInput."""
    if least is not None and most is not None and least > most:
        raise InvalidInput(
            f"The shortest wait ({least} s) is above the longest ({most} s); exchange or change them."
        )


def effective_config(settings: Settings, source: Source) -> dict[str, Any]:
    """A source's settings with the queries of its packs as they are now. Raises ConnectorError."""
    try:
        return with_packs(settings, source.connector, source.config, source.packs)
    except InvalidInput as error:
        raise ConfigurationInvalid(str(error)) from None


def build_connector(settings: Settings, source: Source, traffic: Traffic = UNWATCHED) -> Connector:
    """The connector that reads a source; `traffic` gives its requests their turns. Raises ConnectorError."""
    if source.connector == REPORTS:
        raise ConfigurationInvalid("This source is told by people's reports; there is nothing to read.")
    kind = find_kind(source.connector)
    credentials = getattr(settings, kind.name, None) if kind.credentials else None
    context = ConnectorContext(
        user_agent=f"leakwatch/{__version__}",
        now=utc_now,
        allow_hosts=settings.fetch_allow_hosts,
        traffic=traffic,
    )
    return kind.build(parse_config(kind.name, effective_config(settings, source)), credentials, context)
