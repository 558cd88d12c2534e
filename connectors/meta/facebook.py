"""The Facebook connector: posts of pages through the Graph API, for an application that Meta has reviewed."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import Field, StringConstraints

from connectors.availability import GONE, PRESENT, UNKNOWN, looked, page_probe
from connectors.base import AuthenticationFailed, Post, PostRef, Probe, SourceClosed
from connectors.kind import ConnectorContext, ConnectorKind, Settings, without
from connectors.listed import ListedConnector
from connectors.listing import Entry, Listing, Page
from connectors.meta.client import GRAPH, MetaClient, MetaCredentials, next_page
from connectors.meta.parse import FACEBOOK, parse_page_post
from connectors.payload import Json
from connectors.traffic import Rate
from connectors.trust import require_trusted

PAGE_SIZE = 50
POSTS_PER_RUN = 500
NOT_SHOWN = 100
"""The Graph API's error for an object that is not there or not shown to the application."""
_FIELDS = (
    "id,message,story,created_time,permalink_url,full_picture,from{id,name},"
    "attachments{type,title,description,unshimmed_url,media,subattachments{type,media}}"
)

PageName = Annotated[
    str, StringConstraints(pattern=r"^[\w.-]{2,100}$"), without(r"^(https?://)?(www\.)?facebook\.com/")
]


class FacebookConfig(Settings):
    """Settings of one source of Facebook's pages."""

    pages: tuple[PageName, ...] = Field(min_length=1, max_length=50)
    """Names or ids of public pages."""
    first_run_posts: int = Field(default=50, ge=1, le=POSTS_PER_RUN)
    """How far back the first run of a page reaches."""
    api_url: str = GRAPH


class FacebookConnector(ListedConnector):
    """Reads pages. Implements ChecksAvailability besides."""

    platform = FACEBOOK
    name = "Facebook"
    posts_per_run = POSTS_PER_RUN

    def __init__(self, config: FacebookConfig, client: MetaClient, context: ConnectorContext) -> None:
        self._client = client
        self._context = context
        found = [Listing(page, page, PAGE_SIZE) for page in config.pages]
        super().__init__(found, client, first_run_posts=config.first_run_posts, limits=client.usage)

    def page(self, listing: Listing, after: Any, limit: int) -> Page:
        """A page of posts, newest first."""
        params = {"fields": _FIELDS, "limit": str(limit), **(after or {})}
        answer = self._client.get(f"/{listing.request}/posts", params)
        entries = tuple(Entry(post["id"].text(), post) for post in answer["data"].items())
        return Page(entries, next_page(answer))

    def post(self, listing: Listing, item: Any) -> Post:
        """A post of the page."""
        found: Json = item
        return parse_page_post(found, listing.key)

    def check_availability(self, post: PostRef) -> tuple[Probe, ...]:
        """The post in the API, and its page. Files' addresses end by themselves, so they prove nothing."""
        page = page_probe(self._context.fetcher(), "page", post.url)
        return (looked("API", lambda: self._api_probe(post.external_id)), page)

    def _api_probe(self, identity: str) -> Probe:
        """Meta says the same of what is gone and of what it does not show; so its page is asked for too."""
        try:
            self._client.get(f"/{identity}", {"fields": "id"})
        except SourceClosed as error:
            if error.status != NOT_SHOWN:
                return Probe("API", UNKNOWN, str(error))
        else:
            return Probe("API", PRESENT, "The API shows it.")
        self._client.get(f"/{identity.partition('_')[0]}", {"fields": "id"})
        return Probe("API", GONE, "The API shows its page, and no such post.")


def _build(
    config: FacebookConfig, credentials: MetaCredentials | None, context: ConnectorContext
) -> FacebookConnector:
    if credentials is None:
        raise AuthenticationFailed("A source of Facebook needs the access token of a reviewed application.")
    require_trusted("api_url", config.api_url, context)
    return FacebookConnector(config, MetaClient(config.api_url, credentials, context), context)


KIND = ConnectorKind(
    name=FACEBOOK,
    summary="Reads posts of public Facebook pages, for an application that Meta has reviewed for it.",
    config=FacebookConfig,
    credentials=MetaCredentials,
    build=_build,
    requests=lambda config: len(config.pages),
    rate=Rate(200, 3600, burst=30),
)
