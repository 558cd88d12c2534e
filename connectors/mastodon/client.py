"""The one place that asks an instance: timelines, its policy, single statuses."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import quote, urlsplit

from connectors.base import AuthenticationFailed, SourceClosed
from connectors.http import status_error
from connectors.kind import ConnectorContext
from connectors.limits import Limits
from connectors.mastodon.config import MOST_AT_ONCE, MastodonConfig, Timeline
from connectors.payload import Json


class MastodonClient:
    """An instance, with a token or without."""

    def __init__(self, config: MastodonConfig, token: str | None, context: ConnectorContext) -> None:
        self.host = config.host
        self.token = token
        self.limits = Limits("x-ratelimit-")
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        self.api = context.client(config.instance, headers=headers, limits=self.limits)
        self._account_ids: dict[str, str] = {}
        self._instance: Json | None = None

    def close(self) -> None:
        """Release connections."""
        self.api.close()

    def page(self, timeline: Timeline, limit: int = MOST_AT_ONCE, **place: str) -> list[Json]:
        """One page, newest first; `place` is `min_id` or `max_id`. Raises ConnectorError."""
        params = {**timeline.params, **place, "limit": str(min(limit, MOST_AT_ONCE))}
        answer = self._get(self._path(timeline), params)
        return list(answer.items())

    def instance(self) -> Json:
        """The instance's description; empty for a server that has none of version 2."""
        if self._instance is None:
            answer = self.api.ask("/api/v2/instance")
            self._instance = Json(answer.json() if answer.is_success else {}, "instance")
        return self._instance

    def require_open(self, timeline: Timeline) -> None:
        """Raise unless the instance's policy shows this timeline to us.

        With a token a disabled feed answers an empty list, which must not be taken for nothing new.
        """
        access = self.instance().get("configuration").get("timelines_access").get(timeline.feed or "")
        policies = {access.get(part).text_or("public") for part in timeline.parts}
        if policies == {"disabled"}:
            raise SourceClosed(f"{timeline.key} is closed by the policy of {self.host}.")
        if policies and "public" not in policies and self.token is None:
            raise AuthenticationFailed(f"{self.host} shows {timeline.key} only with an access token.")

    def status(self, status_id: str) -> Json:
        """A status by its id on this instance. Raises ConnectorError."""
        return self._get(f"/api/v1/statuses/{quote(status_id, safe='')}")

    def find(self, url: str) -> Json | None:
        """The status at a public address or with a uri, or None when the instance knows none.

        Another server's status takes a token, since only then the instance looks it up. Raises
        ConnectorError.
        """
        if self.is_own(url):
            return self.status(last_part(url))
        if self.token is None:
            raise AuthenticationFailed(f"{self.host} looks up another server's posts only with a token.")
        params = {"q": url, "type": "statuses", "resolve": "true", "limit": "1"}
        return next(self._get("/api/v2/search", params)["statuses"].items(), None)

    def is_own(self, url: str) -> bool:
        """Whether an address is the instance's own."""
        try:
            return urlsplit(url).netloc.lower() == self.host
        except ValueError:
            return False

    def _path(self, timeline: Timeline) -> str:
        if timeline.acct is None:
            return timeline.path
        if timeline.acct not in self._account_ids:
            found = self._get("/api/v1/accounts/lookup", {"acct": timeline.acct})
            self._account_ids[timeline.acct] = found["id"].text()
        return f"/api/v1/accounts/{quote(self._account_ids[timeline.acct], safe='')}/statuses"

    def _get(self, path: str, params: Mapping[str, Any] | None = None) -> Json:
        answer = self.api.ask(path, params)
        if answer.status_code == 422 and self.token is None:
            raise AuthenticationFailed(f"{self.host} shows this only with an access token.")
        if not answer.is_success:
            raise status_error(self.host, answer.status_code, answer.headers)
        return Json(self.api.parsed(answer))


def last_part(url: str) -> str:
    """The last part of an address's path: the status's id on the server it is of."""
    return urlsplit(url).path.rstrip("/").rpartition("/")[2]
