"""The one place that asks YouTube's Data API: key in a header, errors by their reasons, the quota's day."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from zoneinfo import ZoneInfo

import httpx

from connectors.base import AuthenticationFailed, ConnectorError, RateLimited, SourceClosed
from connectors.http import status_error
from connectors.kind import ConnectorContext
from connectors.payload import Json

PACIFIC = ZoneInfo("America/Los_Angeles")
_SPENT = frozenset({"quotaExceeded", "dailyLimitExceeded"})
_TOO_FAST = frozenset({"rateLimitExceeded", "userRateLimitExceeded"})
_BAD_KEY = frozenset({"keyInvalid", "keyExpired", "badRequest", "accessNotConfigured", "API_KEY_INVALID"})
SLOW_DOWN_SECONDS = 60.0


class YoutubeClient:
    """The Data API with a key, and the public site without."""

    def __init__(self, api_url: str, site_url: str, key: str | None, context: ConnectorContext) -> None:
        self.key = key
        self._context = context
        self._api = context.client(api_url, headers={"X-Goog-Api-Key": key} if key else {})
        self._site = context.client(site_url)

    def close(self) -> None:
        """Release connections."""
        self._api.close()
        self._site.close()

    def get(self, resource: str, params: Mapping[str, str]) -> Json:
        """The answer of a list method. Raises ConnectorError."""
        if self.key is None:
            raise AuthenticationFailed("This takes a key of YouTube's Data API.")
        self._context.traffic.spend("searches" if resource == "search" else "units", 1)
        answer = self._api.ask(f"/youtube/v3/{resource}", params)
        if not answer.is_success:
            raise self._error(answer)
        return Json(self._api.parsed(answer))

    def feed(self, channel: str) -> bytes:
        """A channel's feed of its newest videos. Raises ConnectorError."""
        answer = self._site.ask("/feeds/videos.xml", {"channel_id": channel})
        if not answer.is_success:
            raise status_error("YouTube", answer.status_code, answer.headers)
        return answer.content

    def oembed_status(self, url: str) -> int:
        """What the embedding service answers for a video: 401 for a private one, 404 for one that is gone."""
        return self._site.ask("/oembed", {"url": url, "format": "json"}).status_code

    def _error(self, answer: httpx.Response) -> ConnectorError:
        reasons = _reasons(answer)
        if reasons & _SPENT:
            return RateLimited("YouTube's quota for today is spent.", self._until_midnight())
        if reasons & _TOO_FAST:
            return RateLimited("YouTube asks us to slow down.", SLOW_DOWN_SECONDS)
        if reasons & _BAD_KEY or answer.status_code == 401:
            return AuthenticationFailed("YouTube refused the key of the Data API; renew it.")
        if reasons:
            return SourceClosed(
                f"YouTube does not show this ({', '.join(sorted(reasons))}).", answer.status_code
            )
        return status_error("YouTube", answer.status_code, answer.headers)

    def _until_midnight(self) -> float:
        """Seconds until the quota's day ends, at midnight Pacific time."""
        now = self._context.now().astimezone(PACIFIC)
        midnight = (now + timedelta(days=1)).replace(hour=0, minute=0, second=0, microsecond=0)
        return (midnight - now).total_seconds()


def _reasons(answer: httpx.Response) -> set[str]:
    """The reasons in an error of Google's APIs, old form and new."""
    try:
        error = Json(answer.json()).get("error")
    except (ValueError, RecursionError):
        return set()
    named = [*error.get("errors").items_or_none(), *error.get("details").items_or_none()]
    return {each.get("reason").text_or() for each in named} - {""}
