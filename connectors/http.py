"""The one way connectors talk to a platform's API over HTTP.

    status or trouble              error
    401                            AuthenticationFailed
    403, 404, 410, 451             SourceClosed
    408, 425, 5xx, network         SourceUnavailable, after the retries
    429                            RateLimited with the time to wait, after the retries
    other 4xx, redirects           ConfigurationInvalid
    not JSON                       PayloadChanged

For attachments use `connectors.fetch`: an API's address comes from its source's settings, an attachment's
from a stranger.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from typing import Any

import httpx
import tenacity

from connectors.base import (
    AuthenticationFailed,
    ConfigurationInvalid,
    ConnectorError,
    PayloadChanged,
    RateLimited,
    SourceClosed,
    SourceUnavailable,
)
from connectors.limits import Limits
from connectors.network import shared_tls
from connectors.retry import DEFAULT_RETRY_AFTER, retry_after
from connectors.traffic import UNWATCHED, Exchange, Traffic

MAX_ANSWER_BYTES = 32 * 2**20
_CLOSED_STATUSES = frozenset({403, 404, 410, 451})
_TRANSIENT_STATUSES = frozenset({408, 425})


class ApiClient:
    """An HTTP client for one platform: time limits, bounded retries with jitter, the port's errors.

    GET requests are repeated on transient trouble, at most `attempts` times in all; a Retry-After up to
    `longest_wait` seconds is waited out, a longer one is raised at once as RateLimited. Other methods are
    sent once, since nobody knows whether a lost answer was acted on. With `limits`, a budget that the
    platform's headers call spent is not overdrawn; each request waits for its turn in `traffic`. It reads no
    environment and no netrc.
    """

    def __init__(
        self,
        base_url: str,
        *,
        user_agent: str,
        headers: Mapping[str, str] | None = None,
        limits: Limits | None = None,
        traffic: Traffic = UNWATCHED,
        timeout: float = 20.0,
        attempts: int = 4,
        longest_wait: float = 30.0,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self._client = httpx.Client(
            base_url=base_url,
            headers={"User-Agent": user_agent, "Accept": "application/json", **(headers or {})},
            timeout=httpx.Timeout(timeout, connect=min(5.0, timeout)),
            follow_redirects=False,
            trust_env=False,
            verify=shared_tls(),
        )
        self.base_url = base_url.rstrip("/")
        self._host = self._client.base_url.host
        self._limits = limits
        self._traffic = traffic
        self._attempts = attempts
        self._longest_wait = longest_wait
        self._sleep = sleep

    def get(self, path: str, params: Mapping[str, Any] | None = None) -> httpx.Response:
        """The successful answer to a GET, read whole. Raises ConnectorError as the module's table says."""
        return self._retrying()(self._send, "GET", path, params=params)

    def ask(
        self, path: str, params: Mapping[str, Any] | None = None, headers: Mapping[str, str] | None = None
    ) -> httpx.Response:
        """The answer to a GET whatever its status; only trouble that may pass is repeated and raised."""
        options = {"params": params, "headers": headers}
        return self._retrying()(self._send, "GET", path, any_status=True, **options)

    def open(
        self, path: str, params: Mapping[str, Any] | None = None, *, accept: str, silence: float
    ) -> httpx.Response:
        """A successful answer to a GET whose body is still to come: a stream. The caller closes it.

        `silence` is how many seconds may pass without a byte. Raises ConnectorError.
        """
        self._traffic.turn(self._host)
        timeout = httpx.Timeout(silence, connect=5.0)
        request = self._client.build_request(
            "GET", path, params=params, headers={"Accept": accept}, timeout=timeout
        )
        try:
            response = self._client.send(request, stream=True)
        except httpx.HTTPError as error:
            raise SourceUnavailable(f"{self._host} could not be reached or broke off.") from error
        if not response.is_success:
            response.close()
            raise status_error(self._host, response.status_code, response.headers)
        return response

    def get_json(self, path: str, params: Mapping[str, Any] | None = None) -> Any:
        """The parsed JSON answer to a GET. Raises PayloadChanged when it is not JSON."""
        return self.parsed(self.get(path, params))

    def post_json(self, path: str, body: Mapping[str, Any], headers: Mapping[str, str] | None = None) -> Any:
        """The parsed JSON answer to a POST of a JSON body, sent once."""
        return self.parsed(self._send("POST", path, json=body, headers=headers))

    def query_json(
        self, path: str, body: Mapping[str, Any], params: Mapping[str, Any] | None = None
    ) -> httpx.Response:
        """The answer to a question that is asked by POST and changes nothing; as `ask`."""
        options = {"json": body, "params": params}
        return self._retrying()(self._send, "POST", path, any_status=True, **options)

    def post_form(self, path: str, form: Mapping[str, str]) -> httpx.Response:
        """The answer to a form whatever its status, sent once; trouble that may pass is raised."""
        return self._send("POST", path, any_status=True, data=form)

    def set_header(self, name: str, value: str) -> None:
        """Send this header from now on: a token that was renewed."""
        self._client.headers[name] = value

    def close(self) -> None:
        """Release connections."""
        self._client.close()

    def _send(self, method: str, path: str, *, any_status: bool = False, **options: Any) -> httpx.Response:
        if self._limits:
            self._limits.require(self._host)
        self._traffic.turn(self._host)
        try:
            with self._client.stream(method, path, **options) as response:
                content = self._read(response)
        except (httpx.InvalidURL, httpx.UnsupportedProtocol) as error:
            raise ConfigurationInvalid(f"{self._host or 'The address'} is not an http(s) address.") from error
        except httpx.HTTPError as error:
            raise SourceUnavailable(f"{self._host} could not be reached or broke off.") from error
        answer = httpx.Response(response.status_code, headers=_without_encoding(response), content=content)
        if self._limits:
            self._limits.note(answer.headers)
        trouble = None if answer.is_success else self._complaint(answer)
        wait = trouble.retry_after if isinstance(trouble, RateLimited) else None
        url = str(response.request.url.copy_with(query=None))
        told = Exchange(method, url, answer.status_code, answer.headers, content, wait)
        self._traffic.heard(self._host, told)
        if trouble and (isinstance(trouble, SourceUnavailable) or not any_status):
            raise trouble
        return answer

    def _complaint(self, answer: httpx.Response) -> ConnectorError:
        error = status_error(self._host, answer.status_code, answer.headers)
        if isinstance(error, RateLimited) and self._limits and retry_after(answer.headers) is None:
            return RateLimited(str(error), self._limits.wait or error.retry_after)
        return error

    def _read(self, response: httpx.Response) -> bytes:
        body = bytearray()
        for chunk in response.iter_bytes(chunk_size=65536):
            body += chunk
            if len(body) > MAX_ANSWER_BYTES:
                raise PayloadChanged("answer", f"{self._host} sent more than {MAX_ANSWER_BYTES} bytes.")
        return bytes(body)

    def parsed(self, response: httpx.Response) -> Any:
        """The JSON of an answer. Raises PayloadChanged when it is none."""
        try:
            return response.json()
        except (ValueError, RecursionError) as error:
            raise PayloadChanged("answer", f"{self._host} did not answer in JSON.") from error

    def _retrying(self) -> tenacity.Retrying:
        return tenacity.Retrying(
            retry=tenacity.retry_if_exception(self._worth_repeating),
            stop=tenacity.stop_after_attempt(self._attempts),
            wait=_wait,
            sleep=self._sleep,
            reraise=True,
        )

    def _worth_repeating(self, error: BaseException) -> bool:
        if isinstance(error, RateLimited):
            return error.retry_after <= self._longest_wait
        return isinstance(error, SourceUnavailable)


