"""The index of known pictures: exact in memory and in PostgreSQL, and it follows the database."""

from __future__ import annotations

import os
import random
import threading
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import create_engine, text
from sqlalchemy.orm import Session

from monitor.core import Core
from monitor.fingerprints.arrays import Arrays
from monitor.fingerprints.base import FingerprintIndex
from monitor.fingerprints.choice import index_for
from monitor.fingerprints.keeper import GONE_AFTER, Keeper, index_states, is_stale
from monitor.fingerprints.memory import REBUILD_AT, MemoryIndex
from monitor.fingerprints.postgres import PostgresIndex, bit_string, chunk_keys
from monitor.fingerprints.snapshot import Snapshot, write_snapshot
from monitor.storage.alert import Alert
from monitor.storage.base import new_id
from monitor.storage.blob import Blob
from monitor.storage.known_image import KnownImage, next_change
from tests.services.postgres import Postgres


def name_of(number: int) -> str:
    """A SHA-256 of a picture that does not exist."""
    return f"{number:064x}"


def add(core: Core, hashes: dict[int, str]) -> None:
    """Make pictures with these hashes known."""
    with core.database.transaction() as session:
        alert = session.get(Alert, ALERT) or _alert(core, session)
        for number, pdq in hashes.items():
            _blob(core, session, number)
            known = KnownImage(
                blob_sha256=name_of(number),
                alert_id=alert.id,
                pdq=pdq,
                bits=bit_string(pdq),
                chunks=chunk_keys(pdq),
                change=next_change(session),
                added_at=core.now(),
            )
            session.add(known)


def remove(core: Core, number: int) -> None:
    """Forget a picture."""
    with core.database.transaction() as session:
        row = session.get_one(KnownImage, name_of(number))
        row.removed_at, row.change = core.now(), next_change(session)


ALERT = new_id()


def _alert(core: Core, session: Session) -> Alert:
    now = core.now()
    alert = Alert(
        id=ALERT, reference="LW-1", severity="high", score=1, leak_class="patient_record", reasons=[]
    )
    alert.raised_at = alert.last_seen_at = alert.updated_at = now
    session.add(alert)
    session.flush()
    return alert


def _blob(core: Core, session: Session, number: int) -> None:
    names = {"sha256": name_of(number), "store_name": name_of(number), "media_type": "image/png"}
    session.add(Blob(**names, size=1, wrapped_key=b"", stored_at=core.now()))
    session.flush()


@pytest.fixture(params=["memory", "auto"])
def index(core: Core, request: pytest.FixtureRequest) -> FingerprintIndex:
    """Each index that this database can have."""
    changed = core.settings.model_copy(update={"fingerprint_index": request.param})
    return index_for(Core(changed, core.database, core.vault, core.blobs))


def _search(core: Core, index: FingerprintIndex, hashed: str, radius: int = 31) -> dict[str, int]:
    with core.database.read() as session:
        index.refresh(session)
        return index.search(session, [hashed], radius)


def test_both_find_what_comparing_all_would_find(core: Core, index: FingerprintIndex) -> None:
    """Hashes at every distance from 0 to 40 of a query: those within the radius, with their distances."""
    drawn = random.Random(7)
    query = drawn.getrandbits(256)
    stored = {n: query ^ sum(1 << bit for bit in drawn.sample(range(256), n)) for n in range(41)}
    stored |= {n: drawn.getrandbits(256) for n in range(100, 160)}
    add(core, {number: f"{value:064x}" for number, value in stored.items()})
    for radius in (0, 15, 16, 31):
        expected = {name_of(n): n for n in range(radius + 1)}
        assert _search(core, index, f"{query:064x}", radius) == expected


def test_what_is_added_and_removed_is_seen_at_once(core: Core, index: FingerprintIndex) -> None:
    """The next search knows it."""
    one, other = "ab" * 32, "5c" * 32
    assert _search(core, index, one) == {}
    add(core, {1: one, 2: other})
    assert _search(core, index, one) == {name_of(1): 0}
    remove(core, 1)
    assert _search(core, index, one) == {}
    assert _search(core, index, other) == {name_of(2): 0}


@pytest.mark.needs_postgres
def test_postgresql_is_searched_by_its_index(postgres: Postgres, postgres_template: str) -> None:
    """Whatever the planner makes of so many rare keys, no search reads the whole table; nothing stays set."""
    engine = create_engine(postgres.url(postgres.create(postgres_template)))
    read_whole = text("select seq_scan from pg_stat_xact_user_tables where relname = 'known_image'")
    with Session(engine) as session:
        before = session.scalar(read_whole)
        PostgresIndex().search(session, ["ab" * 32])
        assert session.scalar(read_whole) == before
        assert session.scalar(text("show enable_seqscan")) == "on"
    engine.dispose()


