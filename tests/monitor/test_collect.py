"""Collect: what a run stores, and how each kind of trouble ends it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from threading import Event

import pytest
from sqlalchemy import select

from connectors import registry
from connectors.base import (
    AuthenticationFailed,
    Deletion,
    LinkCard,
    RateLimited,
    Rejected,
    SourceUnavailable,
)
from monitor.core import Core
from monitor.pipeline import collect
from monitor.pipeline.collect import RunReport, run_due, run_source
from monitor.sources import create_source
from monitor.storage.post import Post, PostRevision
from monitor.storage.source import Source, SourceRun, last_run, source_named
from monitor.storage.work import retry_failed
from monitor.texts import open_text
from tests.monitor.scripted import Scripted, Step, Streaming, batch

Watch = Callable[..., Scripted]


@pytest.fixture
def watch(core: Core, monkeypatch: pytest.MonkeyPatch) -> Watch:
    """Makes a source, named like its connector, that plays steps."""

    def make(*steps: Step, name: str = "scripted", into: type[Scripted] = Scripted) -> Scripted:
        scripted = into(*steps)
        monkeypatch.setitem(registry.CONNECTORS, name, scripted.kind(name))
        with core.database.transaction() as session:
            create_source(session, name=name, connector=name, config={}, now=core.now())
        return scripted

    return make


def source(core: Core, name: str = "scripted") -> Source:
    """The source as it is now."""
    with core.database.read() as session:
        return source_named(session, name)


def run(core: Core) -> RunReport:
    """One run of the source, now."""
    report = run_source(core, source(core))
    assert report is not None
    return report


def texts(core: Core) -> list[tuple[str, int, str]]:
    """Every wording that is waiting: post, revision and text."""
    with core.database.read() as session:
        rows = session.scalars(select(PostRevision).where(PostRevision.stage == "acquire"))
        return sorted((r.post.external_id, r.number, open_text(core.vault, r).text) for r in rows)


def test_a_run_stores_posts_and_checkpoint(core: Core, watch: Watch) -> None:
    """New posts wait for the pipeline; the next run continues from the last batch's checkpoint."""
    scripted = watch(batch(1, "a", "b"), batch(2, "a", "b", "c"))
    assert run(core) == RunReport("scripted", "data", posts_new=3)
    assert texts(core) == [("1", 1, "a"), ("2", 1, "b"), ("3", 1, "c")]
    assert run(core) == RunReport("scripted", "nothing_new")
    assert scripted.began_at == [None, {"at": 2}]
    assert scripted.closed == 2
    assert source(core).last_ok_at is not None


def test_an_edit_is_a_new_revision(core: Core, watch: Watch) -> None:
    """Another wording of a known post is its next revision; the same wording again is nothing."""
    scripted = watch(batch(1, "first"))
    run(core)
    scripted.steps = (batch(2, "edited"), batch(3, "edited"))
    assert run(core).posts_new == 1
    assert texts(core) == [("1", 1, "first"), ("1", 2, "edited")]


def test_new_words_beside_the_text_are_a_new_revision(core: Core, watch: Watch) -> None:
    """A link's card that came later is another wording; none, however it is spelled, is the same one."""
    scripted = watch(batch(1, "first"))
    run(core)
    plain = batch(2, "first")
    carded = replace(plain, posts=(replace(plain.posts[0], card=LinkCard(None, "A page")),))
    scripted.steps = (plain, carded, replace(carded, checkpoint={"at": 3}))
    assert run(core).posts_new == 1
    with core.database.read() as session:
        kept = [open_text(core.vault, revision).card for revision in session.scalars(select(PostRevision))]
    assert sorted(kept) == [(), ("A page", "")]


def test_of_two_runs_at_once_one_stores(core: Core, watch: Watch) -> None:
    """A run that was overtaken stops with an error, and each post is stored once."""
    scripted = watch(batch(1, "a"), batch(2, "a", "b"))
    scripted.steps = (overtake := Overtake(core), *scripted.steps)
    assert run(core).outcome == "error"
    assert overtake.report is not None
    assert overtake.report.posts_new == 2
    assert texts(core) == [("1", 1, "a"), ("2", 1, "b")]
    assert source(core).checkpoint == {"at": 2}
    with core.database.read() as session:
        said = Counter(r.error for r in session.scalars(select(SourceRun)))
    assert said == {None: 1, "Another run of this source stored its batch first; this run stops.": 1}


class Overtake:
    """A step that runs the same source meanwhile, once."""

    def __init__(self, core: Core) -> None:
        self.core = core
        self.report: RunReport | None = None
        self.began = False

    def __call__(self) -> None:
        if not self.began:
            self.began = True
            self.report = run(self.core)


def test_a_source_that_was_claimed_meanwhile_is_left(core: Core, watch: Watch) -> None:
    """Whoever read the source before another process claimed its run does not run it too."""
    scripted = watch(batch(1, "a"))
    stale = source(core)
    run(core)
    assert run_source(core, stale) is None
    assert len(scripted.began_at) == 1


