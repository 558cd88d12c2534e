"""Jetstream: the network's events as JSON over a WebSocket, versions 1 and 2, as one kind of event.

Version 2 is the lexicon network.bsky.jetstream.subscribeEvents (sequence numbers of one instance, inclusive);
version 1 is `/subscribe` (microseconds since 1970, inclusive). The cursors are not interchangeable, but both
take a moment in microseconds, which is how a source moves from one instance to another.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from urllib.parse import urlencode

import httpx

from connectors.base import PayloadChanged, SourceUnavailable
from connectors.bluesky.config import BlueskyConfig
from connectors.bluesky.events import CursorRefused, Event
from connectors.bluesky.parse import COLLECTION
from connectors.kind import ConnectorContext
from connectors.payload import Json
from connectors.streaming import Line
from connectors.websocket import Socket

SUBPROTOCOL = "xrpc.v1.json"
_TYPE = "network.bsky.jetstream.subscribeEvents#"
_MAX_FRAME_BYTES = 32 * 2**20
REWIND_US = 5_000_000
"""Instances see events at slightly different moments, and version 1 not quite in their order."""


class Jetstream:
    """Opens streams of one instance."""

    label = "Jetstream"

    def __init__(self, url: str, config: BlueskyConfig, context: ConnectorContext) -> None:
        self._url = url.rstrip("/")
        self._version = config.jetstream_version
        self._compress = config.compress
        self._context = context

    @property
    def name(self) -> str:
        """Version and address."""
        return f"{self._version} {self._url}"

    @property
    def is_exact(self) -> bool:
        """Version 1 counts moments, and not quite in their order."""
        return self._version == 2

    def after(self, position: int) -> int:
        """The place itself, since cursors include their event; of version 1 a little before."""
        return position if self.is_exact else max(0, position - REWIND_US)

    def at(self, time_us: int, newest: Event | None) -> tuple[int, bool]:
        """Jetstream takes moments, and tells when one is too old."""
        return max(0, time_us), True

    def open(self, cursor: int | None) -> Line[Event]:
        """The events from `cursor` on, or from now on. Raises ConnectorError, or CursorRefused."""
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

        api = self._context.client(self._url.replace("ws", "http", 1))
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
        raise CursorRefused
