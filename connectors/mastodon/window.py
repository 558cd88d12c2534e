"""What a Mastodon source has seen: the newest statuses of each timeline, read again at every run.

A status that another server sent late gets an id by its own age, below ids that were seen before; and edits
change a status in place. So each run begins below the lowest status of the window, not above the highest.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from connectors.base import Checkpoint
from connectors.known import foreign_checkpoint
from connectors.mastodon.parse import id_order

WINDOW = 80


class Window:
    """The checkpoint while a run moves it on: by timeline, status id -> (version, uri)."""

    def __init__(self, checkpoint: Checkpoint | None, keys: Iterable[str]) -> None:
        try:
            stored = dict(checkpoint["timelines"]) if checkpoint is not None else {}
            self._seen = {
                key: {str(name): (str(v), str(uri)) for name, (v, uri) in dict(stored[key]).items()}
                for key in keys
                if key in stored
            }
        except (KeyError, TypeError, ValueError) as error:
            raise foreign_checkpoint("Mastodon") from error

    def of(self, key: str) -> Mapping[str, tuple[str, str]] | None:
        """What was seen of a timeline; None when it was never read."""
        return self._seen.get(key)

    def lowest(self, key: str) -> str | None:
        """The id to read on from, or None when nothing was ever seen there."""
        return min(self._seen.get(key, {}), key=id_order, default=None)

    def has(self, status_id: str, version: str) -> bool:
        """Whether any timeline has shown this version of the status."""
        return any(
            seen.get(status_id, ("", ""))[0] == version and status_id in seen for seen in self._seen.values()
        )

    def uri_of(self, status_id: str) -> str | None:
        """The uri of a status of the window."""
        return next((seen[status_id][1] for seen in self._seen.values() if status_id in seen), None)

    def add(self, key: str, statuses: Mapping[str, tuple[str, str]]) -> None:
        """Note statuses as given, and let the oldest go."""
        merged = {**self._seen.get(key, {}), **statuses}
        kept = sorted(merged, key=id_order)[-WINDOW:]
        self._seen[key] = {name: merged[name] for name in kept}

    def checkpoint(self) -> Checkpoint:
        """As JSON values."""
        return {
            "timelines": {
                key: {name: list(entry) for name, entry in seen.items()} for key, seen in self._seen.items()
            }
        }