_jitter = tenacity.wait_exponential(multiplier=0.5, max=15.0) + tenacity.wait_random(0.0, 0.5)


def _wait(state: tenacity.RetryCallState) -> float:
    """What the platform asked for, else exponentially longer with jitter."""
    error = state.outcome.exception() if state.outcome else None
    asked = error.retry_after if isinstance(error, RateLimited) else 0.0
    return max(asked, _jitter(state))


def status_error(host: str, status: int, headers: Mapping[str, str]) -> ConnectorError:
    """The error of the port that an unsuccessful HTTP status means."""
    if status == 401:
        return AuthenticationFailed(f"{host} refused the credentials (401); renew them for this source.")
    if status in _CLOSED_STATUSES:
        return SourceClosed(f"{host} does not show this to us (status {status}).", status)
    wait = retry_after(headers)
    if status == 429 or (status == 503 and wait is not None):
        return RateLimited(f"{host} asks us to slow down.", DEFAULT_RETRY_AFTER if wait is None else wait)
    if status in _TRANSIENT_STATUSES or status >= 500:
        return SourceUnavailable(f"{host} answered {status}; it may work later.")
    return ConfigurationInvalid(f"{host} answered {status} to this source's request; check its settings.")


def _without_encoding(response: httpx.Response) -> httpx.Headers:
    """The headers of an answer whose body is already decoded."""
    headers = response.headers.copy()
    for name in ("content-encoding", "content-length", "transfer-encoding"):
        headers.pop(name, None)
    return headers
