"""Posts of alerts are looked at again: what counts as gone, when to look, and what follows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy.orm import Session

from connectors import registry
from connectors.base import Availability, PostRef, Probe, Receipt, Report, SourceUnavailable
from detectors.assess import Assessment
from monitor.alerts import Decision, apply, change_status
from monitor.availability import MOST_TOGETHER, check_due, next_look, verdict_of
from monitor.core import Core
from monitor.errors import Conflict, InvalidInput, PlatformFailed
from monitor.moderators import COMMENT, Telling, tell_platform
from monitor.pipeline.collect import run_source
from monitor.reposts.traits import PostTraits
from monitor.sources import create_source
from monitor.storage.alert import Alert, get_alert
from monitor.storage.audit import audit_events
from monitor.storage.availability import AvailabilityCheck, checks_of
from monitor.storage.post import Post, find_post, note_gone
from monitor.storage.source import REPORTS, source_named
from tests.monitor.scripted import Scripted, batch

PRESENT, GONE, UNKNOWN = Availability.PRESENT, Availability.GONE, Availability.UNKNOWN
START = datetime(2026, 11, 25, 12, tzinfo=UTC)
HOUR, DAY = timedelta(hours=1), timedelta(days=1)

api, page, file = (lambda found, subject=subject: Probe(subject, found, "It answered.") for subject in (
    "API", "page", "attachment 1"))  # fmt: skip


@pytest.mark.parametrize(
    ("probes", "post", "together"),
    [
        ((api(PRESENT), file(PRESENT)), "present", "present"),
        ((api(GONE), file(GONE)), "gone", "gone"),
        ((api(GONE), page(UNKNOWN), file(UNKNOWN)), "gone", "gone"),
        ((api(GONE), page(PRESENT)), "present", "present"),
        ((api(GONE), file(PRESENT)), "gone", "present"),
        ((api(UNKNOWN), file(GONE)), "unknown", "unknown"),
        ((api(UNKNOWN), file(PRESENT)), "unknown", "present"),
        ((api(PRESENT), file(GONE)), "present", "present"),
        ((file(GONE),), "unknown", "unknown"),
        ((), "unknown", "unknown"),
    ],
)
def test_what_probes_prove(probes: tuple[Probe, ...], post: str, together: str) -> None:
    """A post is gone when it is said to be and nothing shows it; a file may outlive it and proves nothing."""
    assert verdict_of(probes) == (post, together)


VERDICTS = st.lists(st.sampled_from(["present", "gone", "unknown"]), min_size=1, max_size=30)


@settings(max_examples=60)
@given(verdicts=VERDICTS, age=st.timedeltas(timedelta(0), timedelta(days=400)))
def test_looks_are_bounded(verdicts: list[str], age: timedelta) -> None:
    """Whatever was seen: at most hourly, at least weekly; only three looks that found it gone settle it."""
    looks = [AvailabilityCheck(verdict=verdict) for verdict in verdicts]
    wait = next_look(looks, age=age, usual=6 * HOUR)
    if wait is None:
        assert [verdict for verdict in verdicts if verdict != "unknown"][:3] == ["gone"] * 3
    else:
        assert HOUR <= wait <= 7 * DAY


class Asked(Scripted):
    """One that can be asked, and answers as it is told."""

    answers: tuple[Probe, ...] = (api(PRESENT),)

    def check_availability(self, post: PostRef) -> tuple[Probe, ...]:
        """The answer of the moment."""
        self.asked = post
        return self.answers


class Reportable(Asked):
    """One that takes reports, or breaks off."""

    broken = False
    reports: tuple[Report, ...] = ()

    def submit_report(self, post: PostRef, report: Report) -> Receipt:
        """Take it, or break off after it may have been taken."""
        self.reports += (report,)
        if self.broken:
            raise SourceUnavailable("It broke off.")
        return Receipt("77", "The report was taken.")


class Watched:
    """An alert on one post, and a clock."""

    def __init__(self, core: Core, asked: Asked, reference: str) -> None:
        self.asked = asked
        self.reference = reference
        self.now = START
        self.core = replace(core, now=lambda: self.now)

    def look(self, *answers: Probe, after: timedelta = timedelta(0)) -> AvailabilityCheck | None:
        """The look that is due then, if any."""
        self.now += after
        self.asked.answers = answers or self.asked.answers
        return next(iter(check_due(self.core)), None)

    @property
    def post(self) -> Post:
        with self.core.database.read() as session:
            post = find_post(session, "scripted", "1")
            assert post is not None
            return post

    @property
    def alert(self) -> Alert:
        with self.core.database.read() as session:
            alert = get_alert(session, self.reference)
            assert alert.events
            return alert

    def decide(self, *statuses: str) -> None:
        """Move the alert."""
        with self.core.database.transaction() as session:
            for status in statuses:
                alert = get_alert(session, self.reference)
                change_status(session, alert, status, actor="cli:test", now=self.now)  # type: ignore[arg-type]


def collected(core: Core) -> Core:
    """The core at the moment at which it has read its source."""
    with core.database.transaction() as session:
        create_source(session, name="s", connector="scripted", config={}, now=START)
    with core.database.read() as session:
        source = source_named(session, "s")
    early = replace(core, now=lambda: START)
    run_source(early, source)
    return early


def raised(session: Session, external_id: str) -> str:
    """An alert on a post; its reference."""
    post = find_post(session, "scripted", external_id)
    assert post is not None
    assessment = Assessment(0.9, "high", "patient_record", "letter", ("A reason.",), alert=True)
    alert = apply(
        session, Decision("raise"), assessment=assessment, post=post, traits=PostTraits(), now=START
    )
    assert alert is not None
    return alert.reference


@pytest.fixture
def watched(core: Core, monkeypatch: pytest.MonkeyPatch) -> Watched:
    """A post that alerted."""
    asked = Reportable(batch(1, "a leak"))
    monkeypatch.setitem(registry.CONNECTORS, "scripted", asked.kind())
    with collected(core).database.transaction() as session:
        return Watched(core, asked, raised(session, "1"))


def test_a_post_is_looked_at_while_its_alert_is_open(watched: Watched) -> None:
    """At once, then every few hours; a post without an alert, or of a dismissed one, not at all."""
    first = watched.look()
    assert first is not None
    assert (first.verdict, first.probes[0]["subject"]) == ("present", "API")
    assert watched.asked.asked.url == "https://example.org/1"
    assert watched.look(after=5 * HOUR) is None
    assert watched.look(after=HOUR) is not None
    watched.decide("dismissed")
    assert watched.look(after=DAY) is None


class AskedOfMany(Asked):
    """One that tells of many posts in one answer."""

    together: tuple[list[str], ...] = ()

    def check_many(self, posts: Sequence[PostRef]) -> list[tuple[Probe, ...]]:
        """The first is gone, the others are there."""
        self.together += ([post.external_id for post in posts],)
        return [(api(PRESENT if number else GONE),) for number, _ in enumerate(posts)]


def test_posts_are_asked_about_together(core: Core, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where one answer tells of many, those that are due go together, bounded, each with its own look."""
    count = MOST_TOGETHER + 2
    asked = AskedOfMany(batch(1, *(f"leak {number}" for number in range(count))))
    monkeypatch.setitem(registry.CONNECTORS, "scripted", asked.kind())
    early = collected(core)
    with early.database.transaction() as session:
        for number in range(1, count + 1):
            raised(session, str(number))
    looks = [check_due(early) for _ in range(3)]
    assert [len(each) for each in looks] == [MOST_TOGETHER, 2, 0]
    every = {each for ids in asked.together for each in ids}
    assert every == {str(number) for number in range(1, count + 1)}
    assert [[look.verdict for look in each].count("gone") for each in looks] == [1, 1, 0]
    with early.database.read() as session:
        gone = [find_post(session, "scripted", ids[0]) for ids in asked.together]
        assert [post.gone_at for post in gone if post] == [START, START]


