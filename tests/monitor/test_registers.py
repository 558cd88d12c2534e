"""Registers in use: loaded, replaced and rotated without a gap, whatever happens on the way."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Callable, Iterable
from pathlib import Path

import pytest
from sqlalchemy import select

from detectors.register.fields import Field, digest, key_id, message
from detectors.register.table import HEADER_BYTES, RegisterFileUnusable, write_table
from monitor import audit
from monitor.alerts import change_status
from monitor.core import Core
from monitor.diagnosis import diagnose
from monitor.errors import Conflict, InvalidInput, NotFound
from monitor.register_files import live_registers, sweep_registers
from monitor.register_stats import register_stats
from monitor.registers import (
    About,
    NewDigests,
    finish_rotation,
    load_register,
    remove_register,
    rotate_register,
)
from monitor.storage.alert import Alert
from monitor.storage.audit import AuditEvent
from monitor.storage.examination import Examination, Finding
from monitor.storage.register import Register, RegisterGeneration
from monitor.templates import examiner_config
from monitor.vault import load_key
from tests.monitor.pictures import letter
from tests.services.forks import Forks

CHILD = "tests.monitor.register_child"
OLD, NEW = bytes(range(32)), b"n" * 32
PAS = About("pas", "patients", "Test Trust", "PAS")
NUMBERS = ["9990000018", "9990000026", "9990000034", "9990000042"]
Make = Callable[..., NewDigests]


@pytest.fixture
def make(tmp_path: Path) -> Make:
    """Makes a file of digests of these numbers, as `register digest` writes it."""

    def write(numbers: Iterable[str] = NUMBERS, key: bytes = OLD, *, force: bool = False) -> NewDigests:
        digests: dict[Field, bytearray] = {"number": bytearray()}
        listed = list(numbers)
        for number in listed:
            digests["number"] += digest(key, message("number", number))
        path = tmp_path / f"{time.monotonic_ns()}.digests"
        with path.open("wb") as file:
            write_table(file, key_id=key_id(key), records=len(listed), digests=digests)
        return NewDigests(path, key, force)

    return write


def known(core: Core, number: str) -> bool:
    """Whether a register in use, under whichever key, holds this number."""
    asked = message("number", number)
    return any(
        r.table is not None and r.table.holds("number", digest(r.key, asked)) for r in live_registers(core)
    )


def files(core: Core) -> list[Path]:
    """The files of digests in the data folder."""
    return sorted(core.settings.register_dir.iterdir())


def test_a_loaded_register_is_asked_by_the_next_examination(core: Core, make: Make) -> None:
    """A register is in the configuration of whatever is examined from now on, until it is removed."""
    before = examiner_config(core)
    load_register(core, PAS, make(), "test")
    (register,) = examiner_config(core).registers
    assert (register.name, register.kind, register.system) == ("pas", "patients", "PAS")
    assert known(core, NUMBERS[0])
    assert examiner_config(core).signature != before.signature
    remove_register(core, "pas", "test")
    assert examiner_config(core) == before
    assert files(core) == []


def test_the_key_is_sealed_and_the_digests_alone_are_of_no_use(core: Core, make: Make) -> None:
    """Neither the database nor the data folder holds the key in the clear."""
    load_register(core, PAS, make(), "test")
    with core.database.read() as session:
        row = session.scalars(select(RegisterGeneration)).one()
        assert OLD not in row.key_ciphertext + row.key_wrapped
    assert OLD not in files(core)[0].read_bytes()


def test_a_fresh_list_takes_the_old_ones_place(core: Core, make: Make) -> None:
    """The next list under the same key replaces the one in use, its file and its sealed key too."""
    load_register(core, PAS, make(NUMBERS[:2]), "test")
    register = load_register(core, About("pas", "patients"), make(NUMBERS[1:3]), "test")
    assert [known(core, number) for number in NUMBERS] == [False, True, True, False]
    assert [each.number for each in register.generations] == [2]
    assert register.system == "PAS"
    assert len(files(core)) == 1


def test_a_key_is_rotated_without_a_gap(core: Core, make: Make) -> None:
    """Old and new generation are both asked until the new one is complete; then the old key is gone."""
    load_register(core, PAS, make(), "test")
    register = rotate_register(core, "pas", make(NUMBERS[:2], NEW), "test")
    assert [each.key_id for each in register.generations] == [key_id(OLD), key_id(NEW)]
    assert all(known(core, number) for number in NUMBERS)
    (told,) = register_stats(core)
    assert told.rotating
    register = rotate_register(core, "pas", make(NUMBERS, NEW), "test")
    assert [each.key_id for each in register.generations] == [key_id(NEW)]
    assert all(known(core, number) for number in NUMBERS)
    assert len(files(core)) == 1


def test_a_rotation_can_be_ended_by_hand(core: Core, make: Make) -> None:
    """A new list that is meant to be shorter takes over when somebody says so."""
    load_register(core, PAS, make(), "test")
    rotate_register(core, "pas", make(NUMBERS[:1], NEW), "test")
    finish_rotation(core, "pas", "test")
    assert [known(core, number) for number in NUMBERS] == [True, False, False, False]


def test_during_a_rotation_the_old_key_is_not_loaded_again(core: Core, make: Make) -> None:
    """A list under the old key would undo the rotation: refused, both ways."""
    load_register(core, PAS, make(), "test")
    rotate_register(core, "pas", make(NUMBERS[:1], NEW), "test")
    with pytest.raises(InvalidInput, match="leakwatch register rotate"):
        load_register(core, PAS, make(), "test")
    with pytest.raises(InvalidInput, match="already"):
        rotate_register(core, "pas", make(), "test")


def test_what_does_not_fit_is_refused_and_changes_nothing(core: Core, make: Make) -> None:
    """Another key, another kind, a list of half the size, a canary without its system: one sentence each."""
    load_register(core, PAS, make(), "test")
    before = files(core)
    wrong_key = NewDigests(make().path, NEW)
    refused = (
        (PAS, wrong_key, InvalidInput, "was made with key"),
        (PAS, make(NUMBERS, NEW), InvalidInput, "leakwatch register rotate"),
        (About("pas", "staff"), make(), Conflict, "is of kind patients"),
        (PAS, make(NUMBERS[:1]), InvalidInput, "say --force"),
        (PAS, make([]), InvalidInput, "holds no digest at all"),
        (About("traps", "canary"), make(), InvalidInput, "give --system"),
    )
    for about, new, error, said in refused:
        with pytest.raises(error, match=said):
            load_register(core, about, new, "test")
    with pytest.raises(NotFound):
        rotate_register(core, "other", make(), "test")
    assert files(core) == before
    load_register(core, PAS, make(NUMBERS[:1], force=True), "test")


def test_a_fresh_list_needs_the_name_only(core: Core, make: Make) -> None:
    """What was said of a register before holds; a new one is of patients."""
    load_register(core, About("traps", "canary", "Test Trust", "EPR"), make(), "test")
    again = load_register(core, About("traps"), make(), "test")
    assert (again.kind, again.organisation, again.system) == ("canary", "Test Trust", "EPR")
    assert load_register(core, About("pas"), make(), "test").kind == "patients"


def test_the_master_key_is_no_registers_key(core: Core, make: Make) -> None:
    """Digests made with leakwatch's own master key are refused: an organisation never has it."""
    master = load_key(core.settings.resolved_master_key_file)
    with pytest.raises(InvalidInput, match="own master key"):
        load_register(core, PAS, make(NUMBERS, master), "test")


