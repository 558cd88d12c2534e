"""A loopback relay: com.atproto.sync.subscribeRepos in DAG-CBOR and CAR, as a real server sends it."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

import libipld

from connectors.base import Connector
from connectors.registry import build
from tests.connectors.abilities import NO_SKEW, Platform, context_for
from tests.connectors.bluesky_server import (
    DID,
    EPOCH,
    BlueskyServer,
    JetstreamServer,
    NetworkPlatform,
    addresses,
)
from tests.connectors.loopback import running

COLLECTION = "app.bsky.feed.post"


def block(value: Any) -> tuple[bytes, bytes]:
    """(CID, bytes) of a record."""
    data = libipld.encode_dag_cbor(value)
    return bytes((1, 0x71, 0x12, 32)) + hashlib.sha256(data).digest(), data


def car(blocks: list[tuple[bytes, bytes]]) -> bytes:
    """A CAR file, version 1."""
    header = libipld.encode_dag_cbor({"version": 1, "roots": [blocks[0][0] if blocks else block({})[0]]})
    parts = [header, *(cid + data for cid, data in blocks)]
    return b"".join(_varint(len(part)) + part for part in parts)


def _varint(number: int) -> bytes:
    out = bytearray()
    while number >= 0x80:
        out.append(number & 0x7F | 0x80)
        number >>= 7
    return bytes([*out, number])


def linked(value: Any) -> Any:
    """A record with its links as the firehose has them: "$link" objects as CIDs."""
    if isinstance(value, dict):
        if set(value) == {"$link"}:
            return libipld.decode_multibase(value["$link"])[1]
        return {name: linked(each) for name, each in value.items()}
    return [linked(each) for each in value] if isinstance(value, list) else value


def frame(kind: str, body: dict[str, Any], op: int = 1) -> bytes:
    """A message of the stream."""
    header = {"op": op, "t": kind} if op == 1 else {"op": op}
    return bytes(libipld.encode_dag_cbor(header) + libipld.encode_dag_cbor(body))


class FirehoseServer(JetstreamServer):
    """Keeps its frames from `floor` on; tells an identity to whoever connects."""

    future = 10**9
    """Cursors above it are refused; set it to what the server knows."""

    def __init__(self) -> None:
        super().__init__(1)

    def commit(self, operation: str, rkey: str, value: dict[str, Any] | None = None) -> dict[str, Any]:
        """A commit with one change."""
        return self.commits((operation, rkey, value))

    def commits(self, *changes: tuple[str, str, dict[str, Any] | None]) -> dict[str, Any]:
        """A commit with any number of changes, and one of something that is no post."""
        blocks = [block(linked(value)) for _, _, value in changes if value is not None]
        cids = iter(cid for cid, _ in blocks)
        ops = [
            {"action": op, "path": f"{COLLECTION}/{rkey}", "cid": None if value is None else next(cids)}
            for op, rkey, value in changes
        ]
        like = {"action": "create", "path": "app.bsky.feed.like/1", "cid": None}
        return self.add("commit", {"repo": DID, "ops": [like, *ops], "blocks": car(blocks)})

    def _event(self, kind: str, content: dict[str, Any]) -> dict[str, Any]:
        self._seq += 1
        written = (EPOCH + timedelta(seconds=self._seq)).isoformat().replace("+00:00", ".000Z")
        body = {"seq": self._seq, "time": written, "rev": f"r{len(self.events)}"} | content
        return {"payload": body, "kind": f"#{kind}"}

    def _process(self, connection: Any, request: Any) -> Any:
        return super()._process(connection, request) if self.refusal else None

    def _replay(self, cursor: int) -> list[dict[str, Any]]:
        if cursor > self.future:
            return [{"payload": {"error": "FutureCursor"}, "kind": "error"}]
        outdated = {"payload": {"name": "OutdatedCursor"}, "kind": "#info"}
        kept = [event for event in self.events if event["payload"]["seq"] > max(cursor, self.floor - 1)]
        return [outdated, *kept] if 0 < cursor < self.floor - 1 else kept

    def _frame(self, event: dict[str, Any], compressed: bool) -> str | bytes:
        body = {name: value for name, value in event["payload"].items() if name != self.lost}
        return frame(event["kind"], body, -1 if event["kind"] == "error" else 1)


class FirehosePlatform(NetworkPlatform):
    """The network without a Jetstream."""

    def connect(self, *, good: bool = True, skew: timedelta = NO_SKEW) -> Connector:
        """A connector that finds no Jetstream and hears the firehose."""
        settings = {
            "network": "images",
            "jetstream_url": "ws://127.0.0.1:9",
            "firehose_url": f"ws://{self._jetstream.place}",
            "first_run_seconds": 86_400,
            **addresses(self._server),
        }
        places = (self._server.place, self._jetstream.place, "127.0.0.1:9")
        return build("bluesky", settings, None, context_for(*places, skew=skew))

    def drift(self) -> str:
        """Commits without their repository."""
        self._jetstream.lost = "repo"
        return "repo"


@contextmanager
def bluesky_firehose_platform(scratch: Path) -> Iterator[Platform]:
    """A loopback network."""
    with running(BlueskyServer()) as server:
        platform = FirehosePlatform(server, FirehoseServer())
        try:
            yield platform
        finally:
            platform.stop()
