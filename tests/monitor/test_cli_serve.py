"""`leakwatch up` as a real process: it serves, it works, and it ends without leaving anything behind."""

from __future__ import annotations

import os
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import httpx
import pytest

from monitor.storage.alert import find_alerts
from monitor.storage.coordination import Lease
from monitor.storage.database import Database

ROOT = Path(__file__).parents[2]
LEAK = "NHS No 999 888 7771 Mr Owen Pellow DOB 01/02/1950 admitted with sepsis, ward 4, DNACPR"
SECONDS = 60.0

Start = Callable[..., "subprocess.Popen[str]"]


@pytest.fixture
def start(empty_database_url: str, tmp_path: Path) -> Iterator[Start]:
    """Starts leakwatch processes, each in a session of its own; whatever is left is killed in the end."""
    environment = {
        **os.environ,
        "PYTHONPATH": str(ROOT),
        "LEAKWATCH_DATA_DIR": str(tmp_path / "data"),
        "LEAKWATCH_DATABASE_URL": empty_database_url,
        "LEAKWATCH_ACCEPT_UNISSUED_NUMBERS": "true",
        "LEAKWATCH_WORKERS": "1",
    }
    started: list[subprocess.Popen[str]] = []

    def run(*words: str) -> subprocess.Popen[str]:
        process = subprocess.Popen(
            [sys.executable, "-c", "from monitor.cli import main; main()", *words],
            cwd=tmp_path,
            env=environment,
            text=True,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            start_new_session=True,
        )
        started.append(process)
        return process

    yield run
    for process in started:
        for left in session_of(process.pid):
            os.kill(left, signal.SIGKILL)
        process.communicate()


def session_of(leader: int) -> list[int]:
    """The processes that run in a session."""
    found = []
    for status in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = status.read_text().rpartition(") ")[2].split()
        except OSError:
            continue  # it ended meanwhile
        if int(fields[3]) == leader and fields[0] != "Z":
            found.append(int(status.parent.name))
    return found


def wait_for(happened: Callable[[], bool], seconds: float = SECONDS) -> None:
    """Wait until it happens; fail when it does not."""
    deadline = time.monotonic() + seconds
    while not happened():
        assert time.monotonic() < deadline
        time.sleep(0.1)


def address_of(process: subprocess.Popen[str]) -> str:
    """Where a server says it is."""
    assert process.stderr is not None
    for line in process.stderr:
        if found := re.search(r"is up: (http://\S+)", line):
            return found[1]
    raise AssertionError(process.wait())


def require_nothing_left(process: subprocess.Popen[str]) -> None:
    """No process of its session outlives it by more than moments (Python's resource tracker ends last)."""
    wait_for(lambda: not session_of(process.pid), seconds=5)


def finish(process: subprocess.Popen[str]) -> tuple[int, str]:
    """Wait for a command; its exit code and all it said."""
    out, err = process.communicate(timeout=SECONDS)
    return process.returncode, out + err


@pytest.mark.parametrize("empty_database_url", ["sqlite"], indirect=True)
def test_up_does_everything_and_ends_cleanly(start: Start, empty_database_url: str, tmp_path: Path) -> None:
    """`up` makes the database, answers, turns a post into an alert, and on SIGTERM ends whole with code 0."""
    assert finish(start("db", "upgrade"))[0] == 0
    (tmp_path / "in").mkdir()
    added = finish(start("source", "add", "folder", "in", "-s", f"path={tmp_path / 'in'}", "--every", "1"))
    assert added[0] == 0, added[1]
    server = start("up", "--port", "0")
    address = address_of(server)
    assert httpx.get(f"{address}/healthz").status_code == 200
    (tmp_path / "in" / "posts.jsonl").write_text(f'{{"id": "1", "text": "{LEAK}"}}\n')
    with closing(Database(empty_database_url)) as database:
        wait_for(lambda: has_evidence(database))
        assert len(session_of(server.pid)) > 1
        server.send_signal(signal.SIGTERM)
        code, said = finish(server)
        assert code == 0, said
        assert "Traceback" not in said
        require_nothing_left(server)
        with database.read() as session:
            assert session.get(Lease, "scheduler") is None


def has_evidence(database: Database) -> bool:
    """Whether an alert is there with its evidence sealed."""
    from monitor.storage.evidence import evidence_of

    with database.read() as session:
        return any(evidence_of(session, alert.id) for alert in find_alerts(session))


def test_a_port_in_use_is_one_sentence(start: Start) -> None:
    """When the port is taken, `up` says so and ends before it touches the database."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        code, said = finish(start("up", "--port", str(port)))
    assert code == 2
    assert said.startswith(f"leakwatch: The web server cannot listen on 127.0.0.1:{port}: ")
    assert said.count("\n") == 1


@pytest.mark.parametrize(
    "empty_database_url", [pytest.param("postgresql", marks=pytest.mark.needs_postgres)], indirect=True
)
def test_the_roles_run_apart(start: Start, empty_database_url: str, tmp_path: Path) -> None:
    """A scheduler, a worker and a web server as three processes do what `up` does; Ctrl-C ends each."""
    assert finish(start("db", "upgrade"))[0] == 0
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "posts.jsonl").write_text(f'{{"id": "1", "text": "{LEAK}"}}\n')
    assert finish(start("source", "add", "folder", "in", "-s", f"path={tmp_path / 'in'}"))[0] == 0
    roles = [start("schedule"), start("worker"), start("web", "--port", "0")]
    assert httpx.get(f"{address_of(roles[2])}/healthz").status_code == 200
    with closing(Database(empty_database_url)) as database:
        wait_for(lambda: has_evidence(database))
    for role in roles:
        role.send_signal(signal.SIGINT)
    for role in roles:
        code, said = finish(role)
        assert code == 0, said
        require_nothing_left(role)
