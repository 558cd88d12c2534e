"""What was seen of each live thread: the checkpoint of a source of boards."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from itertools import accumulate, pairwise
from typing import Any

from connectors.base import Checkpoint
from connectors.boards.parse import Listed
from connectors.known import foreign_checkpoint
from connectors.pages import Validators
from connectors.payload import Json


@dataclass(frozen=True, slots=True)
class Thread:
    """A thread as it was when it was read."""

    modified: int = 0
    highest: int = 0
    files: tuple[int, ...] = ()
    """Numbers of the posts that had a file, ascending."""


class BoardState:
    """The checkpoint while a run moves it on. Numbers are kept as differences, which are short."""

    def __init__(self, checkpoint: Checkpoint | None, boards: Sequence[str]) -> None:
        try:
            stored = dict(checkpoint["boards"]) if checkpoint is not None else {}
            self._boards = {
                board: {int(number): _thread(entry) for number, entry in dict(stored[board]).items()}
                for board in boards
                if board in stored
            }
            asked = dict(checkpoint.get("lists", {})) if checkpoint is not None else {}
            self._lists = {board: Validators.stored(asked[board]) for board in boards if board in asked}
        except (AttributeError, KeyError, TypeError, ValueError) as error:
            raise foreign_checkpoint("boards") from error

    def thread(self, board: str, number: int) -> Thread:
        """A thread as it was; an empty one for one that was never read."""
        return self._boards.get(board, {}).get(number, Thread())

    def validators(self, board: str) -> Validators:
        """What to ask for the board's list with: what came with the list that was last read to its end."""
        return self._lists.get(board, Validators())

    def note_list(self, board: str, validators: Validators) -> bool:
        """Every thread that a list told of was read; whether the next run asks with anything new."""
        changed = validators != self.validators(board)
        self._lists[board] = validators
        return changed

    def gap(self, board: str, listed: Sequence[Listed]) -> str | None:
        """Why posts may have been missed: every thread that was known is gone."""
        known = self._boards.get(board, {})
        if known and listed and not known.keys() & {thread.number for thread in listed}:
            return f"/{board}/: every thread seen last is gone; posts in them may have been missed."
        return None

    def keep_only(self, board: str, numbers: set[int]) -> None:
        """Forget threads that are no longer listed."""
        known = self._boards.get(board, {})
        self._boards[board] = {number: known[number] for number in known if number in numbers}

    def note(self, board: str, number: int, posts: Iterable[Json]) -> None:
        """Note posts as given."""
        known = self.thread(board, number)
        highest = max((post["no"].integer() for post in posts), default=0)
        self._boards.setdefault(board, {})[number] = replace(known, highest=max(known.highest, highest))

    def finish(self, board: str, listed: Listed, files: set[int]) -> None:
        """A thread was told whole."""
        known = self.thread(board, listed.number)
        self._boards[board][listed.number] = Thread(listed.modified, known.highest, tuple(sorted(files)))

    def checkpoint(self) -> dict[str, Any]:
        """As JSON values."""
        return {
            "boards": {
                board: {str(number): _stored(thread) for number, thread in threads.items()}
                for board, threads in self._boards.items()
            },
            "lists": {board: told.stored_as() for board, told in self._lists.items()},
        }


def _stored(thread: Thread) -> list[Any]:
    steps = [after - before for before, after in pairwise((0, *thread.files))]
    return [thread.modified, thread.highest, steps]


def _thread(entry: Any) -> Thread:
    modified, highest, steps = entry
    return Thread(int(modified), int(highest), tuple(accumulate(map(int, steps))))
