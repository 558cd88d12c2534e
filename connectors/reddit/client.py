"""The one place that speaks to Reddit: PRAW for authentication, pacing and retries; errors of the port.

Listings are asked for as plain JSON (`Reddit.request`), so that pages and their ends stay visible.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any
from urllib.parse import urlsplit

from pydantic import SecretStr

from connectors.base import (
    AuthenticationFailed,
    ConfigurationInvalid,
    ConnectorError,
    PayloadChanged,
    RateLimited,
    SourceClosed,
    SourceUnavailable,
)
from connectors.http import status_error
from connectors.kind import Settings
from connectors.retry import DEFAULT_RETRY_AFTER, retry_after
from connectors.traffic import UNWATCHED, Traffic

TIMEOUT_SECONDS = 20


class RedditCredentials(Settings):
    """An approved Reddit application; with a user name and password it acts as that account."""

    client_id: str
    client_secret: SecretStr
    username: str | None = None
    password: SecretStr | None = None


class RedditClient:
    """An authenticated session with Reddit, or with a server that speaks its API."""

    def __init__(
        self,
        credentials: RedditCredentials,
        *,
        user_agent: str,
        reddit_url: str,
        oauth_url: str,
        traffic: Traffic = UNWATCHED,
    ) -> None:
        import praw  # noqa: PLC0415  heavy: loaded when a Reddit source is built

        from connectors.reddit.session import Budget, Session  # noqa: PLC0415

        self.budget = Budget()
        self._traffic = traffic
        self._host = urlsplit(oauth_url).hostname or oauth_url
        self._session = Session(self.budget, self._host, traffic)
        self.is_account = credentials.username is not None
        password = credentials.password.get_secret_value() if credentials.password else None
        with reddit_errors(DEFAULT_RETRY_AFTER):
            # Everything is named, so that neither a praw.ini nor the environment fills it in.
            self._reddit = praw.Reddit(
                "DEFAULT",
                requestor_kwargs={"session": self._session},
                client_id=credentials.client_id,
                client_secret=credentials.client_secret.get_secret_value(),
                username=credentials.username,
                password=password,
                redirect_uri=None,
                refresh_token=None,
                user_agent=user_agent,
                reddit_url=reddit_url.rstrip("/"),
                oauth_url=oauth_url.rstrip("/"),
                check_for_updates=False,
                check_for_async=False,
                timeout=TIMEOUT_SECONDS,
            )

    def get(self, path: str, params: Mapping[str, str | int]) -> Any:
        """The JSON at `path`. Raises ConnectorError."""
        self.budget.require()
        self._traffic.turn(self._host)
        with reddit_errors(self.budget.wait):
            return self._reddit.request(method="GET", path=path, params=dict(params))

    def report(self, data: Mapping[str, str]) -> Any:
        """The JSON that a report is answered with; it is sent once. Raises ConnectorError."""
        self.budget.require()
        self._traffic.turn(self._host)
        with reddit_errors(self.budget.wait):
            return self._reddit.request(method="POST", path="api/report", data=dict(data))

    def close(self) -> None:
        """Release connections."""
        self._session.close()


@contextmanager
def reddit_errors(default_wait: float) -> Iterator[None]:
    """Say PRAW's and prawcore's errors in the words of the port; the cause is kept.

    `default_wait` is how many seconds a "too many requests" without a time means.
    """
    import praw.exceptions  # noqa: PLC0415
    import prawcore.exceptions as core  # noqa: PLC0415

    try:
        yield
    except core.Redirect as error:
        raise SourceClosed("Reddit knows no such subreddit.") from error
    except core.BadJSON as error:
        raise PayloadChanged("answer", "Reddit did not answer in JSON.") from error
    except core.InsufficientScope as error:
        raise AuthenticationFailed("Reddit's application may not read; give it the scope 'read'.") from error
    except core.TooManyRequests as error:
        wait = retry_after(error.response.headers)
        raise RateLimited("Reddit asks us to slow down.", default_wait if wait is None else wait) from error
    except core.ResponseException as error:
        raise status_error("Reddit", error.response.status_code, error.response.headers) from error
    except core.RequestException as error:
        raise _unreached(error.original_exception) from error
    except core.OAuthException as error:
        raise AuthenticationFailed("Reddit refused the credentials; renew them for this source.") from error
    except core.PrawcoreException as error:
        raise SourceUnavailable("Reddit's answer could not be handled; it may work later.") from error
    except (praw.exceptions.PRAWException, KeyError, AssertionError) as error:
        # PRAW takes a 400's body apart as if it always had the same fields.
        raise ConfigurationInvalid("Reddit refused the request as malformed; check the settings.") from error


def _unreached(cause: Exception) -> ConnectorError:
    """Our session's own word for it, else that nothing came back."""
    return cause if isinstance(cause, ConnectorError) else SourceUnavailable("Reddit could not be reached.")
