"""Whether the posts of open alerts are still shown, looked at again and again within bounds.

1. take a post that is due, for as long as looking can last; where one answer tells of many, others like it
2. ask its connector's probes, each by itself; without a connector that can ask, look at its page and files
3. keep every probe; note when the post went, and when it came back, which reopens its alert; say when to look
   again

Nobody concludes from a refusal, a limit, an outage or a log-in page that something is gone.
"""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import closing
from datetime import timedelta
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from connectors.availability import attachment_probes, web_probe
from connectors.base import (
    Availability,
    ChecksAvailability,
    ChecksManyPosts,
    ConnectorError,
    PostRef,
    Probe,
)
from connectors.fetch import GuardedFetcher
from connectors.kind import LARGEST_PROBED
from monitor import __version__
from monitor.alerts import alert_of_post, came_back, record
from monitor.core import Core
from monitor.storage.availability import AvailabilityCheck, Verdict, checks_of, claim_checks
from monitor.storage.notification import enqueue_for
from monitor.storage.post import Post, latest_revision
from monitor.storage.source import REPORTS, Source
from monitor.traffic import FILES, HostTurns, open_connector

LEASE = timedelta(minutes=10)
MOST_TOGETHER = 20
"""Posts that are looked at together where one answer tells of many: their pages and files are still looked at
one by one, which must be over well within the lease."""
FILE = "attachment"
"""How the subject of a probe of a file begins."""
AGAIN = (timedelta(hours=24), timedelta(days=7))
"""When to look again at what was gone at the first look, and at the second."""
FIRST_DOUBT = timedelta(hours=1)
LONGEST_DOUBT = timedelta(days=1)
FRESH, LATELY = timedelta(days=7), timedelta(days=30)

_WORST = (Availability.PRESENT, Availability.GONE)


def verdict_of(probes: Sequence[Probe]) -> tuple[Verdict, Verdict]:
    """What probes say of the post alone, and of post and files together.

    The post is gone when its platform says so and nothing of it is shown. A file that is still shown is as
    bad as the post; one that cannot be looked at or is gone by itself says nothing of the post.
    """
    post = _first({probe.availability for probe in probes if not probe.subject.startswith(FILE)})
    shown = any(probe.availability is Availability.PRESENT for probe in probes)
    return post.value, Availability.PRESENT.value if shown else post.value


def next_look(checks: Sequence[AvailabilityCheck], *, age: timedelta, usual: timedelta) -> timedelta | None:
    """How long until the next look, given the looks so far, newest first; None when it is settled.

    `age` is how long ago the post was first seen: fresh posts are looked at most.
    """
    newest = checks[0]
    if newest.verdict == "unknown":
        doubts = _leading(checks, "unknown")
        return min(FIRST_DOUBT * (1 << min(doubts - 1, 10)), LONGEST_DOUBT)
    if newest.verdict == "gone":
        seen_gone = _leading([check for check in checks if check.verdict != "unknown"], "gone")
        return AGAIN[seen_gone - 1] if seen_gone <= len(AGAIN) else None
    if age < FRESH:
        return usual
    return max(usual, timedelta(days=1 if age < LATELY else 7))


def check_due(core: Core) -> list[AvailabilityCheck]:
    """Look at the post that has waited longest, and at others that cost no more; empty when none is due."""
    if not core.settings.availability_hours:
        return []
    with core.database.transaction() as session:
        first = next(iter(claim_checks(session, core.now(), LEASE)), None)
        if first is None:
            return []
        ref, source = described(session, first)
    noted = [_noted(core, post_id, probes) for post_id, probes in _looks(core, first, ref, source)]
    return [check for check in noted if check is not None]


def described(session: Session, post: Post) -> tuple[PostRef, Source]:
    """The post as its connector wants it, and the source to ask: its own, or another one of its platform."""
    revision = latest_revision(session, post.id)
    files = tuple(attachment.url for attachment in revision.attachments) if revision else ()
    source = session.get_one(Source, post.source_id)
    if source.connector != post.platform:
        others = select(Source).where(Source.connector == post.platform, Source.enabled)
        source = session.scalars(others.order_by(Source.name)).first() or source
    return PostRef(post.external_id, post.url, files), source


