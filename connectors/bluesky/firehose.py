"""The firehose com.atproto.sync.subscribeRepos of a relay or a server: what Jetstream itself hears.

A WebSocket message is two DAG-CBOR objects, a header {op, t} and a body. A #commit names the changed records
(`ops`) and carries them in a CAR file (`blocks`). The cursor is a sequence number, exclusive. One too old is
told by an #info frame (OutdatedCursor) and answered with all there is; one in the future by an error frame.
Documentation: the event stream specification of the AT Protocol, and the lexicon.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import closing
from typing import Any
from urllib.parse import urlencode

from connectors.base import PayloadChanged, SourceUnavailable
from connectors.bluesky.events import CursorRefused, Event
from connectors.bluesky.parse import COLLECTION
from connectors.kind import ConnectorContext
from connectors.payload import Json
from connectors.streaming import Line, listen
from connectors.websocket import Socket

SPAN = 2048
"""Positions that a sequence number takes: a commit has 200 changes at most."""
LAST = SPAN - 1
NEAR_ENOUGH = 1000
"""Sequence numbers: about a second of the whole network."""
SILENCE_SECONDS = 5.0
_FUTURE = "FutureCursor"


class Firehose:
    """Opens streams of one relay, or of one server for its own accounts."""

    label = "The firehose"
    is_exact = True

    def __init__(self, url: str, context: ConnectorContext) -> None:
        self._url = url.rstrip("/")
        self._context = context

    @property
    def name(self) -> str:
        """Its address."""
        return f"firehose {self._url}"

    def open(self, cursor: int | None) -> Line[Event]:
        """The events that follow a sequence number, or that come from now on. Raises ConnectorError."""
        query = "" if cursor is None else "?" + urlencode({"cursor": cursor})
        socket = Socket(f"{self._url}/xrpc/com.atproto.sync.subscribeRepos{query}", self._context)
        return Line(_events(socket), socket.close)

    def after(self, position: int) -> int:
        """A commit of which only a part was given is asked for again."""
        number, place = divmod(position, SPAN)
        return number if place == LAST else number - 1

    def at(self, time_us: int, newest: Event | None) -> tuple[int, bool]:
        """Found by halves, since the firehose itself takes no moments; from its beginning in silence."""
        oldest = self._first(0)
        if newest is None or oldest is None:
            return 0, True
        if oldest.time_us >= time_us:
            return 0, False
        low, high = oldest.position // SPAN, newest.position // SPAN
        while high - low > NEAR_ENOUGH:
            middle = (low + high) // 2
            event = self._first(middle)
            if event is not None and event.time_us < time_us:
                low = max(middle, event.position // SPAN)
            else:
                high = middle
        return low, True

    def _first(self, cursor: int) -> Event | None:
        """The first event after a cursor, or None in silence."""
        events = listen([self.open(cursor)], tick=SILENCE_SECONDS)
        with closing(events):
            return next((event for event in events if event is None or event.warning is None), None)


def _events(socket: Socket) -> Iterator[Event]:
    for message in socket.messages():
        yield from parse_frame(message)


def parse_frame(message: str | bytes) -> Iterator[Event]:
    """The events of one frame. Raises PayloadChanged, SourceUnavailable or CursorRefused."""
    import libipld  # noqa: PLC0415  only the firehose needs it

    try:
        header, body = libipld.decode_dag_cbor_multi(message if isinstance(message, bytes) else b"")
    except (ValueError, TypeError, RecursionError) as error:
        raise PayloadChanged("frame", "is not two DAG-CBOR objects") from error
    head, frame = Json(header, "header"), Json(body, "frame")
    if head["op"].integer() == -1:
        name = frame.get("error").text_or("no reason")
        if name == _FUTURE:
            raise CursorRefused(name)
        raise SourceUnavailable(f"The firehose ended the stream ({name}).")
    kind = head.get("t").text_or()
    if kind == "#info":
        yield Event(0, 0, warning=frame.get("name").text_or("a notice"))
    elif frame.get("seq"):
        yield from _told(frame, is_commit=kind == "#commit")


def _told(frame: Json, *, is_commit: bool) -> Iterator[Event]:
    """An event for each changed record; one without a change for everything else."""
    base = frame["seq"].integer() * SPAN
    moment = frame["time"].moment()
    time_us = int(moment.timestamp() * 1_000_000)
    if not is_commit:
        yield Event(base + LAST, time_us)
        return
    did, changes = frame["repo"].text(), list(_changes(frame))
    for place, change in enumerate(changes[:LAST]):
        position = base + (LAST if place == len(changes) - 1 else place)
        yield Event(position, time_us, did, Json(change, "commit"))
    if not changes:
        yield Event(base + LAST, time_us, did)


def _changes(frame: Json) -> Iterator[dict[str, Any]]:
    """The changes of posts, as Jetstream writes them."""
    blocks: Mapping[bytes, Any] | None = None
    for op in frame["ops"].items():
        collection, _, rkey = op["path"].text().partition("/")
        if collection != COLLECTION:
            continue
        change = {"operation": op["action"].text(), "collection": collection, "rkey": rkey}
        change |= {"rev": frame["rev"].text(), "time": frame["time"].value}
        cid = op.get("cid").value
        if isinstance(cid, bytes):
            blocks = _blocks(frame) if blocks is None else blocks
            change |= {"record": _plain(blocks[cid])} if cid in blocks else {}
        yield change


def _blocks(frame: Json) -> Mapping[bytes, Any]:
    import libipld  # noqa: PLC0415

    try:
        return dict(libipld.decode_car(frame["blocks"].value)[1])
    except (ValueError, TypeError, RecursionError) as error:
        raise PayloadChanged(f"{frame.path}.blocks", "is no CAR file") from error


def _plain(value: Any) -> Any:
    """A record as JSON has it: links to blocks are objects with "$link" (the AT Protocol's data model)."""
    import libipld  # noqa: PLC0415

    if isinstance(value, bytes):
        try:
            return {"$link": libipld.encode_cid(value)}
        except ValueError:
            return None
    if isinstance(value, dict):
        return {name: _plain(each) for name, each in value.items()}
    return [_plain(each) for each in value] if isinstance(value, list) else value
