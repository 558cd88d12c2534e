"""The Discord connector: channels walked forward by message ids, as a bot that their owner invited.

A run begins a little before what is new: a message given lately that stands there no longer was deleted.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Annotated

from pydantic import Field, SecretStr, StringConstraints

from connectors.availability import GONE, looked, status_probe
from connectors.base import (
    AuthenticationFailed,
    Batch,
    Checkpoint,
    ConnectorError,
    Deletion,
    PayloadChanged,
    Post,
    PostRef,
    Probe,
    Rejected,
    SourceCheck,
    SourceClosed,
)
from connectors.discord.parse import PLATFORM, is_blank, is_written, parse_message
from connectors.discord.state import Places
from connectors.http import status_error
from connectors.kind import ConnectorContext, ConnectorKind, Settings
from connectors.limits import Limits
from connectors.listing import changed, sorted_out
from connectors.payload import Json
from connectors.traffic import Rate
from connectors.trust import require_trusted

PAGE_SIZE = 50
BLANK_MESSAGES = 10
"""When so many messages in a row show nothing, the bot may not read what they say."""
UNKNOWN_MESSAGE = 10008

Snowflake = Annotated[str, StringConstraints(pattern=r"^\d{1,20}$")]


class DiscordCredentials(Settings):
    """A bot's token."""

    token: SecretStr


class DiscordConfig(Settings):
    """Settings of one source of Discord channels."""

    channels: tuple[Snowflake, ...] = Field(min_length=1, max_length=100)
    """Ids of channels and threads, as text."""
    first_run_posts: int = Field(default=50, ge=0, le=PAGE_SIZE)
    """How far back a channel's first run reaches; 0 reads the channel from its first message."""
    api_url: str = "https://discord.com/api/v10"