def test_a_list_of_people_is_never_taken(core: Core, tmp_path: Path) -> None:
    """A CSV is refused in one sentence, before anything of it is copied."""
    path = tmp_path / "patients.csv"
    path.write_text("nhs number,surname\n999 000 0018,Pellow\n")
    with pytest.raises(RegisterFileUnusable, match=r"patients\.csv holds no digests"):
        load_register(core, PAS, NewDigests(path, OLD), "test")
    assert not core.settings.register_dir.exists()


def test_an_altered_file_is_not_loaded(core: Core, make: Make) -> None:
    """A file that was changed on its way is refused, and its copy removed."""
    new = make()
    content = bytearray(new.path.read_bytes())
    content[HEADER_BYTES + 20] ^= 1
    new.path.write_bytes(content)
    with pytest.raises(RegisterFileUnusable, match="not as they were made"):
        load_register(core, PAS, new, "test")
    assert files(core) == []


def test_everything_is_in_the_audit_log(core: Core, make: Make) -> None:
    """Who loaded, rotated and removed which register under which key can be read later."""
    load_register(core, PAS, make(), "jo")
    rotate_register(core, "pas", make(NUMBERS, NEW), "jo")
    remove_register(core, "pas", "jo")
    with core.database.read() as session:
        lines = session.execute(select(AuditEvent.actor, AuditEvent.action, AuditEvent.item, AuditEvent.note))
        told = list(map(tuple, lines))
        assert audit.first_altered(session) is None
    assert [line[:3] for line in told] == [
        ("jo", f"register.{verb}", "pas") for verb in ("load", "rotate", "remove")
    ]
    assert key_id(NEW) in told[1][3]


