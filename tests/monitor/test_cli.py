"""The command line: what each command prints and changes, and how it fails."""

from __future__ import annotations

import json
import os
import shutil
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import structlog
import typer.main
from sqlalchemy import text

from monitor import __version__, access
from monitor.access import Principal
from monitor.cli import main
from monitor.cli.app import app
from monitor.core import Core
from monitor.storage.alert import find_alerts
from monitor.storage.audit import audit_events
from tests.monitor.pictures import LETTER, draw, encode

LEAK = "NHS No 999 888 7771 Mr Owen Pellow DOB 01/02/1950 admitted with sepsis, ward 4, DNACPR"
PAGE = encode(draw(LETTER.format(name="", number="")))


@dataclass(frozen=True)
class Ended:
    """How a command ended."""

    code: int
    out: str
    err: str

    @property
    def document(self) -> Any:
        """What it printed, as JSON."""
        return json.loads(self.out)


Cli = Callable[..., Ended]


@pytest.fixture
def database_url(sqlite_template: Path, tmp_path: Path) -> str:
    """SQLite only: what the commands call is tested on both databases elsewhere."""
    return f"sqlite:///{shutil.copy(sqlite_template, tmp_path / 'leakwatch.db')}"


@pytest.fixture
def cli(core: Core, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Iterator[Cli]:
    """Runs a command over the core's data, in this process."""
    monkeypatch.setenv("LEAKWATCH_DATA_DIR", str(core.settings.data_dir))
    monkeypatch.setenv("LEAKWATCH_DATABASE_URL", core.settings.database_url)
    monkeypatch.setenv("LEAKWATCH_ACCEPT_UNISSUED_NUMBERS", "true")

    def run(*words: object) -> Ended:
        monkeypatch.setattr(sys, "argv", ["leakwatch", *map(str, words)])
        capsys.readouterr()
        with pytest.raises(SystemExit) as ended:
            main()
        return Ended(int(ended.value.code or 0), *capsys.readouterr())

    yield run
    structlog.reset_defaults()


@pytest.fixture
def reference(core: Core, post: Callable[..., None], process: Callable[[], None]) -> str:
    """The reference of an alert."""
    post("leak", LEAK)
    process()
    with core.database.read() as session:
        return find_alerts(session)[0].reference


def commands() -> Iterator[tuple[str, ...]]:
    """Every command of the tree."""
    waiting: list[tuple[tuple[str, ...], Any]] = [((), typer.main.get_command(app))]
    while waiting:
        path, command = waiting.pop()
        if hasattr(command, "commands"):
            waiting += [((*path, name), inner) for name, inner in command.commands.items()]
        else:
            yield path


@pytest.mark.parametrize("path", sorted(commands()), ids=" ".join)
def test_every_command_explains_itself(cli: Cli, path: tuple[str, ...]) -> None:
    """`--help` says what a command does and shows an example of that very command."""
    ended = cli(*path, "--help")
    assert ended.code == 0
    assert f"Example: leakwatch {' '.join(path)}" in ended.out


def test_the_version_is_told(cli: Cli) -> None:
    """`--version` prints name and version, and nothing else."""
    assert cli("--version") == Ended(0, f"leakwatch {__version__}\n", "")


WRONG = [
    (("alert", "show", "LW-1999-000001"), "There is no alert 'LW-1999-000001'."),
    (("alert", "confirm", "LW-1999-000001"), "There is no alert 'LW-1999-000001'."),
    (("alert", "list", "--status", "gone"), "'gone' is not a status; choose one of new,"),
    (("alert", "list", "--severity", "grave"), "'grave' is not a severity; choose one of none,"),
    (("bundle", "create", "LW-1999-000001"), "There is no alert 'LW-1999-000001'."),
    (("post", "list", "--stage", "lost"), "'lost' is not a stage; choose one of acquire,"),
    (("post", "retry", "0199c6f2-6a0b-7f3e-8d4c-2b1a09f8e7d6"), "is not a failed post"),
    (("source", "add", "foldr", "x"), "There is no connector 'foldr' (did you mean 'folder'?)"),
    (("source", "add", "folder", "x", "-s", "path"), "'path' is not a setting; write it as NAME=VALUE."),
    (("source", "run", "nowhere"), "There is no source 'nowhere'."),
    (("template", "add", "/nowhere.png"), "/nowhere.png cannot be read: No such file or directory."),
    (("template", "remove", "nothing"), "There is no template 'nothing'."),
    (("user", "create", "jo", "--role", "root"), "'root' is not a role; choose one of auditor,"),
    (("user", "sign-in", "nobody"), "There is no user 'nobody'."),
    (("key", "revoke", "none"), "There is no API key 'none'."),
    (("scan", "/nowhere"), "/nowhere does not exist"),
    (("scan", ".", "--register", "pas.digests"), "Each --register needs its own --key-file"),
    (("scan", ".", "--register", "a", "--key-file", "b", "--register-kind", "pets"), "no kind of register"),
    (("up", "--host", "256.0.0.1"), "The web server cannot listen on 256.0.0.1"),
]


@pytest.mark.parametrize(("words", "said"), WRONG, ids=[" ".join(words) for words, _ in WRONG])
def test_what_is_wrong_is_one_sentence(cli: Cli, words: tuple[str, ...], said: str) -> None:
    """Whatever cannot be done ends with one sentence on standard error and exit code 2."""
    ended = cli(*words)
    assert (ended.code, ended.out) == (2, "")
    assert ended.err.startswith("leakwatch: ")
    assert ended.err.count("\n") == 1
    assert said in ended.err


def test_without_a_database_the_mend_is_told(
    cli: Cli, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """A command that needs the database says how to make it; making it twice is well."""
    monkeypatch.setenv("LEAKWATCH_DATABASE_URL", f"sqlite:///{tmp_path / 'new.db'}")
    ended = cli("alert", "list")
    assert (ended.code, "run 'leakwatch db upgrade'" in ended.err) == (2, True)
    assert "was empty" in cli("db", "upgrade").out
    assert "is up to date" in cli("db", "upgrade").out


def test_a_newer_database_is_refused(cli: Cli, core: Core) -> None:
    """No command touches the database of a newer version; each says why in one sentence."""
    with core.database.engine.begin() as connection:
        connection.execute(text("update alembic_version set version_num = '9999'"))
    for words in (("alert", "list"), ("db", "upgrade"), ("source", "list")):
        ended = cli(*words)
        assert (ended.code, ended.err.count("\n")) == (2, 1)
        assert "written by a newer version" in ended.err
    doctor = cli("doctor", "--json")
    assert doctor.code == 1
    assert [check["name"] for check in doctor.document if check["state"] == "failed"] == ["database"]


def test_a_source_from_adding_to_pausing(cli: Cli, core: Core, tmp_path: Path) -> None:
    """A source is added, tried, read, paused and resumed; the list shows each step, the log who did it."""
    (tmp_path / "posts.jsonl").write_text('{"id": "1", "text": "hello"}\nnot json\n')
    added = cli(
        "source", "add", "folder", "in", "-s", f"path={tmp_path}", "-s", "settle_seconds=0", "--every", 9
    )
    assert added.out == "Added. Try it with: leakwatch source test in\n"
    assert cli("source", "test", "in").code == 0
    assert cli("source", "run", "in").out == "in: 1 new, 1 rejected.\n"
    assert cli("source", "pause", "in").out == "in is paused.\n"
    (listed,) = cli("source", "list", "--json").document
    assert (listed["enabled"], listed["last_outcome"], listed["last_new"]) == (False, "data", 1)
    assert cli("source", "resume", "in").code == 0
    assert "in" in cli("source", "list").out
    shutil.move(tmp_path / "posts.jsonl", tmp_path / "gone")
    with core.database.read() as session:
        actions = [row.action for row in reversed(audit_events(session))]
    assert actions == ["source.add", "source.pause", "source.resume"]


def test_a_source_that_does_not_answer(cli: Cli, tmp_path: Path) -> None:
    """Reading a source that is away ends with its reason and exit code 1."""
    (tmp_path / "in").mkdir()
    cli("source", "add", "folder", "in", "-s", f"path={tmp_path / 'in'}")
    (tmp_path / "in").rmdir()
    ended = cli("source", "run", "in")
    assert ended.code == 1
    assert f"\nin: The folder {tmp_path / 'in'} is not there; create or mount it.\n" in ended.err


def test_a_template_from_adding_to_removing(cli: Cli, tmp_path: Path) -> None:
    """A template is added, matches its own picture and no other, can be paused, and is gone when removed."""
    (tmp_path / "letter.png").write_bytes(PAGE)
    (tmp_path / "menu.png").write_bytes(encode(draw("Menu of the day", size=(700, 1100))))
    added = cli("template", "add", tmp_path / "letter.png", "--organisation", "Castle Vale Trust")
    assert added.code == 0
    (listed,) = cli("template", "list", "--json").document
    assert (listed["name"], listed["organisation"], listed["enabled"]) == (
        "letter",
        "Castle Vale Trust",
        True,
    )
    overlay = tmp_path / "overlay.png"
    (match,) = cli("template", "test", tmp_path / "letter.png", "--overlay", overlay, "--json").document
    assert (match["name"], match["level"]) == ("letter", "trust_confirmed")
    assert overlay.read_bytes().startswith(b"\x89PNG")
    assert cli("template", "test", tmp_path / "menu.png").code == 1
    assert cli("template", "add", tmp_path / "letter.png").code == 2
    again = cli("template", "add", tmp_path / "letter.png", "--organisation", "Castle Vale Trust")
    assert (again.code, "left as they are: letter." in again.out) == (0, True)
    nowhere = cli("template", "test", tmp_path / "letter.png", "--overlay", tmp_path / "no" / "x.png")
    assert (nowhere.code, "x.png cannot be written: No such file" in nowhere.err) == (2, True)
    assert cli("template", "disable", "letter").code == 0
    assert cli("template", "test", tmp_path / "letter.png").code == 1
    assert cli("template", "enable", "letter").code == 0
    assert cli("template", "change", "letter", "--threshold", "tiles=20").code == 0
    assert cli("template", "change", "letter", "--threshold", "tiles").code == 2
    shown = cli("template", "show", "letter", "--json").document
    assert (shown["thresholds"]["tiles"], shown["version"]) == (20, 4)
    assert [version["version"] for version in shown["history"]] == [4, 3, 2, 1]
    assert cli("template", "remove", "letter").code == 0
    assert cli("template", "list", "--json").document == []


def test_an_alert_from_listing_to_dismissing(cli: Cli, reference: str) -> None:
    """An alert is listed, shown masked, confirmed and dismissed; what cannot follow is refused."""
    (listed,) = cli("alert", "list", "--json").document
    assert (listed["reference"], listed["status"], listed["platform"]) == (reference, "new", "folder")
    assert cli("alert", "list", "--status", "dismissed", "--json").document == []
    shown = cli("alert", "show", reference, "--json").document
    assert {"nhs_number", "person_name"} <= {finding["kind"] for finding in shown["findings"]}
    for ended in (cli("alert", "show", reference), cli("alert", "show", reference, "--json")):
        assert "999 *** **71" in ended.out
        assert not [
            secret
            for secret in ("888 7771", "8887771", "Pellow", "01/02")
            if secret in ended.out.replace(reference, "")
        ]
    assert cli("alert", "confirm", reference).out == f"{reference} is confirmed.\n"
    assert cli("alert", "dismiss", reference, "--note", "a drill").out == f"{reference} is dismissed.\n"
    refused = cli("alert", "confirm", reference)
    assert (refused.code, refused.err) == (
        2,
        f"leakwatch: Alert {reference} is dismissed; it cannot become confirmed.\n",
    )
    assert "a drill" in cli("alert", "show", reference).out


def test_a_failed_post_is_listed_and_tried_again(cli: Cli, folder: Path, process: Callable[[], None]) -> None:
    """A post that failed is listed with its reason, and is processed again when asked."""
    (folder / "posts.jsonl").write_text('{"id": "1", "text": "hello", "files": ["late.img"]}\n')
    process()
    (failed,) = cli("post", "list", "--stage", "failed", "--json").document
    assert (failed["external_id"], "late.img" in failed["error"]) == ("1", True)
    (folder / "late.img").write_bytes(encode(draw("Menu")))
    assert cli("post", "retry", failed["revision"]).code == 0
    process()
    assert cli("post", "list", "--stage", "failed", "--json").document == []
    assert [row["stage"] for row in cli("post", "list", "--json").document] == ["done"]


def test_a_bundle_is_made_and_checked_anywhere(
    cli: Cli, reference: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Checking a bundle needs neither database nor settings; one changed byte is found, exit code 1."""
    path = tmp_path / "evidence [draft].zip"
    made = cli("bundle", "create", reference, "-o", path)
    assert (made.code, str(path) in made.out) == (0, True)
    monkeypatch.setenv("LEAKWATCH_DATABASE_URL", "sqlite:////nowhere/at/all.db")
    assert cli("bundle", "verify", path).code == 0
    assert cli("bundle", "verify", path, "--json").document["ok"] is True
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 1
    path.write_bytes(data)
    assert cli("bundle", "verify", path, "--json").document["ok"] is False
    assert cli("bundle", "verify", path).code == cli("bundle", "verify", tmp_path / "none.zip").code == 1
    assert not Path("/nowhere").exists()


def test_people_and_programs_come_in(cli: Cli, core: Core) -> None:
    """A user gets a link that signs in once; a key's secret is printed once and ends when revoked."""
    link = cli("user", "create", "jo", "--role", "coordinator").out.strip()
    token = link.rpartition("token=")[2]
    secret = cli("key", "create", "siem", "--role", "auditor").out.strip()
    now = core.now()
    with core.database.transaction() as session:
        assert access.redeem_sign_in(session, token, now, access.SIGN_IN_LIFETIME)
        assert access.principal_of_key(session, secret, now) == Principal("key:siem", "auditor")
    assert "token=" in cli("user", "sign-in", "jo").out
    assert cli("key", "revoke", "siem").code == 0
    with core.database.read() as session:
        assert access.principal_of_key(session, secret, now) is None
        lines = audit_events(session)
        assert {line.actor.partition(":")[0] for line in lines} == {"cli"}
        assert not [line for line in lines if secret in repr(line.entry()) or token in repr(line.entry())]


def test_the_log_is_verified(cli: Cli, core: Core) -> None:
    """A whole log is told as whole; an altered one by its line, exit code 1."""
    cli("key", "create", "a")
    cli("key", "create", "b")
    assert cli("audit", "verify") == Ended(0, "The audit log is whole.\n", "")
    with core.database.engine.begin() as connection:
        connection.execute(text("update audit_event set item = 'c' where seq = 2"))
    ended = cli("audit", "verify")
    assert (ended.code, ended.out) == (1, "")
    assert "from line 2 on" in ended.err


def test_names_are_printed_as_they_are(cli: Cli, tmp_path: Path) -> None:
    """Brackets and colons in names are neither styles nor pictures."""
    name = "a[/b] [red] :warning:"
    cli("source", "add", "folder", name, "-s", f"path={tmp_path}")
    assert cli("source", "pause", name).out == f"{name} is paused.\n"
    assert name in cli("source", "list").out


def test_scanning_ends_with_what_was_found(cli: Cli, tmp_path: Path) -> None:
    """Exit code 0: clean, 1: something alerts, 2: only that something could not be examined."""
    lines = {
        "clean": '{"text": "hello"}',
        "alert": json.dumps({"id": "7", "text": LEAK}),
        "error": "not json",
    }
    for name, line in lines.items():
        (tmp_path / f"{name}.jsonl").write_text(line + "\n")
    scan = ("scan", "--workers", 1)
    assert cli(*scan, tmp_path / "clean.jsonl").code == 0
    error = cli(*scan, tmp_path / "clean.jsonl", tmp_path / "error.jsonl")
    assert (error.code, "could not be examined whole" in error.out) == (2, True)
    found = cli(*scan, "--jsonl", tmp_path)
    assert found.code == 1
    documents = [json.loads(line) for line in found.out.splitlines()]
    assert [document["alert"] for document in documents] == [True, False, False]
    assert "9998887771" not in found.out
    revealed = cli(*scan, "--jsonl", "--reveal", tmp_path / "alert.jsonl")
    assert "9998887771" in [entry["value"] for entry in revealed.document["identifiers"]]
    assert os.environ["LEAKWATCH_DATABASE_URL"] not in found.err
