"""The local evidence store: write-once, durable, private, safe with names."""

from __future__ import annotations

import os
import signal
import stat
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.evidence.store import (
    EvidenceExists,
    EvidenceMissing,
    EvidenceNameInvalid,
    LocalEvidenceStore,
    content_name,
)

NAME = "0123456789abcdef" * 4


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return tmp_path / "evidence"


@pytest.fixture
def store(root: Path) -> LocalEvidenceStore:
    return LocalEvidenceStore(root)


def files_under(root: Path) -> list[Path]:
    return sorted(path for path in root.rglob("*") if path.is_file())


def test_what_is_put_can_be_got(store: LocalEvidenceStore, root: Path) -> None:
    """Bytes lie in ab/cd/<name>, come back as they were, and no temporary file stays."""
    store.put(NAME, b"sealed")
    assert store.get(NAME) == b"sealed"
    assert store.exists(NAME)
    assert files_under(root) == [root / "01" / "23" / NAME]


def test_everything_it_makes_is_private(store: LocalEvidenceStore, root: Path) -> None:
    """Directories are 0700 and files 0600, whatever the umask."""
    old = os.umask(0)
    try:
        store.put(NAME, b"sealed")
    finally:
        os.umask(old)
    modes = {path.is_dir(): set() for path in root.rglob("*")}
    for path in [root, *root.rglob("*")]:
        modes[path.is_dir()].add(stat.S_IMODE(path.stat().st_mode))
    assert modes == {True: {0o700}, False: {0o600}}


def test_the_same_bytes_again_are_no_change(store: LocalEvidenceStore, root: Path) -> None:
    """A repeated put leaves the very file that is there."""
    store.put(NAME, b"sealed")
    before = (root / "01" / "23" / NAME).stat()
    store.put(NAME, b"sealed")
    after = (root / "01" / "23" / NAME).stat()
    assert (before.st_ino, before.st_mtime_ns) == (after.st_ino, after.st_mtime_ns)


def test_other_bytes_under_a_name_are_refused(store: LocalEvidenceStore) -> None:
    """Evidence is never replaced, and the refusal names the object."""
    store.put(NAME, b"sealed")
    with pytest.raises(EvidenceExists, match=NAME):
        store.put(NAME, b"other")
    assert store.get(NAME) == b"sealed"


def test_of_writers_at_once_one_wins_and_the_others_are_told(store: LocalEvidenceStore, root: Path) -> None:
    """Sixteen threads that put unlike bytes under one name: one is stored, fifteen raise."""

    def put(number: int) -> bool:
        try:
            store.put(NAME, bytes([number]) * 1000)
        except EvidenceExists:
            return False
        return True

    with ThreadPoolExecutor(16) as pool:
        outcomes = list(pool.map(put, range(16)))
    assert outcomes.count(True) == 1
    assert store.get(NAME) == bytes([outcomes.index(True)]) * 1000
    assert len(files_under(root)) == 1


def test_what_is_missing_is_an_error_to_get_and_nothing_to_delete(store: LocalEvidenceStore) -> None:
    """`get` raises with the name; `delete` may be repeated."""
    with pytest.raises(EvidenceMissing, match=NAME):
        store.get(NAME)
    store.put(NAME, b"sealed")
    store.delete(NAME)
    store.delete(NAME)
    assert not store.exists(NAME)
    store.put(NAME, b"new")
    assert store.get(NAME) == b"new"


def test_names_are_listed_in_order(store: LocalEvidenceStore) -> None:
    """`names` gives every stored name once, ordered, and nothing else that lies about."""
    names = sorted(content_name(bytes([number])) for number in range(50))
    for name in reversed(names):
        store.put(name, name.encode())
    assert list(store.names()) == names


@pytest.mark.parametrize(
    "name",
    [
        "",
        "abc",
        "../../../etc/passwd",
        "/etc/passwd0000000",
        NAME.upper(),
        NAME + "\n",
        NAME + "/..",
        "0" * 129,
        "..",
        "0x" + NAME[2:],
        "\uff11" * 32,
    ],
)
def test_only_hexadecimal_names_reach_the_disk(store: LocalEvidenceStore, root: Path, name: str) -> None:
    """Every operation refuses a name that is not lowercase hex, before it touches a path."""
    for operation in (store.get, store.delete, store.exists, lambda given: store.put(given, b"x")):
        with pytest.raises(EvidenceNameInvalid):
            operation(name)
    assert files_under(root) == []


@given(content=st.binary(max_size=5000))
def test_any_bytes_survive(tmp_path_factory: pytest.TempPathFactory, content: bytes) -> None:
    """Any content comes back under its own digest, from a store opened anew."""
    root = tmp_path_factory.mktemp("evidence")
    LocalEvidenceStore(root).put(content_name(content), content)
    assert LocalEvidenceStore(root).get(content_name(content)) == content


def test_a_killed_writer_leaves_only_temporary_files_and_sweep_removes_them(root: Path) -> None:
    """kill -9 amid writing leaves every named file whole; the sweep takes the rest and nothing young."""
    store = LocalEvidenceStore(root)
    program = (
        "import sys; from pathlib import Path; from monitor.evidence.store import *\n"
        "store = LocalEvidenceStore(Path(sys.argv[1]))\n"
        "print('ready', flush=True)\n"
        "for number in range(10**6):\n"
        "    data = number.to_bytes(4, 'big') * 100_000\n"
        "    store.put(content_name(data), data)\n"
    )
    writer = subprocess.Popen([sys.executable, "-c", program, str(root)], stdout=subprocess.PIPE, text=True)
    assert writer.stdout is not None
    assert writer.stdout.readline() == "ready\n"
    time.sleep(0.3)
    writer.send_signal(signal.SIGKILL)
    writer.communicate()
    names = list(store.names())
    assert names
    assert all(content_name(store.get(name)) == name for name in names)
    (root / "tmp" / ".leakwatch-abandoned").write_bytes(b"half")
    leftovers = len(list((root / "tmp").iterdir()))
    assert store.sweep(datetime.now(UTC) - timedelta(hours=1)) == 0
    assert store.sweep(datetime.now(UTC) + timedelta(seconds=5)) == leftovers
    assert list((root / "tmp").iterdir()) == []
    assert list(store.names()) == names


def test_a_full_or_failing_disk_leaves_nothing(store: LocalEvidenceStore, root: Path) -> None:
    """When bytes cannot be written the error comes through and neither name nor temporary file stays."""
    program = (
        "import resource, signal, sys; from pathlib import Path; from monitor.evidence.store import *\n"
        "signal.signal(signal.SIGXFSZ, signal.SIG_IGN)\n"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (1000, 1000))\n"
        f"LocalEvidenceStore(Path(sys.argv[1])).put('{NAME}', bytes(5000))\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", program, str(root)], capture_output=True, text=True, check=False
    )
    assert done.returncode != 0
    assert "File too large" in done.stderr
    assert not store.exists(NAME)
    assert files_under(root) == []
