"""The runner: every piece of work ends, whatever its stage does, and nobody's newer result is lost."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select, update

from connectors import registry
from connectors.base import Attachment, Batch, Post, SourceUnavailable
from detectors.examine import Examination
from detectors.passages import PostText
from detectors.table import ExaminerConfig
from monitor.core import Core
from monitor.pipeline.collect import run_due
from monitor.pipeline.pool import ExaminePool, PoolLimits
from monitor.pipeline.runner import Runner
from monitor.sources import create_source
from monitor.storage import work
from monitor.storage.post import Post as StoredPost
from monitor.storage.post import PostRevision
from tests.monitor.scripted import Scripted

SECRET = "999 012 3454"
Publish = Callable[..., None]


class Treacherous(ExaminePool):
    """A real pool in which some texts do something else than being examined."""

    def __init__(self) -> None:
        super().__init__(PoolLimits(workers=1, timeout=60, memory_mb=4096))
        self.meanwhile: Callable[[], None] = lambda: None

    def examine_text(self, text: str | PostText, config: ExaminerConfig) -> Examination:
        """Examine, unless the text says otherwise."""
        words = text if isinstance(text, str) else text.text
        if words == "poison":
            return self._run(os._exit, 3)
        if words == "surprise":
            raise ValueError(f"cannot make sense of {SECRET}")
        if words == "slow":
            self.meanwhile()
        return super().examine_text(text, config)


@pytest.fixture(scope="module")
def treacherous() -> Iterator[Treacherous]:
    """One such pool."""
    with Treacherous() as pool:
        yield pool


@pytest.fixture
def run(core: Core, treacherous: Treacherous) -> Callable[[], None]:
    """Reads what is due and does all that can be done now."""

    def work_through() -> None:
        run_due(core)
        Runner(core, treacherous).run_pending()

    return work_through


def revision(core: Core, post: str = "1") -> PostRevision:
    """The newest revision of a post."""
    with core.database.read() as session:
        query = select(PostRevision).join(StoredPost).where(StoredPost.external_id == post)
        return session.scalars(query.order_by(PostRevision.number.desc())).first() or pytest.fail(
            "not stored"
        )


def test_poison_ends_as_failed_and_the_others_go_on(
    core: Core, post: Publish, run: Callable[[], None]
) -> None:
    """A post that kills its worker each time is kept as failed with the reason; its neighbours are done."""
    for name, text in (("1", "fine"), ("2", "poison"), ("3", "fine too")):
        post(name, text)
    run()
    assert [revision(core, name).stage for name in "123"] == ["done", "failed", "done"]
    assert revision(core, "2").error == "The worker process ended (exit code 3)."


def test_an_unforeseen_error_keeps_its_type_only(
    core: Core, post: Publish, run: Callable[[], None], capsys: pytest.CaptureFixture[str]
) -> None:
    """What a stage raises by surprise may quote content, so neither row nor log holds its message."""
    post("1", "surprise")
    run()
    failed = revision(core)
    assert (failed.stage, failed.error) == ("failed", "Unexpected ValueError in the examine stage.")
    said = capsys.readouterr()
    assert "ValueError" in said.out + said.err
    assert SECRET not in said.out + said.err


def test_work_of_a_dead_process_is_retaken(core: Core, post: Publish, run: Callable[[], None]) -> None:
    """A lease that still runs is respected; once it expired, the work is done by whoever asks."""
    post("1", "fine")
    run_due(core)
    with core.database.transaction() as session:
        assert work.claim_next(session, "acquire", "dead", core.now(), timedelta(hours=1))
    run()
    assert revision(core).stage == "acquire"
    with core.database.transaction() as session:
        session.execute(update(PostRevision).values(lease_expires_at=core.now()))
    run()
    assert revision(core).stage == "done"


def test_what_kills_the_whole_process_is_given_up(core: Core, post: Publish, run: Callable[[], None]) -> None:
    """Work during which its process died as often as is allowed is not begun again."""
    post("1", "fine")
    run_due(core)
    for _ in range(core.settings.max_attempts):
        with core.database.transaction() as session:
            assert work.claim_next(session, "acquire", "dead", core.now(), timedelta(0))
    run()
    assert revision(core).stage == "failed"
    assert revision(core).error == "Its worker ended in the middle of the work, each time."


@pytest.mark.parametrize("fails", [False, True])
def test_who_lost_the_lease_leaves_the_newer_result(
    core: Core, post: Publish, treacherous: Treacherous, capsys: pytest.CaptureFixture[str], fails: bool
) -> None:
    """A worker that was too slow, and then even failed, changes nothing of what its successor has stored."""

    def take_over() -> None:
        with core.database.transaction() as session:
            newer = {"stage": "done", "lease_owner": None, "attempts": 0, "masked_text": "newer"}
            session.execute(update(PostRevision).values(newer))
        if fails:
            raise ValueError

    treacherous.meanwhile = take_over
    post("1", "slow")
    run_due(core)
    Runner(core, treacherous).run_pending()
    assert (revision(core).stage, revision(core).masked_text) == ("done", "newer")
    said = capsys.readouterr().out
    assert "lease_lost" in said
    assert "queue_unavailable" not in said


class Unsteady(Scripted):
    """A source with one post, whose file cannot be had at first."""

    def __init__(self, refusals: int) -> None:
        post = Post(
            "scripted", "1", "https://example.org/1", "fine", attachments=(Attachment("scripted:file"),)
        )
        super().__init__(Batch((post,), {}))
        self.refusals = refusals

    def read_attachment(self, url: str, max_bytes: int) -> bytes:
        """The file, after a while."""
        if self.refusals:
            self.refusals -= 1
            raise SourceUnavailable("It is down.")
        return b"no picture"


class Clock:
    """A clock that tests move."""

    def __init__(self) -> None:
        self.at = datetime(2026, 7, 1, tzinfo=UTC)

    def __call__(self) -> datetime:
        """The moment it shows."""
        return self.at


@pytest.fixture
def clock() -> Clock:
    """A clock of the test's own."""
    return Clock()


