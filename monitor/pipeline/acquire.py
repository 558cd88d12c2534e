"""Acquire: get the bytes of a revision's attachments.

1. Fetch each pending attachment with the guarded fetcher; what is not on the web, its connector reads.
2. Seal the bytes into the store and note how they were had, one transaction per attachment.
3. An attachment that will never be had is kept as failed; one that may come later is tried again,
   up to the limit of attempts. Neither stops the others.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sqlalchemy import select

from connectors.base import AttachmentRefused, ConnectorError, ReadsAttachments, SourceUnavailable
from connectors.fetch import GuardedFetcher
from detectors.image import media_type_of
from monitor import __version__
from monitor.core import Core
from monitor.pipeline.step import Step, deadline, fail_attachment
from monitor.sources import build_connector
from monitor.storage import work
from monitor.storage.post import Attachment, PostRevision
from monitor.storage.source import Source

UNKNOWN_TYPE = "application/octet-stream"


@dataclass(frozen=True, slots=True)
class Acquired:
    """Bytes, and the facts of how they were had."""

    data: bytes
    facts: dict[str, Any]


class Acquire(Step):
    """The acquire stage."""

    stage = "acquire"

    def __init__(self, core: Core) -> None:
        self._core = core
        settings = core.settings
        self._max_bytes = settings.max_attachment_mb << 20
        self._fetcher = GuardedFetcher(
            allow_hosts=settings.fetch_allow_hosts,
            max_bytes=self._max_bytes,
            user_agent=f"leakwatch/{__version__}",
        )

    def run(self, claim: work.Claim) -> None:
        """Acquire everything a revision refers to, then hand it to be examined."""
        pending, source = self._load(claim)
        last = claim.attempt >= self._core.settings.max_attempts
        waiting = None
        for attachment in pending:
            try:
                self._keep(claim, attachment, self._bytes_of(source, attachment))
            except AttachmentRefused as error:
                fail_attachment(self._core, claim, attachment, str(error))
            except ConnectorError as error:
                waiting = str(error)
                if last or not isinstance(error, SourceUnavailable):
                    fail_attachment(self._core, claim, attachment, waiting)
        self._finish(claim, None if last else waiting)

    def _load(self, claim: work.Claim) -> tuple[list[Attachment], Source]:
        with self._core.database.read() as session:
            revision = session.get_one(PostRevision, claim.revision_id)
            pending = select(Attachment).where(
                Attachment.revision_id == revision.id, Attachment.state == "pending"
            )
            source = session.get_one(Source, revision.post.source_id)
            return list(session.scalars(pending.order_by(Attachment.position))), source

    def _bytes_of(self, source: Source, attachment: Attachment) -> Acquired:
        facts: dict[str, Any] = {"url": attachment.url, "acquired_by": f"leakwatch {__version__}"}
        if not attachment.url.lower().startswith(("http://", "https://")):
            return Acquired(self._read_through_connector(source, attachment.url), facts)
        fetched = self._fetcher.fetch(attachment.url)
        facts |= {"final_url": fetched.final_url, "http_status": fetched.status, "peer": fetched.peer}
        facts |= {"response_headers": dict(fetched.headers)}
        return Acquired(fetched.data, facts)

    def _read_through_connector(self, source: Source, url: str) -> bytes:
        connector = build_connector(self._core.settings, source)
        try:
            if not isinstance(connector, ReadsAttachments):
                raise AttachmentRefused("The attachment's address is not one that can be fetched.")
            return connector.read_attachment(url, self._max_bytes)
        finally:
            connector.close()

    def _keep(self, claim: work.Claim, attachment: Attachment, acquired: Acquired) -> None:
        core = self._core
        media_type = media_type_of(acquired.data) or UNKNOWN_TYPE
        written = core.blobs.write(acquired.data, media_type)
        with core.database.transaction() as session:
            work.renew(session, claim, deadline(core))
            row = session.get_one(Attachment, attachment.id)
            row.blob_sha256 = core.blobs.register(session, written, core.now())
            row.state, row.error = "acquired", None
            row.acquisition = acquired.facts | {"acquired_at": core.now().isoformat()}

    def _finish(self, claim: work.Claim, waiting: str | None) -> None:
        core = self._core
        with core.database.transaction() as session:
            revision = work.held(session, claim)
            if waiting is None:
                work.advance(revision, "examine", core.now())
            else:
                work.postpone(revision, waiting, self.next_try(core, claim))
