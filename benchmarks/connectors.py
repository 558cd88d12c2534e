"""Speed of the connectors: `python -m benchmarks.connectors [parse] [network] [memory] [files]`.

parse     posts a second of processor time that each connector of listings makes of its platform's items
network   events a second of processor time that the Bluesky connector takes from a Jetstream and a firehose
          on loopback, beside the real network's rate
memory    the peak of a process over 100,000 and over 1,000,000 posts of one stream
files     500 files of 200 KB from a loopback server with the guarded fetcher, beside curl --parallel

Servers run in processes of their own. Items are those of the tests' loopback platforms.
"""

from __future__ import annotations

import multiprocessing
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from itertools import islice
from pathlib import Path
from typing import Any

from websockets.sync.server import serve
from websockets.typing import Subprotocol

from connectors.bluesky.config import BlueskyConfig
from connectors.bluesky.events import Event
from connectors.bluesky.firehose import LAST, SPAN
from connectors.bluesky.network import NetworkConnector
from connectors.kind import ConnectorContext
from connectors.listed import ListedConnector
from connectors.payload import Json
from connectors.registry import build
from connectors.streaming import Line
from tests.connectors.abilities import context_for
from tests.connectors.bluesky_server import DID, JetstreamServer, record
from tests.connectors.firehose_server import FirehoseServer
from tests.connectors.platforms import PLATFORMS

REAL_EVENTS, REAL_POSTS = 478, 57
"""A second, in the 150 frames of July 2026 that github.com/bluesky-social/jetstream keeps as test data:
152 events of which 18 change posts, within 0.318 seconds of its relay's clock."""
EVENTS = 50_000
FILES, FILE_BYTES, AT_ONCE = 500, 200_000, 16
DELAY_SECONDS = 0.02
"""What each answer of the file server waits, as a server far away does."""


def parse_rates() -> Iterator[tuple[str, float]]:
    """(connector, posts a second of processor time)."""
    for name in sorted(PLATFORMS):
        with tempfile.TemporaryDirectory() as scratch, PLATFORMS[name](Path(scratch)) as platform:
            platform.publish(30)
            connector = platform.connect()
            if isinstance(connector, ListedConnector) and name not in {"gists", "tiktok"}:
                yield name, _parse_rate(connector)
            connector.close()


def _parse_rate(connector: ListedConnector) -> float:
    (listing, *_) = connector._listings
    items = [entry.item for entry in connector.page(listing, None, 30).entries]
    return _rate(lambda: [connector.post(listing, item) for item in items], len(items))


def _rate(work: Callable[[], object], units: int, seconds: float = 1.0) -> float:
    began, rounds = time.process_time(), 0
    while time.process_time() - began < seconds:
        work()
        rounds += 1
    return rounds * units / (time.process_time() - began)


def _serve_frames(frames: list[Any], subprotocol: str | None, pipe: Any) -> None:
    """A WebSocket that sends all frames to whoever names a cursor, and the last one to others."""

    def handle(connection: Any) -> None:
        with suppress(Exception):
            for frame in frames if "cursor=" in connection.request.path else frames[-1:]:
                connection.send(frame)
            time.sleep(60)

    names = [Subprotocol(subprotocol)] if subprotocol else None
    with serve(handle, "127.0.0.1", 0, subprotocols=names, compression=None) as server:
        pipe.send(server.socket.getsockname()[1])
        server.serve_forever()


@contextmanager
def _process(target: Callable[..., None], *parts: Any) -> Iterator[int]:
    """The port of a server in a process of its own."""
    here, there = multiprocessing.Pipe()
    process = multiprocessing.get_context("spawn").Process(target=target, args=(*parts, there), daemon=True)
    process.start()
    try:
        yield here.recv()
    finally:
        process.terminate()
        process.join()


def _frames() -> tuple[list[str], list[bytes]]:
    """The same posts as a Jetstream of version 2 and as a firehose tell them; a third has pictures."""
    jetstream, firehose = JetstreamServer(), FirehoseServer()
    for number in range(EVENTS):
        value = record("Look at this letter " * 5, *([b"picture"] if number % 3 == 0 else []))
        for server in (jetstream, firehose):
            server.commit("create", f"3k{number:08d}", value)
    made = [str(jetstream._frame(event, False)) for event in jetstream.events]
    raw = [bytes(firehose._frame(event, False)) for event in firehose.events]  # type: ignore[arg-type]
    jetstream.stop()
    firehose.stop()
    return made, raw


def network_rates() -> Iterator[tuple[str, float]]:
    """(stream, events a second of this process's processor time), all posts wanted."""
    jetstream, firehose = _frames()
    for name, frames, protocol in (("jetstream", jetstream, "xrpc.v1.json"), ("firehose", firehose, None)):
        with _process(_serve_frames, frames, protocol) as port:
            urls = {"jetstream_url": None, f"{name}_url": f"ws://127.0.0.1:{port}"}
            settings = {"network": "all", "first_run_seconds": 86_400, **urls}
            connector = build("bluesky", settings, None, context_for(f"127.0.0.1:{port}"))
            began = time.process_time()
            given = sum(len(batch.posts) for batch in connector.fetch(None))
            spent = time.process_time() - began
            connector.close()
            if given != EVENTS:
                raise SystemExit(f"{name} gave {given} posts instead of {EVENTS}")
            yield name, EVENTS / spent


