"""A Telegram channel at the seam where Telethon would be: its own objects, from memory."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from telethon.tl import types

from connectors.base import AuthenticationFailed, Connector, RateLimited, SourceClosed, SourceUnavailable
from connectors.telegram.account import AccountConnector
from connectors.telegram.mtproto import PacedChannels
from tests.connectors.abilities import NO_SKEW, UNICODE, Platform, context_for

CHANNEL = "wardnews"
EPOCH = datetime(2026, 11, 1, tzinfo=UTC)
PEER = types.PeerChannel(1)


def photo() -> Any:
    """A photo as Telegram describes it."""
    sizes = [types.PhotoSize("y", 1280, 960, 90_000)]
    return types.MessageMediaPhoto(photo=types.Photo(5, 6, b"ref", EPOCH, sizes, 2))


class MemoryChannels:
    """One channel."""

    def __init__(self) -> None:
        self.messages: dict[int, Any] = {}
        self.number = 1000
        self.trouble: Exception | None = None
        self.valid_answers: int | None = None
        self.page_limit = 1000

    def post(self, text: str, media: Any = None, **fields: Any) -> Any:
        """A new message."""
        self.number += 1
        made = types.Message(
            self.number, PEER, EPOCH + timedelta(seconds=self.number), text, media=media, **fields
        )
        self.messages[self.number] = made
        return made

    def _ask(self) -> None:
        if self.trouble is not None:
            raise self.trouble
        if self.valid_answers is not None:
            self.valid_answers -= 1
            if self.valid_answers < 0:
                raise AuthenticationFailed("Telegram refused the session; make it anew.")

    def after(self, channel: str, number: int, limit: int) -> list[Any]:
        """As Telegram answers it."""
        self._ask()
        numbers = [each for each in sorted(self.messages) if each > number]
        return [self.messages[each] for each in numbers[:limit]]

    def newest(self, channel: str, limit: int, before: int = 0) -> list[Any]:
        """As Telegram answers it."""
        self._ask()
        numbers = [each for each in sorted(self.messages) if not before or each < before]
        return [self.messages[each] for each in numbers[-limit:]]

    def named(self, channel: str, numbers: Sequence[int]) -> list[Any]:
        """What is gone is a MessageEmpty."""
        self._ask()
        return [
            self.messages.get(number) or types.MessageEmpty(id=number, peer_id=None) for number in numbers
        ]

    def file(self, channel: str, number: int, max_bytes: int) -> bytes:
        """The file of a message."""
        self._ask()
        return b"picture of %d" % number

    def close(self) -> None:
        """Nothing is open."""


class AccountPlatform:
    """A channel, read as an account."""

    needs_credentials = True

    def __init__(self) -> None:
        self._client = MemoryChannels()
        self._expected: set[str] = set()

    @property
    def expected(self) -> set[str]:
        """Channel and number."""
        return self._expected

    def connect(self, *, good: bool = True, skew: timedelta = NO_SKEW) -> Connector:
        """A connector to it."""
        if not good:
            refused = MemoryChannels()
            refused.valid_answers = 0
            return AccountConnector([CHANNEL], refused, first_run_posts=400)
        paced = PacedChannels(self._client, context_for(skew=skew).traffic)
        return AccountConnector([CHANNEL], paced, first_run_posts=400)

    def publish(self, count: int) -> None:
        """Every fifth is an album of two."""
        for _ in range(count):
            album = self._client.number if len(self._expected) % 5 == 4 else None
            made = self._client.post(UNICODE, photo(), grouped_id=album)
            if album:
                self._client.post("", photo(), grouped_id=album)
            self._expected.add(f"{CHANNEL}/{made.id}")

    def publish_malformed(self) -> str:
        """A message whose time is none."""
        self._client.post("broken").date = "yesterday"
        return "date"

    def limit(self, seconds: int) -> None:
        """FLOOD_WAIT."""
        self._client.trouble = RateLimited("Telegram asks us to slow down.", float(seconds))

    def expire_after(self, answers: int) -> None:
        """The session is ended elsewhere."""
        self._client.valid_answers = answers

    def renew(self) -> None:
        """A new session."""
        self._client.valid_answers = None

    def close_by_policy(self) -> None:
        """The channel went private."""
        self._client.trouble = SourceClosed("Telegram does not show this channel to the account.")

    def edit(self) -> str:
        """An edited message has a moment of it."""
        newest = self._client.messages[self._newest()]
        newest.message, newest.edit_date = "edited", EPOCH + timedelta(days=20)
        return f"{CHANNEL}/{newest.id}"

    def remove(self) -> str:
        """A deleted message is nowhere."""
        number = self._newest()
        for gone in [each for each in self._client.messages if each >= number]:
            del self._client.messages[gone]
        return f"{CHANNEL}/{number}"

    def _newest(self) -> int:
        """The number of the newest post: of an album, its first message's."""
        return max(int(name.partition("/")[2]) for name in self._expected)

    def vanish(self) -> None:
        """Nobody answers any more."""
        self._client.trouble = SourceUnavailable("Telegram could not be reached.")


@contextmanager
def telegram_account_platform(scratch: Path) -> Iterator[Platform]:
    """A channel in memory."""
    yield AccountPlatform()
