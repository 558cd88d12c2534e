"""The gists connector: listings by last change, read by overlap; each new version is read with its files.

A listing is asked for with what its first page came with, once all that it showed was told: GitHub answers
304 for one that is as it was, and with a token that costs nothing of the limit.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Annotated, Any

import httpx
from pydantic import Field, SecretStr, StringConstraints, model_validator

from connectors.availability import looked, status_probe
from connectors.base import (
    Batch,
    Checkpoint,
    Post,
    PostRef,
    Probe,
    RateLimited,
    SourceClosed,
)
from connectors.gists.parse import PLATFORM, parse_gist, version_key
from connectors.http import status_error
from connectors.kind import ConnectorContext, ConnectorKind, Settings
from connectors.known import foreign_checkpoint
from connectors.limits import Limits
from connectors.listed import KnownByAddress, ListedConnector
from connectors.listing import Entry, Listing, Page
from connectors.pages import NOT_MODIFIED, Validators
from connectors.payload import Json
from connectors.retry import DEFAULT_RETRY_AFTER, retry_after
from connectors.trust import require_trusted

PAGE_SIZE = 100
LISTING_CAP = 3000
"""GitHub shows so many gists of a listing."""
_ADDRESS = re.compile(r"https://gist\.github\.com/(?:[\w-]+/)?(?P<id>[0-9a-f]{20,40})")

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


class GistsConnector(KnownByAddress, ListedConnector):
    """Reads gists, each new version of them. Implements ChecksAvailability besides."""

    platform = PLATFORM
    name = "GitHub"
    address = _ADDRESS

    def __init__(self, config: GistsConfig, token: str | None, context: ConnectorContext) -> None:
        self._limits = Limits("x-ratelimit-")
        headers = {"Accept": "application/vnd.github+json", "X-GitHub-Api-Version": "2022-11-28"}
        headers |= {"Authorization": f"Bearer {token}"} if token else {}
        self._api = context.client(config.api_url, headers=headers, limits=self._limits)
        public = [Listing("public gists", "/gists/public", PAGE_SIZE)] if config.public else []
        users = [Listing(f"@{user}", f"/users/{user}/gists", PAGE_SIZE) for user in config.users]
        self.posts_per_run = config.posts_per_run
        first = config.first_run_posts
        super().__init__([*public, *users], self._api, first_run_posts=first, limits=self._limits)
        self._asked_with: dict[str, Validators] = {}
        self._told: dict[str, Validators] = {}

    def fetch(self, checkpoint: Checkpoint | None) -> Iterator[Batch]:
        """As every connector of listings; what to ask with next comes with a batch of its own at the end."""
        self._asked_with = _validators(checkpoint)
        self._told = dict(self._asked_with)
        before = {name: each.stored_as() for name, each in self._asked_with.items()}
        trouble: SourceClosed | None = None
        try:
            for batch in super().fetch(checkpoint):
                checkpoint = {**batch.checkpoint, "validators": before}
                yield replace(batch, checkpoint=checkpoint)
        except SourceClosed as error:
            trouble = error
        if checkpoint is not None and self._told != self._asked_with:
            told = {name: each.stored_as() for name, each in self._told.items()}
            yield Batch((), {**checkpoint, "validators": told})
        if trouble is not None:
            raise trouble

    def page(self, listing: Listing, after: Any, limit: int) -> Page:
        """A page of gists by their last change. Pages are counted, so one may repeat the last one's end."""
        number = int(after or 1)
        known = self._asked_with.get(listing.key, Validators()) if number == 1 else Validators()
        told = self._told.pop(listing.key, known)
        answer = self._asked(listing.request, {"per_page": str(PAGE_SIZE), "page": str(number)}, known)
        if answer.status_code == NOT_MODIFIED:
            self._told[listing.key] = known
            return Page(())
        gists = list(self._read(answer).items())
        self._told[listing.key] = Validators.told(answer.headers) if number == 1 else told
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

    def check_availability(self, post: PostRef) -> tuple[Probe, ...]:
        """The gist itself. GitHub answers 451 for one that was taken down for legal reasons."""

        def look() -> Probe:
            return status_probe("API", self._asked(f"/gists/{post.external_id}", {}).status_code)

        return (looked("API", look),)

    def _get(self, path: str, params: Mapping[str, str]) -> Json:
        return self._read(self._asked(path, params))

    def _read(self, answer: httpx.Response) -> Json:
        if not answer.is_success:
            raise status_error("GitHub", answer.status_code, answer.headers)
        return Json(self._api.parsed(answer), "gists")

    def _asked(
        self, path: str, params: Mapping[str, str], validators: Validators | None = None
    ) -> httpx.Response:
        """An answer of any status but a refusal for too many requests, for which GitHub also uses 403."""
        answer = self._api.ask(path, params, (validators or Validators()).headers())
        wait = retry_after(answer.headers)
        spent = answer.headers.get("x-ratelimit-remaining") == "0"
        if answer.status_code == 403 and (spent or wait is not None):
            seconds = wait or self._limits.wait or DEFAULT_RETRY_AFTER
            raise RateLimited("GitHub asks us to slow down.", seconds)
        return answer


def _validators(checkpoint: Checkpoint | None) -> dict[str, Validators]:
    """What each listing is asked with."""
    try:
        stored = dict(checkpoint.get("validators", {})) if checkpoint is not None else {}
        return {str(name): Validators.stored(value) for name, value in stored.items()}
    except (AttributeError, TypeError, ValueError) as error:
        raise foreign_checkpoint("GitHub") from error


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
    requests=lambda config: int(config.public) + len(config.users),
)
