"""The streaming API of an instance, by server-sent events or WebSocket, as one kind of event.

Documentation: "Streaming timelines" of the Mastodon API. Streams replay nothing: whoever connects again reads
the timelines first. Some servers offer only one of the two transports.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from urllib.parse import urlencode

import httpx

from connectors.base import SourceUnavailable
from connectors.kind import ConnectorContext
from connectors.mastodon.client import MastodonClient
from connectors.mastodon.config import Timeline
from connectors.payload import Json
from connectors.streaming import Line, shut
from connectors.trust import require_trusted
from connectors.websocket import Socket

SILENCE_SECONDS = 60.0
"""Servers send a heartbeat about every fifteen seconds."""


@dataclass(frozen=True, slots=True)
class Heard:
    """One event of a timeline: `name` is "update", "status.update", "delete" or another."""

    timeline: Timeline
    name: str
    payload: Json


def sse_line(client: MastodonClient, timeline: Timeline) -> Line[Heard]:
    """A timeline by server-sent events. Raises ConnectorError."""
    name, *tag = timeline.stream
    path = "/api/v1/streaming/" + name.replace(":", "/")
    params = {"tag": tag[0]} if tag else None
    response = client.api.open(path, params, accept="text/event-stream", silence=SILENCE_SECONDS)
    return Line(_sse_events(client.host, timeline, response), lambda: shut(response))


def _sse_events(host: str, timeline: Timeline, response: httpx.Response) -> Iterator[Heard]:
    from httpx_sse import EventSource, SSEError  # noqa: PLC0415  only streaming sources need it

    try:
        for event in EventSource(response).iter_sse():
            yield Heard(timeline, event.event, _payload(event.event, event.data))
    except (httpx.HTTPError, SSEError) as error:
        raise SourceUnavailable(f"The stream of {host} broke off.") from error
    finally:
        response.close()


def websocket_line(client: MastodonClient, timeline: Timeline, context: ConnectorContext) -> Line[Heard]:
    """A timeline by WebSocket. Raises ConnectorError."""
    name, *tag = timeline.stream
    query = {"stream": name} | ({"tag": tag[0]} if tag else {})
    address = f"{_streaming_address(client, context)}/api/v1/streaming?{urlencode(query)}"
    headers = {"Authorization": f"Bearer {client.token}"} if client.token else {}
    socket = Socket(address, context, headers)
    return Line(_socket_events(timeline, socket), socket.close)


def _socket_events(timeline: Timeline, socket: Socket) -> Iterator[Heard]:
    for message in socket.messages():
        event = _payload("message", message)
        name = event.get("event").text_or()
        yield Heard(timeline, name, _payload(name, event.get("payload").text_or()))


def _streaming_address(client: MastodonClient, context: ConnectorContext) -> str:
    """Where the instance says that its streams are, else its own address as a WebSocket's."""
    told = client.instance().get("configuration").get("urls").get("streaming").text_or()
    address = (told or client.api.base_url.replace("http", "ws", 1)).rstrip("/")
    require_trusted("The instance's streaming address", address, context)
    return address.removesuffix("/api/v1/streaming")


def _payload(name: str, data: str | bytes) -> Json:
    """An event's payload: JSON, or the bare id of a deleted status."""
    try:
        return Json(json.loads(data), name) if data[:1] in ("{", b"{") else Json(data, name)
    except (ValueError, RecursionError):
        return Json(None, name)
