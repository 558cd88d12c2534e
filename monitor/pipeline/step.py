"""What the four stages have in common."""

from __future__ import annotations

from abc import ABC, abstractmethod
from datetime import datetime, timedelta

import structlog

from monitor.core import Core
from monitor.storage import work
from monitor.storage.post import Attachment, AttachmentState, Stage

MAX_WAIT = timedelta(hours=1)

log = structlog.get_logger()


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


def fail_attachment(core: Core, claim: work.Claim, attachment: Attachment, reason: str) -> None:
    """Keep an attachment as failed, with one sentence why; the rest of its post goes on.

    What was only linked to is skipped: the post is whole without it.
    """
    linked = attachment.origin in ("link", "linked")
    put_aside(core, claim, attachment, "skipped" if linked else "failed", reason)


def put_aside(
    core: Core, claim: work.Claim, attachment: Attachment, state: AttachmentState, reason: str
) -> None:
    """Leave an attachment as it is, for a reason."""
    with core.database.transaction() as session:
        work.renew(session, claim, deadline(core))
        row = session.get_one(Attachment, attachment.id)
        row.state, row.error = state, reason
    log.info(f"attachment_{state}", attachment=str(attachment.id), stage=claim.stage)
