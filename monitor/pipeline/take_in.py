"""Take in: make a post of each report, for the pipeline to look at before everything else.

1. Tell which post its address means: from the address alone, or by asking the platform that would know.
2. A post that has an alert already is joined to it, unless the report shows something more.
3. Anything else becomes a revision of that post: the page to be fetched, the files that came along, and the
   note as context. Post, revision and the report's new state are one transaction.

A crash leaves the report as it was; the next tick takes it again.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

import structlog
from sqlalchemy.orm import Session

from connectors.base import Attachment, ConnectorError, Post, ResolvesPermalink, SourceUnavailable
from connectors.permalinks import Permalink, read_permalink
from detectors.model import model
from monitor import alerts
from monitor.core import Core
from monitor.pipeline.collect import store_post
from monitor.reports import words_of
from monitor.storage import post as posts
from monitor.storage import source as sources
from monitor.storage.base import new_id
from monitor.storage.report import Report, waiting_reports
from monitor.storage.upsert import insert_missing
from monitor.traffic import open_connector

PLATFORM = "report"
"""Of a post that is known by its screenshots alone."""
AT_ONCE = 20
MOST_ASKED = 10
"""Sources that are asked about one address."""

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Identity:
    """Which post is meant."""

    platform: str
    external_id: str
    url: str


def take_in(core: Core) -> int:
    """Make posts of the reports that wait; how many were taken. One that fails does not stop the others."""
    with core.database.read() as session:
        waiting = waiting_reports(session, core.now(), AT_ONCE)
    return sum(_tried(core, report_id) for report_id in waiting)


def _tried(core: Core, report_id: UUID) -> bool:
    try:
        with core.database.read() as session:
            report = session.get(Report, report_id)
            if report is None:
                return False
            identity = identify(core, report)
        with core.database.transaction() as session:
            return _take(core, session, report_id, identity)
    except Exception as error:  # noqa: BLE001 - whatever is wrong with one report, the others go on
        log.warning("report_waits", report=str(report_id), error=type(error).__name__)
        _postpone(core, report_id)
        return False


def _postpone(core: Core, report_id: UUID) -> None:
    with core.database.transaction() as session:
        report = session.get_one(Report, report_id)
        report.attempts += 1
        seconds = core.settings.retry_seconds * 2 ** min(report.attempts - 1, 8)
        report.not_before = core.now() + min(timedelta(seconds=seconds), timedelta(hours=1))


def identify(core: Core, report: Report) -> Identity:
    """The post that a report means. Raises SourceUnavailable while a platform may still tell."""
    if report.url is None:
        return Identity(PLATFORM, report.reference, f"report:{report.reference}")
    meant = read_permalink(report.url, core.settings.fetch_allow_hosts)
    if not meant.sure:
        try:
            asked = _ask(core, meant)
        except SourceUnavailable:
            if report.attempts + 1 < core.settings.max_attempts:
                raise
            asked = None
        if asked is not None:
            return Identity(*asked, url=meant.url)
    return Identity(meant.platform, meant.external_id, meant.url)


def _ask(core: Core, meant: Permalink) -> tuple[str, str] | None:
    """What the watched platforms say of an address; None when it is a post of none of them."""
    unavailable: SourceUnavailable | None = None
    for source in _resolvers(core, federated=meant.federated):
        try:
            connector = open_connector(core, source)
        except ConnectorError:
            continue
        try:
            found = (
                connector.resolve_permalink(meant.url) if isinstance(connector, ResolvesPermalink) else None
            )
        except SourceUnavailable as error:
            unavailable = error
            continue
        except ConnectorError:
            continue
        finally:
            connector.close()
        if found is not None:
            return connector.platform, found
    if unavailable is not None:
        raise unavailable
    return None


def _resolvers(core: Core, *, federated: bool) -> Iterator[sources.Source]:
    """One source of each platform and place whose addresses may not tell by themselves."""
    asked = {"bluesky", "boards", "reddit"} | ({"lemmy", "mastodon"} if federated else set())
    with core.database.read() as session:
        known = sources.all_sources(session)
    places = {
        (each.connector, str(each.config.get("instance") or each.config.get("site"))): each
        for each in known
        if each.connector in asked
    }
    yield from list(places.values())[:MOST_ASKED]


def _take(core: Core, session: Session, report_id: UUID, identity: Identity) -> bool:
    report = session.get(Report, report_id, with_for_update=True, populate_existing=True)
    if report is None or report.state != "received":
        return False
    known = posts.find_post(session, identity.platform, identity.external_id)
    alert = alerts.alert_of_post(session, known.id) if known else None
    report.state = "taken"
    if known is not None and alert is not None:
        alerts.record(session, core.now(), alert, "reported", actor=report.actor, note=report.reference)
        report.post_id = known.id
    if known is None or alert is None or report.files:
        report.revision_id = _revise(core, session, report, identity).id
        report.post_id = session.get_one(posts.PostRevision, report.revision_id).post_id
    return True


def _revise(core: Core, session: Session, report: Report, identity: Identity) -> posts.PostRevision:
    """The revision that shows what a report brought, first in every queue."""
    source = reports_source(session, core.now())
    store_post(core, session, source, _post(core, report, identity))
    post = posts.find_post(session, identity.platform, identity.external_id)
    assert post is not None
    revision = posts.latest_revision(session, post.id)
    assert revision is not None
    revision.turn = posts.REPORTED
    page = 1 if report.url else 0
    for attachment in revision.attachments[:page]:
        attachment.origin = "link" if report.files else "page"  # with a screenshot the page is a bonus
    for attachment, file in zip(revision.attachments[page:], report.files, strict=True):
        attachment.origin, attachment.state, attachment.blob_sha256 = "report", "acquired", file.blob_sha256
        attachment.acquisition = _facts(report, attachment.url)
    session.flush()
    return revision


def _post(core: Core, report: Report, identity: Identity) -> Post:
    addresses = [report.url] if report.url else []
    addresses += [f"report:{report.reference}/{file.position + 1}" for file in report.files]
    note = words_of(core.vault, report).note
    return Post(
        platform=identity.platform,
        external_id=identity.external_id,
        url=identity.url,
        text="",
        attachments=tuple(Attachment(address) for address in addresses),
        context="reported",
        thread=(note,) if note else (),
    )


def _facts(report: Report, address: str) -> dict[str, str]:
    """How the bytes of a reporter's file were had."""
    return {
        "url": address,
        "acquired_by": "a person's report",
        "report": report.reference,
        "acquired_at": report.received_at.isoformat(),
    }


def reports_source(session: Session, now: datetime) -> sources.Source:
    """The source of what people report; made with the first report.

    A person has looked already, so its posts alert from the score of the preset that misses least.
    """
    insert_missing(
        session,
        sources.Source,
        {
            "id": new_id(),
            "name": sources.REPORTS,
            "connector": sources.REPORTS,
            "config": {},
            "enabled": True,
            "alert_threshold": model().thresholds["recall"],
            "checkpoint_version": 0,
            "created_at": now,
        },
    )
    return sources.source_named(session, sources.REPORTS)
