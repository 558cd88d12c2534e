"""The Reddit connector: listings read by overlap, through PRAW.

The checkpoint holds the newest few hundred fullnames of each listing: one may be removed, many will not.
"""

from __future__ import annotations

from typing import Any

from connectors.base import (
    AuthenticationFailed,
    PayloadChanged,
    Post,
)
from connectors.kind import ConnectorContext, ConnectorKind
from connectors.listed import ListedConnector
from connectors.listing import Entry, Listing, Page
from connectors.query import Grammar
from connectors.reddit.asking import RedditAsking
from connectors.reddit.client import RedditClient, RedditCredentials
from connectors.reddit.config import RedditConfig, listings, search_entry
from connectors.reddit.parse import created_at, fullname, is_unfinished, parse_page, parse_thing
from connectors.traffic import Rate
from connectors.trust import require_trusted

PROCESSING_PATIENCE = 300.0
"""Seconds that a post may stay unfinished before it is taken as it is."""


class RedditConnector(RedditAsking, ListedConnector):
    """Reads the listings of one source. Implements by its base what can be asked of a post."""

    platform = "reddit"
    name = "Reddit"

    def __init__(self, config: RedditConfig, client: RedditClient, context: ConnectorContext) -> None:
        self._config = config
        self._client = client
        self._now = context.now
        self.posts_per_run = config.posts_per_run
        first = config.first_run_posts
        RedditAsking.__init__(self, client, config.reddit_url, context)
        ListedConnector.__init__(self, listings(config), client, first_run_posts=first, limits=client.budget)

    def page(self, listing: Listing, after: Any, limit: int) -> Page:
        """One page of things, by their fullnames."""
        asked = listing.request
        params = {**asked.params, "limit": limit} | ({"after": after} if after else {})
        found = parse_page(self._client.get(asked.path, params), asked.kind)
        return Page(tuple(Entry(fullname(item), item) for item in found.items), found.after)

    def post(self, listing: Listing, item: Any) -> Post:
        """A submission or a comment as a post."""
        return parse_thing(item, self._config.reddit_url)

    def is_ready(self, item: Any) -> bool:
        """Whether Reddit has processed the thing's pictures, or has had long enough."""
        if not is_unfinished(item):
            return True
        try:
            return (self._now() - created_at(item)).total_seconds() >= PROCESSING_PATIENCE
        except PayloadChanged:
            return True


def _build(
    config: RedditConfig, credentials: RedditCredentials | None, context: ConnectorContext
) -> RedditConnector:
    if credentials is None:
        raise AuthenticationFailed("A Reddit source needs the application's client_id and client_secret.")
    require_trusted("reddit_url", config.reddit_url, context)
    require_trusted("oauth_url", config.oauth_url, context)
    contact = config.contact or credentials.username
    by = f" (by /u/{contact})" if contact else ""
    client = RedditClient(
        credentials,
        user_agent=f"python:{context.user_agent.replace('/', ':')}{by}",
        reddit_url=config.reddit_url,
        oauth_url=config.oauth_url,
        traffic=context.traffic,
    )
    return RedditConnector(config, client, context)


KIND = ConnectorKind(
    name="reddit",
    summary="Reads new submissions and comments of subreddits and searches on Reddit.",
    config=RedditConfig,
    credentials=RedditCredentials,
    build=_build,
    grammar=Grammar("searches", "boolean", longest=512, entry=search_entry),
    requests=lambda config: len(listings(config)),
    rate=Rate(90, 60, burst=10),
)