class Endless:
    """A stream of so many posts that needs no network and holds none of them."""

    name = label = "endless"
    is_exact = True

    def __init__(self, posts: int) -> None:
        self._posts = posts

    def open(self, cursor: int | None) -> Line[Event]:
        """All of them, or the last."""
        numbers = range(self._posts) if cursor is not None else range(self._posts - 1, self._posts)
        return Line(map(self._event, numbers), lambda: None)

    def after(self, position: int) -> int:
        """The number itself."""
        return position // SPAN

    def at(self, time_us: int, newest: Event | None) -> tuple[int, bool]:
        """From the first."""
        return 0, True

    def _event(self, number: int) -> Event:
        commit = {"operation": "create", "collection": "app.bsky.feed.post", "rkey": f"{number}", "rev": "r"}
        value = commit | {"record": record(f"Look at number {number} " * 5)}
        return Event(number * SPAN + LAST, 10**15 + number, DID, Json(value))


def _peak(posts: int, pipe: Any) -> None:
    """Read so many posts, and tell the peak of this process in MiB."""
    context = ConnectorContext("leakwatch/0", lambda: datetime.now(UTC))
    connector = build("bluesky", {"network": "all", "first_run_seconds": 0}, None, context)
    assert isinstance(connector, NetworkConnector)
    connector._config = BlueskyConfig(network="all")
    connector._streams = [Endless(posts)]
    read = sum(len(batch.posts) for batch in connector.fetch(None))
    if read != posts:
        raise SystemExit(f"{read} posts were read instead of {posts}")
    pipe.send(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024)


def peaks() -> Iterator[tuple[int, int]]:
    """(posts, peak in MiB)."""
    for posts in (100_000, 1_000_000):
        with _process(_peak, posts) as mebibytes:
            yield posts, mebibytes


def _serve_files(pipe: Any) -> None:
    body = bytes(FILE_BYTES)

    class Handler(BaseHTTPRequestHandler):
        def log_message(self, format: str, *args: object) -> None:  # noqa: A002
            """Quiet."""

        def do_GET(self) -> None:
            time.sleep(DELAY_SECONDS)
            head = f"HTTP/1.1 200 OK\r\nContent-Length: {FILE_BYTES}\r\nConnection: close\r\n\r\n"
            self.wfile.write(head.encode() + body)

    class Server(ThreadingHTTPServer):
        daemon_threads = True
        request_queue_size = 128

    server = Server(("127.0.0.1", 0), Handler)
    pipe.send(server.server_address[1])
    server.serve_forever()


def file_seconds() -> tuple[float, float]:
    """Seconds by the clock for all files: (the guarded fetcher, curl), as many at once; the best of 3."""
    with _process(_serve_files) as port:
        urls = [f"http://127.0.0.1:{port}/{number}" for number in range(FILES)]
        fetcher = context_for(f"127.0.0.1:{port}").fetcher()
        ours = min(_timed(lambda: _fetch_all(fetcher.fetch, urls)) for _ in range(3))
        with tempfile.TemporaryDirectory() as folder:
            lines = [f'url = "{url}"\noutput = "{folder}/{place}"' for place, url in enumerate(urls)]
            config = Path(folder) / "config"
            config.write_text("\n".join(lines), encoding="utf-8")
            options = ["--no-progress-meter", "--parallel", "--parallel-immediate"]
            command = ["curl", *options, "--parallel-max", str(AT_ONCE), "-K", str(config)]
            theirs = min(_timed(lambda: subprocess.run(command, check=True)) for _ in range(3))  # noqa: S603
    return ours, theirs


def _fetch_all(fetch: Callable[[str], Any], urls: list[str]) -> None:
    with ThreadPoolExecutor(AT_ONCE) as pool:
        sizes = {len(fetched.data) for fetched in pool.map(fetch, urls)}
    if sizes != {FILE_BYTES}:
        raise SystemExit("a file came short")


def _timed(work: Callable[[], object]) -> float:
    began = time.perf_counter()
    work()
    return time.perf_counter() - began


def main(parts: list[str]) -> None:
    """Measure the parts named, or all."""
    wanted = set(parts or ["parse", "network", "memory", "files"])
    if "parse" in wanted:
        for name, rate in parse_rates():
            print(f"parse {name}: {rate:,.0f} posts/s")
    if "network" in wanted:
        for name, rate in network_rates():
            print(f"{name}: {rate:,.0f} events/s, {rate / REAL_EVENTS:.0f} times all, "
                  f"{rate / REAL_POSTS:.0f} times the posts of the real network")  # fmt: skip
    if "memory" in wanted:
        for posts, peak in peaks():
            print(f"memory: {posts:,} posts, peak {peak} MiB")
    if "files" in wanted:
        ours, theirs = file_seconds()
        print(f"files: {ours:.2f} s, curl {theirs:.2f} s, {ours / theirs:.2f} times")


if __name__ == "__main__":
    main(list(islice(sys.argv, 1, None)))
