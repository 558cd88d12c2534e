"""Public pages and feeds, read politely: conditional requests, what a status means, pauses between requests.

Their addresses come from settings, but what they redirect and link to comes from strangers: so the guarded
fetcher fetches them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from connectors.base import AttachmentRefused, ConfigurationInvalid, ConnectorError
from connectors.http import status_error
from connectors.kind import ConnectorContext

MAX_PAGE_BYTES = 16 * 2**20
NOT_MODIFIED = 304
LONGEST_PAUSE = 30.0
"""Seconds: a longer crawl delay is not waited out in full."""


@dataclass(frozen=True, slots=True)
class Validators:
    """What a server gave to ask it later whether anything changed (RFC 9110, 8.8)."""

    etag: str | None = None
    modified: str | None = None

    @classmethod
    def stored(cls, value: Mapping[str, Any]) -> Validators:
        """From a checkpoint. Raises TypeError, AttributeError."""
        return cls(value.get("etag"), value.get("modified"))

    @classmethod
    def told(cls, headers: Mapping[str, str]) -> Validators:
        """From an answer's headers, by their names in lower case.

        A page that changed in the very second it was answered in may change again within that second, which
        its date would not tell (RFC 9110, 8.8.2.2): such a date is left out.
        """
        modified = headers.get("last-modified")
        return cls(headers.get("etag"), None if modified == headers.get("date") else modified)

    def stored_as(self) -> dict[str, str | None]:
        """For a checkpoint."""
        return {"etag": self.etag, "modified": self.modified}

    def headers(self) -> dict[str, str]:
        """To send with a request."""
        sent = {"If-None-Match": self.etag, "If-Modified-Since": self.modified}
        return {name: value for name, value in sent.items() if value}


@dataclass(frozen=True, slots=True)
class WebPage:
    """A page as it was answered."""

    data: bytes
    url: str
    """Where it came from in the end: what its relative addresses are relative to."""
    content_type: str
    validators: Validators


class PageReader:
    """Reads pages, one after the other, with a pause between two requests to one host."""

    def __init__(self, context: ConnectorContext, *, pause: float = 0.0) -> None:
        self.fetcher = context.fetcher(MAX_PAGE_BYTES)
        self._sleep = context.sleep
        self._pause = pause
        self._pauses: dict[str, float] = {}
        self._asked: set[str] = set()

    def close(self) -> None:
        """Nothing is kept open."""

    def slow_down(self, host: str, seconds: float) -> None:
        """Pause at least so long between two requests to `host`."""
        self._pauses[host] = min(LONGEST_PAUSE, seconds)

    def get(self, url: str, validators: Validators | None = None) -> WebPage | None:
        """The page, or None when it is as it was. Raises ConnectorError."""
        host = urlsplit(url).netloc
        if host in self._asked and (pause := max(self._pause, self._pauses.get(host, 0.0))):
            self._sleep(pause)
        self._asked.add(host)
        try:
            fetched = self.fetcher.probe(url, (validators or Validators()).headers())
        except AttachmentRefused as error:
            raise ConfigurationInvalid(str(error)) from error
        if fetched.status == NOT_MODIFIED:
            return None
        if fetched.status != 200:
            raise status_error(host, fetched.status, fetched.headers)
        told = Validators.told(fetched.headers)
        return WebPage(fetched.data, fetched.final_url, fetched.content_type or "", told)


def raise_first(errors: list[tuple[str, ConnectorError]]) -> None:
    """Raise the first of the errors that single pages ended with, naming its page, if there is any."""
    for name, error in errors:
        error.args = (f"{name}: {error}",)
        raise error
