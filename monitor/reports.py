"""Reports by people: taken down at the door, answered by a reference, looked at by the pipeline.

What a person says of a leak is kept sealed and shown masked. Nothing of it is echoed: whoever knows the
reference learns how far it is, never what is in it. The same address with the same files is one report.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Literal
from uuid import UUID

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from connectors.base import AttachmentRefused
from connectors.permalinks import read_permalink
from connectors.text import clean_text
from detectors.image import READ, media_type_of
from monitor import audit
from monitor.alerts import alert_of_post
from monitor.blobs import Written
from monitor.core import Core
from monitor.errors import InvalidInput, TooMany
from monitor.evidence.sharing import ClearIdentifierFound, require_shareable
from monitor.storage.base import new_id
from monitor.storage.coordination import lock_counter
from monitor.storage.report import (
    Report,
    ReportFile,
    find_reports,
    get_report,
    new_reference,
    received_since,
)
from monitor.storage.work import STAGES
from monitor.texts import mask_text
from monitor.vault import Sealed, Vault

Standing = Literal["received", "examining", "alert_raised", "examined", "unreadable"]

MAX_FILES = 5
MAX_FILE_MB = 15
MAX_REPORT_BYTES = 32 << 20
"""Of a whole report as it is sent."""
MAX_NOTE = 2000
MAX_NAME = 200
MAX_URL = 4096
HOUR = timedelta(hours=1)
ANONYMOUS = "anonymous:"
ALL_TOGETHER = 20
"""All anonymous reporters together may make so many times what one address may."""


@dataclass(frozen=True, slots=True)
class NewReport:
    """What a person tells: an address, files, or both; all of it may be of a patient."""

    url: str | None = field(default=None, repr=False)
    note: str = field(default="", repr=False)
    who: str = field(default="", repr=False)
    """Who reports, if they want to say: a name, a ward, how to reach them."""
    files: tuple[bytes, ...] = field(default=(), repr=False)


@dataclass(frozen=True, slots=True)
class Receipt:
    """What a reporter is given."""

    reference: str
    standing: Standing
    received_at: datetime
    new: bool
    """False when the same had been reported before."""


@dataclass(frozen=True, slots=True)
class ReportDetail:
    """A report as the security team sees it, its words masked."""

    id: UUID
    reference: str
    standing: Standing
    received_at: datetime
    actor: str
    who: str
    note: str
    url: str | None
    files: int
    times: int
    post_id: UUID | None
    alert: str | None
    error: str | None


@dataclass(frozen=True, slots=True)
class Words:
    """What a report says in words, in the clear."""

    note: str = field(default="", repr=False)
    who: str = field(default="", repr=False)


def submit(core: Core, new: NewReport, *, actor: str, idempotency_key: str | None = None) -> Receipt:
    """Take a report in. Raises InvalidInput, or TooMany when the actor has made enough for an hour."""
    url = _checked_url(core, new.url)
    _check_words(new)
    _check_files(new.files)
    if url is None and not new.files:
        raise InvalidInput("Give the address of the post, a screenshot of it, or both.")
    digest = _digest(core, url, new.files)
    key = core.vault.keyed_digest("idempotency", f"{actor}\n{idempotency_key}") if idempotency_key else None
    known = _known(core, digest, key)
    if known is not None:
        return known
    require_room(core, actor)
    written = [core.blobs.write(data, media_type_of(data) or "") for data in new.files]
    with core.database.transaction() as session:
        lock_counter(session, "report")
        if _find(session, digest, key) is None:
            _require_room(core, session, actor)
            report = Report(digest=digest, idempotency=key, actor=actor, url=url)
            return _store(core, session, report, new, written)
    again = _known(core, digest, key)
    assert again is not None
    return again


def tell(core: Core, session: Session, url: str, *, actor: str) -> None:
    """Take in an address that somebody pointed at in a mail; what is no address of a page is passed over."""
    try:
        tidied = _checked_url(core, url)
    except InvalidInput:
        return
    if tidied is None:
        return
    digest = _digest(core, tidied, ())
    lock_counter(session, "report")
    known = _find(session, digest, None)
    if known is None:
        _store(core, session, Report(digest=digest, actor=actor, url=tidied), NewReport(tidied), ())
    else:
        known.times += 1


def standing_of(core: Core, reference: str) -> Receipt:
    """How a report stands. Raises NotFound."""
    with core.database.read() as session:
        return _receipt(session, get_report(session, reference), new=False)


def list_reports(core: Core, *, before: UUID | None = None, limit: int = 50) -> list[ReportDetail]:
    """Reports newest first, those older than `before` (keyset pagination)."""
    with core.database.read() as session:
        return [_detail(core, session, each) for each in find_reports(session, before=before, limit=limit)]


def require_room(core: Core, actor: str) -> None:
    """Raise TooMany when an actor has made as many reports as an hour allows."""
    with core.database.read() as session:
        _require_room(core, session, actor)


def _require_room(core: Core, session: Session, actor: str) -> None:
    settings = core.settings
    limits = [(actor, settings.reports_per_hour)]
    if actor.startswith(ANONYMOUS):
        each = settings.anonymous_reports_per_hour
        limits = [(actor, each), (f"{ANONYMOUS}%", each * ALL_TOGETHER)]
    since = core.now() - HOUR
    for whose, most in limits:
        count, first = received_since(session, since, whose)
        if first is not None and count >= most:
            wait = max(1.0, (first - since).total_seconds())
            raise TooMany(f"{most} reports came within an hour, which is the limit; try again later.", wait)


def words_of(vault: Vault, report: Report) -> Words:
    """What a report says in words, in the clear; nothing once it was deleted."""
    if report.words_ciphertext is None or report.words_key is None:
        return Words()
    sealed = Sealed(report.words_ciphertext, report.words_key)
    return Words(**json.loads(vault.decrypt(sealed, context=_context(report))))


def standing(session: Session, report: Report) -> Standing:
    """How far a report is."""
    if report.post_id is None:
        return "received"
    if alert_of_post(session, report.post_id) is not None:
        return "alert_raised"
    if report.revision is None or report.revision.stage == "done":
        return "examined"
    return "examining" if report.revision.stage in STAGES else "unreadable"


def forget_reports(core: Core) -> int:
    """Delete reports that are over and older than they are kept; their posts and alerts stay. How many."""
    limit = core.now() - timedelta(days=core.settings.report_days)
    with core.database.transaction() as session:
        old = session.scalars(
            select(Report).where(Report.received_at < limit, Report.state == "taken").limit(1000)
        ).all()
        for report in old:
            session.delete(report)
        return len(old)


def _checked_url(core: Core, given: str | None) -> str | None:
    if given is None or not given.strip():
        return None
    if len(given) > MAX_URL:
        raise InvalidInput(f"The address is longer than {MAX_URL} characters.")
    try:
        return read_permalink(given, core.settings.fetch_allow_hosts).url
    except AttachmentRefused as error:
        raise InvalidInput(f"The address cannot be looked at: {error}") from None


def _check_words(new: NewReport) -> None:
    for name, text, most in (("note", new.note, MAX_NOTE), ("name", new.who, MAX_NAME)):
        if len(text) > most:
            raise InvalidInput(f"The {name} is longer than {most} characters.")


def _check_files(files: Sequence[bytes]) -> None:
    if len(files) > MAX_FILES:
        raise InvalidInput(f"At most {MAX_FILES} files go with one report.")
    for number, data in enumerate(files, start=1):
        if len(data) > MAX_FILE_MB << 20:
            raise InvalidInput(f"File {number} is larger than {MAX_FILE_MB} MB.")
        if media_type_of(data) not in READ:
            raise InvalidInput(
                f"File {number} is no picture, PDF, office document or video; archives are never opened."
            )


def _digest(core: Core, url: str | None, files: Sequence[bytes]) -> str:
    contents = sorted(hashlib.sha256(data).hexdigest() for data in files)
    return core.vault.keyed_digest("report", json.dumps([url, contents]))


def _known(core: Core, digest: str, key: str | None) -> Receipt | None:
    """The receipt of the same report made before, counted once more."""
    with core.database.transaction() as session:
        report = _find(session, digest, key)
        if report is None:
            return None
        report.times += 1
        return _receipt(session, report, new=False)


def _find(session: Session, digest: str, key: str | None) -> Report | None:
    same = Report.digest == digest
    query = select(Report).where(or_(same, Report.idempotency == key) if key else same)
    return session.scalars(query.order_by(Report.id).limit(1)).first()


def _store(
    core: Core, session: Session, report: Report, new: NewReport, written: Sequence[Written]
) -> Receipt:
    now = core.now()
    report.id, report.reference = new_id(), new_reference()
    report.received_at = report.not_before = now
    _seal_words(core.vault, report, Words(clean_text(new.note).strip(), clean_text(new.who).strip()))
    shas = [core.blobs.register(session, each, now) for each in written]
    report.files = [ReportFile(position=at, blob_sha256=sha) for at, sha in enumerate(dict.fromkeys(shas))]
    session.add(report)
    audit.record(session, now=now, actor=report.actor, action="report.create", item=report.reference)
    return Receipt(report.reference, "received", now, new=True)


def _receipt(session: Session, report: Report, *, new: bool) -> Receipt:
    return Receipt(report.reference, standing(session, report), report.received_at, new)


def _detail(core: Core, session: Session, report: Report) -> ReportDetail:
    words = words_of(core.vault, report)
    alert = alert_of_post(session, report.post_id) if report.post_id else None
    return ReportDetail(
        id=report.id,
        reference=report.reference,
        standing=standing(session, report),
        received_at=report.received_at,
        actor=report.actor,
        who=_shown_who(words.who),
        note=mask_text(words.note, ()),
        url=report.url,
        files=len(report.files),
        times=report.times,
        post_id=report.post_id,
        alert=alert.reference if alert else None,
        error=report.revision.error if report.revision else None,
    )


def _shown_who(who: str) -> str:
    """A reporter's telephone number must be readable, a patient's number that got there must not."""
    try:
        require_shareable(who, "who")
    except ClearIdentifierFound:
        return mask_text(who, ())
    return who


def _seal_words(vault: Vault, report: Report, words: Words) -> None:
    if not words.note and not words.who:
        return
    document = json.dumps({"note": words.note, "who": words.who}, ensure_ascii=False)
    sealed = vault.encrypt(document.encode(), context=_context(report))
    report.words_ciphertext, report.words_key = sealed.ciphertext, sealed.wrapped_key


def _context(report: Report) -> bytes:
    return b"report:" + str(report.id).encode()
