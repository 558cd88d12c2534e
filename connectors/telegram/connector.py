"""The Telegram connector: public channels' web pages, read back to what is known."""

from __future__ import annotations

import re
from typing import Annotated, Any

from pydantic import AfterValidator, Field, StringConstraints

from connectors.availability import GONE, PRESENT, UNKNOWN, attachment_probes, looked
from connectors.base import (
    AuthenticationFailed,
    Post,
    PostRef,
    Probe,
    SourceClosed,
)
from connectors.http import status_error
from connectors.kind import ConnectorContext, ConnectorKind, Settings, without
from connectors.listed import ListedConnector
from connectors.listing import Entry, Listing, Page
from connectors.telegram.account import AccountConnector
from connectors.telegram.mtproto import AccountChannels, PacedChannels, TelegramCredentials
from connectors.telegram.parse import (
    PLATFORM,
    SITE,
    ChannelPage,
    is_missing,
    parse_message,
    parse_page,
)
from connectors.trust import require_trusted

PAGE_SIZE = 20
_POST = re.compile(r"(?:https?://)?(?:t|telegram)\.me/(?:s/)?([A-Za-z]\w{3,31})/(\d+)")

Channel = Annotated[
    str,
    AfterValidator(lambda name: name.rstrip("/")),
    StringConstraints(pattern=r"^[A-Za-z]\w{3,31}/?$"),
    without(r"^(@|(https?://)?t\.me/(s/)?)"),
]


class TelegramConfig(Settings):
    """Settings of one source of Telegram channels."""

    channels: tuple[Channel, ...] = Field(min_length=1, max_length=50)
    """Names, without "@" and t.me/."""
    first_run_posts: int = Field(default=60, ge=1, le=400)
    """How far back a channel's first run reaches."""
    pause_seconds: float = Field(default=1.0, ge=0.0, le=30.0)
    """Before each request."""
    account: bool = False
    """Whether to read through an account (MTProto) instead of the web pages."""
    site: str = SITE


class TelegramConnector(ListedConnector):
    """Reads channels. Implements ChecksAvailability and ResolvesPermalink besides."""

    platform = PLATFORM
    name = "Telegram"
    posts_per_run = 400

    def __init__(self, config: TelegramConfig, context: ConnectorContext) -> None:
        self._config = config
        self._context = context
        self._api = context.client(config.site, headers={"Accept": "text/html"})
        found = [Listing(name, name, PAGE_SIZE) for name in config.channels]
        super().__init__(found, self._api, first_run_posts=config.first_run_posts)

    def page(self, listing: Listing, after: Any, limit: int) -> Page:
        """A page of messages, newest first; Telegram itself decides how many."""
        found = self._page(listing.request, after)
        entries = tuple(Entry(message.key, (message, found.title)) for message in reversed(found.messages))
        older = found.messages[0].number if found.messages and found.has_older else None
        return Page(entries, older)

    def post(self, listing: Listing, item: Any) -> Post:
        """A message as a post."""
        message, title = item
        return parse_message(message, title)

    def resolve_permalink(self, url: str) -> str | None:
        """The id of the message at an address of t.me."""
        found = _POST.match(url)
        return f"{found[1]}/{found[2]}" if found else None

    def check_availability(self, post: PostRef) -> tuple[Probe, ...]:
        """The message's own page, and each of its files."""
        fetcher = self._context.fetcher()
        return (looked("message", lambda: self._message_probe(post)), *attachment_probes(fetcher, post))

    def _message_probe(self, post: PostRef) -> Probe:
        """Telegram answers 200 for what is gone; and says the same of channels that show nothing to us."""
        missing = is_missing(self._get(f"/{post.external_id}", {"embed": "1"}))
        if missing is None:
            return Probe("message", UNKNOWN, "Its page says neither that it is there nor that it is gone.")
        if not missing:
            return Probe("message", PRESENT, "Its page shows it.")
        channel = post.external_id.partition("/")[0]
        if not self._page(channel, None).messages:
            return Probe("message", UNKNOWN, "Its channel shows no messages at all.")
        return Probe("message", GONE, "Its page says that it is not found, and its channel is open.")

    def _page(self, channel: str, before: int | None) -> ChannelPage:
        params = {"before": str(before)} if before else {}
        return parse_page(self._get(f"/s/{channel}", params), channel)

    def _get(self, path: str, params: dict[str, str]) -> str:
        self._context.sleep(self._config.pause_seconds)
        answer = self._api.ask(path, params)
        if answer.is_redirect:
            raise SourceClosed("Telegram shows no messages of this channel on the web, or there is none.")
        if not answer.is_success:
            raise status_error("Telegram", answer.status_code, answer.headers)
        return answer.content.decode("utf-8", "replace")


def _build(
    config: TelegramConfig, credentials: TelegramCredentials | None, context: ConnectorContext
) -> TelegramConnector | AccountConnector:
    if config.account:
        if credentials is None:
            raise AuthenticationFailed("Reading Telegram through an account takes its session.")
        client = PacedChannels(AccountChannels(credentials), context.traffic)
        return AccountConnector(config.channels, client, first_run_posts=config.first_run_posts)
    require_trusted("site", config.site, context)
    return TelegramConnector(config, context)


KIND = ConnectorKind(
    name=PLATFORM,
    summary="Reads public Telegram channels through their web pages, or through an account.",
    config=TelegramConfig,
    credentials=TelegramCredentials,
    build=_build,
    requests=lambda config: len(config.channels),
)
