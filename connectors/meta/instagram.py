"""The Instagram connector: hashtags through the Graph API, for an application that Meta has reviewed."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import Field, StringConstraints

from connectors.availability import GONE, PRESENT, UNKNOWN, looked, page_probe
from connectors.base import AuthenticationFailed, Post, PostRef, Probe, SourceClosed
from connectors.kind import ConnectorContext, ConnectorKind, Settings, without
from connectors.listed import KnownByAddress, ListedConnector
from connectors.listing import Entry, Listing, Page
from connectors.meta.client import GRAPH, MetaClient, MetaCredentials, next_page
from connectors.meta.parse import INSTAGRAM, MEDIA_ADDRESS, parse_media
from connectors.payload import Json
from connectors.traffic import Rate
from connectors.trust import require_trusted

PAGE_SIZE = 50
MOST_HASHTAGS = 30
"""What an account may ask for in seven days."""
POSTS_PER_RUN = 500
NOT_THERE = 24
"""The Graph API's error for a resource that does not exist."""
_FIELDS = "id,caption,media_type,media_url,permalink,timestamp,children{media_type,media_url}"

Hashtag = Annotated[str, StringConstraints(max_length=100, pattern=r"^\w+$"), without("^#+")]


class InstagramConfig(Settings):
    """Settings of one source of Instagram's hashtags."""

    hashtags: tuple[Hashtag, ...] = Field(min_length=1, max_length=MOST_HASHTAGS)
    """Without "#"."""
    account: Annotated[str, StringConstraints(pattern=r"^\d{1,30}$")]
    """The id of the professional account that asks."""
    first_run_posts: int = Field(default=50, ge=1, le=POSTS_PER_RUN)
    """How many posts the first run of a hashtag takes."""
    api_url: str = GRAPH


class InstagramConnector(KnownByAddress, ListedConnector):
    """Reads hashtags. Implements ChecksAvailability besides."""

    platform = INSTAGRAM
    name = "Instagram"
    posts_per_run = POSTS_PER_RUN
    address = MEDIA_ADDRESS

    def __init__(self, config: InstagramConfig, client: MetaClient, context: ConnectorContext) -> None:
        self._account = config.account
        self._client = client
        self._context = context
        self._ids: dict[str, str] = {}
        found = [Listing(f"#{tag}", tag, PAGE_SIZE, is_ordered=False) for tag in config.hashtags]
        super().__init__(found, client, first_run_posts=config.first_run_posts, limits=client.usage)

    def page(self, listing: Listing, after: Any, limit: int) -> Page:
        """A page of what was posted within a day, in no certain order."""
        params = {"user_id": self._account, "fields": _FIELDS, "limit": str(limit), **(after or {})}
        answer = self._client.get(f"/{self._hashtag(listing.request)}/recent_media", params)
        entries = tuple(Entry(media["id"].text(), media) for media in answer["data"].items())
        return Page(entries, next_page(answer))

    def post(self, listing: Listing, item: Any) -> Post:
        """A medium as a post."""
        media: Json = item
        return parse_media(media, listing.key)

    def check_availability(self, post: PostRef) -> tuple[Probe, ...]:
        """The embedding service and the page. Files' addresses end by themselves, so they prove nothing."""
        page = page_probe(self._context.fetcher(), "page", post.url)
        return (looked("oEmbed", lambda: self._oembed_probe(post.url)), page)

    def _oembed_probe(self, url: str) -> Probe:
        try:
            self._client.get("/instagram_oembed", {"url": url, "omitscript": "true"})
        except SourceClosed as error:
            if error.status == NOT_THERE:
                return Probe("oEmbed", GONE, "Instagram's embedding service knows no such post.")
            return Probe("oEmbed", UNKNOWN, str(error))
        return Probe("oEmbed", PRESENT, "Instagram's embedding service shows it.")

    def _hashtag(self, tag: str) -> str:
        """The hashtag's id; asking for it counts among the thirty of a week, once."""
        if tag not in self._ids:
            answer = self._client.get("/ig_hashtag_search", {"user_id": self._account, "q": tag})
            self._ids[tag] = next(answer["data"].items())["id"].text()
        return self._ids[tag]


def _build(
    config: InstagramConfig, credentials: MetaCredentials | None, context: ConnectorContext
) -> InstagramConnector:
    if credentials is None:
        raise AuthenticationFailed("A source of Instagram needs the access token of a reviewed application.")
    require_trusted("api_url", config.api_url, context)
    return InstagramConnector(config, MetaClient(config.api_url, credentials, context), context)


KIND = ConnectorKind(
    name=INSTAGRAM,
    summary="Reads hashtags of Instagram, for an application that Meta has reviewed for it.",
    config=InstagramConfig,
    credentials=MetaCredentials,
    build=_build,
    requests=lambda config: 2 * len(config.hashtags),
    rate=Rate(200, 3600, burst=30),
)
