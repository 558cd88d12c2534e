"""The sample feed as a source, and what is expected of it."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

from sqlalchemy import select
from sqlalchemy.orm import Session

from monitor import access, sources
from monitor.core import Core
from monitor.errors import NotFound
from monitor.pipeline.pool import ExaminePool
from monitor.runtime import pool_limits
from monitor.storage.access import User
from monitor.storage.alert import Sighting
from monitor.storage.post import Post
from monitor.storage.source import source_named
from monitor.storage.template import all_templates
from monitor.storage.work import backlog
from monitor.template_folder import templates_in
from monitor.template_learning import learn_files
from monitor.templates import Registration, base_config, register_template

HERE = Path(__file__).parent
FEED = HERE / "feed"
TEMPLATES = HERE / "templates"
EXPECTED = HERE / "expected.json"
SOURCE = "demo"
USER = "demo"
POLL_SECONDS = 10


def learn_templates(core: Core) -> list[Registration]:
    """The feed's templates that are not registered yet, learned in a worker process."""
    with core.database.read() as session:
        known = {template.name for template in all_templates(session)}
    files = [file for file in templates_in(TEMPLATES) if file.said.name not in known]
    if not files:
        return []
    with ExaminePool(pool_limits(core.settings, workers=1)) as pool:
        return list(learn_files(files, pool, base_config(core.settings), workers=1))


def prepare(core: Core, session: Session, learned: Sequence[Registration]) -> None:
    """Add the sample source, its templates and a user, unless they are there."""
    now = core.now()
    for each in learned:
        register_template(session, core.blobs, each, actor="demo", now=now)
    try:
        source_named(session, SOURCE)
    except NotFound:
        config = {"path": str(FEED), "settle_seconds": 0}
        sources.create_source(
            session, name=SOURCE, connector="folder", config=config, poll_seconds=POLL_SECONDS, now=now
        )
    if not session.scalar(select(User).where(User.name == USER)):
        access.create_user(session, name=USER, role="coordinator", now=now)


def expected_alerts() -> dict[str, bool]:
    """For each post of the feed, whether it must alert."""
    expected = json.loads(EXPECTED.read_text("utf-8"))
    return {name: bool(said["alert"]) for name, said in expected.items()}


def finished_posts(core: Core) -> int:
    """How many posts of the feed the pipeline is through with."""
    with core.database.read() as session:
        stages = backlog(session)
    return stages.get("done", 0) + stages.get("failed", 0)


def differences(core: Core) -> tuple[list[str], list[str]]:
    """Posts that should alert and do not, and posts that alert and should not."""
    with core.database.read() as session:
        alerted = set(session.scalars(select(Post.external_id).join(Sighting, Sighting.post_id == Post.id)))
    expected = {name for name, alert in expected_alerts().items() if alert}
    return sorted(expected - alerted), sorted(alerted - expected)