def test_gone_is_looked_at_twice_more_and_is_then_settled(watched: Watched) -> None:
    """After a day and a week; each look keeps its probes; the alert's history tells when."""
    for after in (timedelta(0), DAY, 7 * DAY):
        look = watched.look(api(GONE), file(GONE), after=after)
        assert look is not None
        assert look.verdict == "gone"
    assert watched.look(after=100 * DAY) is None
    assert (watched.post.gone_at, watched.post.gone_reason) == (START, "It answered.")
    assert [event.action for event in watched.alert.events] == ["raised", "post_gone"]


def test_doubt_is_never_gone(watched: Watched) -> None:
    """Refusals are looked into again, ever more slowly, and change nothing."""
    waits = [timedelta(0), HOUR, 2 * HOUR, 4 * HOUR, 8 * HOUR, 16 * HOUR, DAY, DAY]
    for wait in waits:
        if wait:
            assert watched.look(api(UNKNOWN), after=wait - timedelta(minutes=1)) is None
            watched.now += timedelta(minutes=1)
        assert watched.look(api(UNKNOWN)) is not None
    assert watched.post.gone_at is None


def test_a_post_that_comes_back_reopens_its_alert(watched: Watched) -> None:
    """What was got rid of and is shown again is put before people again; a file alone is no post."""
    watched.look(api(GONE), file(GONE))
    watched.decide("confirmed", "resolved")
    assert watched.look(api(GONE), file(PRESENT), after=DAY) is not None
    assert watched.alert.status == "resolved"
    assert watched.look(api(PRESENT), after=DAY) is not None
    assert watched.alert.status == "new"
    assert watched.post.gone_at is None
    actions = [event.action for event in watched.alert.events]
    assert actions[-2:] == ["post_back", "reopened"]


