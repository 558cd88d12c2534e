"""Acquire: get the bytes of a revision's attachments.

1. Fetch each pending attachment with the guarded fetcher; what is not on the web, its connector reads.
2. A page gives way to its pictures (`linked`); an archive is skipped, since none is ever opened.
3. Seal the bytes into the store and note how they were had, one transaction per attachment.
4. An attachment that will never be had is kept as failed; one that may come later is tried again,
   up to the limit of attempts. Neither stops the others.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import exists, select
from sqlalchemy.orm import Session

from connectors.base import (
    AttachmentRefused,
    ConnectorError,
    RateLimited,
    ReadsAttachments,
    SourceUnavailable,
)
from connectors.fetch import GuardedFetcher
from connectors.linked import looks_like_html
from detectors.image import media_type_of
from detectors.media.kinds import archive_kind
from monitor import __version__
from monitor.core import Core
from monitor.pipeline.linked import look_behind, put_behind
from monitor.pipeline.step import Step, deadline, fail_attachment, put_aside
from monitor.storage import work
from monitor.storage.post import Attachment, PostRevision
from monitor.storage.source import Source
from monitor.traffic import FILES, HostTurns, open_connector

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
            traffic=HostTurns(core, FILES),
        )

    def run(self, claim: work.Claim) -> None:
        """Acquire everything a revision refers to, then hand it to be examined."""
        last = claim.attempt >= self._core.settings.max_attempts
        waiting: ConnectorError | None = None
        tried: set[UUID] = set()
        while pending := [each for each in self._pending(claim) if each.id not in tried]:
            for attachment in pending:
                tried.add(attachment.id)
                waiting = self._try(claim, attachment, last=last) or waiting
        self._finish(claim, None if last else waiting)

    def _try(self, claim: work.Claim, attachment: Attachment, *, last: bool) -> ConnectorError | None:
        """Take one attachment; why it must wait, if it must."""
        try:
            self._take(claim, attachment)
        except AttachmentRefused as error:
            fail_attachment(self._core, claim, attachment, str(error))
        except ConnectorError as error:
            bonus = attachment.origin in ("link", "linked") and self._has_files(claim)
            if last or bonus or not isinstance(error, SourceUnavailable):
                fail_attachment(self._core, claim, attachment, str(error))
            return None if bonus else error
        return None

    def _pending(self, claim: work.Claim) -> list[Attachment]:
        with self._core.database.read() as session:
            pending = select(Attachment).where(
                Attachment.revision_id == claim.revision_id, Attachment.state == "pending"
            )
            return list(session.scalars(pending.order_by(Attachment.position)))

    def _has_files(self, claim: work.Claim) -> bool:
        """Whether there is something to look at already: then no link is waited for."""
        with self._core.database.read() as session:
            acquired = exists().where(
                Attachment.revision_id == claim.revision_id, Attachment.state == "acquired"
            )
            return bool(session.scalar(select(acquired)))

    def _source(self, claim: work.Claim) -> Source:
        with self._core.database.read() as session:
            revision = session.get_one(PostRevision, claim.revision_id)
            return session.get_one(Source, revision.post.source_id)

    def _take(self, claim: work.Claim, attachment: Attachment) -> None:
        """Fetch or read an attachment and keep what it is. Raises ConnectorError."""
        facts: dict[str, Any] = {"url": attachment.url, "acquired_by": f"leakwatch {__version__}"}
        if not attachment.url.lower().startswith(("http://", "https://")):
            data = self._read_through_connector(self._source(claim), attachment.url)
            self._keep(claim, attachment, Acquired(data, facts))
            return
        fetched = self._fetcher.fetch(attachment.url)
        if media_type_of(fetched.data) is None and looks_like_html(fetched.data, fetched.content_type):
            put_behind(self._core, claim, attachment, look_behind(self._fetcher, attachment, fetched))
            return
        facts |= {"final_url": fetched.final_url, "http_status": fetched.status, "peer": fetched.peer}
        facts |= {"response_headers": dict(fetched.headers)}
        self._keep(claim, attachment, Acquired(fetched.data, facts))

    def _read_through_connector(self, source: Source, url: str) -> bytes:
        connector = open_connector(self._core, source)
        try:
            if not isinstance(connector, ReadsAttachments):
                raise AttachmentRefused("The attachment's address is not one that can be fetched.")
            return connector.read_attachment(url, self._max_bytes)
        finally:
            connector.close()

    def _keep(self, claim: work.Claim, attachment: Attachment, acquired: Acquired) -> None:
        core = self._core
        if archive := archive_kind(acquired.data):
            reason = f"skipped: archive ({archive}); archives are never opened."
            put_aside(core, claim, attachment, "skipped", reason)
            return
        sha256 = hashlib.sha256(acquired.data).hexdigest()
        with core.database.transaction() as session:
            if core.blobs.holds(session, sha256):  # posted before: nothing is written twice
                self._acquired(session, claim, attachment, sha256, acquired.facts)
                return
        written = core.blobs.write(acquired.data, media_type_of(acquired.data) or UNKNOWN_TYPE)
        with core.database.transaction() as session:
            sha256 = core.blobs.register(session, written, core.now())
            self._acquired(session, claim, attachment, sha256, acquired.facts)

    def _acquired(
        self, session: Session, claim: work.Claim, attachment: Attachment, sha256: str, facts: dict[str, Any]
    ) -> None:
        work.renew(session, claim, deadline(self._core))
        row = session.get_one(Attachment, attachment.id)
        row.blob_sha256, row.state, row.error = sha256, "acquired", None
        row.acquisition = (row.acquisition or {}) | facts | {"acquired_at": self._core.now().isoformat()}

    def _finish(self, claim: work.Claim, waiting: ConnectorError | None) -> None:
        core = self._core
        asked = timedelta(seconds=waiting.retry_after if isinstance(waiting, RateLimited) else 0)
        with core.database.transaction() as session:
            revision = work.held(session, claim)
            if waiting is None:
                work.advance(revision, "examine", core.now())
            else:
                work.postpone(revision, str(waiting), max(self.next_try(core, claim), core.now() + asked))
