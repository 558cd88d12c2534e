"""The one place that speaks Telegram's own protocol, through Telethon, as an account.

Telethon is asynchronous; here one event loop runs one request at a time. Nothing is slept out: a wait that
Telegram asks for (FLOOD_WAIT) is raised.
"""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine, Iterator, Sequence
from contextlib import contextmanager
from typing import Any, Protocol

from pydantic import SecretStr

from connectors.base import (
    AttachmentRefused,
    AuthenticationFailed,
    ConfigurationInvalid,
    RateLimited,
    SourceClosed,
    SourceUnavailable,
)
from connectors.kind import Settings
from connectors.traffic import Traffic

TIMEOUT_SECONDS = 60.0
HOST = "telegram.org"
"""What its servers are called together where turns are taken."""
_CLOSED = (
    "ChannelInvalidError", "ChannelPrivateError", "UsernameInvalidError", "UsernameNotOccupiedError",
    "ChannelBannedError",
)  # fmt: skip


class TelegramCredentials(Settings):
    """An account, for reading through Telegram's own protocol. The session is as good as the account."""

    api_id: int
    api_hash: SecretStr
    session: SecretStr
    """As Telethon's StringSession writes it."""


class Channels(Protocol):
    """What the connector asks of Telegram. Messages are Telethon's objects, oldest first."""

    def after(self, channel: str, number: int, limit: int) -> list[Any]:
        """The oldest messages that follow a number. Raises ConnectorError."""
        ...

    def newest(self, channel: str, limit: int, before: int = 0) -> list[Any]:
        """The newest messages, or those below a number. Raises ConnectorError."""
        ...

    def named(self, channel: str, numbers: Sequence[int]) -> list[Any]:
        """Single messages; what is not there is None or empty. Raises ConnectorError."""
        ...

    def file(self, channel: str, number: int, max_bytes: int) -> bytes:
        """The file of a message. Raises AttachmentRefused or ConnectorError."""
        ...

    def close(self) -> None:
        """Hang up."""
        ...


class PacedChannels:
    """Channels of which each question waits for its turn."""

    def __init__(self, channels: Channels, traffic: Traffic) -> None:
        self._channels = channels
        self._traffic = traffic

    def after(self, channel: str, number: int, limit: int) -> list[Any]:
        """As Channels says."""
        self._traffic.turn(HOST)
        return self._channels.after(channel, number, limit)

    def newest(self, channel: str, limit: int, before: int = 0) -> list[Any]:
        """As Channels says."""
        self._traffic.turn(HOST)
        return self._channels.newest(channel, limit, before)

    def named(self, channel: str, numbers: Sequence[int]) -> list[Any]:
        """As Channels says."""
        self._traffic.turn(HOST)
        return self._channels.named(channel, numbers)

    def file(self, channel: str, number: int, max_bytes: int) -> bytes:
        """As Channels says."""
        self._traffic.turn(HOST)
        return self._channels.file(channel, number, max_bytes)

    def close(self) -> None:
        """Hang up."""
        self._channels.close()


class AccountChannels:
    """Telegram, as an account sees it."""

    def __init__(self, credentials: TelegramCredentials) -> None:
        try:
            from telethon import TelegramClient  # noqa: PLC0415  an extra, loaded by those who use it
            from telethon.sessions import StringSession  # noqa: PLC0415
        except ImportError as error:
            raise ConfigurationInvalid(
                "Reading Telegram through an account takes Telethon; install leakwatch[telegram]."
            ) from error
        try:
            session = StringSession(credentials.session.get_secret_value())
        except ValueError:
            raise AuthenticationFailed("The session is none of Telethon's; make it anew.") from None
        self._loop = asyncio.new_event_loop()
        api_hash = credentials.api_hash.get_secret_value()
        self._client = TelegramClient(
            session, credentials.api_id, api_hash, flood_sleep_threshold=0, receive_updates=False
        )
        self._connected = False

    def after(self, channel: str, number: int, limit: int) -> list[Any]:
        """As Channels says: `messages.getHistory` with `min_id`, in ascending order."""
        return list(self._run(self._client.get_messages(channel, limit=limit, min_id=number, reverse=True)))

    def newest(self, channel: str, limit: int, before: int = 0) -> list[Any]:
        """As Channels says."""
        return list(self._run(self._client.get_messages(channel, limit=limit, max_id=before)))[::-1]

    def named(self, channel: str, numbers: Sequence[int]) -> list[Any]:
        """As Channels says: `channels.getMessages`."""
        return list(self._run(self._client.get_messages(channel, ids=list(numbers))))

    def file(self, channel: str, number: int, max_bytes: int) -> bytes:
        """As Channels says; no more than the bytes allowed are ever held."""
        (message,) = self.named(channel, [number])
        if message is None or message.media is None:
            raise AttachmentRefused("The message is gone, or its file is.")
        return bytes(self._run(self._downloaded(message.media, max_bytes)))

    async def _downloaded(self, media: Any, max_bytes: int) -> bytes:
        """The largest form of a picture, or a document, counted while it comes."""
        body = bytearray()
        async for chunk in self._client.iter_download(media):
            body += chunk
            if len(body) > max_bytes:
                raise AttachmentRefused(f"Telegram sent more than the {max_bytes} bytes a file may have.")
        return bytes(body)

    def close(self) -> None:
        """Hang up."""
        if self._connected:
            self._loop.run_until_complete(self._client.disconnect())
        self._loop.close()

    def _run(self, work: Coroutine[Any, Any, Any]) -> Any:
        with telegram_errors():
            if not self._connected:
                self._loop.run_until_complete(asyncio.wait_for(self._client.connect(), TIMEOUT_SECONDS))
                self._connected = True
            return self._loop.run_until_complete(asyncio.wait_for(work, TIMEOUT_SECONDS))


@contextmanager
def telegram_errors() -> Iterator[None]:
    """Say Telethon's errors in the words of the port; the cause is kept."""
    from telethon import errors  # noqa: PLC0415

    try:
        yield
    except errors.FloodWaitError as error:
        raise RateLimited("Telegram asks us to slow down.", float(error.seconds)) from error
    except (errors.UnauthorizedError, errors.AuthKeyError) as error:
        raise AuthenticationFailed("Telegram refused the session; make it anew.") from error
    except errors.RPCError as error:
        name = type(error).__name__
        if name in _CLOSED or isinstance(error, errors.ForbiddenError):
            raise SourceClosed(f"Telegram does not show this channel to the account ({name}).") from error
        raise SourceUnavailable(f"Telegram could not answer ({name}); it may work later.") from error
    except ValueError as error:
        raise SourceClosed("Telegram knows no channel of that name.") from error
    except (OSError, TimeoutError) as error:
        raise SourceUnavailable("Telegram could not be reached.") from error
