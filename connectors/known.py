"""What a source has seen of each of its listings: its checkpoint."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import islice

from connectors.base import Checkpoint, ConfigurationInvalid

KNOWN_KEPT = 500


class Known:
    """The checkpoint while a run moves it on: the newest keys of each listing, oldest first.

    One of them may be removed from the platform, many will not. `of` is the platform's name for people;
    `kept` is how many keys of a listing are remembered.
    """

    def __init__(
        self, checkpoint: Checkpoint | None, listings: Sequence[str], *, of: str, kept: int = KNOWN_KEPT
    ) -> None:
        self._kept = kept
        try:
            stored = dict(checkpoint["listings"]) if checkpoint is not None else {}
            self._keys = {name: dict.fromkeys(map(str, stored[name])) for name in listings if name in stored}
        except (KeyError, TypeError, ValueError) as error:
            raise foreign_checkpoint(of) from error

    def of(self, listing: str) -> Mapping[str, None] | None:
        """The keys known of a listing; None when it was never read."""
        return self._keys.get(listing)

    def anywhere(self, key: str) -> bool:
        """Whether any listing has given this post."""
        return any(key in keys for keys in self._keys.values())

    def add(self, listing: str, keys: Sequence[str]) -> None:
        """Note posts as given, oldest first, and let the oldest beyond the limit go."""
        merged = {**self._keys.get(listing, {}), **dict.fromkeys(keys)}
        self._keys[listing] = dict.fromkeys(islice(merged, max(0, len(merged) - self._kept), None))

    def checkpoint(self) -> Checkpoint:
        """As JSON values."""
        return {"listings": {listing: list(keys) for listing, keys in self._keys.items()}}


def foreign_checkpoint(platform: str) -> ConfigurationInvalid:
    """The error for a checkpoint that another kind of source wrote."""
    return ConfigurationInvalid(
        f"The checkpoint is not one of a {platform} source; reset the source to start afresh."
    )
