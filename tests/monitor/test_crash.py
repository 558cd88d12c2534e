"""kill -9 at any moment: nothing is lost, nothing is done twice."""

from __future__ import annotations

import itertools
import signal
import subprocess
import sys
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import pytest
from sqlalchemy import select

from monitor import audit
from monitor.core import Core
from monitor.hashchain import verify_chain
from monitor.storage.alert import Alert, AlertEvent, Sighting
from monitor.storage.blob import Blob
from monitor.storage.evidence import EvidenceItem, custody_of
from monitor.storage.examination import Examination, Finding
from monitor.storage.post import Attachment, Post, PostRevision
from tests.monitor.pictures import letter

CHILD = Path(__file__).parent / "crash_child.py"
ROOT = Path(__file__).parents[2]
MOST_DEATHS = 80
TEXT_LEAK = "NHS No 999 888 7771 Mr Owen Pellow DOB 01/02/1950 admitted with sepsis, ward 4, DNACPR"


def run_child(core: Core, kill_after: int) -> int:
    """One process over the core's data; its exit code (negative: the signal that ended it)."""
    settings = core.settings
    command = [sys.executable, CHILD, settings.data_dir, settings.database_url, str(kill_after)]
    finished = subprocess.run(
        command, cwd=ROOT, env={"PYTHONPATH": str(ROOT)}, capture_output=True, check=False
    )
    assert finished.returncode in (0, -signal.SIGKILL), finished.stderr.decode()
    return finished.returncode


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


@pytest.mark.timeout(600)
def test_kill_at_any_moment_loses_and_doubles_nothing(
    core: Core, post: Callable[..., None], undisturbed: Core
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
