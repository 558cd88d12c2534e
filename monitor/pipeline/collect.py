"""Collect: read a source and store what is new.

1. Build the source's connector and continue from its checkpoint.
2. Store each batch, its rejected items and the new checkpoint in one transaction.
3. Stop after a bounded time; the next run continues.

A crash may read a batch twice: posts are known by `(platform, external_id)` and their wording by a
keyed digest, so nothing is stored twice.
"""

from __future__ import annotations

import json
import random
import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from threading import Event
from typing import Any

import structlog
from sqlalchemy.orm import Session

from connectors.base import (
    Batch,
    Checkpoint,
    Connector,
    ConnectorError,
    Post,
    RateLimited,
    Rejected,
    Streams,
)
from connectors.linked import followed_links
from detectors.passages import PostText
from monitor.core import Core
from monitor.errors import CheckpointMoved
from monitor.pace import Told, adapted, spread
from monitor.plan import bounds_of
from monitor.reports import tell
from monitor.storage import post as posts
from monitor.storage import source as sources
from monitor.storage.base import new_id
from monitor.storage.upsert import insert_missing
from monitor.texts import drop_text, seal_text
from monitor.traffic import open_connector

RUN_SECONDS = 120.0

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class RunReport:
    """How one run of a source went."""

    source: str
    outcome: sources.RunOutcome
    posts_new: int = 0
    posts_rejected: int = 0
    error: str | None = None
    gap: str | None = None


def run_source(core: Core, source: sources.Source, *, stay: Event | None = None) -> RunReport | None:
    """Read one source now; None when another process is reading it.

    With `stay`, a connector that streams listens on after it is up to date, for as long as a run may last
    or until `stay` is set; its next run is due at once.
    """
    lease = timedelta(seconds=max(core.settings.lease_seconds, RUN_SECONDS))
    with core.database.transaction() as session:
        run = sources.claim_run(session, source, core.now(), lease)
    if run is None:
        return None
    asked, streamed = 0.0, False
    try:
        streamed = _read(core, source, run, stay)
        run.outcome = "data" if run.posts_new or run.posts_rejected else "nothing_new"
    except (ConnectorError, CheckpointMoved) as error:
        run.outcome, run.error = "error", str(error)
        if isinstance(error, RateLimited):
            asked = error.retry_after
    except Exception as error:  # noqa: BLE001 - one source must not stop the others; a message may quote content
        run.outcome, run.error = "error", f"Unexpected {type(error).__name__} while reading this source."
    _finish(core, source, run, asked=asked, streamed=streamed)
    told = log.debug if run.outcome == "nothing_new" else log.info
    told("source_run", source=source.name, outcome=run.outcome, new=run.posts_new, error=run.error)
    return RunReport(source.name, run.outcome, run.posts_new, run.posts_rejected, run.error, run.gap)


def _finish(
    core: Core, source: sources.Source, run: sources.SourceRun, *, asked: float, streamed: bool
) -> None:
    """Close a run. The next comes after the wait that the source adapts to, or that was asked for."""
    bounds = bounds_of(core.settings, source)
    told = Told(run.posts_new + run.posts_rejected, bool(run.gap), run.outcome == "error")
    pace = adapted(bounds, source.pace_seconds, told)
    wait, reason = spread(bounds, pace.seconds, random.random()), pace.reason  # noqa: S311 - no secret
    if streamed:
        wait, reason = 0.0, "it stays connected"
    elif asked > wait:
        wait, reason = asked, f"the platform or its budget asked for {asked:.0f} s"
    now = core.now()
    with core.database.transaction() as session:
        sources.finish_run(
            session,
            run,
            now=now,
            next_run_at=now + timedelta(seconds=wait),
            pace_seconds=pace.seconds,
            pace_reason=reason,
        )


def run_due(core: Core) -> list[RunReport]:
    """Read every source whose time has come; one that fails does not stop the others."""
    with core.database.read() as session:
        due = sources.due_sources(session, core.now())
    return [report for source in due if (report := run_source(core, source)) is not None]


def _read(core: Core, source: sources.Source, run: sources.SourceRun, stay: Event | None) -> bool:
    """Read a source within the time of a run; whether it streamed."""
    deadline = time.monotonic() + RUN_SECONDS
    version = source.checkpoint_version
    checkpoint = source.checkpoint
    connector = open_connector(core, source)
    streams = stay is not None and isinstance(connector, Streams)
    try:
        for batch in _batches(connector, checkpoint, streams=streams):
            if not _is_silence(batch, checkpoint):
                version = _store_batch(core, source, run, batch, version)
                checkpoint = dict(batch.checkpoint)
            if time.monotonic() > deadline or (stay is not None and stay.is_set()):
                break
    finally:
        connector.close()
    return streams