def test_a_lost_file_is_seen_and_stops_nothing(
    core: Core, make: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Without its file a register is there, cannot be asked, and shows in the statistics and the doctor."""
    load_register(core, PAS, make(), "test")
    signature = examiner_config(core).signature
    files(core)[0].unlink()
    config = examiner_config(core)
    assert [register.table for register in config.registers] == [None]
    assert config.signature != signature
    assert not register_stats(core)[0].generations[0].readable
    monkeypatch.setenv("LEAKWATCH_DATA_DIR", str(core.settings.data_dir))
    monkeypatch.setenv("LEAKWATCH_DATABASE_URL", core.settings.database_url)
    assert [check.state for check in diagnose() if check.name == "register pas"] == ["failed"]


@pytest.mark.parametrize("step", ["copied", "recorded", "committed"])
def test_a_death_at_any_step_of_loading_leaves_a_register_whole(
    core: Core, make: Make, forks: Forks, step: str
) -> None:
    """Killed between two steps, the old generation is in use or the new one is, and rubbish is swept."""
    load_register(core, About("pas", "patients"), make(NUMBERS[:2]), "test")
    new = make(NUMBERS[1:3])
    arguments = (core.settings.data_dir, core.settings.database_url, new.path, OLD.hex(), step)
    assert forks.run(CHILD, *arguments) == -signal.SIGKILL
    whole = [True, True, False] if step != "committed" else [False, True, True]
    assert [known(core, number) for number in NUMBERS[:3]] == whole
    assert len(files(core)) == 2
    assert sweep_registers(core) == 0  # somebody may be at work still
    for path in files(core):
        os.utime(path, (0, 0))
    assert sweep_registers(core) == 1
    assert [known(core, number) for number in NUMBERS[:3]] == whole
    load_register(core, About("pas", "patients"), new, "test")
    assert [known(core, number) for number in NUMBERS[:3]] == [False, True, True]


def test_the_pipeline_raises_a_critical_alert_for_a_canary(
    core: Core, make: Make, post: Callable[..., None], process: Callable[[], None]
) -> None:
    """From a post to the alert: a canary's number alone is critical, and its system is named everywhere."""
    load_register(core, About("traps", "canary", None, "EPR"), make(), "test")
    post("leak", "seen on a screen: 999 000 0018")
    post("harmless", "seen on a screen: 999 000 0093")
    process()
    with core.database.read() as session:
        alert = session.scalars(select(Alert)).one()
        assert (alert.severity, alert.leak_class) == ("critical", "patient_record")
        assert alert.reasons[0].startswith("a canary record of the system EPR in the register traps")
        (match,) = session.scalars(select(Finding).where(Finding.kind == "register_match"))
        assert (match.masked, match.digest, match.facts["system"]) == ("traps", None, "EPR")
        assert "9990000018" not in str(match.facts) + match.why
    (told,) = register_stats(core)
    assert told.matched.findings == 1
    assert told.matched.last_at is not None


def test_what_comes_again_is_looked_up_in_a_new_register(
    core: Core, make: Make, post: Callable[..., None], process: Callable[[], None]
) -> None:
    """The same words, posted again after a register was loaded, are examined anew."""
    post("first", "999 000 0018")
    process()
    load_register(core, PAS, make(), "test")
    post("second", "999 000 0018")
    process()
    with core.database.read() as session:
        assert len(session.scalars(select(Examination.signature).distinct()).all()) == 2
        assert session.scalars(select(Alert.severity)).one() == "high"
        assert session.scalars(select(Register.name)).all() == ["pas"]


def test_a_canary_is_critical_even_on_a_harmless_picture(
    core: Core, make: Make, post: Callable[..., None], process: Callable[[], None]
) -> None:
    """Dismissed as harmless before the register was loaded, its alert is opened again by the next copy."""
    picture = letter("999 000 0018")
    post("drill", photo=picture)
    process()
    with core.database.transaction() as session:
        alert = session.scalars(select(Alert)).one()
        change_status(session, alert, "dismissed", actor="x", now=core.now(), harmless_picture=True)
    post("copy", photo=picture)
    process()
    load_register(core, About("traps", "canary", None, "EPR"), make(), "test")
    with core.database.read() as session:
        assert session.scalars(select(Alert.status)).all() == ["dismissed"]
    post("again", photo=picture)
    process()
    with core.database.read() as session:
        alert = session.scalars(select(Alert)).one()
        assert (alert.status, alert.severity) == ("new", "critical")
        assert {seen.post.external_id for seen in alert.sightings} == {"drill", "again"}
