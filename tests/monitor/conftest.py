"""A monitor of the tests' own: a core on a fresh database, a folder to post in, a pool of workers."""

from __future__ import annotations

import json
import pickle
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, ClassVar

import pytest

from monitor.bootstrap import build_core
from monitor.core import Core
from monitor.pipeline.collect import run_due
from monitor.pipeline.pool import ExaminePool, PoolLimits
from monitor.pipeline.runner import Runner
from monitor.settings import Settings
from monitor.sources import create_source
from monitor.storage.source import source_named
from tests.services.forks import Forks

Post = Callable[..., None]


@pytest.fixture
def settings(tmp_path: Path, database_url: str) -> Settings:
    """Settings of a monitor with everything of its own, which retries at once."""
    return Settings(
        data_dir=tmp_path / "data",
        database_url=database_url,
        accept_unissued_numbers=True,
        organisation="Test Trust",
        retry_seconds=0,
        workers=1,
    )


@pytest.fixture
def core(settings: Settings) -> Iterator[Core]:
    """A core on a fresh database of each kind."""
    core = build_core(settings)
    yield core
    core.database.close()


class RememberingPool(ExaminePool):
    """Works on the same content only once: what comes out depends on the task and its arguments alone."""

    _known: ClassVar[dict[object, bytes]] = {}

    def _run(self, task: Callable[..., Any], *args: Any) -> Any:
        asked = task, args
        if asked not in self._known:
            self._known[asked] = pickle.dumps(super()._run(task, *args))
        return pickle.loads(self._known[asked])


@pytest.fixture(scope="session")
def pool() -> Iterator[ExaminePool]:
    """One worker process for the whole run, since loading its models takes a while."""
    with RememberingPool(PoolLimits(workers=1, timeout=60, memory_mb=4096)) as pool:
        yield pool


@pytest.fixture(scope="session")
def forks() -> Iterator[Forks]:
    """Makes processes to be killed, which have the monitor imported."""
    forks = Forks(
        "tests.monitor.crash_child",
        "tests.monitor.register_child",
        "tests.monitor.retro_child",
        "connectors.folder",
    )
    yield forks
    forks.close()


@pytest.fixture
def folder(core: Core, tmp_path: Path) -> Path:
    """The folder that the source "inbox" watches."""
    folder = tmp_path / "inbox"
    folder.mkdir()
    watch(core, folder)
    return folder


def watch(core: Core, folder: Path) -> None:
    """Make a folder the source "inbox"."""
    with core.database.transaction() as session:
        config = {"path": str(folder), "settle_seconds": 0}
        create_source(session, name="inbox", connector="folder", config=config, now=core.now())


@pytest.fixture
def post(folder: Path) -> Post:
    """Publishes a post: an id, a text, and files by name."""

    def publish(identifier: str, text: str = "", **files: bytes) -> None:
        names = []
        for stem, data in files.items():
            name = f"{identifier}-{stem}.img"
            (folder / name).write_bytes(data)
            names.append(name)
        line = {"id": identifier, "text": text, "files": names, "author": "someone"}
        with (folder / "posts.jsonl").open("a") as feed:
            feed.write(json.dumps(line) + "\n")

    return publish


@pytest.fixture
def process(core: Core, pool: ExaminePool) -> Callable[[], None]:
    """Reads the source now and runs the pipeline until nothing is left to do."""
    runner = Runner(core, pool)

    def run() -> None:
        with core.database.transaction() as session:
            source_named(session, "inbox").next_run_at = core.now()
        for report in run_due(core):
            assert report.error is None
        runner.run_pending()

    return run


@pytest.fixture
def undisturbed(core: Core, folder: Path, tmp_path: Path) -> Iterator[Core]:
    """A second monitor that watches the same folder, on SQLite, to compare with."""
    settings = core.settings.model_copy(
        update={
            "data_dir": tmp_path / "undisturbed",
            "database_url": f"sqlite:///{tmp_path / 'undisturbed.db'}",
        }
    )
    other = build_core(settings, upgrade=True)
    watch(other, folder)
    yield other
    other.database.close()
