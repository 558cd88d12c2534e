"""Reports by people: one post however told, first in the queue, joined to what is known, and never echoed."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import pytest
from sqlalchemy import select

from connectors.base import Batch
from connectors.base import Post as Seen
from connectors.registry import CONNECTORS
from detectors.model import model
from monitor.bootstrap import build_core
from monitor.core import Core
from monitor.errors import Conflict, InvalidInput, NotFound, TooMany
from monitor.pipeline.acquire import Acquire
from monitor.pipeline.collect import run_source, store_post
from monitor.pipeline.pool import ExaminePool
from monitor.pipeline.runner import Runner
from monitor.pipeline.take_in import reports_source, take_in
from monitor.reports import NewReport, Words, forget_reports, list_reports, standing_of, submit, words_of
from monitor.retention import forget_content
from monitor.settings import Settings
from monitor.sources import create_source
from monitor.storage import work
from monitor.storage.alert import Alert, AlertEvent
from monitor.storage.audit import AuditEvent
from monitor.storage.blob import Blob
from monitor.storage.post import Attachment, Post, PostRevision
from monitor.storage.report import get_report
from monitor.storage.source import all_sources, due_sources
from monitor.texts import open_text
from tests.connectors.loopback import Answer, Asked, LoopbackServer, running
from tests.monitor.pictures import draw, encode, letter
from tests.monitor.scripted import Scripted

ACTOR = "key:intranet"
PLAIN = encode(draw("tea at four", size=(300, 120)))
NUMBER = "999 012 3454"


class Pages(LoopbackServer):
    """Pages and pictures by their path."""

    def __init__(self) -> None:
        super().__init__()
        self.pages: dict[str, Answer] = {}

    def answer(self, asked: Asked) -> Answer:
        return self.pages.get(asked.path, Answer(b"gone", 404))

    def put(self, path: str, body: bytes, kind: str = "text/html") -> str:
        """Publish; its address."""
        self.pages[path] = Answer(body, headers={"Content-Type": kind})
        return f"{self.url}/{path}"


@pytest.fixture(scope="module")
def web() -> Iterator[Pages]:
    """A web of our own."""
    with running(Pages()) as server:
        yield server


@pytest.fixture
def database_url(emptied_database: str) -> str:
    """One database of each kind for all tests here."""
    return emptied_database


@pytest.fixture
def core(settings: Settings, web: Pages) -> Iterator[Core]:
    """A monitor that may look at it."""
    web.pages.clear()
    core = build_core(settings.model_copy(update={"fetch_allow_hosts": frozenset({web.place})}))
    yield core
    core.database.close()


def tell(core: Core, url: str | None = None, *files: bytes, note: str = "", actor: str = ACTOR) -> str:
    """Report; the reference."""
    return submit(core, NewReport(url, note, "", files), actor=actor).reference


def posts(core: Core) -> dict[tuple[str, str], list[PostRevision]]:
    """Every post's revisions, oldest first."""
    with core.database.read() as session:
        found = session.scalars(select(Post)).all()
        return {(post.platform, post.external_id): list(post.revisions) for post in found}


def attachments(core: Core) -> list[Attachment]:
    """Every attachment in its order."""
    with core.database.read() as session:
        return list(session.scalars(select(Attachment).order_by(Attachment.revision_id, Attachment.position)))


def acquire(core: Core) -> None:
    """Let the first stage take what waits."""
    with core.database.transaction() as session:
        claim = work.claim_next(session, "acquire", "test", core.now(), timedelta(minutes=5))
    assert claim is not None
    Acquire(core).run(claim)


def test_a_screenshot_becomes_an_alert(core: Core, pool: ExaminePool) -> None:
    """From the report to the alert; the reporter learns that there is one, and nothing of what is in it."""
    reference = tell(core, None, letter(), note="seen in the pub's group")
    assert standing_of(core, reference).standing == "received"
    assert take_in(core) == 1
    assert standing_of(core, reference).standing == "examining"
    Runner(core, pool).run_pending()
    assert standing_of(core, reference.lower()).standing == "alert_raised"
    (listed,) = list_reports(core)
    with core.database.read() as session:
        assert session.scalars(select(AuditEvent.action)).all() == ["report.create"]
        assert (listed.note, listed.alert) == (
            "seen in the pub's group",
            session.scalar(select(Alert.reference)),
        )