@pytest.fixture
def unsteady(
    core: Core, clock: Clock, treacherous: Treacherous, monkeypatch: pytest.MonkeyPatch
) -> Callable[[int], Runner]:
    """A runner, on the test's clock, over a source whose file is refused so many times."""

    def make(refusals: int) -> Runner:
        monkeypatch.setitem(registry.CONNECTORS, "scripted", Unsteady(refusals).kind())
        settings = core.settings.model_copy(update={"retry_seconds": 10.0})
        timed = replace(core, settings=settings, now=clock)
        with core.database.transaction() as session:
            create_source(session, name="s", connector="scripted", config={}, now=clock())
        run_due(timed)
        return Runner(timed, treacherous)

    return make


def test_a_file_that_cannot_be_had_is_tried_with_doubled_waits(
    core: Core, clock: Clock, unsteady: Callable[[int], Runner]
) -> None:
    """Ten seconds, then twenty, then it is given up with the source's own reason."""
    runner = unsteady(9)
    for wait in (10, 20):
        runner.run_pending()
        waiting = revision(core)
        assert (waiting.stage, waiting.error) == ("acquire", "It is down.")
        assert waiting.not_before == clock() + timedelta(seconds=wait)
        clock.at += timedelta(seconds=wait - 1)
        assert runner.run_pending() == 0
        clock.at += timedelta(seconds=1)
    runner.run_pending()
    assert (revision(core).stage, revision(core).error) == ("failed", "It is down.")


def test_a_file_that_comes_later_is_had(core: Core, clock: Clock, unsteady: Callable[[int], Runner]) -> None:
    """When the source answers again, the file is acquired and examined."""
    runner = unsteady(1)
    runner.run_pending()
    clock.at += timedelta(seconds=10)
    runner.run_pending()
    assert revision(core).error == "The file holds text, not a picture."


def backlog(core: Core) -> dict[Any, int]:
    """How many revisions stand at each stage."""
    with core.database.read() as session:
        return work.backlog(session)


def test_threads_do_the_same_and_stop(core: Core, post: Publish, treacherous: Treacherous) -> None:
    """Started, the runner's threads take all work; stopped, none is left."""
    for number in range(4):
        post(str(number), f"fine {number}")
    run_due(core)
    runner = Runner(core, treacherous)
    runner.start()
    deadline = datetime.now(UTC) + timedelta(seconds=30)
    while datetime.now(UTC) < deadline and backlog(core) != {"done": 4}:
        time.sleep(0.05)
    runner.stop()
    assert backlog(core) == {"done": 4}
    with core.database.read() as session:
        assert work.waiting_since(session) is None
