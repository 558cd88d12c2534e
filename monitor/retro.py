"""Looking back when a template is registered: which pages examined lately already showed it?

The pictures of posts that did not alert are mostly gone, so their sealed sketches are compared: features
only, no tiles and no words. What a match finds is added to what was found on the page, and the posts that
showed it and did not alert go before triage again, which decides as ever; where the picture is kept for
another reason, they are examined again instead. The scheduler compares some pages at a time, each step in a
transaction of its own; a crash repeats a step and changes nothing by it.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from functools import lru_cache
from typing import Any

import structlog
from sqlalchemy.orm import Session

from detectors.templates.bank import TemplateBank
from detectors.templates.detector import SCORES, TemplateDetector
from detectors.templates.packing import unpack
from detectors.templates.sketch import inliers_of, likely_in
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
    main_run,
    matches_of,
    next_sketches,
    purge_sketches,
    quiet_revisions,
    unfinished_runs,
)
from monitor.storage.template import Template, learned_templates
from monitor.storage.upsert import insert_missing
from monitor.vault import EvidenceAltered, Sealed

STEP, LONG_STEP = 100, 10
"""Pages compared in one transaction, with a few templates or with many: a second or so."""
CANDIDATES = 8
"""Templates that a page is laid on; where more are looked for together, its features choose them."""
MIN_INLIERS = 40
"""More than for a fresh picture (15), since no tile is there to contradict."""

log = structlog.get_logger()


def keep_sketch(core: Core, session: Session, sha256: str, sketch: bytes) -> None:
    """Seal an examined page's sketch."""
    sealed = core.vault.encrypt(sketch, context=_context(sha256))
    values = {"blob_sha256": sha256, "seen_at": core.now()}
    values |= {"ciphertext": sealed.ciphertext, "wrapped_key": sealed.wrapped_key}
    insert_missing(session, PageSketch, values)


def begin(core: Core, session: Session, template: Template) -> None:
    """Let the scheduler compare a template with the pages of the last days.

    Pages that are examined at this moment without it are compared once they must be done.
    """
    now = template.created_at
    since, done = now - timedelta(days=core.settings.retro_days), now + under_way(core)
    total = count_sketches(session, since)
    for first, last, pages in ((since, now, total), (now, done, 0)):
        run = RetroRun(template_id=template.id, started_at=last, since=first, total=pages, done=0, cursor="")
        session.add(run)


def under_way(core: Core) -> timedelta:
    """How long a file may still be examined with the templates there were when it was begun."""
    return timedelta(seconds=2 * core.settings.lease_seconds)


def step(core: Core, limit: int | None = None) -> bool:
    """Compare the next pages with the templates that have waited longest; False when none waits."""
    with core.database.transaction() as session:
        runs = unfinished_runs(session, core.now())
        if not runs:
            return False
        limit = limit or (STEP if len(runs) <= CANDIDATES else LONG_STEP)
        pages = next_sketches(session, runs[0], limit)
        if pages:
            _compare(core, session, runs, pages)
        for run in runs:
            run.done += len(pages)
            if pages:
                run.cursor = pages[-1].blob_sha256
            if len(pages) < limit:
                run.finished_at = core.now()
    return True


def _compare(core: Core, session: Session, runs: Sequence[RetroRun], pages: Sequence[PageSketch]) -> None:
    templates = learned_templates(session, [run.template_id for run in runs])
    bank = _bank(tuple(template.packed or b"" for template in templates))
    for page in pages:
        for number, inliers in _shown(core, page, bank).items():
            if inliers < MIN_INLIERS:
                continue
            template = templates[number]
            values = {"id": new_id(), "template_id": template.id, "blob_sha256": page.blob_sha256}
            values |= {"inliers": inliers, "found_at": core.now()}
            new = insert_missing(session, RetroMatch, values)
            if new and template.kind == "document" and template.enabled:
                late = runs[0].started_at + under_way(core)
                _judge_again(core, session, template, session.get_one(RetroMatch, values["id"]), late)


def _shown(core: Core, page: PageSketch, bank: TemplateBank) -> dict[int, int]:
    """How many features of a page lie on each template; of many, on those that it speaks most for."""
    try:
        sealed = Sealed(page.ciphertext, page.wrapped_key)
        sketch = core.vault.decrypt(sealed, context=_context(page.blob_sha256))
    except EvidenceAltered:
        log.error("sketch_altered", sha256=page.blob_sha256)
        return {}
    if len(bank) <= CANDIDATES:
        return {n: inliers_of(sketch, bank.template(n)) for n in range(len(bank))}
    return likely_in(sketch, bank, CANDIDATES)


@lru_cache(maxsize=1)
def _bank(packed: tuple[bytes, ...]) -> TemplateBank:
    return TemplateBank.of([unpack(each) for each in packed])


def _judge_again(core: Core, session: Session, template: Template, match: RetroMatch, late: datetime) -> None:
    """Send the posts that showed a page and did not alert back, with what is known now.

    What was examined after `late` was compared with the template then.
    """
    sha256 = match.blob_sha256
    examination = newest_examination(session, image_subject(sha256))
    if examination is None or examination.examined_at >= late:
        return
    if any(f.detector == TemplateDetector.name and f.masked == template.name for f in examination.findings):
        return
    kept = is_kept(session, sha256)
    if not kept:
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
    run = main_run(session, template.id)
    matches = matches_of(session, template.id)
    alerts = references_of(session, [post.id for _, post in matches])
    return {
        "total": max(run.total, run.done) if run else 0,
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
