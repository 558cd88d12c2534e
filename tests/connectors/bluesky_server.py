"""A loopback Bluesky: AppView, the account's service, a PDS, the DID directory, labels, and a Jetstream.

The posts are invented. Answers and events follow the lexicons and recorded events of the network.
"""

from __future__ import annotations

import base64
import hashlib
import json
import queue
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from http import HTTPStatus
from pathlib import Path
from threading import Thread
from typing import Any
from urllib.parse import parse_qs, urlsplit

import zstandard

from connectors.base import Connector
from connectors.registry import build
from tests.connectors.abilities import NO_SKEW, UNICODE, Platform, context_for
from tests.connectors.loopback import Answer, Asked, LoopbackServer, running
from tests.connectors.served import KeyedPlatform, PagedPlatform

DID = "did:plc:ward"
PASSWORD = "loopback-app-password"
EPOCH = datetime(2026, 11, 1, tzinfo=UTC)


def cid_of(data: bytes) -> str:
    """The CID of a blob."""
    raw = bytes((1, 0x55, 0x12, 32)) + hashlib.sha256(data).digest()
    return "b" + base64.b32encode(raw).decode().lower().rstrip("=")


def record(text: str, *blobs: bytes, **fields: Any) -> dict[str, Any]:
    """A post record, with these pictures."""
    made: dict[str, Any] = {
        "$type": "app.bsky.feed.post",
        "createdAt": "2026-11-20T10:00:00.000Z",
        "langs": ["en"],
        "text": text,
    }
    if blobs:
        images = [{"alt": "a letter", "image": blob(data)} for data in blobs]
        made["embed"] = {"$type": "app.bsky.embed.images", "images": images}
    return made | fields


def blob(data: bytes) -> dict[str, Any]:
    """A blob as a record names it."""
    return {
        "$type": "blob",
        "ref": {"$link": cid_of(data)},
        "mimeType": "image/jpeg",
        "size": len(data),
    }


