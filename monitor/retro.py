"""Looking back when a template is registered: which pages examined lately already showed it?

The pictures of posts that did not alert are gone, so their sealed sketches are compared: features only,
no tiles and no words. A match is a hint to look at the post, no alert. The scheduler compares some pages at
a time, each step in a transaction of its own; a crash repeats a step and changes nothing by it.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from sqlalchemy.orm import Session

from detectors.templates.packing import unpack
from detectors.templates.sketch import inliers_of
from monitor.core import Core
from monitor.storage.base import new_id
from monitor.storage.retro import (
    PageSketch,
    RetroMatch,
    RetroRun,
    count_sketches,
    latest_run,
    matches_of,
    next_sketches,
    purge_sketches,
    unfinished_run,
)
from monitor.storage.template import Template
from monitor.storage.upsert import insert_missing
from monitor.vault import Sealed

STEP = 100
"""Pages compared in one transaction: a second or so."""
MIN_INLIERS = 40
"""More than for a fresh picture (15), since no tile is there to contradict."""


def keep_sketch(core: Core, session: Session, sha256: str, sketch: bytes) -> None:
    """Seal an examined page's sketch."""
    sealed = core.vault.encrypt(sketch, context=_context(sha256))
    values = {"blob_sha256": sha256, "seen_at": core.now()}
    values |= {"ciphertext": sealed.ciphertext, "wrapped_key": sealed.wrapped_key}
    insert_missing(session, PageSketch, values)


def begin(core: Core, session: Session, template: Template) -> None:
    """Let the scheduler compare a template with the pages of the last days."""
    since = core.now() - timedelta(days=core.settings.retro_days)
    total = count_sketches(session, since)
    run = RetroRun(
        template_id=template.id, started_at=core.now(), since=since, total=total, done=0, cursor=""
    )
    session.add(run)


def step(core: Core, limit: int = STEP) -> bool:
    """Compare the next pages of the run that has waited longest; False when there is none."""
    with core.database.transaction() as session:
        run = unfinished_run(session)
        if run is None:
            return False
        template = session.get_one(Template, run.template_id)
        pages = next_sketches(session, run, limit)
        if template.packed is not None:
            _compare(core, session, template, pages)
        run.done += len(pages)
        if pages:
            run.cursor = pages[-1].blob_sha256
        if len(pages) < limit:
            run.finished_at = core.now()
    return True


def _compare(core: Core, session: Session, template: Template, pages: Any) -> None:
    assert template.packed is not None
    known = unpack(template.packed)
    for page in pages:
        sealed = Sealed(page.ciphertext, page.wrapped_key)
        inliers = inliers_of(core.vault.decrypt(sealed, context=_context(page.blob_sha256)), known)
        if inliers >= MIN_INLIERS:
            values = {"id": new_id(), "template_id": template.id, "blob_sha256": page.blob_sha256}
            insert_missing(session, RetroMatch, {**values, "inliers": inliers, "found_at": core.now()})


def describe(session: Session, template: Template) -> dict[str, Any]:
    """How far a template's look back is, and the posts it found."""
    run = latest_run(session, template.id)
    return {
        "total": run.total if run else 0,
        "done": run.done if run else 0,
        "finished": run is None or run.finished_at is not None,
        "since": run.since if run else None,
        "posts": [
            {"id": str(post.id), "platform": post.platform, "url": post.url, "inliers": match.inliers}
            for match, post in matches_of(session, template.id)
        ],
    }


def forget_old(core: Core) -> None:
    """Forget sketches of pages seen before the last days."""
    with core.database.transaction() as session:
        purge_sketches(session, core.now() - timedelta(days=core.settings.retro_days))


def _context(sha256: str) -> bytes:
    return b"sketch:" + sha256.encode()
