"""What a Reddit source has seen: its checkpoint, and the unknown part of a page."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import islice

from connectors.base import Checkpoint, ConfigurationInvalid
from connectors.reddit.images import Fields
from connectors.reddit.parse import fullname

KNOWN_KEPT = 500


class Known:
    """The checkpoint while a run moves it on: the newest fullnames of each listing, oldest first."""

    def __init__(self, checkpoint: Checkpoint | None, keys: Sequence[str]) -> None:
        try:
            stored = dict(checkpoint["listings"]) if checkpoint is not None else {}
            self._names = {key: dict.fromkeys(map(str, stored[key])) for key in keys if key in stored}
        except (KeyError, TypeError, ValueError) as error:
            raise ConfigurationInvalid(
                "The checkpoint is not one of a Reddit source; reset the source to start afresh."
            ) from error

    def of(self, key: str) -> Mapping[str, None] | None:
        """The fullnames known of a listing; None when it was never read."""
        return self._names.get(key)

    def anywhere(self, name: str) -> bool:
        """Whether any listing has given this post."""
        return any(name in names for names in self._names.values())

    def add(self, key: str, names: Sequence[str]) -> None:
        """Note posts as given, oldest first, and let the oldest beyond the limit go."""
        merged = {**self._names.get(key, {}), **dict.fromkeys(names)}
        self._names[key] = dict.fromkeys(islice(merged, max(0, len(merged) - KNOWN_KEPT), None))

    def checkpoint(self) -> Checkpoint:
        """As JSON values."""
        return {"listings": {key: list(names) for key, names in self._names.items()}}


def unknown_part(items: Sequence[Fields], known: Mapping[str, None]) -> tuple[list[Fields], bool]:
    """The unknown posts of a page above its lowest known one, and whether it holds a known one at all.

    Between known posts may stand one that moderators approved late; below them is only what is older than
    the source.
    """
    places = [place for place, item in enumerate(items) if fullname(item) in known]
    reach = items[: places[-1]] if places else items
    return [item for item in reach if fullname(item) not in known], bool(places)