class BlueskyServer(LoopbackServer):
    """Every HTTP part of the network in one."""

    def __init__(self) -> None:
        super().__init__()
        self.views: list[dict[str, Any]] = []
        """Oldest first."""
        self.blobs: dict[str, bytes] = {}
        self.cdn: dict[str, bytes] = {}
        self.labels: list[dict[str, Any]] = []
        self.reports: list[tuple[str, dict[str, Any]]] = []
        self.page_limit = 100
        self.tokens = 0
        self.lost: str | None = None
        self.closed = False
        self.published = 0
        self.methods: dict[str, Callable[[Asked], Answer]] = {
            "app.bsky.feed.getAuthorFeed": self.author_feed,
            "app.bsky.feed.searchPosts": self.search_posts,
            "app.bsky.feed.getPosts": self.get_posts,
            "com.atproto.server.createSession": self.create_session,
            "com.atproto.identity.resolveHandle": self.resolve_handle,
            "com.atproto.repo.getRecord": self.get_record,
            "com.atproto.sync.getBlob": self.get_blob,
            "com.atproto.label.queryLabels": self.query_labels,
            "com.atproto.moderation.createReport": self.create_report,
        }

    def post(self, text: str, *blobs: bytes, **fields: Any) -> dict[str, Any]:
        """Publish a post."""
        self.published += 1
        rkey = f"3k{self.published:08d}"
        self.blobs |= {cid_of(data): data for data in blobs}
        view = {
            "uri": f"at://{DID}/app.bsky.feed.post/{rkey}",
            "cid": f"bafyrei{len(self.views)}",
            "author": {"did": DID, "handle": "ward.example.org"},
            "record": record(text, *blobs, **fields),
            "indexedAt": (EPOCH + timedelta(seconds=len(self.views))).isoformat(),
            "labels": [],
        }
        self.views.append(view)
        return view

    def answer(self, asked: Asked) -> Answer:
        """An XRPC method, a DID document or a picture."""
        if asked.path == DID:
            service = {"id": "#atproto_pds", "type": "AtprotoPersonalDataServer", "serviceEndpoint": self.url}
            return Answer({"id": DID, "service": [service]})
        if asked.path.startswith("img/"):
            return self._bytes(self.cdn, asked.path.rpartition("/")[2].removesuffix("@jpeg"))
        found = self.methods.get(asked.path.removeprefix("xrpc/"))
        return found(asked) if found else Answer({"error": "MethodNotImplemented"}, 501)

    def author_feed(self, asked: Asked) -> Answer:
        """An account's posts."""
        if self.closed:
            return refusal("AccountTakedown")
        return self._listed("feed", asked, lambda view: {"post": view})

    def search_posts(self, asked: Asked) -> Answer:
        """Search results, for those who signed in."""
        if self.valid_answers is not None:
            self.valid_answers -= 1
            if self.valid_answers < 0:
                return refusal("ExpiredToken")
        if asked.headers.get("authorization") != f"Bearer token-{self.tokens}":
            return Answer({"error": "AuthMissing"}, 401)
        return self._listed("posts", asked, lambda view: view)

    def get_posts(self, asked: Asked) -> Answer:
        """Single posts; what is gone is left out."""
        return Answer({"posts": [view for view in self.views if view["uri"] == asked.query["uris"]]})

    def create_session(self, asked: Asked) -> Answer:
        """Sign in."""
        if (
            asked.json != {"identifier": "watch.example.org", "password": PASSWORD}
            or self.valid_answers == -1
        ):
            return Answer({"error": "AuthenticationRequired"}, 401)
        self.tokens += 1
        return Answer({"did": "did:plc:watch", "accessJwt": f"token-{self.tokens}", "refreshJwt": "r"})

    def resolve_handle(self, asked: Asked) -> Answer:
        """A handle's DID."""
        return (
            Answer({"did": DID}) if asked.query["handle"] == "ward.example.org" else refusal("HandleNotFound")
        )

    def get_record(self, asked: Asked) -> Answer:
        """A record on its author's server."""
        uri = f"at://{asked.query['repo']}/{asked.query['collection']}/{asked.query['rkey']}"
        found = [view for view in self.views if view["uri"] == uri]
        return Answer({"uri": uri, "value": found[0]["record"]}) if found else refusal("RecordNotFound")

    def get_blob(self, asked: Asked) -> Answer:
        """A blob on its author's server."""
        return self._bytes(self.blobs, asked.query["cid"])

    def query_labels(self, asked: Asked) -> Answer:
        """Moderation labels."""
        uri = asked.query["uriPatterns"]
        return Answer({"labels": [label for label in self.labels if label["uri"] == uri]})

    def create_report(self, asked: Asked) -> Answer:
        """A report."""
        self.reports.append((asked.headers["atproto-proxy"], asked.json))
        return Answer({"id": len(self.reports), "reasonType": asked.json["reasonType"]})

    def _listed(self, name: str, asked: Asked, shape: Any) -> Answer:
        if name == self.lost:
            return Answer({"cursor": None})
        newest_first = self.views[::-1]
        start = int(asked.query.get("cursor", "0"))
        limit = min(int(asked.query["limit"]), self.page_limit)
        # A real cursor is a moment, not a place: it counts from the oldest, so that new posts shift nothing.
        begin = len(newest_first) - start if start else 0
        part = newest_first[begin : begin + limit]
        rest = len(newest_first) - begin - len(part)
        reset = str(int(datetime.now(UTC).timestamp()) + 300)
        headers = {"ratelimit-remaining": "2999", "ratelimit-reset": reset}
        return Answer(
            {name: [shape(v) for v in part]} | ({"cursor": str(rest)} if rest else {}), 200, headers
        )

    def _bytes(self, held: dict[str, bytes], cid: str) -> Answer:
        if cid in held:
            return Answer(held[cid])
        refused = {"error": "InvalidRequest", "message": "Blob not found"}
        return Answer(refused, 400 if held is self.blobs else 404)


def refusal(name: str) -> Answer:
    """An XRPC error."""
    return Answer({"error": name, "message": name}, 400)


