"""The Robots Exclusion Protocol (RFC 9309): what a site lets programs read, and how fast."""

from __future__ import annotations

from urllib.parse import urlsplit
from urllib.robotparser import RobotFileParser

from connectors.base import AuthenticationFailed, ConfigurationInvalid, SourceClosed
from connectors.pages import PageReader

AGENT = "leakwatch"


class Robots:
    """The rules of each site, asked once a run.

    A file that is not there or refused (4xx) forbids nothing (2.3.1.3); one that cannot be had now (5xx,
    network) raises SourceUnavailable, since it then forbids everything (2.3.1.4).
    """

    def __init__(self, reader: PageReader) -> None:
        self._reader = reader
        self._rules: dict[str, RobotFileParser] = {}

    def require_allowed(self, url: str) -> None:
        """Raise SourceClosed when the site forbids the page, SourceUnavailable when it cannot be asked."""
        parts = urlsplit(url)
        site = f"{parts.scheme}://{parts.netloc}"
        if site not in self._rules:
            self._rules[site] = self._asked(site)
            delay = self._rules[site].crawl_delay(AGENT)
            if delay is not None:
                self._reader.slow_down(parts.netloc, float(delay))
        if not self._rules[site].can_fetch(AGENT, url):
            raise SourceClosed(f"{parts.netloc} does not let programs read this page (robots.txt).")

    def _asked(self, site: str) -> RobotFileParser:
        rules = RobotFileParser()
        try:
            page = self._reader.get(f"{site}/robots.txt")
        except (SourceClosed, AuthenticationFailed, ConfigurationInvalid):
            page = None
        lines = page.data[: 512 * 1024].decode("utf-8", "replace").splitlines() if page else []
        rules.parse(lines)
        return rules
