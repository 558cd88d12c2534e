"""Telling a platform's moderators of a post: only when a person says so, once, and never without a trace.

1. check who, what and why; find the connector that can tell
2. write down that it is about to be told
3. tell, once: a lost answer is not repeated, since nobody knows whether it arrived
4. write down what came back
"""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from connectors.base import ConnectorError, Receipt, Report, SubmitsReports
from monitor import audit
from monitor.alerts import record
from monitor.availability import described
from monitor.core import Core
from monitor.errors import Conflict, InvalidInput, PlatformFailed
from monitor.notes import checked_note
from monitor.reveal import REASON_LENGTH
from monitor.storage.alert import Alert, AlertEvent, get_alert
from monitor.storage.post import Post
from monitor.traffic import open_connector

COMMENT = "This post shows a patient's medical record without their consent. Please remove it."
"""What moderators are told unless a person writes something else."""
ABOUT_TO, TOLD, NOT_TOLD = "telling_platform", "platform_told", "platform_not_told"
CLOSED = frozenset({"dismissed", "merged"})


@dataclass(frozen=True, slots=True)
class Telling:
    """What a person wants a platform to be told."""

    reason: str
    """Why, for our own logs."""
    comment: str = COMMENT
    """What the moderators read."""
    category: str | None = None
    post_id: UUID | None = None
    """Which of the alert's posts; None for its only one that is not gone."""
    again: bool = False
    """Though the platform was told of it before."""


def tell_platform(core: Core, reference: str, telling: Telling, *, actor: str) -> Receipt:
    """Report one post of an alert. Raises InvalidInput, NotFound, Conflict or PlatformFailed."""
    report = Report(_checked(telling), telling.category)
    with core.database.read() as session:
        post = _post_of(get_alert(session, reference), telling)
        ref, source = described(session, post)
    try:
        connector = open_connector(core, source)
    except ConnectorError as error:
        raise PlatformFailed(str(error)) from error
    try:
        if not isinstance(connector, SubmitsReports):
            raise InvalidInput(
                f"{post.platform} takes no reports through its API; use its own form: {post.url}"
            )
        with core.database.transaction() as session:
            _announce(core, session, reference, post, telling=telling, actor=actor)
        try:
            receipt = connector.submit_report(ref, report)
        except ConnectorError as error:
            _write_down(core, reference, NOT_TOLD, f"{post.url}: {error}", actor)
            raise PlatformFailed(str(error)) from error
    finally:
        connector.close()
    number = f" (number {receipt.reference})" if receipt.reference else ""
    _write_down(core, reference, TOLD, f"{post.url}: {receipt.message}{number}", actor)
    return receipt


def _checked(telling: Telling) -> str:
    """The comment, trimmed; neither it nor the reason may hold a patient's number."""
    if len(checked_note(telling.reason)) < REASON_LENGTH:
        raise InvalidInput(f"Give a reason of at least {REASON_LENGTH} characters; it goes into the log.")
    comment = checked_note(telling.comment)
    if not comment:
        raise InvalidInput("Moderators must be told something; leave the comment out for the usual words.")
    return comment


def _post_of(alert: Alert, telling: Telling) -> Post:
    if alert.status in CLOSED:
        raise Conflict(f"Alert {alert.reference} is {alert.status}; its posts are not reported.")
    posts = [sighting.post for sighting in alert.sightings]
    meant = [post for post in posts if telling.post_id in {None, post.id}]
    if telling.post_id is None:
        meant = [post for post in meant if post.gone_at is None]
    if len(meant) != 1:
        known = ", ".join(str(post.id) for post in posts)
        raise InvalidInput(f"Say which post of {alert.reference} is meant; it has {known}.")
    return meant[0]


def _announce(
    core: Core, session: Session, reference: str, post: Post, *, telling: Telling, actor: str
) -> None:
    """Write down that a post is about to be reported. Raises Conflict when that was done before."""
    alert = get_alert(session, reference)
    session.refresh(alert, with_for_update=True)
    before = select(AlertEvent.id).where(
        AlertEvent.alert_id == alert.id, AlertEvent.action == ABOUT_TO, AlertEvent.note == post.url
    )
    if not telling.again and session.scalar(before.limit(1)):
        raise Conflict(f"{post.url} was reported before; say so if it is to be reported again.")
    now = core.now()
    record(session, now, alert, ABOUT_TO, actor=actor, note=post.url)
    item = f"{reference}/{post.id}"
    audit.record(
        session, now=now, actor=actor, action="alert.report", item=item, note=checked_note(telling.reason)
    )


def _write_down(core: Core, reference: str, action: str, note: str, actor: str) -> None:
    with core.database.transaction() as session:
        record(session, core.now(), get_alert(session, reference), action, actor=actor, note=note)
