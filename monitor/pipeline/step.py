"""What the four stages have in common."""

from __future__ import annotations

from abc import ABC, abstractmethod
from datetime import datetime, timedelta

from monitor.core import Core
from monitor.storage import work
from monitor.storage.post import Stage

MAX_WAIT = timedelta(hours=1)


class Step(ABC):
    """One stage of the pipeline: takes a claimed revision and finishes it in its own transactions."""

    stage: Stage

    @abstractmethod
    def run(self, claim: work.Claim) -> None:
        """Do the stage's work for one revision. Raises when the attempt failed as a whole."""

    @staticmethod
    def next_try(core: Core, claim: work.Claim) -> datetime:
        """When to try again: the wait doubles with each attempt."""
        seconds: float = core.settings.retry_seconds * 2 ** (claim.attempt - 1)
        return core.now() + min(timedelta(seconds=seconds), MAX_WAIT)


def deadline(core: Core) -> datetime:
    """When a lease taken or renewed now expires."""
    return core.now() + timedelta(seconds=core.settings.lease_seconds)
