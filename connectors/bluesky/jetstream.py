"""Jetstream: the network's events as JSON over a WebSocket, versions 1 and 2, as one kind of event.

Version 2 is the lexicon network.bsky.jetstream.subscribeEvents (sequence numbers of one instance, inclusive);
version 1 is `/subscribe` (microseconds since 1970, inclusive). The cursors are not interchangeable, but both
take a moment in microseconds, which is how a source moves from one instance to another.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from urllib.parse import urlencode

import httpx

from connectors.base import PayloadChanged, SourceUnavailable
from connectors.bluesky.config import BlueskyConfig
from connectors.bluesky.parse import COLLECTION
from connectors.http import ApiClient
from connectors.kind import ConnectorContext
from connectors.payload import Json
from connectors.streaming import Line
from connectors.websocket import Socket

SUBPROTOCOL = "xrpc.v1.json"
_TYPE = "network.bsky.jetstream.subscribeEvents#"
_MAX_FRAME_BYTES = 32 * 2**20


class CursorTooOld(Exception):
    """The instance no longer has the events that we would go on from."""


@dataclass(frozen=True, slots=True)
class Event:
    """One event. `commit` is empty for everything but changes of records."""

    position: int
    """What to go on from: a sequence number (2) or microseconds (1)."""
    time_us: int
    """When the instance saw it, in microseconds since 1970."""
    did: str = ""
    commit: Json = Json(None)  # noqa: RUF009  immutable
    warning: str | None = None
    """What the instance says about the stream itself; such an event moves nothing."""

    @property
    def operation(self) -> str:
        """ "create", "update" or "delete" of a post; else nothing."""
        is_post = self.commit.get("collection").text_or() == COLLECTION
        return self.commit.get("operation").text_or() if is_post else ""


class Jetstream:
    """Opens streams of one instance."""

    def __init__(self, config: BlueskyConfig, context: ConnectorContext) -> None:
        self._url = config.jetstream_url.rstrip("/")
        self._version = config.jetstream_version
        self._compress = config.compress
        self._context = context

    def open(self, cursor: int | None) -> Line[Event]:
        """The events from `cursor` on, or from now on. Raises ConnectorError, or CursorTooOld."""
        parameters = {} if cursor is None else {"cursor": str(cursor)}
        read: Callable[[str | bytes], bytes | str] = _plain
        if self._version == 1:
            address = f"{self._url}/subscribe?{urlencode({'wantedCollections': COLLECTION, **parameters})}"
            socket = Socket(address, self._context, refused=_refused)
            return Line(_events(socket, read, parse_v1), socket.close)
        if self._compress:
            identity, read = self._dictionary()
            parameters["zstdDictionary"] = str(identity)
        query = urlencode({"collections": COLLECTION, **parameters})
        address = f"{self._url}/xrpc/network.bsky.jetstream.subscribeEvents?{query}"
        socket = Socket(address, self._context, subprotocol=SUBPROTOCOL, refused=_refused)
        return Line(_events(socket, read, parse_v2), socket.close)

    def _dictionary(self) -> tuple[int, Callable[[str | bytes], bytes | str]]:
        """The instance's present dictionary: its id, and how to read a frame with it."""
        import zstandard  # noqa: PLC0415  only compressed sources need it

        api = ApiClient(
            self._url.replace("ws", "http", 1), user_agent=self._context.user_agent, sleep=self._context.sleep
        )
        try:
            blob = api.get("/xrpc/network.bsky.jetstream.getZstdDictionary").content
        finally:
            api.close()
        dictionary = zstandard.ZstdCompressionDict(blob)
        decompressor = zstandard.ZstdDecompressor(dict_data=dictionary)

        def read(frame: str | bytes) -> bytes | str:
            if isinstance(frame, str):
                return frame
            try:
                return decompressor.decompress(frame, max_output_size=_MAX_FRAME_BYTES)
            except zstandard.ZstdError as error:
                raise PayloadChanged("frame", "does not decompress with the dictionary") from error

        return dictionary.dict_id(), read


def parse_v1(frame: Json) -> Event:
    """An event of version 1. Raises PayloadChanged."""
    moment = frame["time_us"].integer()
    return Event(moment, moment, frame["did"].text(), frame.get("commit"))


def parse_v2(frame: Json) -> Event:
    """A frame of version 2: an event or a notice. Raises PayloadChanged or SourceUnavailable."""
    if frame.get("$type").text_or() == "error":
        raise SourceUnavailable(f"Jetstream ended the stream ({frame.get('error').text_or('no reason')}).")
    payload = frame["payload"]
    kind = payload["$type"].text().removeprefix(_TYPE)
    if kind == "info":
        return Event(0, 0, warning=payload.get("name").text_or("a notice"))
    witnessed = payload["witnessedAt"] if payload.get("witnessedAt") else payload["time"]
    time_us = int(witnessed.moment().timestamp() * 1_000_000)
    commit = payload if kind == "commit" else Json(None)
    return Event(payload["seq"].integer(), time_us, payload["did"].text(), commit)


def _events(
    socket: Socket, read: Callable[[str | bytes], bytes | str], parse: Callable[[Json], Event]
) -> Iterator[Event]:
    for message in socket.messages():
        try:
            frame = Json(json.loads(read(message)), "event")
        except (ValueError, RecursionError) as error:
            raise PayloadChanged("event", "is not JSON") from error
        yield parse(frame)


def _plain(frame: str | bytes) -> bytes | str:
    return frame


def _refused(status: int, body: bytes) -> None:
    """Jetstream's own refusal before the stream begins."""
    if status == httpx.codes.BAD_REQUEST and b"CursorTooOld" in body:
        raise CursorTooOld
