"""Sources as people configure them: checked against their connector before they are stored."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from connectors.base import ConfigurationInvalid, Connector
from connectors.registry import ConnectorContext, find_kind, parse_config
from monitor import __version__
from monitor.errors import InvalidInput
from monitor.settings import Settings
from monitor.storage.base import utc_now
from monitor.storage.source import Source, add_source


def create_source(
    session: Session,
    *,
    name: str,
    connector: str,
    config: Mapping[str, Any],
    now: datetime,
    poll_seconds: int | None = None,
    alert_threshold: float | None = None,
) -> Source:
    """Check a source's settings and store it. Raises InvalidInput or Conflict."""
    try:
        checked = parse_config(connector, config)
    except ConfigurationInvalid as error:
        raise InvalidInput(str(error)) from None
    stored = checked.model_dump(mode="json", exclude_defaults=True)
    return add_source(
        session,
        name=name,
        connector=connector,
        config=stored,
        poll_seconds=poll_seconds,
        alert_threshold=alert_threshold,
        now=now,
    )


def build_connector(settings: Settings, source: Source) -> Connector:
    """The connector that reads a source. Raises ConnectorError."""
    kind = find_kind(source.connector)
    credentials = getattr(settings, kind.name, None) if kind.credentials else None
    context = ConnectorContext(
        user_agent=f"leakwatch/{__version__}", now=utc_now, allow_hosts=settings.fetch_allow_hosts
    )
    return kind.build(parse_config(kind.name, source.config), credentials, context)
