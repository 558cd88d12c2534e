"""kill -9 at any moment: nothing is lost, nothing is done twice."""

from __future__ import annotations

import contextlib
import itertools
import signal
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from multiprocessing.connection import Listener

import pytest
from sqlalchemy import select

from detectors.base import DetectorError
from monitor import audit
from monitor.core import Core
from monitor.errors import LeakwatchError
from monitor.hashchain import verify_chain
from monitor.pipeline.pool import ExaminePool
from monitor.storage.alert import Alert, AlertEvent, Sighting
from monitor.storage.blob import Blob
from monitor.storage.evidence import EvidenceItem, custody_of
from monitor.storage.examination import Examination, Finding
from monitor.storage.post import Attachment, Post, PostRevision
from tests.monitor.pictures import letter
from tests.services.forks import Forks

CHILD = "tests.monitor.crash_child"
MOST_DEATHS = 80
TEXT_LEAK = "NHS No 999 888 7771 Mr Owen Pellow DOB 01/02/1950 admitted with sepsis, ward 4, DNACPR"


@pytest.fixture(scope="module")
def workers(pool: ExaminePool, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The socket on which the pool of this process answers, one asking process after another."""
    address = str(tmp_path_factory.mktemp("pool") / "socket")
    with Listener(address) as listener:
        threading.Thread(target=answer, args=(listener, pool), daemon=True).start()
        yield address


def answer(listener: Listener, pool: ExaminePool) -> None:
    """Do what is asked, and go on when whoever asks dies."""
    while True:
        with contextlib.suppress(EOFError, OSError), listener.accept() as asking:
            while True:
                method, arguments = asking.recv()
                try:
                    asking.send(getattr(pool, method)(*arguments))
                except (DetectorError, LeakwatchError) as error:
                    asking.send(error)


@pytest.fixture
def run_child(forks: Forks, workers: str) -> Callable[[Core, int], int]:
    """Runs one process over the core's data; gives its exit code (negative: the signal that ended it)."""

    def run(core: Core, kill_after: int) -> int:
        code = forks.run(CHILD, core.settings.data_dir, core.settings.database_url, workers, kill_after)
        assert code in (0, -signal.SIGKILL)
        return code

    return run


def state(core: Core) -> dict[str, object]:
    """Everything that must come out the same, however often the process died on the way."""
    with core.database.read() as session:
        return {
            "posts": sorted(session.scalars(select(Post.external_id))),
            "revisions": sorted(map(tuple, session.execute(select(PostRevision.number, PostRevision.stage)))),
            "attachments": Counter(session.scalars(select(Attachment.state))),
            "examinations": Counter(e.split(":")[0] for e in session.scalars(select(Examination.subject))),
            "findings": Counter(session.scalars(select(Finding.kind))),
            "alerts": Counter(session.scalars(select(Alert.severity))),
            "sightings": Counter(session.scalars(select(Sighting.reason))),
            "events": Counter(session.scalars(select(AlertEvent.action))),
            "evidence": Counter(session.scalars(select(EvidenceItem.kind))),
            "references": sorted(session.scalars(select(Alert.reference))),
        }


def test_kill_at_any_moment_loses_and_doubles_nothing(
    core: Core, post: Callable[..., None], undisturbed: Core, run_child: Callable[[Core, int], int]
) -> None:
    """Killed after 0, 1, ... 8, 0 ... commits until it gets through, the monitor ends as if undisturbed."""
    post("picture", "found on the bus", photo=letter())
    post("words", TEXT_LEAK)
    post("cat", "my cat")
    assert run_child(undisturbed, -1) == 0
    for deaths, commits in enumerate(itertools.cycle(range(9))):
        if run_child(core, commits) == 0:
            break
        assert deaths < MOST_DEATHS
    died_in = set((core.settings.data_dir / "died-in").read_text().split())
    assert died_in >= {"collect", "acquire", "examine", "triage", "act"}
    assert state(core) == state(undisturbed)
    assert_whole(core)


def assert_whole(core: Core) -> None:
    """What is stored can be read, and both logs are as they were written."""
    with core.database.read() as session:
        for blob in session.scalars(select(Blob).where(Blob.wrapped_key.is_not(None))):
            assert len(core.blobs.read(session, blob.sha256)) == blob.size
        for alert in session.scalars(select(Alert)):
            assert verify_chain(row.entry() for row in custody_of(session, alert.id)) is None
        assert audit.first_altered(session) is None