def _looks(core: Core, first: Post, ref: PostRef, source: Source) -> list[tuple[UUID, tuple[Probe, ...]]]:
    """What was seen of the post, and of those that its connector can be asked about in the same breath."""
    if source.connector == REPORTS:
        return [(first.id, _by_page(core, ref))]
    try:
        connector = open_connector(core, source)
    except ConnectorError as error:
        return [(first.id, (Probe("API", Availability.UNKNOWN, str(error)),))]
    with closing(connector):
        if isinstance(connector, ChecksManyPosts):
            refs = {first.id: ref, **_claimed_alike(core, first)}
            return list(zip(refs, connector.check_many(list(refs.values())), strict=True))
        if isinstance(connector, ChecksAvailability):
            return [(first.id, connector.check_availability(ref))]
    return [(first.id, _by_page(core, ref))]


def _claimed_alike(core: Core, first: Post) -> dict[UUID, PostRef]:
    """Other posts that are due and are asked about through the same source."""
    with core.database.transaction() as session:
        posts = claim_checks(session, core.now(), LEASE, alike=first, limit=MOST_TOGETHER - 1)
        return {post.id: described(session, post)[0] for post in posts}


def _by_page(core: Core, post: PostRef) -> tuple[Probe, ...]:
    """What anybody sees of a post whose platform cannot be asked. No page at all: nothing to look at."""
    fetcher = GuardedFetcher(
        max_bytes=LARGEST_PROBED,
        user_agent=f"leakwatch/{__version__}",
        allow_hosts=core.settings.fetch_allow_hosts,
        traffic=HostTurns(core, FILES),
    )
    page = [web_probe(fetcher, "page", post.url)] if post.url.lower().startswith("http") else []
    return (*page, *attachment_probes(fetcher, post))


def _noted(core: Core, post_id: UUID, probes: Sequence[Probe]) -> AvailabilityCheck | None:
    """The look, kept; None for a post that was deleted meanwhile."""
    with core.database.transaction() as session:
        post = session.get(Post, post_id, with_for_update=True)
        return _note(core, session, post, probes) if post is not None else None


def _note(core: Core, session: Session, post: Post, probes: Sequence[Probe]) -> AvailabilityCheck:
    now = core.now()
    of_post, together = verdict_of(probes)
    check = AvailabilityCheck(
        post_id=post.id,
        checked_at=now,
        verdict=together,
        post_verdict=of_post,
        probes=[
            {"subject": probe.subject, "availability": probe.availability.value, "reason": probe.reason}
            for probe in probes
        ],
    )
    session.add(check)
    session.flush()
    _tell(session, core, post, check)
    usual = timedelta(hours=core.settings.availability_hours)
    wait = next_look(checks_of(session, post.id), age=now - post.first_seen_at, usual=usual)
    post.next_check_at = now + wait if wait and probes else None
    return check


def _tell(session: Session, core: Core, post: Post, check: AvailabilityCheck) -> None:
    """Keep when a post went and came back, in its own row and in its alert's history."""
    now = core.now()
    alert = alert_of_post(session, post.id)
    if check.post_verdict == "gone" and post.gone_at is None:
        reasons = [probe["reason"] for probe in check.probes if probe["availability"] == "gone"]
        post.gone_at, post.gone_reason = now, reasons[0]
        if alert is not None:
            record(session, now, alert, "post_gone", note=post.url)
    elif check.post_verdict == "present" and post.gone_at is not None:
        post.gone_at = post.gone_reason = None
        if alert is not None:
            came_back(session, alert, post, now)
            enqueue_for(session, alert.id, now)


def _first(found: set[Availability]) -> Availability:
    """The weightiest of what probes of the post said: one that shows it, then one that says it is gone."""
    return next((each for each in _WORST if each in found), Availability.UNKNOWN)


def _leading(checks: Sequence[AvailabilityCheck], verdict: Verdict) -> int:
    """How many of the newest looks in a row ended like that."""
    count = 0
    for check in checks:
        if check.verdict != verdict:
            break
        count += 1
    return count