@pytest.mark.parametrize(
    ("error", "said"),
    [
        (SourceUnavailable("It is down."), "It is down."),
        (AuthenticationFailed("The token expired."), "The token expired."),
        (ValueError("999 012 3454 is odd"), "Unexpected ValueError while reading this source."),
    ],
)
def test_trouble_is_an_outcome(core: Core, watch: Watch, error: Exception, said: str) -> None:
    """What a connector raises ends its own run as an error, keeps what was stored, and stops no other source.

    Of an error nobody foresaw only the type is kept: its message may quote a post.
    """
    broken = watch(batch(1, "a"), error)
    watch(batch(7, "a", "b"), name="well")
    reports = {report.source: report for report in run_due(core)}
    assert (reports["scripted"].outcome, reports["scripted"].error) == ("error", said)
    assert reports["scripted"].posts_new == 1
    assert reports["well"].outcome in {"data", "nothing_new"}
    assert source(core).checkpoint == {"at": 1}
    assert source(core).last_ok_at is None
    assert broken.closed == 1
    with core.database.read() as session:
        ended = last_run(session, source(core).id)
        assert ended is not None
        assert (ended.outcome, ended.error) == ("error", said)
        assert ended.finished_at is not None


def test_a_rate_limit_postpones(core: Core, watch: Watch) -> None:
    """A source that asks us to wait is not read again before that, even if it is polled more often."""
    watch(RateLimited("Wait.", retry_after=5000))
    run(core)
    next_run_at = source(core).next_run_at
    assert next_run_at is not None
    assert timedelta(seconds=4900) < next_run_at - core.now() <= timedelta(seconds=5000)


def test_a_source_polls_at_its_own_pace(core: Core, watch: Watch) -> None:
    """A source's own interval beats the general one."""
    watch(batch(1))
    with core.database.transaction() as session:
        source_named(session, "scripted").poll_seconds = 7
    run(core)
    next_run_at = source(core).next_run_at
    assert next_run_at is not None
    assert next_run_at - core.now() <= timedelta(seconds=7)


def test_what_cannot_be_read_is_kept_as_failed(core: Core, watch: Watch) -> None:
    """A rejected item is kept with its reason, once; there is nothing in it to try again."""
    watch(batch(1, "a", rejected=(Rejected("line-9", "feed.jsonl line 9: it is not JSON."),)))
    assert run(core) == RunReport("scripted", "data", posts_new=1, posts_rejected=1)
    assert run(core).outcome == "nothing_new"
    with core.database.transaction() as session:
        (failed,) = session.scalars(select(PostRevision).where(PostRevision.stage == "failed"))
        assert failed.post.external_id == "line-9"
        assert failed.error == "feed.jsonl line 9: it is not JSON."
        assert failed.finished_at is not None
        assert not retry_failed(session, failed.id, core.now())


def test_a_gap_is_recorded(core: Core, watch: Watch) -> None:
    """Why posts may have been missed is kept with the run, also when later batches have no gap."""
    watch(batch(1, "a", gap="More was posted than the platform lists."), batch(2, "a", "b"))
    assert run(core).gap == "More was posted than the platform lists."
    with core.database.read() as session:
        ended = last_run(session, source(core).id)
        assert ended is not None
        assert ended.gap == "More was posted than the platform lists."


def test_a_run_is_bounded(core: Core, watch: Watch, monkeypatch: pytest.MonkeyPatch) -> None:
    """A run that is out of time ends after the batch under way; the next continues there."""
    scripted = watch(batch(1, "a"), batch(2, "a", "b"))
    monkeypatch.setattr(collect, "RUN_SECONDS", 0)
    assert run(core).posts_new == 1
    assert source(core).checkpoint == {"at": 1}
    assert scripted.closed == 1


def test_the_same_post_from_two_sources_is_one(core: Core, watch: Watch) -> None:
    """A post is known by its platform's id, whichever source finds it."""
    watch(batch(1, "a"), name="one")
    watch(batch(1, "a"), name="two")
    assert sorted(report.posts_new for report in run_due(core)) == [0, 1]
    with core.database.read() as session:
        assert len(session.scalars(select(Post)).all()) == 1


def test_a_stream_is_stayed_with_until_told_to_stop(core: Core, watch: Watch) -> None:
    """A streaming connector is listened to; silence moves nothing; the next run is due at once."""
    stop = Event()
    scripted = watch(batch(1, "one"), batch(1), stop.set, batch(2, "one", "two"), batch(3), into=Streaming)
    report = run_source(core, source(core), stay=stop)
    assert report is not None
    assert (report.outcome, report.posts_new) == ("data", 2)
    after = source(core)
    assert after.checkpoint_version == 2
    assert after.next_run_at is not None
    assert after.next_run_at <= core.now()
    assert scripted.closed


def test_a_stream_is_not_stayed_with_by_hand(core: Core, watch: Watch) -> None:
    """A single run of a streaming source reads up to date and ends."""
    watch(batch(1, "one"), into=Streaming)
    assert run(core).posts_new == 1


def test_word_of_a_deletion_is_kept(core: Core, watch: Watch) -> None:
    """What the platform tells of a post's end is noted with its time, once; strangers are left alone."""
    told = (Deletion("2", "deleted by its author"), Deletion("99", "deleted by its author"))
    again = (Deletion("2", "told again"),)
    watch(batch(1, "one", "two"), batch(2, deletions=told), batch(3, deletions=again))
    assert run(core).posts_new == 2
    with core.database.read() as session:
        found = {post.external_id: (post.gone_at, post.gone_reason) for post in session.scalars(select(Post))}
    assert found["1"] == (None, None)
    assert found["2"][0] is not None
    assert found["2"][1] == "deleted by its author"
