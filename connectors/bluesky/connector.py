"""The Bluesky connector: listings of the AppView read by overlap, or the network through Jetstream."""

from __future__ import annotations

from typing import Any

from connectors.base import (
    AuthenticationFailed,
    Post,
)
from connectors.bluesky.asking import BlueskyAsking
from connectors.bluesky.client import BlueskyClient
from connectors.bluesky.config import BlueskyConfig, BlueskyCredentials, Query, listings
from connectors.bluesky.network import NetworkConnector, StreamingNetworkConnector
from connectors.bluesky.parse import PLATFORM, parse_view
from connectors.kind import ConnectorContext, ConnectorKind
from connectors.listed import ListedConnector
from connectors.listing import Entry, Listing, Page
from connectors.payload import Json
from connectors.query import Grammar
from connectors.traffic import Rate
from connectors.trust import require_trusted

_SERVERS = ("jetstream", "firehose", "appview", "service", "labeler", "plc", "cdn")


class BlueskyConnector(BlueskyAsking, ListedConnector):
    """Reads accounts, feeds and searches."""

    platform = PLATFORM
    name = "Bluesky"

    def __init__(self, config: BlueskyConfig, client: BlueskyClient, context: ConnectorContext) -> None:
        BlueskyAsking.__init__(self, config, client, context)
        first, limits = config.first_run_posts, client.limits
        ListedConnector.__init__(self, listings(config), client, first_run_posts=first, limits=limits)

    def page(self, listing: Listing, after: Any, limit: int) -> Page:
        """One page of posts, by their at:// addresses."""
        query: Query = listing.request
        params = {**query.params, "limit": str(limit)} | ({"cursor": after} if after else {})
        answer = self._client.get(query.method, params, session=query.needs_session)
        views = [item["post"] if query.items == "feed" else item for item in answer[query.items].items()]
        entries = tuple(Entry(view["uri"].text(), view) for view in views)
        return Page(entries, answer.get("cursor").text_or() or None)

    def post(self, listing: Listing, item: Any) -> Post:
        """A view as a post."""
        view: Json = item
        return parse_view(view, listing.key)


def _build(
    config: BlueskyConfig, credentials: BlueskyCredentials | None, context: ConnectorContext
) -> BlueskyConnector | NetworkConnector:
    if config.searches and credentials is None:
        raise AuthenticationFailed("Searching Bluesky needs an account's identifier and app password.")
    for server in _SERVERS:
        if address := getattr(config, f"{server}_url"):
            require_trusted(f"{server}_url", address, context)
    client = BlueskyClient(config, credentials, context)
    if config.network is None:
        return BlueskyConnector(config, client, context)
    made = StreamingNetworkConnector if config.stream else NetworkConnector
    return made(config, client, context)


KIND = ConnectorKind(
    name=PLATFORM,
    summary="Reads accounts, searches and feeds of Bluesky, or its whole network as it happens.",
    config=BlueskyConfig,
    credentials=BlueskyCredentials,
    build=_build,
    grammar=Grammar("searches", "words", longest=500, note="Searching takes an account."),
    requests=lambda config: max(1, len(listings(config))),
    rate=Rate(8, 1, burst=40),
)