def test_the_source_of_reports_is_not_watched(core: Core) -> None:
    """It is in no list and never due, it alerts from the score that misses least, and its name is taken."""
    with core.database.transaction() as session:
        source = reports_source(session, core.now())
        assert source.alert_threshold == model().thresholds["recall"]
        assert (all_sources(session), due_sources(session, core.now())) == ([], [])
        with pytest.raises(Conflict):
            create_source(
                session, name="reports", connector="folder", config={"path": "/srv"}, now=core.now()
            )


def test_what_was_reported_goes_first(core: Core) -> None:
    """A report is looked at before posts that have waited longer."""
    with core.database.transaction() as session:
        source = reports_source(session, core.now())
        post = Post(source_id=source.id, platform="x", external_id="1", url="u", first_seen_at=core.now())
        session.add(post)
        session.flush()
        early = core.now() - timedelta(hours=1)
        row = {"number": 1, "seen_at": early, "content_digest": "0" * 64, "stage": "acquire"}
        session.add(PostRevision(post_id=post.id, not_before=early, **row))
    tell(core, "https://x.com/someone/status/77")
    take_in(core)
    with core.database.transaction() as session:
        claim = work.claim_next(session, "acquire", "test", core.now(), timedelta(minutes=5))
        assert claim is not None
        assert session.get_one(PostRevision, claim.revision_id).post.external_id == "77"


def test_the_same_is_one_report(core: Core) -> None:
    """The same address however pasted, with the same files, gives the first reference again, and counts."""
    first = tell(core, "https://twitter.com/a/status/5?utm_source=share#top", PLAIN)
    assert tell(core, " twitter.com/a/status/5 ", PLAIN, actor="Jo") == first
    assert tell(core, "https://twitter.com/a/status/5") != first
    assert [each.times for each in list_reports(core)] == [1, 2]


def test_an_idempotency_key_holds_for_its_caller(core: Core) -> None:
    """A repeated key finds the first report whatever comes with it; another caller's is another."""
    new = NewReport("https://example.org/1")
    first = submit(core, new, actor="a", idempotency_key="k" * 8)
    assert submit(core, NewReport("https://example.org/2"), actor="a", idempotency_key="k" * 8).new is False
    other = submit(core, NewReport("https://example.org/3"), actor="b", idempotency_key="k" * 8)
    assert other.reference != first.reference


REFUSED = [
    (NewReport(), "Give the address"),
    (NewReport("   "), "Give the address"),
    (NewReport("http://10.0.0.1:22/"), "Port 22"),
    (NewReport("javascript:alert(1)"), "Only http"),
    (NewReport("https://user:secret@example.org/"), "credentials"),
    (NewReport("https://example.org/" + "a" * 5000), "longer than 4096"),
    (NewReport("https://example.org/", note="n" * 2001), "note is longer"),
    (NewReport("https://example.org/", who="n" * 201), "name is longer"),
    (NewReport(files=(b"PK\x03\x04" + bytes(60),)), "archives are never opened"),
    (NewReport(files=(b"just words",)), "File 1 is no picture"),
    (NewReport(files=(PLAIN,) * 6), "At most 5"),
    (NewReport(files=(PLAIN + bytes(15 << 20),)), "larger than 15 MB"),
]


def test_what_cannot_be_used_is_refused(core: Core) -> None:
    """One sentence says what is wrong, repeats nothing that was sent, and nothing is stored."""
    for new, reason in REFUSED:
        with pytest.raises(InvalidInput, match=reason) as refused:
            submit(core, new, actor=ACTOR)
        assert "secret" not in str(refused.value)
    assert list_reports(core) == []