def _batches(connector: Connector, checkpoint: Checkpoint | None, *, streams: bool) -> Iterator[Batch]:
    if streams and isinstance(connector, Streams):
        return connector.stream(checkpoint)
    return connector.fetch(checkpoint)


def _is_silence(batch: Batch, checkpoint: Checkpoint | None) -> bool:
    """Whether a stream merely says that it still listens."""
    told = batch.posts or batch.rejected or batch.deletions or batch.gap
    return not told and checkpoint == batch.checkpoint


def _store_batch(
    core: Core, source: sources.Source, run: sources.SourceRun, batch: Batch, version: int
) -> int:
    with core.database.transaction() as session:
        new = sum(_store_told(core, session, source, post) for post in batch.posts)
        bad = sum(_store_rejected(core, session, source, item) for item in batch.rejected)
        for gone in batch.deletions:
            posts.note_gone(session, source.connector, gone.external_id, gone.reason, core.now())
        version = sources.move_checkpoint(session, source.id, version, dict(batch.checkpoint))
    run.posts_new += new
    run.posts_rejected += bad
    run.gap = batch.gap or run.gap
    return version


def _store_told(core: Core, session: Session, source: sources.Source, post: Post) -> bool:
    """Store a post and, once, a report of each address that it points at."""
    new = store_post(core, session, source, post)
    if new:
        for address in post.reported:
            tell(core, session, address, actor=f"source:{source.name}")
    return new


def store_post(core: Core, session: Session, source: sources.Source, post: Post) -> bool:
    """Store a post, or a new wording of it, for the pipeline; False when nothing is new."""
    now = core.now()
    digest = _content_digest(core, post)
    known = _known_post(session, source, post, now)
    latest = posts.latest_revision(session, known.id)
    if latest is not None and latest.content_digest == digest:
        return False
    revision = posts.PostRevision(
        id=new_id(),
        post_id=known.id,
        number=latest.number + 1 if latest else 1,
        seen_at=now,
        content_digest=digest,
        stage="acquire",
        not_before=now,
    )
    seal_text(core.vault, revision, _words(post))
    revision.attachments = [
        posts.Attachment(position=position, url=attachment.url)
        for position, attachment in enumerate(post.attachments)
    ]
    revision.attachments += _links(core, post)
    session.add(revision)
    session.flush()
    return True


def _links(core: Core, post: Post) -> list[posts.Attachment]:
    """What a post links to, for looking behind; its own files stand before it."""
    card = post.card.url if post.card else None
    found = followed_links(post.text, card, core.settings.follow_links)
    own = {post.url, *(attachment.url for attachment in post.attachments)}
    fresh = [url for url in found if url not in own]
    return [
        posts.Attachment(position=position, url=url, origin="link")
        for position, url in enumerate(fresh, start=len(post.attachments))
    ]


def _words(post: Post) -> PostText:
    card = (post.card.title, post.card.description) if post.card else ()
    alt_texts = tuple(attachment.alt_text or "" for attachment in post.attachments)
    return PostText(post.text, alt_texts, card, post.tags, post.thread)


def _known_post(session: Session, source: sources.Source, post: Post, now: datetime) -> posts.Post:
    author = post.author
    insert_missing(
        session,
        posts.Post,
        {
            "id": new_id(),
            "source_id": source.id,
            "platform": post.platform,
            "external_id": post.external_id,
            "url": post.url,
            "context": post.context,
            "author_id": author.external_id if author else None,
            "author_handle": author.handle if author else None,
            "author_url": author.url if author else None,
            "posted_at": post.posted_at,
            "first_seen_at": now,
        },
    )
    known = posts.find_post(session, post.platform, post.external_id)
    assert known is not None
    return known


def _store_rejected(core: Core, session: Session, source: sources.Source, item: Rejected) -> bool:
    """Keep what could not be read as a post: failed, with its reason."""
    post = Post(platform=source.connector, external_id=item.external_id, url=item.url, text="")
    if not store_post(core, session, source, post):
        return False
    known = posts.find_post(session, source.connector, item.external_id)
    assert known is not None
    revision = posts.latest_revision(session, known.id)
    assert revision is not None
    drop_text(revision)  # there is nothing to try again
    revision.stage, revision.error, revision.finished_at = "failed", item.reason, core.now()
    return True


def _content_digest(core: Core, post: Post) -> str:
    """A keyed digest of all that is examined as the post's wording, the posts that it answers included."""
    content: list[Any] = [post.text, [[a.url, a.alt_text] for a in post.attachments]]
    words = _words(post)
    if (
        beside := (words.card, words.tags, words.thread)
        if any((words.card, words.tags, words.thread))
        else ()
    ):
        content.append(beside)
    return core.vault.keyed_digest("post", json.dumps(content, ensure_ascii=False))