def test_word_of_a_deletion_is_looked_into(watched: Watched) -> None:
    """What a stream tells is checked at once, and a post that is shown after all is not gone."""
    watched.look()
    with watched.core.database.transaction() as session:
        note_gone(session, "scripted", "1", "deleted by its author", watched.now)
    assert watched.look(api(GONE)) is not None
    assert watched.post.gone_reason == "deleted by its author"


def test_a_post_nobody_can_be_asked_about_is_settled(
    core: Core, watched: Watched, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Without a connector to ask, its page is looked at; what has none is noted once and left."""
    monkeypatch.setitem(registry.CONNECTORS, "scripted", Scripted().kind())
    with core.database.transaction() as session:
        post = find_post(session, "scripted", "1")
        assert post is not None
        post.url = "folder:1"
    look = watched.look()
    assert look is not None
    assert (look.verdict, look.probes) == ("unknown", [])
    assert watched.look(after=30 * DAY) is None


def test_a_reported_post_is_looked_at_by_its_page(core: Core, watched: Watched) -> None:
    """What people report has no connector of its own; without a page either, there is nothing to look at."""
    with core.database.transaction() as session:
        post = find_post(session, "scripted", "1")
        assert post is not None
        post.url = "folder:1"
        source_named(session, "s").connector = REPORTS
    look = watched.look()
    assert look is not None
    assert look.probes == []


def test_looking_can_be_switched_off(watched: Watched) -> None:
    """With the setting at 0 no platform is asked."""
    settings = watched.core.settings.model_copy(update={"availability_hours": 0})
    assert check_due(replace(watched.core, settings=settings)) == []
    with watched.core.database.read() as session:
        assert not checks_of(session, watched.post.id)


WHY = "Confirmed with the ward manager."


def tell(watched: Watched, *, actor: str = "cli:test", **telling: object) -> Receipt:
    """Report the alert's post."""
    wanted = Telling(**{"reason": WHY, **telling})  # type: ignore[arg-type]
    return tell_platform(watched.core, watched.reference, wanted, actor=actor)


def test_a_platform_is_told_once_and_with_a_trace(watched: Watched) -> None:
    """A person's report is logged with its reason, its receipt kept, and made again only when asked for."""
    assert isinstance(watched.asked, Reportable)
    assert tell(watched).reference == "77"
    assert watched.asked.reports == (Report(COMMENT, None),)
    assert [(event.actor, event.action, event.note) for event in watched.alert.events][1:] == [
        ("cli:test", "telling_platform", "https://example.org/1"),
        ("cli:test", "platform_told", "https://example.org/1: The report was taken. (number 77)"),
    ]
    with watched.core.database.read() as session:
        (line,) = [line for line in audit_events(session) if line.action == "alert.report"]
    assert (line.actor, line.note, line.item) == ("cli:test", WHY, f"{watched.reference}/{watched.post.id}")
    with pytest.raises(Conflict, match="was reported before"):
        tell(watched)
    assert tell(watched, again=True, comment="Please look again.").reference == "77"
    assert len(watched.asked.reports) == 2


def test_a_lost_answer_is_not_repeated(watched: Watched) -> None:
    """Nobody knows whether it arrived: that is kept, and the next report must be asked for."""
    assert isinstance(watched.asked, Reportable)
    watched.asked.broken = True
    with pytest.raises(PlatformFailed, match="It broke off"):
        tell(watched)
    assert [event.action for event in watched.alert.events][1:] == ["telling_platform", "platform_not_told"]
    with pytest.raises(Conflict):
        tell(watched)
    assert len(watched.asked.reports) == 1


@pytest.mark.parametrize(
    ("telling", "said"),
    [
        ({"reason": "short"}, "Give a reason of at least"),
        ({"comment": "It shows 999 012 3454 in full"}, "may be a patient's number"),
        ({"reason": "They said it is 999 012 3454"}, "may be a patient's number"),
        ({"comment": "  "}, "Moderators must be told something"),
        ({"post_id": UUID(int=1)}, "Say which post of"),
    ],
)
def test_a_report_that_should_not_be_made_is_refused(
    watched: Watched, telling: dict[str, object], said: str
) -> None:
    """No reason, no words, a patient's number in them, another alert's post: nothing leaves the house."""
    assert isinstance(watched.asked, Reportable)
    with pytest.raises(InvalidInput, match=said):
        tell(watched, **telling)
    watched.decide("dismissed")
    with pytest.raises(Conflict, match="is dismissed"):
        tell(watched)
    assert watched.asked.reports == ()


def test_a_platform_without_reports_is_told_by_its_form(
    watched: Watched, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The sentence names the address; nothing is written down."""
    monkeypatch.setitem(registry.CONNECTORS, "scripted", Scripted().kind())
    with pytest.raises(InvalidInput, match=r"use its own form: https://example\.org/1"):
        tell(watched)
    assert len(watched.alert.events) == 1