class JetstreamServer:
    """A Jetstream that keeps its events, and tells an identity event to whoever connects."""

    def __init__(self, version: int = 2) -> None:
        from websockets.sync.server import serve

        self.version = version
        self.events: list[dict[str, Any]] = []
        self.floor = 0
        self.refusal: tuple[int, dict[str, str]] | None = None
        self.lost: str | None = None
        self.listeners: list[queue.Queue[dict[str, Any] | None]] = []
        self.dictionary: zstandard.ZstdCompressionDict | None = None
        self.asked: list[dict[str, list[str]]] = []
        self._seq = 100
        subprotocols = ["xrpc.v1.json"] if version == 2 else None
        self._server = serve(
            self._handle,
            "127.0.0.1",
            0,
            process_request=self._process,
            subprotocols=subprotocols,  # type: ignore[arg-type]
        )
        self.place = f"127.0.0.1:{self._server.socket.getsockname()[1]}"
        self._thread = Thread(target=self._server.serve_forever, daemon=True)
        self._thread.start()

    def commit(self, operation: str, rkey: str, value: dict[str, Any] | None = None) -> dict[str, Any]:
        """A change of a post record."""
        change: dict[str, Any] = {"rev": f"r{len(self.events)}", "operation": operation,
                                  "collection": "app.bsky.feed.post", "rkey": rkey}  # fmt: skip
        return self.add("commit", change | ({"record": value, "cid": "bafy"} if value is not None else {}))

    def add(self, kind: str, content: dict[str, Any]) -> dict[str, Any]:
        """An event, kept and told."""
        event = self._event(kind, content)
        self.events.append(event)
        for listener in self.listeners:
            listener.put(event)
        return event

    def stop(self) -> None:
        """Hang up on everybody."""
        for listener in self.listeners:
            listener.put(None)
        self._server.shutdown()
        self._thread.join()

    def _event(self, kind: str, content: dict[str, Any]) -> dict[str, Any]:
        self._seq += 1
        moment = EPOCH + timedelta(seconds=self._seq)
        if self.version == 1:
            return {"did": DID, "time_us": int(moment.timestamp() * 1e6), "kind": kind, kind: content}
        inner = content if kind == "commit" else {kind: content}
        written = moment.isoformat().replace("+00:00", ".000000Z")
        payload = {"$type": f"network.bsky.jetstream.subscribeEvents#{kind}", "seq": self._seq, "did": DID,
                   "time": written, "witnessedAt": written} | inner  # fmt: skip
        return {"$type": "message", "payload": payload}

    def _process(self, connection: Any, request: Any) -> Any:
        if self.refusal:
            status, headers = self.refusal
            answer = connection.respond(HTTPStatus(status), "refused")
            for name, value in headers.items():
                answer.headers[name] = value
            return answer
        if request.path.endswith("getZstdDictionary"):
            assert self.dictionary is not None
            answer = connection.respond(HTTPStatus.OK, "")
            answer.body = self.dictionary.as_bytes()
            del answer.headers["Content-Length"]
            answer.headers["Content-Length"] = str(len(answer.body))
            return answer
        cursor = int(parse_qs(urlsplit(request.path).query).get("cursor", ["0"])[0])
        if self.version == 2 and 0 < cursor < self.floor:
            return connection.respond(HTTPStatus.BAD_REQUEST, json.dumps({"error": "CursorTooOld"}))
        return None

    def _handle(self, connection: Any) -> None:
        query = parse_qs(urlsplit(connection.request.path).query)
        self.asked.append(query)
        events: queue.Queue[dict[str, Any] | None] = queue.Queue()
        if "cursor" in query:
            for event in self._replay(int(query["cursor"][0])):
                events.put(event)
        self.listeners.append(events)
        events.put(self._event("identity", {"did": DID}))
        while (event := events.get()) is not None:
            try:
                connection.send(self._frame(event, "zstdDictionary" in query))
            except Exception:  # noqa: BLE001  the other side hung up
                break

    def _replay(self, cursor: int) -> list[dict[str, Any]]:
        if self.version == 1:
            return [event for event in self.events if event["time_us"] >= cursor]
        if cursor >= 10**15:
            moment = datetime.fromtimestamp(cursor / 1e6, tz=UTC).isoformat()
            kept = [e for e in self.events if e["payload"]["seq"] >= self.floor]
            info = {"$type": "network.bsky.jetstream.subscribeEvents#info", "name": "OutdatedCursor"}
            late = {"$type": "message", "payload": info}
            found = [event for event in kept if event["payload"]["time"] >= moment]
            return ([late] if self.floor else []) + found
        return [event for event in self.events if event["payload"]["seq"] >= cursor]

    def _frame(self, event: dict[str, Any], compressed: bool) -> str | bytes:
        if self.lost and "payload" in event:
            event = event | {"payload": {k: v for k, v in event["payload"].items() if k != self.lost}}
        text = json.dumps(event)
        if compressed:
            return zstandard.ZstdCompressor(dict_data=self.dictionary).compress(text.encode())
        return text


