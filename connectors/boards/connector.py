"""The imageboard connector: the threads that changed, read whole and compared with what was there before.

1. a board's list of threads, asked for by whether it changed, tells which changed since they were read
2. a changed thread gives its new posts, and which posts or files with pictures are gone from it
3. a thread that is no longer listed was pruned or archived: that is no removal, and it is forgotten

The checkpoint holds for each live thread its last change, the highest number given, and the posts with files;
for each board what its list came with, once every thread that it told of was read.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import httpx

from connectors.availability import GONE, PRESENT, UNKNOWN, attachment_probes, looked
from connectors.base import (
    Batch,
    Checkpoint,
    ConnectorError,
    Deletion,
    PayloadChanged,
    Post,
    PostRef,
    Probe,
    Rejected,
    SourceCheck,
    SourceClosed,
)
from connectors.boards.config import BoardsConfig, Places
from connectors.boards.parse import PLATFORM, Listed, has_file, parse_post, parse_threads, post_id
from connectors.boards.state import BoardState, Thread
from connectors.http import status_error
from connectors.kind import ConnectorContext, ConnectorKind
from connectors.listing import BATCH_SIZE, changed, sorted_out
from connectors.pages import NOT_MODIFIED, Validators
from connectors.payload import Json
from connectors.traffic import Rate
from connectors.trust import require_trusted

_PLACE = re.compile(r"/([^/]+)/(?:thread|res)/(\d+)(?:\.html)?#p?(\d+)$")


class BoardsConnector:
    """Reads boards of one site. Implements Connector, ChecksAvailability and ResolvesPermalink."""

    platform = PLATFORM

    def __init__(self, config: BoardsConfig, context: ConnectorContext) -> None:
        self._config = config
        self._context = context
        self._places = Places.of(config)
        self._api = context.client(self._places.api)

    def fetch(self, checkpoint: Checkpoint | None) -> Iterator[Batch]:
        """Yield the new posts of changed threads. A board closed to us does not stop the others."""
        state = BoardState(checkpoint, self._config.boards)
        closed: list[str] = []
        for board in self._config.boards:
            try:
                yield from self._board(board, state)
            except SourceClosed as error:
                closed.append(f"/{board}/: {error}")
        if closed:
            raise SourceClosed(" ".join(closed))

    def check(self) -> SourceCheck:
        """Ask each board for its list of threads."""
        for board in self._config.boards:
            try:
                parse_threads(self._get(self._places.threads(board)))
            except ConnectorError as error:
                return SourceCheck(False, f"/{board}/: {error}")
        return SourceCheck(True, f"{len(self._config.boards)} board(s) answer.")

    def close(self) -> None:
        """Release connections."""
        self._api.close()

    def resolve_permalink(self, url: str) -> str | None:
        """The id of the post at an address of this site; of its thread's first post without a number."""
        found = _PLACE.search(url) or _PLACE.search(f"{url.partition('#')[0]}#{_last_number(url)}")
        if not url.startswith(self._places.pages + "/") or found is None:
            return None
        return post_id(self._places, found[1], int(found[3]))

    def check_availability(self, post: PostRef) -> tuple[Probe, ...]:
        """The post in its thread, and its files. A thread that is gone was pruned, which proves nothing."""
        fetcher = self._context.fetcher()
        return (looked("thread", lambda: self._thread_probe(post)), *attachment_probes(fetcher, post))

    def _thread_probe(self, post: PostRef) -> Probe:
        found = _PLACE.search(post.url)
        if found is None:
            return Probe("thread", UNKNOWN, "Its address names no thread.")
        thread = self._thread(found[1], int(found[2]))
        if thread is None:
            return Probe("thread", UNKNOWN, "Its thread was pruned, which is no removal.")
        there = next((each for each in thread if each["no"].integer() == int(found[3])), None)
        if there is None:
            return Probe("thread", GONE, "Its thread is there, without it.")
        if there.get("filedeleted").value:
            return Probe("thread", GONE, "Its file was deleted, its words are there.")
        return Probe("thread", PRESENT, "It stands in its thread.")

    def _board(self, board: str, state: BoardState) -> Iterator[Batch]:
        path = self._places.threads(board)
        answer = self._asked(path, state.validators(board))
        if answer.status_code == NOT_MODIFIED:
            return
        listed = parse_threads(self._read(path, answer))
        gap = state.gap(board, listed)
        state.keep_only(board, {thread.number for thread in listed})
        due = [thread for thread in listed if state.thread(board, thread.number).modified < thread.modified]
        for thread in due[: self._config.threads_per_run]:
            for batch in self._changed_thread(board, thread, state):
                yield Batch(batch.posts, batch.checkpoint, batch.rejected, gap, batch.deletions)
                gap = None
        told = Validators.told(answer.headers)
        if len(due) <= self._config.threads_per_run and state.note_list(board, told):
            yield Batch((), state.checkpoint(), gap=gap)

    def _changed_thread(self, board: str, listed: Listed, state: BoardState) -> Iterator[Batch]:
        posts = self._thread(board, listed.number)
        if posts is None:
            return
        known = state.thread(board, listed.number)
        fresh = [post for post in posts if post["no"].integer() > known.highest]
        gone = self._gone(board, posts, known)
        *parts, last = [fresh[at : at + BATCH_SIZE] for at in range(0, max(1, len(fresh)), BATCH_SIZE)]
        for part in parts:
            state.note(board, listed.number, part)
            yield self._batch(board, posts[0], part, state)
        state.note(board, listed.number, last)
        state.finish(board, listed, {post["no"].integer() for post in posts if has_file(post)})
        batch = self._batch(board, posts[0], last, state)
        yield Batch(batch.posts, batch.checkpoint, batch.rejected, deletions=gone)

    def _gone(self, board: str, posts: list[Json], known: Thread) -> tuple[Deletion, ...]:
        """What had a file and is gone, or has none any more."""
        by_number = {post["no"].integer(): post for post in posts}
        reasons = {
            number: "its file was deleted" if number in by_number else "removed from its thread"
            for number in known.files
            if number not in by_number or not has_file(by_number[number])
        }
        return tuple(
            Deletion(post_id(self._places, board, number), reason) for number, reason in reasons.items()
        )

    def _batch(self, board: str, first: Json, posts: list[Json], state: BoardState) -> Batch:
        found, rejected = sorted_out(self._parsed(board, first, post) for post in posts)
        return Batch(found, state.checkpoint(), rejected)

    def _parsed(self, board: str, first: Json, post: Json) -> Post | Rejected:
        try:
            return parse_post(post, first, board, self._places, self._config.skip_md5)
        except PayloadChanged as error:
            return changed("The board", post_id(self._places, board, post["no"].integer()), error)

    def _thread(self, board: str, number: int) -> list[Json] | None:
        """The posts of a thread, or None for one that is pruned."""
        try:
            answer = self._get(self._places.thread(board, number))
        except SourceClosed as error:
            if error.status == 404:
                return None
            raise
        posts = list(answer["posts"].items())
        return sorted(posts, key=lambda post: post["no"].integer()) or None

    def _get(self, path: str) -> Json:
        return self._read(path, self._asked(path))

    def _asked(self, path: str, validators: Validators | None = None) -> httpx.Response:
        """A successful answer, or that nothing changed."""
        self._context.sleep(self._config.pause_seconds)
        answer = self._api.ask(path, headers=(validators or Validators()).headers())
        if not answer.is_success and answer.status_code != NOT_MODIFIED:
            raise status_error(self._places.api, answer.status_code, answer.headers)
        return answer

    def _read(self, path: str, answer: httpx.Response) -> Json:
        return Json(self._api.parsed(answer), path.rpartition("/")[2].removesuffix(".json"))


def _last_number(url: str) -> str:
    return url.partition("#")[0].rstrip("/").rpartition("/")[2].removesuffix(".html")


def _build(config: BoardsConfig, credentials: None, context: ConnectorContext) -> BoardsConnector:
    places: dict[str, Any] = {"site": config.site, "api_url": config.api_url}
    for name, url in places.items():
        if url is not None:
            require_trusted(name, url, context)
    return BoardsConnector(config, context)


KIND = ConnectorKind(
    name=PLATFORM,
    summary="Reads the threads of imageboards: 4chan, and boards that run vichan.",
    config=BoardsConfig,
    credentials=None,
    build=_build,
    requests=lambda config: len(config.boards),
    rate=Rate(1, 1),
)
