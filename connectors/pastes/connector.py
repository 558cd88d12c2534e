"""The paste connector: a site's list of new pastes, read by overlap; each new one is read once."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import Field, StringConstraints, model_validator

from connectors.availability import web_probe
from connectors.base import Post, PostRef, Probe, SourceClosed
from connectors.kind import ConnectorContext, ConnectorKind, Settings
from connectors.listed import ListedConnector
from connectors.listing import Entry, Listing, Page
from connectors.pages import PageReader
from connectors.pastes.parse import PLATFORM, parse_html_list, parse_json_list, parse_paste
from connectors.payload import Json
from connectors.traffic import Rate
from connectors.web.parse import decoded

POSTS_PER_RUN = 1000

Template = Annotated[str, StringConstraints(max_length=2000, pattern=r"^https?://[^\s{}]+\{id\}[^\s{}]*$")]
Address = Annotated[str, StringConstraints(max_length=2000, pattern=r"^https?://\S+$")]


class PastesConfig(Settings):
    """Settings of one paste site."""

    listing: Address
    """Where its newest pastes are listed, the newest first: JSON, or with `links` a page."""
    page: Template
    """Where people see a paste, with {id} for its id."""
    raw: Template | None = None
    """Where its bare text is; `page` without it."""
    id_field: str = "key"
    """The field of a JSON list's entries that holds the id."""
    links: str | None = None
    """A CSS selector of the links to pastes, when the list is a page."""
    first_run_posts: int = Field(default=100, ge=1, le=POSTS_PER_RUN)
    """How far back the first run reaches."""
    pause_seconds: float = Field(default=1.0, ge=0.0, le=30.0)
    """Between two requests."""

    @model_validator(mode="after")
    def _says_where_ids_are(self) -> PastesConfig:
        if self.links is not None and not self.links.strip():
            raise ValueError("links is no CSS selector")
        return self


class PastesConnector(ListedConnector):
    """Reads one site. Implements ChecksAvailability besides."""

    platform = PLATFORM
    name = "The paste site"
    posts_per_run = POSTS_PER_RUN

    def __init__(self, config: PastesConfig, context: ConnectorContext) -> None:
        self._config = config
        self._reader = PageReader(context, pause=config.pause_seconds)
        found = [Listing(config.listing, config.listing, POSTS_PER_RUN)]
        super().__init__(found, self._reader, first_run_posts=config.first_run_posts)

    def page(self, listing: Listing, after: Any, limit: int) -> Page:
        """The list, which has one page. Raises ConnectorError."""
        answer = self._reader.get(listing.request)
        if answer is None:
            return Page(())
        links = self._config.links
        found = parse_html_list(answer, links) if links else parse_json_list(answer, self._config.id_field)
        return Page(tuple(Entry(identity, (identity, entry)) for identity, entry in dict(found).items()))

    def post(self, listing: Listing, item: Any) -> Post:
        """A paste with its text; without it when it is gone meanwhile."""
        identity, entry = item
        found: Json = entry
        return parse_paste(identity, found, self._text(identity), self._address(self._config.page, identity))

    def check_availability(self, post: PostRef) -> tuple[Probe, ...]:
        """The paste's page, and its bare text."""
        identity = post.external_id.rpartition("/")[2]
        fetcher = self._reader.fetcher
        page = web_probe(fetcher, "page", post.url)
        if self._config.raw is None:
            return (page,)
        return (page, web_probe(fetcher, "text", self._address(self._config.raw, identity)))

    def _text(self, identity: str) -> str:
        address = self._address(self._config.raw or self._config.page, identity)
        try:
            answer = self._reader.get(address)
        except SourceClosed:
            return ""
        return decoded(answer) if answer is not None else ""

    def _address(self, template: str, identity: str) -> str:
        return template.replace("{id}", identity)


def _build(config: PastesConfig, credentials: None, context: ConnectorContext) -> PastesConnector:
    return PastesConnector(config, context)


KIND = ConnectorKind(
    name=PLATFORM,
    summary="Reads a paste site: its list of new pastes, and the text of each.",
    config=PastesConfig,
    credentials=None,
    build=_build,
    rate=Rate(1, 1, burst=5),
)
