"""Where a source of Discord's channels is: its checkpoint, and which messages it will look for again."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from connectors.base import Checkpoint
from connectors.known import foreign_checkpoint

KEPT = 25
"""Messages of a channel that are looked for again: half a page, so that they cost no page of their own."""


class Places:
    """The checkpoint while a run moves it on. Ids are numbers here."""

    def __init__(self, checkpoint: Checkpoint | None, channels: Sequence[str]) -> None:
        try:
            stored = dict(checkpoint["channels"]) if checkpoint is not None else {}
            recent = dict(checkpoint.get("recent", {})) if checkpoint is not None else {}
            self._newest = {channel: int(stored[channel]) for channel in channels if channel in stored}
            self._recent = {name: tuple(map(int, recent.get(name, ()))) for name in self._newest}
        except (AttributeError, KeyError, TypeError, ValueError) as error:
            raise foreign_checkpoint("Discord") from error

    def newest(self, channel: str) -> int | None:
        """The newest message that was given; None for a channel that was never read."""
        return self._newest.get(channel)

    def recent(self, channel: str) -> tuple[int, ...]:
        """The newest messages that were given and are looked for again, ascending."""
        return self._recent.get(channel, ())

    def start(self, channel: str) -> int:
        """After which message to read: so that those that are looked for again would come first."""
        recent = self.recent(channel)
        return recent[0] - 1 if recent else self._newest.get(channel, 0)

    def move(self, channel: str, newest: int, given: Sequence[int], gone: Collection[int]) -> None:
        """Messages up to `newest` were told: some given, some found to be gone."""
        self._newest[channel] = max(newest, self._newest.get(channel, 0))
        kept = [each for each in self.recent(channel) if each not in gone]
        self._recent[channel] = (*kept, *given)[-KEPT:]

    def checkpoint(self) -> Checkpoint:
        """As JSON values; ids as text, as Discord writes them."""
        newest = {channel: str(each) for channel, each in self._newest.items()}
        return {
            "channels": newest,
            "recent": {channel: list(map(str, ids)) for channel, ids in self._recent.items()},
        }