def test_reports_are_limited_by_the_hour(core: Core) -> None:
    """Too many from one say when to try again; others still may, and a repetition is not counted."""
    limited = Core(
        core.settings.model_copy(update={"reports_per_hour": 2, "anonymous_reports_per_hour": 1}),
        core.database,
        core.vault,
        core.blobs,
    )
    for number in (1, 2, 2):
        tell(limited, f"https://example.org/{number}")
    with pytest.raises(TooMany) as refused:
        tell(limited, "https://example.org/3")
    assert 3500 < refused.value.retry_after <= 3600
    tell(limited, "https://example.org/4", actor="Jo")
    for number in range(20):
        tell(limited, f"https://example.org/a{number}", actor=f"anonymous:{number}")
    with pytest.raises(TooMany):
        tell(limited, "https://example.org/b", actor="anonymous:fresh")


def test_words_are_sealed_and_shown_masked(core: Core) -> None:
    """The note lies encrypted and is shown with its numbers blacked out; a telephone can be read."""
    note, who = f"her number is {NUMBER}", "Ward 7, 01632 960123"
    submit(core, NewReport("https://example.org/", note, who), actor=ACTOR)
    submit(core, NewReport("https://example.org/2", "", f"the mother of {NUMBER}"), actor=ACTOR)
    other, listed = list_reports(core)
    assert "999" not in listed.note + other.who
    assert listed.who == who
    with core.database.read() as session:
        report = get_report(session, listed.reference)
        assert words_of(core.vault, report) == Words(note, who)
        assert NUMBER.encode() not in (report.words_ciphertext or b"")


def test_a_report_joins_the_alert_of_its_post(core: Core, pool: ExaminePool) -> None:
    """An address whose post has an alert adds a line there; with a new screenshot that is looked at too."""
    url = "https://x.com/a/status/9"
    tell(core, url, letter())
    take_in(core)
    Runner(core, pool).run_pending()
    reference = tell(core, "https://mobile.twitter.com/a/status/9")
    take_in(core)
    assert standing_of(core, reference).standing == "alert_raised"
    assert len(posts(core)[("x", "9")]) == 1
    with core.database.read() as session:
        assert len(session.scalars(select(Alert)).all()) == 1
        last = session.scalars(select(AlertEvent).order_by(AlertEvent.id.desc())).first()
        assert last is not None
        assert (last.action, last.actor, last.note) == ("reported", ACTOR, reference)
    tell(core, url, PLAIN)
    take_in(core)
    assert [each.number for each in posts(core)[("x", "9")]] == [1, 2]


def test_a_page_gives_its_pictures(core: Core, web: Pages) -> None:
    """A reported page is read for its words and its pictures, each of which says where it was found."""
    picture = web.put("p.png", PLAIN, "image/png")
    page = web.put(
        "page",
        b"<title>x</title><meta property=og:title content='Look at this letter'>"
        b"<meta property=og:image content=/p.png><img src=/missing.png>",
    )
    tell(core, page, note="my neighbour showed me")
    take_in(core)
    acquire(core)
    rows = [(each.origin, each.state) for each in attachments(core)]
    assert rows == [("page", "skipped"), ("linked", "acquired"), ("linked", "skipped")]
    facts = attachments(core)[1].acquisition or {}
    assert (facts["url"], facts["found_on"], facts["found_as"]) == (picture, page, "og:image")
    ((revision,),) = posts(core).values()
    text = open_text(core.vault, revision)
    assert (text.card, text.thread, revision.stage) == (
        ("Look at this letter",),
        ("my neighbour showed me",),
        "examine",
    )


def test_a_page_that_cannot_be_read_is_seen(core: Core, web: Pages, pool: ExaminePool) -> None:
    """A reported page that is refused leaves its post failed, and the report is said to be unreadable."""
    reference = tell(core, f"{web.url}/nowhere")
    take_in(core)
    Runner(core, pool).run_pending()
    assert standing_of(core, reference).standing == "unreadable"
    (listed,) = list_reports(core)
    assert "answered 404" in (listed.error or "")


def test_a_file_that_waits_is_not_deleted(core: Core) -> None:
    """Bytes that a waiting report brought outlive the end of another post that had the same."""
    tell(core, None, PLAIN)
    take_in(core)
    tell(core, "https://example.org/other", PLAIN)
    with core.database.transaction() as session:
        revision = session.scalars(select(PostRevision)).one()
        assert forget_content(session, core.blobs, revision, core.now()) == []
        assert session.scalars(select(Blob.wrapped_key)).one() is not None