class ListedPlatform(KeyedPlatform[BlueskyServer], PagedPlatform[BlueskyServer]):
    """Bluesky, of which an account and a search are read."""

    @property
    def expected(self) -> set[str]:
        """At:// addresses, but of what was removed or malformed."""
        return {view["uri"] for view in self._server.views if "text" in view["record"]} | self._gone

    _gone: frozenset[str] = frozenset()

    def connect(self, *, good: bool = True, skew: timedelta = NO_SKEW) -> Connector:
        """A connector to the loopback servers."""
        credentials = {"identifier": "watch.example.org", "password": PASSWORD if good else "wrong"}
        settings = {"searches": ["discharge letter"], "first_run_posts": 500, **addresses(self._server)}
        return self.built("bluesky", settings, credentials, skew)

    def publish(self, count: int) -> None:
        """Posts with a picture."""
        for _ in range(count):
            self._server.post(UNICODE, b"picture")

    def publish_malformed(self) -> str:
        """A post without its text."""
        del self._server.post("broken")["record"]["text"]
        return "text"

    def limit(self, seconds: int) -> None:
        """As the AT Protocol's servers say it: a moment in the ratelimit headers."""
        reset = str(int(datetime.now(UTC).timestamp()) + seconds)
        headers = {"ratelimit-remaining": "0", "ratelimit-reset": reset}
        self._server.standing = Answer({"error": "RateLimitExceeded"}, 429, headers)

    def drift(self) -> str:
        """An answer without its posts."""
        self._server.lost = "posts"
        return "posts"

    def close_by_policy(self) -> None:
        """The AppView refuses the search to us."""
        self._server.standing = Answer(b"<html>", 403)

    def remove(self) -> str:
        """A deleted post is in no view and no repository."""
        uri = str(self._server.views.pop()["uri"])
        self._gone |= {uri}
        return uri

    def overflow(self) -> None:
        """The search forgets what is older."""
        del self._server.views[:]
        self.publish(1100)


def addresses(server: BlueskyServer) -> dict[str, str]:
    """Settings that lead every request to the loopback server."""
    names = ("appview_url", "service_url", "labeler_url", "plc_url", "cdn_url")
    return dict.fromkeys(names, server.url)


class NetworkPlatform:
    """The network, heard through a Jetstream of version 2."""

    needs_credentials = False

    def __init__(self, server: BlueskyServer, jetstream: JetstreamServer) -> None:
        self._server = server
        self._jetstream = jetstream
        self._expected: set[str] = set()
        self._stopped = False

    @property
    def expected(self) -> set[str]:
        """At:// addresses."""
        return self._expected

    def connect(self, *, good: bool = True, skew: timedelta = NO_SKEW) -> Connector:
        """A connector to the loopback servers."""
        settings = {"network": "images", "jetstream_url": f"ws://{self._jetstream.place}",
                    "first_run_seconds": 86_400, **addresses(self._server)}  # fmt: skip
        context = context_for(self._server.place, self._jetstream.place, skew=skew)
        return build("bluesky", settings, None, context)

    def publish(self, count: int) -> None:
        """Posts with a picture, and as many without."""
        for _ in range(count):
            view = self._server.post(UNICODE, b"picture")
            rkey = view["uri"].rpartition("/")[2]
            self._jetstream.commit("create", rkey, view["record"])
            self._jetstream.commit("create", f"other{rkey}", record("no picture"))
            self._expected.add(view["uri"])

    def publish_malformed(self) -> str:
        """A post with a picture and without its text."""
        broken = record("broken", b"picture")
        del broken["text"]
        self._jetstream.commit("create", "malformed", broken)
        return "text"

    def limit(self, seconds: int) -> None:
        """A refusal before the stream begins."""
        self._jetstream.refusal = (429, {"Retry-After": str(seconds)})

    def drift(self) -> str:
        """Events without a sequence number."""
        self._jetstream.lost = "seq"
        return "seq"

    def edit(self) -> str:
        """An update of the record."""
        view = self._server.views[-1]
        self._jetstream.commit("update", view["uri"].rpartition("/")[2], record("edited", b"picture"))
        return str(view["uri"])

    def remove(self) -> str:
        """A deletion is an event."""
        uri = str(self._server.views.pop()["uri"])
        self._jetstream.commit("delete", uri.rpartition("/")[2])
        return uri

    def overflow(self) -> None:
        """The instance keeps only its newest events."""
        self.publish(40)
        self._jetstream.floor = self._jetstream.events[-10]["payload"]["seq"]

    def close_by_policy(self) -> None:
        """The instance refuses us."""
        self._jetstream.refusal = (403, {})

    def vanish(self) -> None:
        """Nobody listens any more."""
        self._server.vanish()
        self.stop()

    def stop(self) -> None:
        """Stop the Jetstream, once."""
        if not self._stopped:
            self._stopped = True
            self._jetstream.stop()


@contextmanager
def bluesky_network_platform(scratch: Path) -> Iterator[Platform]:
    """A loopback network."""
    with running(BlueskyServer()) as server:
        platform = NetworkPlatform(server, JetstreamServer())
        try:
            yield platform
        finally:
            platform.stop()
