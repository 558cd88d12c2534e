"""What lies below PRAW: a session that reads Reddit's limits, and sends a report once."""

from __future__ import annotations

import time
from collections.abc import Mapping
from typing import Any

import httpx
import requests

from connectors.base import RateLimited, SourceUnavailable
from connectors.retry import DEFAULT_RETRY_AFTER, retry_after
from connectors.traffic import Exchange, Traffic

REPORT = "api/report"


class Budget:
    """What Reddit says is left of the request limit: `x-ratelimit-*`, floats written as text."""

    def __init__(self) -> None:
        self.remaining: float | None = None
        self._reset_at = 0.0

    def note(self, response: requests.Response, **_: Any) -> None:
        """Read an answer's headers and mend those that prawcore reads more strictly than Reddit writes."""
        headers = response.headers
        remaining, reset = _number(headers, "x-ratelimit-remaining"), _number(headers, "x-ratelimit-reset")
        if remaining is not None and reset is not None:
            self.remaining, self._reset_at = remaining, time.monotonic() + reset
            headers["x-ratelimit-reset"] = str(int(reset))
            headers["x-ratelimit-used"] = str(int(_number(headers, "x-ratelimit-used") or 0))
        else:
            headers.pop("x-ratelimit-remaining", None)
        if _number(headers, "retry-after") is None:
            headers.pop("retry-after", None)
        if "insufficient_scope" not in headers.get("www-authenticate", ""):
            headers.pop("www-authenticate", None)
        if response.status_code == 401:
            headers.setdefault("www-authenticate", 'Bearer error="invalid_token"')

    @property
    def wait(self) -> float:
        """Seconds until the budget is renewed, or a default when Reddit has not said."""
        left = self._reset_at - time.monotonic()
        return left if left > 0 else DEFAULT_RETRY_AFTER

    def require(self) -> None:
        """Raise RateLimited when the budget is spent, so that nothing sleeps until it is renewed."""
        if self.remaining is not None and self.remaining < 1 and time.monotonic() < self._reset_at:
            raise RateLimited("Reddit's request limit is spent for now.", self.wait)


def _number(headers: Mapping[str, str], name: str) -> float | None:
    try:
        return float(headers[name])
    except (KeyError, ValueError):
        return None


class Session(requests.Session):
    """Reads no environment; prawcore repeats what fails, and of a report nobody knows whether it arrived.

    `traffic` hears the answers of the API's host, and so never those that hold a token.
    """

    def __init__(self, budget: Budget, host: str, traffic: Traffic) -> None:
        super().__init__()
        self.trust_env = False
        self._budget, self._host, self._traffic = budget, host, traffic
        self.hooks["response"] += [budget.note, self._heard]

    def _heard(self, response: requests.Response, **_: Any) -> None:
        url = httpx.URL(response.url)
        if url.host != self._host or url.path.endswith("/access_token"):
            return
        wait = retry_after(response.headers) if response.status_code in {429, 503} else None
        if response.status_code == 429 and wait is None:
            wait = self._budget.wait
        method = response.request.method or "GET"
        bare = str(url.copy_with(query=None))
        told = Exchange(method, bare, response.status_code, response.headers, response.content, wait)
        self._traffic.heard(self._host, told)

    def request(self, method: str, url: str | bytes, *args: Any, **options: Any) -> requests.Response:
        """As requests does it. Raises SourceUnavailable, which is not repeated, for a report in trouble."""
        if not str(url).rstrip("/").endswith(REPORT):
            return super().request(method, url, *args, **options)
        try:
            answer = super().request(method, url, *args, **options)
        except requests.RequestException as error:
            raise SourceUnavailable("Reddit broke off; it may have taken the report or not.") from error
        if answer.status_code >= 500:
            raise SourceUnavailable(f"Reddit answered {answer.status_code}; it may have taken the report.")
        return answer
