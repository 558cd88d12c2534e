"""The gists connector: listings by last change, read by overlap; each new version is read with its files."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Annotated, Any

import httpx
from pydantic import Field, SecretStr, StringConstraints, model_validator

from connectors.availability import looked, status_probe
from connectors.base import (
    Batch,
    Checkpoint,
    ConnectorError,
    Post,
    PostRef,
    Probe,
    RateLimited,
    SourceCheck,
    SourceClosed,
)
from connectors.gists.parse import PLATFORM, parse_gist, version_key
from connectors.http import ApiClient, status_error
from connectors.kind import ConnectorContext, ConnectorKind, Settings
from connectors.limits import Limits
from connectors.listing import Entry, Listing, ListingReader, Page
from connectors.payload import Json
from connectors.retry import DEFAULT_RETRY_AFTER, retry_after
from connectors.trust import require_trusted

PAGE_SIZE = 100
LISTING_CAP = 3000
"""GitHub shows so many gists of a listing."""
_ADDRESS = re.compile(r"https://gist\.github\.com/(?:[\w-]+/)?([0-9a-f]{20,40})")

Login = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9-]{1,39}$")]


class GistsCredentials(Settings):
    """A token of GitHub's; it needs no scope."""

    token: SecretStr


class GistsConfig(Settings):
    """Settings of one source of gists."""

    public: bool = False
    """Whether all public gists are read."""
    users: tuple[Login, ...] = ()
    first_run_posts: int = Field(default=100, ge=1, le=1000)
    """How far back the first run of a listing reaches."""
    posts_per_run: int = Field(default=500, ge=PAGE_SIZE, le=LISTING_CAP)
    """How many gists of a listing one run reads at most; each costs a request."""
    api_url: str = "https://api.github.com"

    @model_validator(mode="after")
    def _watches_something(self) -> GistsConfig:
        if not self.public and not self.users:
            raise ValueError("Name at least one of public and users")
        return self


class GistsConnector:
    """Reads gists. Implements Connector, ListedPlatform, ChecksAvailability and ResolvesPermalink."""

    platform = PLATFORM

    def __init__(self, config: GistsConfig, token: str | None, context: ConnectorContext) -> None:
        self._config = config
        self._limits = Limits("x-ratelimit-")
        headers = {"Accept": "application/vnd.github+json", "X-GitHub-Api-Version": "2022-11-28"}
        headers |= {"Authorization": f"Bearer {token}"} if token else {}
        self._api = ApiClient(
            config.api_url,
            user_agent=context.user_agent,
            headers=headers,
            limits=self._limits,
            sleep=context.sleep,
        )
        public = [Listing("public gists", "/gists/public", PAGE_SIZE)] if config.public else []
        users = [
            Listing(f"@{user}", f"/users/{user}/gists", PAGE_SIZE) for user in dict.fromkeys(config.users)
        ]
        self._listings = (*public, *users)

    def fetch(self, checkpoint: Checkpoint | None) -> Iterator[Batch]:
        """Yield new gists and new versions of gists; a listing's first run takes its newest only."""
        reader = ListingReader(
            self,
            checkpoint,
            self._listings,
            name="GitHub",
            first_run_posts=self._config.first_run_posts,
            posts_per_run=self._config.posts_per_run,
        )
        yield from reader.batches()

    def check(self) -> SourceCheck:
        """Ask each listing for one gist."""
        for listing in self._listings:
            try:
                self.page(listing, None, 1)
            except ConnectorError as error:
                return SourceCheck(False, f"{listing.key}: {error}")
        left = self._limits.remaining
        details = {} if left is None else {"requests left": f"{left:g}"}
        return SourceCheck(True, f"GitHub answers for {len(self._listings)} listing(s).", details)

    def close(self) -> None:
        """Release connections."""
        self._api.close()

    def page(self, listing: Listing, after: Any, limit: int) -> Page:
        """A page of gists by their last change. Pages are counted, so one may repeat the last one's end."""
        number = int(after or 1)
        answer = self._get(listing.request, {"per_page": str(PAGE_SIZE), "page": str(number)})
        gists = list(answer.items())
        entries = tuple(Entry(version_key(gist), gist) for gist in gists)
        return Page(entries, number + 1 if gists and number * PAGE_SIZE < LISTING_CAP else None)

    def post(self, listing: Listing, item: Any) -> Post:
        """A gist with its files; as it was listed when it is gone meanwhile."""
        gist: Json = item
        try:
            whole = self._get(f"/gists/{gist['id'].text()}", {})
        except SourceClosed:
            whole = gist
        return parse_gist(whole, listing.key)

    def is_ready(self, item: Any) -> bool:
        """Gists are whole when they are listed."""
        return True

    def check_availability(self, post: PostRef) -> tuple[Probe, ...]:
        """The gist itself. GitHub answers 451 for one that was taken down for legal reasons."""

        def look() -> Probe:
            return status_probe("API", self._asked(f"/gists/{post.external_id}", {}).status_code)

        return (looked("API", look),)

    def resolve_permalink(self, url: str) -> str | None:
        """The id of the gist at an address."""
        found = _ADDRESS.match(url)
        return found[1] if found else None

    def _get(self, path: str, params: Mapping[str, str]) -> Json:
        answer = self._asked(path, params)
        if not answer.is_success:
            raise status_error("GitHub", answer.status_code, answer.headers)
        return Json(self._api.parsed(answer), "gists")

    def _asked(self, path: str, params: Mapping[str, str]) -> httpx.Response:
        """An answer of any status but a refusal for too many requests, for which GitHub also uses 403."""
        answer = self._api.ask(path, params)
        wait = retry_after(answer.headers)
        spent = answer.headers.get("x-ratelimit-remaining") == "0"
        if answer.status_code == 403 and (spent or wait is not None):
            seconds = wait or self._limits.wait or DEFAULT_RETRY_AFTER
            raise RateLimited("GitHub asks us to slow down.", seconds)
        return answer


def _build(
    config: GistsConfig, credentials: GistsCredentials | None, context: ConnectorContext
) -> GistsConnector:
    require_trusted("api_url", config.api_url, context)
    token = credentials.token.get_secret_value() if credentials else None
    return GistsConnector(config, token, context)


KIND = ConnectorKind(
    name=PLATFORM,
    summary="Reads public GitHub gists and those of accounts.",
    config=GistsConfig,
    credentials=GistsCredentials,
    build=_build,
)