def test_a_rebuilt_index_outlives_its_process(
    core: Core, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Built in the background, written, read again by the next start, and still following."""
    monkeypatch.setattr("monitor.fingerprints.memory.REBUILD_AT", 20)
    assert REBUILD_AT > 20
    drawn = random.Random(3)
    hashes = {n: f"{drawn.getrandbits(256):064x}" for n in range(1, 41)}
    file = tmp_path / "index" / "known.bin"
    first = MemoryIndex(file)
    add(core, {n: hashes[n] for n in range(1, 31)})
    _search(core, first, hashes[1])
    first.wait()
    assert file.exists()
    remove(core, 5)
    add(core, {n: hashes[n] for n in range(31, 41)})
    for index in (first, MemoryIndex(file)):
        found = {n for n, hashed in hashes.items() if name_of(n) in _search(core, index, hashed)}
        assert found == set(hashes) - {5}


CHANGES = st.lists(
    st.tuples(st.integers(0, 30), st.sampled_from(["came", "went", "built anew"])), max_size=60
)


@settings(max_examples=30)
@given(CHANGES)
def test_arrays_hold_what_came_and_did_not_go(changes: list[tuple[int, str]]) -> None:
    """After any changes, and built anew between them, exactly what is held is found."""
    arrays, held = Arrays(Snapshot.empty()), set()
    hashed = {number: f"{random.Random(number).getrandbits(256):064x}" for number in range(31)}
    for number, what in changes:
        if what == "built anew":
            arrays = Arrays(arrays.snapshot(1))
            continue
        arrays.apply(name_of(number), hashed[number] if what == "came" else None)
        (held.add if what == "came" else held.discard)(number)
    assert len(arrays) == len(held)
    for number, each in hashed.items():
        assert arrays.search([each], 31) == ({name_of(number): 0} if number in held else {})


def test_what_comes_while_the_arrays_are_built_is_kept(core: Core, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing that came or went between the copy and the new arrays is lost, and searches go on meanwhile."""
    monkeypatch.setattr("monitor.fingerprints.memory.REBUILD_AT", 20)
    begun, go_on = threading.Event(), threading.Event()

    class SlowlyBuilt(Arrays):
        def __init__(self, snapshot: Snapshot) -> None:
            super().__init__(snapshot)
            if len(snapshot.names):
                begun.set()
                assert go_on.wait(30)

    monkeypatch.setattr("monitor.fingerprints.memory.Arrays", SlowlyBuilt)
    hashes = {n: f"{random.Random(n).getrandbits(256):064x}" for n in range(1, 32)}
    index = MemoryIndex()
    add(core, {n: hashes[n] for n in range(1, 31)})
    _search(core, index, hashes[1])
    assert begun.wait(30)
    remove(core, 5)
    add(core, {31: hashes[31]})
    during = [_search(core, index, hashes[n]) for n in (4, 5, 31)]
    go_on.set()
    index.wait()
    after = [_search(core, index, hashes[n]) for n in (4, 5, 31)]
    assert during == after == [{name_of(4): 0}, {}, {name_of(31): 0}]


DAMAGES = [b"", b"nonsense", b"leakwatch-index-1\n" + bytes(80)]


@pytest.mark.parametrize("damage", DAMAGES, ids=["empty", "other", "altered"])
def test_a_damaged_file_is_made_again(core: Core, tmp_path: Path, damage: bytes) -> None:
    """What it held is read from the database."""
    add(core, {1: "ab" * 32})
    (tmp_path / "known.bin").write_bytes(damage)
    assert _search(core, MemoryIndex(tmp_path / "known.bin"), "ab" * 32) == {name_of(1): 0}


def test_a_process_that_does_not_follow_is_seen(core: Core) -> None:
    """A minute after a change that an index lacks, the index counts as stale; a kept one does not."""
    index = MemoryIndex()
    keeper = Keeper(core, index, "worker:1")
    keeper.keep()
    add(core, {1: "ab" * 32})
    with core.database.transaction() as session:
        (state,) = index_states(session, core.now())
        assert not is_stale(session, state, core.now())
        session.get_one(KnownImage, name_of(1)).added_at = core.now().replace(year=2020)
    with core.database.read() as session:
        assert is_stale(session, index_states(session, core.now())[0], core.now())
    keeper.keep()
    with core.database.read() as session:
        (state,) = index_states(session, core.now())
        assert (state.kind, state.entries, state.generation) == ("memory", 1, 1)
        assert not is_stale(session, state, core.now())


def test_an_index_that_cannot_follow_says_so(core: Core, monkeypatch: pytest.MonkeyPatch) -> None:
    """Its process tells how far it is though it fails, so it is seen as stale; a dead one is not asked."""
    index = MemoryIndex()
    monkeypatch.setattr(index, "refresh", lambda _session: 1 / 0)
    add(core, {1: "ab" * 32})
    with core.database.transaction() as session:
        session.get_one(KnownImage, name_of(1)).added_at = core.now().replace(year=2020)
    Keeper(core, index, "worker:1").keep()
    with core.database.read() as session:
        (state,) = index_states(session, core.now())
        assert is_stale(session, state, core.now())
        assert index_states(session, core.now() + GONE_AFTER) == []


def test_what_a_killed_process_left_is_cleared(tmp_path: Path) -> None:
    """A file that was never finished is removed when the next is written; one that is being written stays."""
    left, busy = tmp_path / "known.7.tmp", tmp_path / "known.8.tmp"
    for file in (left, busy):
        file.write_bytes(b"half")
    os.utime(left, (0, 0))
    write_snapshot(tmp_path / "known.bin", Snapshot.empty())
    assert [file.name for file in sorted(tmp_path.iterdir())] == ["known.8.tmp", "known.bin"]
