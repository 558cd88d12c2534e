"""Looking back when a template is registered: which pages examined lately already showed it?

The pictures of posts that did not alert are mostly gone, so their sealed sketches are compared: features
only, no tiles and no words. What a match finds is added to what was found on the page, and the posts that
showed it and did not alert go before triage again, which decides as ever; where the picture is kept for
another reason, they are examined again instead. The scheduler compares some pages at a time, each step in a
transaction of its own; a crash repeats a step and changes nothing by it.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from sqlalchemy.orm import Session

from detectors.templates.detector import SCORES, TemplateDetector
from detectors.templates.packing import unpack
from detectors.templates.sketch import inliers_of
from monitor.core import Core
from monitor.storage import work
from monitor.storage.alert import references_of
from monitor.storage.base import new_id
from monitor.storage.blob import is_kept
from monitor.storage.examination import Finding, image_subject, newest_examination
from monitor.storage.retro import (
    PageSketch,
    RetroMatch,
    RetroRun,
    count_sketches,
    latest_run,
    matches_of,
    next_sketches,
    purge_sketches,
    quiet_revisions,
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
            _compare(core, session, run, template, pages)
        run.done += len(pages)
        if pages:
            run.cursor = pages[-1].blob_sha256
        if len(pages) < limit:
            run.finished_at = core.now()
    return True


def _compare(core: Core, session: Session, run: RetroRun, template: Template, pages: Any) -> None:
    assert template.packed is not None
    known = unpack(template.packed)
    for page in pages:
        sealed = Sealed(page.ciphertext, page.wrapped_key)
        inliers = inliers_of(core.vault.decrypt(sealed, context=_context(page.blob_sha256)), known)
        if inliers < MIN_INLIERS:
            continue
        values = {"id": new_id(), "template_id": template.id, "blob_sha256": page.blob_sha256}
        values |= {"inliers": inliers, "found_at": core.now()}
        new = insert_missing(session, RetroMatch, values)
        if new and template.kind == "document" and template.enabled:
            _judge_again(core, session, run, session.get_one(RetroMatch, values["id"]))


def _judge_again(core: Core, session: Session, run: RetroRun, match: RetroMatch) -> None:
    """Send the posts that showed a page and did not alert back, with what is known now."""
    sha256 = match.blob_sha256
    examination = newest_examination(session, image_subject(sha256))
    under_way = run.started_at + timedelta(seconds=core.settings.lease_seconds)
    if examination is None or examination.examined_at >= under_way:
        return  # examined later, this template was among those the page was compared with
    kept = is_kept(session, sha256)
    if not kept:
        template = session.get_one(Template, match.template_id)
        examination.findings.append(_finding(template, len(examination.findings), match.inliers))
    for revision in quiet_revisions(session, sha256):
        work.advance(revision, "examine" if kept else "triage", core.now())
        revision.finished_at = None


def _finding(template: Template, position: int, inliers: int) -> Finding:
    """What features alone say: less than a fresh look would."""
    owner = f" of {template.organisation}" if template.organisation else ""
    return Finding(
        position=position,
        kind="template",
        detector=TemplateDetector.name,
        version=TemplateDetector.version,
        score=SCORES["layout_match"],
        masked=template.name,
        why=f"Is laid out like the registered template {template.name}{owner}: {inliers} features agree. Seen"
        " when it was registered; the picture was gone by then, so its print was not compared.",
        facts={"level": "layout_match", "organisation": template.organisation, "inliers": inliers,
               "looked_back": True},
    )  # fmt: skip


def describe(session: Session, template: Template) -> dict[str, Any]:
    """How far a template's look back is, the posts it found, and the alerts that these have."""
    run = latest_run(session, template.id)
    matches = matches_of(session, template.id)
    alerts = references_of(session, [post.id for _, post in matches])
    return {
        "total": run.total if run else 0,
        "done": run.done if run else 0,
        "finished": run is None or run.finished_at is not None,
        "since": run.since if run else None,
        "posts": [
            {"id": str(post.id), "platform": post.platform, "url": post.url, "inliers": match.inliers,
             "alert": alerts.get(post.id)}
            for match, post in matches
        ],
    }  # fmt: skip


def forget_old(core: Core) -> None:
    """Forget sketches of pages seen before the last days."""
    with core.database.transaction() as session:
        purge_sketches(session, core.now() - timedelta(days=core.settings.retro_days))


def _context(sha256: str) -> bytes:
    return b"sketch:" + sha256.encode()
