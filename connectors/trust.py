"""Where credentials may be sent."""

from __future__ import annotations

from urllib.parse import urlsplit

from connectors.base import ConfigurationInvalid
from connectors.kind import ConnectorContext


def require_trusted(name: str, url: str, context: ConnectorContext) -> None:
    """Raise ConfigurationInvalid unless `url` is https, or plain http to a peer that the allow-list names.

    `name` is the setting that holds it.
    """
    secure, plain = ({"https", "wss"}, {"http", "ws"})
    try:
        parts = urlsplit(url)
    except ValueError as error:
        raise ConfigurationInvalid(f"{name}: is not an address.") from error
    if parts.scheme in secure and parts.hostname:
        return
    if parts.scheme not in plain or not {parts.netloc, parts.hostname} & context.allow_hosts:
        raise ConfigurationInvalid(
            f"{name}: plain http is only spoken to hosts on the allow-list; use https."
        )
