"""The TikTok connector: videos that match words, day by day, through the Research API.

TikTok shows the matches of a range of days in no certain order and adds videos late, so each run reads the
last days anew, page by page by a cursor within one search, and gives what it has not given.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Annotated, Any

from pydantic import Field, StringConstraints

from connectors.availability import GONE, PRESENT, UNKNOWN, looked, page_probe
from connectors.base import AuthenticationFailed, Post, PostRef, Probe
from connectors.kind import ConnectorContext, ConnectorKind, Settings
from connectors.listed import KnownByAddress, ListedConnector
from connectors.listing import Entry, Listing, Page
from connectors.payload import Json
from connectors.text import web_address
from connectors.tiktok.client import REQUESTS, TiktokClient, TiktokCredentials
from connectors.tiktok.parse import ADDRESS, PLATFORM, SITE, created_on, parse_video
from connectors.traffic import Rate
from connectors.trust import require_trusted

PAGE_SIZE = 100
POSTS_PER_RUN = 1000
_DAY = "%Y%m%d"

Words = Annotated[str, StringConstraints(min_length=1, max_length=100)]


class TiktokConfig(Settings):
    """Settings of one source of TikTok's Research API."""

    keywords: tuple[Words, ...] = Field(min_length=1, max_length=20)
    """Each is a search of its own."""
    region: Annotated[str, StringConstraints(pattern=r"^[A-Z]{2}$")] | None = "GB"
    """Where the accounts are registered (ISO 3166-1), or null for everywhere."""
    days: int = Field(default=2, ge=1, le=30)
    """How many days back each run looks; TikTok adds videos late."""
    first_run_posts: int = Field(default=100, ge=1, le=POSTS_PER_RUN)
    """How many videos the first run of a search takes."""
    api_url: str = "https://open.tiktokapis.com"
    site_url: str = SITE


class TiktokConnector(KnownByAddress, ListedConnector):
    """Reads searches. Implements ChecksAvailability besides."""

    platform = PLATFORM
    name = "TikTok"
    posts_per_run = POSTS_PER_RUN
    address = ADDRESS

    def __init__(self, config: TiktokConfig, client: TiktokClient, context: ConnectorContext) -> None:
        self._config = config
        self._client = client
        self._context = context
        found = [Listing(words, words, PAGE_SIZE, is_ordered=False) for words in config.keywords]
        super().__init__(found, client, first_run_posts=config.first_run_posts)

    def page(self, listing: Listing, after: Any, limit: int) -> Page:
        """A page of videos of the last days."""
        conditions = [_condition("keyword", listing.request)]
        conditions += [_condition("region_code", self._config.region)] if self._config.region else []
        now = self._context.now()
        days = (now - timedelta(days=self._config.days), now)
        answer = self._client.query(_body(conditions, days, limit) | (after or {}))
        entries = tuple(Entry(str(video["id"].integer()), video) for video in answer["videos"].items())
        more = {"cursor": answer["cursor"].integer(), "search_id": answer["search_id"].text()}
        return Page(entries, more if answer.get("has_more").value is True else None)

    def post(self, listing: Listing, item: Any) -> Post:
        """A video with its still, as far as the embedding service has one. Raises SourceUnavailable."""
        video: Json = item
        answer = self._client.oembed(parse_video(video, None, listing.key).url)
        try:
            still = Json(answer.json()).get("thumbnail_url").text_or() if answer.is_success else ""
        except (ValueError, RecursionError):
            still = ""
        return parse_video(video, web_address(still), listing.key)

    def check_availability(self, post: PostRef) -> tuple[Probe, ...]:
        """The Research API, the embedding service, and the page. Stills' addresses end by themselves."""
        return (
            looked("API", lambda: self._api_probe(post.external_id)),
            looked("oEmbed", lambda: self._oembed_probe(post.url)),
            page_probe(self._context.fetcher(), "page", post.url),
        )

    def _api_probe(self, identity: str) -> Probe:
        made = created_on(identity)
        if made is None:
            return Probe("API", UNKNOWN, "Its id tells no day to look at.")
        days = (made - timedelta(days=1), made + timedelta(days=1))
        answer = self._client.query(_body([_condition("video_id", identity)], days, 1))
        if next(answer["videos"].items(), None) is None:
            return Probe("API", GONE, "The Research API lists no such video on its day.")
        return Probe("API", PRESENT, "The Research API lists it.")

    def _oembed_probe(self, url: str) -> Probe:
        """400 is also answered for what is private, so only 404 proves something."""
        status = self._client.oembed(url).status_code
        if status == 404:
            return Probe("oEmbed", GONE, "TikTok's embedding service knows no such video.")
        verdict = PRESENT if status == 200 else UNKNOWN
        return Probe("oEmbed", verdict, f"TikTok's embedding service answered with status {status}.")


def _condition(field: str, value: str) -> dict[str, Any]:
    return {"operation": "IN", "field_name": field, "field_values": [value]}


def _body(conditions: list[dict[str, Any]], days: tuple[Any, Any], limit: int) -> dict[str, Any]:
    start, end = (day.strftime(_DAY) for day in days)
    return {"query": {"and": conditions}, "start_date": start, "end_date": end, "max_count": limit}


def _build(
    config: TiktokConfig, credentials: TiktokCredentials | None, context: ConnectorContext
) -> TiktokConnector:
    if credentials is None:
        raise AuthenticationFailed("A source of TikTok needs a client approved for its Research API.")
    require_trusted("api_url", config.api_url, context)
    require_trusted("site_url", config.site_url, context)
    client = TiktokClient(config.api_url, config.site_url, credentials, context)
    return TiktokConnector(config, client, context)


KIND = ConnectorKind(
    name=PLATFORM,
    summary="Reads TikTok's videos that match words, for researchers whom TikTok has approved.",
    config=TiktokConfig,
    credentials=TiktokCredentials,
    build=_build,
    requests=lambda config: 2 * len(config.keywords),
    rate=Rate(1, 1, burst=10),
    daily={REQUESTS: 1000},
)
