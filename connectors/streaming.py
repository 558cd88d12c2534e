"""Listening to several event streams at once, with silence made visible so that a caller can stop.

Each line is read in a thread of its own, because neither server-sent events nor TLS sockets can be waited
for with a time limit without breaking them.
"""

from __future__ import annotations

import queue
import socket
import threading
import time
from collections.abc import Callable, Generator, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

import httpx

from connectors.base import SourceUnavailable

TICK_SECONDS = 2.0
SHORTEST_LIFE = 5.0
"""A line that is hung up on sooner than after so many seconds is trouble, not an end."""
_WAITING = 1000

Event = TypeVar("Event")


@dataclass(frozen=True)
class Line(Generic[Event]):
    """One open connection: its events, and how to hang up from another thread."""

    events: Iterator[Event]
    hang_up: Callable[[], None]


def listen(lines: Sequence[Line[Event]], tick: float = TICK_SECONDS) -> Generator[Event | None, None, None]:
    """The events of all lines as they come, and None after each `tick` seconds of silence.

    Ends when a line ends, raises what a line raised, and hangs up on all of them in the end. Raises
    SourceUnavailable for a line that ended at once.
    """
    heard: queue.Queue[Any] = queue.Queue(_WAITING)
    stop, began = threading.Event(), time.monotonic()
    threads = [threading.Thread(target=_read, args=(line, heard, stop), daemon=True) for line in lines]
    for thread in threads:
        thread.start()
    try:
        yield from _told(heard, tick)
        if time.monotonic() - began < SHORTEST_LIFE:
            raise SourceUnavailable("The stream was hung up on at once; it may work later.")
    finally:
        stop.set()
        for line in lines:
            with suppress(Exception):
                line.hang_up()
        for thread in threads:
            thread.join(timeout=5.0)


class _Ended:
    """A line's last word: the error it ended with, if any."""

    def __init__(self, error: Exception | None) -> None:
        self.error = error


def _told(heard: queue.Queue[Any], tick: float) -> Iterator[Any]:
    while True:
        try:
            event = heard.get(timeout=tick)
        except queue.Empty:
            yield None
            continue
        if not isinstance(event, _Ended):
            yield event
        elif event.error is not None:
            raise event.error
        else:
            return


def _read(line: Line[Any], heard: queue.Queue[Any], stop: threading.Event) -> None:
    error: Exception | None = None
    try:
        for event in line.events:
            if not _put(heard, event, stop):
                return
    except Exception as caught:  # noqa: BLE001 - carried to the thread that listens, and raised there
        error = caught
    _put(heard, _Ended(error), stop)


def _put(heard: queue.Queue[Any], event: object, stop: threading.Event) -> bool:
    """Put into the queue unless told to stop; whether it was put."""
    while not stop.is_set():
        with suppress(queue.Full):
            heard.put(event, timeout=0.5)
            return True
    return False


def shut(response: httpx.Response) -> None:
    """End a streamed answer while another thread waits for its next bytes."""
    stream = response.extensions.get("network_stream")
    connection = stream.get_extra_info("socket") if stream is not None else None
    if connection is not None:
        socket.socket.shutdown(connection, socket.SHUT_RDWR)