class DiscordConnector:
    """Reads channels. Implements Connector and ChecksAvailability."""

    platform = PLATFORM

    def __init__(self, config: DiscordConfig, token: str, context: ConnectorContext) -> None:
        self._config = config
        self._channels = tuple(dict.fromkeys(config.channels))
        self._api = context.client(
            config.api_url,
            user_agent=f"DiscordBot (leakwatch, {context.user_agent.rpartition('/')[2]})",
            headers={"Authorization": f"Bot {token}"},
            limits=Limits("x-ratelimit-"),
        )

    def fetch(self, checkpoint: Checkpoint | None) -> Iterator[Batch]:
        """Yield what is new since `checkpoint`; a channel's first run takes its newest messages only.

        A channel that is closed to the bot does not stop the others; SourceClosed is raised after them.
        """
        places = Places(checkpoint, self._channels)
        closed: list[str] = []
        for channel in self._channels:
            try:
                yield from self._channel(channel, places)
            except SourceClosed as error:
                closed.append(f"channel {channel}: {error}")
        if closed:
            raise SourceClosed(" ".join(closed))

    def check(self) -> SourceCheck:
        """Ask each channel for its newest messages."""
        for channel in self._channels:
            try:
                _require_readable(self._messages(channel, {}))
            except ConnectorError as error:
                return SourceCheck(False, f"channel {channel}: {error}")
        return SourceCheck(True, f"Discord answers for {len(self._channels)} channel(s).")

    def close(self) -> None:
        """Release connections."""
        self._api.close()

    def check_availability(self, post: PostRef) -> tuple[Probe, ...]:
        """The message itself. Addresses of its files expire by themselves, so they prove nothing."""
        return (looked("message", lambda: self._message_probe(post)),)

    def _message_probe(self, post: PostRef) -> Probe:
        channel, _, message = post.external_id.partition("/")
        answer = self._api.ask(f"/channels/{channel}/messages/{message}")
        if answer.status_code != 404:
            return status_probe("message", answer.status_code)
        code = Json(self._api.parsed(answer)).get("code").value
        if code == UNKNOWN_MESSAGE:
            return Probe("message", GONE, "Its channel is there, without it.")
        # Not the message but its channel is missing, for the bot at least.
        return status_probe("message", 403)

    def _channel(self, channel: str, places: Places) -> Iterator[Batch]:
        about = self._get(f"/channels/{channel}")
        guild, name = about.get("guild_id").text_or("@me"), about.get("name").text_or(channel)
        first = places.newest(channel) is None
        limit = self._config.first_run_posts if first else 0
        page = self._messages(
            channel, {"limit": str(limit)} if limit else {"after": str(places.start(channel))}
        )
        if first and not page:
            places.move(channel, 0, (), ())
            yield Batch((), places.checkpoint())
        unseen, anything = list(places.recent(channel)), bool(page)
        while page:
            _require_readable(page)
            end = page[-1]["id"].integer()
            gone = _missing(unseen, page, end)
            unseen = [each for each in unseen if each > end]
            yield from self._told(page, guild, channel, f"#{name}", places=places, gone=gone)
            page = self._messages(channel, {"after": str(end)})
        if anything and unseen:
            # The channel ends before them. One that shows nothing at all may only be closed to the bot.
            places.move(channel, 0, (), unseen)
            yield Batch((), places.checkpoint(), deletions=_deletions(channel, unseen))

    def _told(
        self,
        page: Sequence[Json],
        guild: str,
        channel: str,
        context: str,
        *,
        places: Places,
        gone: Sequence[int],
    ) -> Iterator[Batch]:
        newest = places.newest(channel) or 0
        fresh = [each for each in page if each["id"].integer() > newest]
        if not fresh and not gone:
            return
        written = [each for each in fresh if is_written(each)]
        posts, rejected = sorted_out([self._parsed(each, guild, channel, context) for each in written])
        places.move(channel, page[-1]["id"].integer(), [each["id"].integer() for each in written], gone)
        yield Batch(posts, places.checkpoint(), rejected, deletions=_deletions(channel, gone))

    def _parsed(self, message: Json, guild: str, channel: str, context: str) -> Post | Rejected:
        try:
            return parse_message(message, guild, channel, context)
        except PayloadChanged as error:
            return changed("Discord", f"{channel}/{message['id'].text()}", error)

    def _messages(self, channel: str, place: Mapping[str, str]) -> list[Json]:
        """A page, oldest first."""
        found = self._get(f"/channels/{channel}/messages", {"limit": str(PAGE_SIZE), **place})
        return sorted(found.items(), key=lambda message: message["id"].integer())

    def _get(self, path: str, params: Mapping[str, str] | None = None) -> Json:
        answer = self._api.ask(path, params)
        if not answer.is_success:
            raise status_error("Discord", answer.status_code, answer.headers)
        return Json(self._api.parsed(answer), "messages")


def _require_readable(page: Sequence[Json]) -> None:
    written = [message for message in page if is_written(message)]
    if len(written) >= BLANK_MESSAGES and all(map(is_blank, written)):
        raise SourceClosed("every message is blank; switch the bot's intent MESSAGE_CONTENT on.")


def _missing(unseen: Sequence[int], page: Sequence[Json], end: int) -> list[int]:
    """Messages that would stand in the page and do not."""
    shown = {message["id"].integer() for message in page}
    return [each for each in unseen if each <= end and each not in shown]


def _deletions(channel: str, gone: Sequence[int]) -> tuple[Deletion, ...]:
    return tuple(Deletion(f"{channel}/{each}", "deleted from its channel") for each in gone)


def _build(
    config: DiscordConfig, credentials: DiscordCredentials | None, context: ConnectorContext
) -> DiscordConnector:
    if credentials is None:
        raise AuthenticationFailed("A Discord source needs a bot's token.")
    require_trusted("api_url", config.api_url, context)
    return DiscordConnector(config, credentials.token.get_secret_value(), context)


KIND = ConnectorKind(
    name=PLATFORM,
    summary="Reads channels of Discord servers that invited the bot.",
    config=DiscordConfig,
    credentials=DiscordCredentials,
    build=_build,
    requests=lambda config: 3 * len(config.channels),
    rate=Rate(10, 1, burst=10),
)
