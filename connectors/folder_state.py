"""Where a folder source stands: its checkpoint while a run moves it on, and the batch being filled."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import BinaryIO

from connectors.base import Batch, Checkpoint, ConfigurationInvalid, Post, Rejected
from connectors.files import FoundFile

BATCH_SIZE = 50
_MARK_SPAN = 1024


@dataclass
class Progress:
    """The checkpoint while a run moves it on."""

    feeds: dict[str, tuple[int, int, str]] = field(default_factory=dict)
    """Identity -> (offset, lines before it, mark of what stands before it)."""
    done: dict[str, None] = field(default_factory=dict)
    """Keys of files that are done with, oldest first."""

    @classmethod
    def load(cls, checkpoint: Checkpoint | None, files: Iterable[FoundFile]) -> Progress:
        """What the checkpoint says of files that are still there. Raises ConfigurationInvalid."""
        if checkpoint is None:
            return cls()
        files = list(files)
        try:
            feeds = {
                str(key): (int(o), int(n), str(mark)) for key, (o, n, mark) in checkpoint["feeds"].items()
            }
            done = dict.fromkeys(str(key) for key in checkpoint["done"])
        except (KeyError, TypeError, ValueError, AttributeError) as error:
            raise ConfigurationInvalid(
                "The checkpoint is not one of a folder source; reset the source to read the folder afresh."
            ) from error
        present = {file.key for file in files}
        identities = {file.identity for file in files}
        return cls(
            {key: entry for key, entry in feeds.items() if key in identities},
            {key: None for key in done if key in present},
        )

    def checkpoint(self) -> Checkpoint:
        """As JSON values."""
        return {"feeds": {key: list(entry) for key, entry in self.feeds.items()}, "done": list(self.done)}


class Pending:
    """What the next batch will hold; a later post with the same id takes the place of an earlier one."""

    def __init__(self) -> None:
        self.posts: dict[str, Post] = {}
        self.rejected: dict[str, Rejected] = {}

    @property
    def full(self) -> bool:
        return len(self.posts) + len(self.rejected) >= BATCH_SIZE

    def add(self, item: Post | Rejected) -> None:
        if isinstance(item, Post):
            self.posts.pop(item.external_id, None)
            self.posts[item.external_id] = item
        else:
            self.rejected[item.external_id] = item

    def take(self, progress: Progress) -> Batch:
        batch = Batch(tuple(self.posts.values()), progress.checkpoint(), tuple(self.rejected.values()))
        self.posts, self.rejected = {}, {}
        return batch


def position(stream: BinaryIO, entry: tuple[int, int, str] | None) -> tuple[int, int]:
    """Where to read on: (offset, lines before it); the start when the feed was cut, rewritten or is new."""
    if entry is None:
        return 0, 0
    offset, line, mark = entry
    size = os.fstat(stream.fileno()).st_size
    return (offset, line) if 0 <= offset <= size and mark_of(stream, offset) == mark else (0, 0)


def mark_of(stream: BinaryIO, offset: int) -> str:
    """A digest of the first and last kilobyte before `offset`: another file in its place differs there."""
    span = min(_MARK_SPAN, offset)
    head = os.pread(stream.fileno(), span, 0)
    tail = os.pread(stream.fileno(), span, offset - span)
    return hashlib.sha256(head + tail).hexdigest()[:24]
