"""A connector that does what a test tells it to."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime

from connectors.base import Batch, Checkpoint, Deletion, Post, Rejected, SourceCheck
from connectors.kind import ConnectorContext, ConnectorKind, Settings

SEEN_AT = datetime(2026, 7, 1, 9, tzinfo=UTC)

Step = Batch | BaseException | Callable[[], None]


class ScriptedConfig(Settings):
    """Nothing needs to be said."""


class Scripted:
    """Yields batches, raises errors and calls functions in the order it was given them."""

    platform = "scripted"

    def __init__(self, *steps: Step) -> None:
        self.steps = steps
        self.closed = 0
        self.began_at: list[Checkpoint | None] = []

    def fetch(self, checkpoint: Checkpoint | None) -> Iterator[Batch]:
        """Play the steps."""
        self.began_at.append(checkpoint)
        for step in self.steps:
            if isinstance(step, BaseException):
                raise step
            if isinstance(step, Batch):
                yield step
            else:
                step()

    def check(self) -> SourceCheck:
        """Always well."""
        return SourceCheck(ok=True, message="It answers.")

    def close(self) -> None:
        """Count."""
        self.closed += 1

    def kind(self, name: str = "scripted") -> ConnectorKind:
        """The row of the table of connectors that builds this one."""

        def build(config: ScriptedConfig, credentials: None, context: ConnectorContext) -> Scripted:
            return self

        return ConnectorKind(name, "Does as it is told.", ScriptedConfig, None, build)


class Streaming(Scripted):
    """One that can stay: it streams what it would fetch."""

    def stream(self, checkpoint: Checkpoint | None) -> Iterator[Batch]:
        """Play the steps."""
        yield from self.fetch(checkpoint)


def batch(
    checkpoint: int,
    *texts: str,
    rejected: tuple[Rejected, ...] = (),
    gap: str | None = None,
    deletions: tuple[Deletion, ...] = (),
) -> Batch:
    """A batch of posts "1", "2", ... with these texts."""
    posts = [
        Post("scripted", str(number), f"https://example.org/{number}", text, posted_at=SEEN_AT)
        for number, text in enumerate(texts, 1)
    ]
    return Batch(tuple(posts), {"at": checkpoint}, rejected, gap, deletions)
