"""The web connector: pages that are watched for changes, and pages of results whose new links are followed.

A watched page is one post, and a new revision whenever its words or pictures change. A page behind a link of
results is read once, politely: within robots.txt, with pauses, a bounded number in one run.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from itertools import islice
from typing import Annotated, Any

from pydantic import Field, StringConstraints, model_validator

from connectors.availability import attachment_probes, web_probe
from connectors.base import (
    Batch,
    Checkpoint,
    ConfigurationInvalid,
    ConnectorError,
    Post,
    PostRef,
    Probe,
    Rejected,
    SourceCheck,
    SourceUnavailable,
)
from connectors.kind import ConnectorContext, ConnectorKind, Settings
from connectors.known import foreign_checkpoint
from connectors.listing import sorted_out
from connectors.pages import PageReader, Validators, raise_first
from connectors.web.parse import PLATFORM, parse_links, parse_page
from connectors.web.robots import Robots

FOLLOWED_KEPT = 5000
PAGES_PER_BATCH = 10

Address = Annotated[str, StringConstraints(max_length=2000, pattern=r"^https?://\S+$")]


class WebConfig(Settings):
    """Settings of one source of web pages."""

    pages: tuple[Address, ...] = Field(default=(), max_length=200)
    """Pages watched for changes."""
    results: tuple[Address, ...] = Field(default=(), max_length=50)
    """Pages of results; the links on them are followed, each once."""
    links: str = "a[href]"
    """A CSS selector of the links that are followed."""
    content: str | None = None
    """A CSS selector of the part of a page that counts; all of it without one."""
    pages_per_run: int = Field(default=50, ge=1, le=1000)
    """How many links one run follows at most."""
    pause_seconds: float = Field(default=2.0, ge=0.0, le=30.0)
    """Between two requests to one site, or longer where the site asks for it."""

    @model_validator(mode="after")
    def _watches_something(self) -> WebConfig:
        if not self.pages and not self.results:
            raise ValueError("Name at least one of pages and results")
        return self


class WebConnector:
    """Reads web pages. Implements Connector and ChecksAvailability."""

    platform = PLATFORM

    def __init__(self, config: WebConfig, context: ConnectorContext) -> None:
        self._config = config
        self._context = context
        self._reader = PageReader(context, pause=config.pause_seconds)

    def fetch(self, checkpoint: Checkpoint | None) -> Iterator[Batch]:
        """Yield what changed and what was linked anew. A page in trouble does not stop the others."""
        state = _State(checkpoint)
        robots = Robots(self._reader)
        errors: list[tuple[str, ConnectorError]] = []
        for address in self._config.pages:
            try:
                yield from self._watched(address, state, robots)
            except ConnectorError as error:
                errors.append((address, error))
        for address in self._config.results:
            try:
                yield from self._results(address, state, robots)
            except ConnectorError as error:
                errors.append((address, error))
        raise_first(errors)

    def check(self) -> SourceCheck:
        """Read each page once."""
        robots = Robots(self._reader)
        for address in (*self._config.pages, *self._config.results):
            try:
                self._require_page(address, robots)
            except ConnectorError as error:
                return SourceCheck(False, f"{address}: {error}")
        return SourceCheck(True, f"{len(self._config.pages) + len(self._config.results)} page(s) answer.")

    def check_availability(self, post: PostRef) -> tuple[Probe, ...]:
        """The page and its files."""
        fetcher = self._reader.fetcher
        return (web_probe(fetcher, "page", post.url), *attachment_probes(fetcher, post))

    def close(self) -> None:
        """Nothing is kept open."""

    def _require_page(self, address: str, robots: Robots) -> None:
        robots.require_allowed(address)
        page = self._reader.get(address)
        if page is not None and address in self._config.results:
            if not parse_links(page, self._config.links, address):
                raise ConfigurationInvalid(f"{self._config.links!r} selects no links on this page.")
        elif page is not None:
            parse_page(page, address, self._config.content)

    def _watched(self, address: str, state: _State, robots: Robots) -> Iterator[Batch]:
        robots.require_allowed(address)
        page = self._reader.get(address, state.validators(address))
        if page is None:
            return
        post = parse_page(page, address, self._config.content)
        if state.note_page(address, page.validators, _digest(post)):
            yield Batch((post,), state.checkpoint())

    def _results(self, address: str, state: _State, robots: Robots) -> Iterator[Batch]:
        robots.require_allowed(address)
        page = self._reader.get(address)
        links = parse_links(page, self._config.links, address) if page else ()
        fresh = [link for link in links if link not in state.followed]
        found: list[Post | Rejected] = []
        try:
            for link in reversed(fresh[: self._config.pages_per_run]):
                if len(found) == PAGES_PER_BATCH:
                    yield _batch(found, state)
                    found = []
                found.append(self._followed(link, robots))
                state.note_followed(link, len(links))
        except SourceUnavailable:
            yield from [_batch(found, state)] if found else []
            raise
        if found:
            yield _batch(found, state)

    def _followed(self, link: str, robots: Robots) -> Post | Rejected:
        """A linked page; one that will not be had is rejected, one that may come later stops the run."""
        try:
            robots.require_allowed(link)
            page = self._reader.get(link)
            assert page is not None
            return parse_page(page, link, None)
        except SourceUnavailable:
            raise
        except ConnectorError as error:
            return Rejected(link, str(error), link)


class _State:
    """The checkpoint while a run moves it on."""

    def __init__(self, checkpoint: Checkpoint | None) -> None:
        stored: Any = checkpoint if checkpoint is not None else {"pages": {}, "followed": []}
        try:
            self._pages = {str(url): dict(page) for url, page in dict(stored["pages"]).items()}
            self.followed = dict.fromkeys(map(str, stored["followed"]))
        except (KeyError, TypeError, ValueError, AttributeError) as error:
            raise foreign_checkpoint("web") from error

    def validators(self, address: str) -> Validators:
        """What to ask with."""
        return Validators.stored(self._pages.get(address, {}))

    def note_page(self, address: str, validators: Validators, digest: str) -> bool:
        """Note a page as it is now; whether that is new."""
        changed = self._pages.get(address, {}).get("digest") != digest
        self._pages[address] = {**validators.stored_as(), "digest": digest}
        return changed

    def note_followed(self, link: str, shown: int) -> None:
        """Note a link as followed; far more are remembered than a page of results shows."""
        self.followed[link] = None
        surplus = len(self.followed) - max(FOLLOWED_KEPT, 2 * shown)
        for old in list(islice(self.followed, max(0, surplus))):
            del self.followed[old]

    def checkpoint(self) -> dict[str, Any]:
        """As JSON values."""
        return {
            "pages": {url: dict(page) for url, page in self._pages.items()},
            "followed": list(self.followed),
        }


def _batch(found: list[Post | Rejected], state: _State) -> Batch:
    posts, rejected = sorted_out(found)
    return Batch(posts, state.checkpoint(), rejected)


def _digest(post: Post) -> str:
    parts = [post.text, [attachment.url for attachment in post.attachments]]
    return hashlib.sha256(json.dumps(parts).encode()).hexdigest()[:32]


def _build(config: WebConfig, credentials: None, context: ConnectorContext) -> WebConnector:
    return WebConnector(config, context)


KIND = ConnectorKind(
    name=PLATFORM,
    summary="Watches web pages for changes and follows the new links of pages of results.",
    config=WebConfig,
    credentials=None,
    build=_build,
    requests=lambda config: len(config.pages) + len(config.results),
)