def test_a_crash_takes_a_report_once(core: Core, monkeypatch: pytest.MonkeyPatch) -> None:
    """A failure on the way leaves the report waiting, and in the end it becomes one post."""
    tell(core, "https://example.org/1")
    with monkeypatch.context() as broken:
        broken.setattr("monitor.pipeline.take_in.store_post", lambda *_: 1 / 0)
        assert take_in(core) == 0
    assert posts(core) == {}
    assert take_in(core) == 1
    assert take_in(core) == 0
    assert len(posts(core)) == 1


def test_old_reports_are_forgotten(core: Core) -> None:
    """A report that is over is deleted after its days; its post stays, its reference says no more."""
    reference = tell(core, "https://example.org/1", PLAIN)
    later = Core(
        core.settings, core.database, core.vault, core.blobs, lambda: core.now() + timedelta(days=91)
    )
    assert forget_reports(later) == 0
    take_in(core)
    assert forget_reports(later) == 1
    with pytest.raises(NotFound):
        standing_of(core, reference)
    assert len(posts(core)) == 1


def test_links_in_a_post_are_looked_behind(core: Core, web: Pages) -> None:
    """A linked page gives way to its picture and costs nothing when it is gone; archives are never opened."""
    page = web.put("album", b"<html><link type=application/json+oembed href=/o.json>")
    web.put("o.json", b'{"type": "photo", "url": "%s/p.png"}' % web.url.encode(), "application/json")
    web.put("p.png", PLAIN, "image/png")
    archive = web.put("all.png", b"Rar!\x1a\x07\x00" + bytes(99), "image/png")
    text = f"here {page} and {archive} and {web.url}/gone.jpg"
    looking = Core(
        core.settings.model_copy(update={"follow_links": "all"}), core.database, core.vault, core.blobs
    )
    with core.database.transaction() as session:
        source = reports_source(session, core.now())
        store_post(looking, session, source, Seen("test", "1", "https://example.org/1", text))
    acquire(core)
    rows = [(each.origin, each.state, (each.error or "")[:24]) for each in attachments(core)]
    assert rows == [
        ("link", "skipped", "It is a page; 1 of its p"),
        ("link", "skipped", "skipped: archive (RAR); "),
        ("link", "skipped", "127.0.0.1 answered 404 i"),
        ("linked", "acquired", ""),
    ]


def test_an_address_that_a_mail_points_at_is_a_report(core: Core, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each is one report, however often another mail names it, and becomes the post it means."""
    pointing = (
        "https://x.com/a/status/5",
        "https://x.com/a/status/5#again",
        "ftp://nowhere/",
        "https://t.me/chan/7",
    )
    mails = tuple(Seen("scripted", str(n), "mid:x", "see these", reported=pointing[n:]) for n in range(2))
    monkeypatch.setitem(CONNECTORS, "scripted", Scripted(Batch(mails, {"uid": 1})).kind())
    with core.database.transaction() as session:
        source = create_source(session, name="leaks", connector="scripted", config={}, now=core.now())
    assert run_source(core, source) is not None
    take_in(core)
    assert posts(core).keys() >= {("scripted", "0"), ("scripted", "1"), ("x", "5"), ("telegram", "chan/7")}
    assert [(each.actor, each.times) for each in list_reports(core)] == [
        ("source:leaks", 2),
        ("source:leaks", 3),
    ]


def test_no_link_is_waited_for_beside_a_screenshot(core: Core, web: Pages) -> None:
    """A page that is away holds up a report by its address alone, not one that shows something."""
    web.pages["busy"] = Answer(b"", 503)
    tell(core, f"{web.url}/busy", PLAIN)
    tell(core, f"{web.url}/busy")
    take_in(core)
    acquire(core)
    acquire(core)
    stages = sorted(revision.stage for kept in posts(core).values() for revision in kept)
    assert stages == ["acquire", "examine"]
