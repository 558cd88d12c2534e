"""From a list of people to digests: headers, encodings, bad lines, and that no value is ever repeated."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path

import pytest
import structlog
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from detectors.register.fields import FIELDS, digest, message
from detectors.register.table import Table
from monitor.cli import main
from monitor.core import Core
from monitor.errors import InvalidInput
from monitor.register_csv import Digester, TooManyBadLines
from monitor.register_layout import Layout, find_layout
from tests.monitor.test_cli import Ended

Cli = Callable[[str], Ended]
KEY = bytes(range(32))
TODAY = date(2026, 1, 1)
HEADER = "NHS Number,Surname,DOB,Post code,Hospital No"
LINE = "999 000 0018,O'Brien,01/02/1950,LS99 9ZZ,K1234567"
EVERYTHING = [
    ("number", ("9990000018",)),
    ("surname_birth", ("obrien", "1950-02-01")),
    ("postcode_birth", ("LS999ZZ", "1950-02-01")),
    ("hospital_number", ("K1234567",)),
]


@pytest.fixture
def database_url(sqlite_template: Path, tmp_path: Path) -> str:
    """SQLite only: what the commands call is tested on both databases elsewhere."""
    return f"sqlite:///{shutil.copy(sqlite_template, tmp_path / 'leakwatch.db')}"


def digested(
    path: Path, content: str | bytes, *, most_bad: int = 10, layout: Layout | None = None
) -> Digester:
    """What comes of a list."""
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    digester = Digester(layout or find_layout(path, {}), KEY, TODAY, most_bad)
    digester.read(path, lambda done: None)
    return digester


def holds_everything(digester: Digester) -> bool:
    """Whether the digests are exactly those of `LINE`."""
    wanted = {field: digest(KEY, message(field, *parts)) for field, parts in EVERYTHING}  # type: ignore[arg-type]
    return {field: bytes(made) for field, made in digester.digests.items()} == wanted


@pytest.mark.parametrize(
    "content",
    [
        f"{HEADER}\n{LINE}\n",
        f"{HEADER}\r\n{LINE}\r\n\r\n",
        f"\ufeff{HEADER}\n{LINE}",
        f"{HEADER}\n{LINE}".encode("utf-16"),
        f"{HEADER}\n{LINE}".encode("utf-16-le"),
        f"{HEADER}\n{LINE}".encode("utf-16-be"),
        f"sep=;\r\n{HEADER}\r\n{LINE}".replace(",", ";"),
        f"All patients of PAS, by surname\nRun on 25/11/2026\n\n{HEADER}\n{LINE}",
        f'"NHS\nNumber",Patient surname,D.O.B.,Address postcode,Local Patient Identifier (Extended)\n{LINE}',
        f"{HEADER}\n{LINE},,\n",
        f'{HEADER}\n="9990000018",O\'Brien,01/02/1950,LS99 9ZZ,="K1234567"',
        f"{HEADER}\n'9990000018,'O'Brien,01/02/1950 00:00,LS99 9ZZ,'0K1234567",
        f"{HEADER}\n9990000018.0,O'Brien,01/02/1950,LS99 9ZZ,K1234567.0",
        f"{HEADER}\n{LINE}".replace(",", ";"),
        f"{HEADER}\n{LINE}".replace(",", "\t"),
        "Surname|forename|date_of_birth|nhs_no|MRN|POSTCODE\n"
        "Obrien|Ann|1950-02-01|9990000018|000K1234567|ls999zz\n",
        f"{HEADER}\n{LINE}".replace("'", "\u2019").encode("cp1252"),
        f'{HEADER}\n"999-000-0018","O\'BRIEN","1 Feb 1950","LS999ZZ","k1234567"',
        f"{HEADER}\n{LINE}".replace("01/02/1950", "1950-02-01 00:00:00"),
    ],
)
def test_exports_of_all_kinds_make_the_same_digests(tmp_path: Path, content: str | bytes) -> None:
    """Encoding, delimiter, order of columns and ways of writing change nothing."""
    digester = digested(tmp_path / "list.csv", content)
    assert holds_everything(digester)
    assert (digester.records, digester.bad) == (1, [])


def test_columns_can_be_named(tmp_path: Path) -> None:
    """A header that is not known is named; several columns may hold one part."""
    path = tmp_path / "list.csv"
    path.write_text("Id,Name now,Name before,Birth,NHS\n9990000018,Pellow,O'Brien,01/02/1950,999 000 0026\n")
    layout = find_layout(path, {"surname": ["name now", "NAME BEFORE"], "number": ["Id", "NHS"]})
    made = digested(path, path.read_bytes(), layout=layout).digests
    assert (len(made["number"]), len(made["surname_birth"])) == (32, 32)


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("", "names a column that is known"),
        ("a,b\n1,2\n", "names a column that is known"),
        (LINE, "names a column that is known"),
        (f"born,{LINE}", "names a column that is known"),
        ("surname,postcode\n", "no patient's number.*surname: 'surname'"),
        ("PK\x03\x04xl/workbook.xml", "is a workbook"),
        ("dob,date of birth\n", "two columns of dates of birth"),
        ("nhs number\n" + "9" * 200_000, "is no CSV"),
    ],
)
def test_what_is_no_list_is_refused(tmp_path: Path, content: str, said: str) -> None:
    """An empty file, unknown or doubtful headers, or no CSV: one sentence."""
    with pytest.raises(InvalidInput, match=said):
        digested(tmp_path / "list.csv", content)


BAD = [
    ("9990000019", "", "", "", "", "NHS Number", "check digit"),
    ("", "Pellow", "31/02/1950", "", "K1234567", "DOB", "past date"),
    ("", "Pellow", "01/02/50", "", "K1234567", "DOB", "year of four digits"),
    ("", "Pellow", "01/02/2050", "", "K1234567", "DOB", "past date"),
    ("9990000018", "", "", "LS99", "", "Post code", "postcode"),
    ("9990000018", "", "", "", "K1", "Hospital No", "hospital number"),
    ("9990000018", "", "", "", "1.23E+07", "Hospital No", "hospital number"),
    ("", "Pellow", "", "", "", "", "nothing that can be looked up"),
]


@pytest.mark.parametrize("row", BAD)
def test_a_bad_line_is_told_without_its_content(tmp_path: Path, row: tuple[str, ...]) -> None:
    """Line, column and reason of what cannot be used; never what stands there."""
    *cells, column, reason = row
    digester = digested(tmp_path / "list.csv", f"{HEADER}\n{LINE}\n{','.join(cells)}\n")
    (bad,) = digester.bad
    assert (bad.line, bad.column) == (3, column)
    assert reason in bad.reason
    assert not [cell for cell in cells if cell and cell in repr(bad)]


def test_the_rest_of_a_bad_line_is_used(tmp_path: Path) -> None:
    """A wrong postcode costs the postcode only."""
    made = digested(tmp_path / "list.csv", f"{HEADER}\n{LINE.replace('LS99 9ZZ', 'LS99')}\n").digests
    assert set(made) == set(FIELDS) - {"postcode_birth"}


def test_too_many_bad_lines_end_it(tmp_path: Path) -> None:
    """Up to the limit lines may be bad; one more, and nothing comes of the list."""
    content = HEADER + "\n9990000019,,,,K1" * 3
    assert digested(tmp_path / "list.csv", content, most_bad=3).bad_lines == 3
    with pytest.raises(TooManyBadLines, match="More than 2 lines"):
        digested(tmp_path / "list.csv", content, most_bad=2)


@pytest.mark.parametrize(
    "line",
    ["0000000000,,,,", ",Unknown,01/02/1950,,", ",Pellow,01/01/1900,,", ",Pellow,01/02/1950,ZZ99 3VZ,000000"],
)
def test_ways_of_saying_not_known_match_nobody(tmp_path: Path, line: str) -> None:
    """Placeholders that systems put in for what is not known are left out, and counted."""
    digester = digested(tmp_path / "list.csv", f"{HEADER}\n{line}\n")
    assert digester.placeholders >= 1
    assert set(digester.digests) <= {"surname_birth"}


@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.text(max_size=200))
def test_any_text_is_a_list_or_refused(tmp_path: Path, content: str) -> None:
    """Whatever stands in a file, it is digested or refused in one sentence."""
    digester, told = None, ""
    try:
        digester = digested(tmp_path / "list.csv", HEADER + "\n" + content, most_bad=1000)
    except InvalidInput as error:
        told = str(error)
    assert "\n" not in told
    assert digester is None or bool(digester.records) == bool(digester.digests)


@pytest.fixture
def cli(
    core: Core, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Iterator[Cli]:
    """Runs a command in a folder of its own, over the core's data."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("LEAKWATCH_DATA_DIR", str(core.settings.data_dir))
    monkeypatch.setenv("LEAKWATCH_DATABASE_URL", core.settings.database_url)

    def run(words: str) -> Ended:
        monkeypatch.setattr(sys, "argv", ["leakwatch", *words.split()])
        capsys.readouterr()
        with pytest.raises(SystemExit) as ended:
            main()
        return Ended(int(ended.value.code or 0), *capsys.readouterr())

    yield run
    structlog.reset_defaults()


def test_digesting_needs_nothing_but_the_list(tmp_path: Path) -> None:
    """In a process without database or settings a list becomes a file, on standard output too."""
    (tmp_path / "list.csv").write_text(f"{HEADER}\n{LINE}\n")
    command = [
        Path(sys.executable).parent / "leakwatch",
        "register",
        "digest",
        "list.csv",
        "--key-file",
        "key",
    ]
    done = subprocess.run(
        [*command, "--new-key"],
        cwd=tmp_path,
        env={"PATH": os.environ["PATH"]},
        capture_output=True,
        check=True,
    )
    table = Table(done.stdout)
    table.check()
    assert table.header.records == 1
    assert (tmp_path / "key").read_bytes().strip() not in done.stdout
    assert (tmp_path / "key").stat().st_mode & 0o777 == 0o600
    assert sorted(path.name for path in tmp_path.iterdir()) == ["key", "list.csv"]


def test_the_commands_from_list_to_register(cli: Cli, tmp_path: Path) -> None:
    """A list is digested, loaded, listed, rotated and removed, and no command shows a value of it."""
    (tmp_path / "list.csv").write_text(f"{HEADER}\n{LINE}\n9990000019,,,,\n")
    said = [cli("register digest list.csv --key-file key --new-key --output out --report bad.csv")]
    assert (tmp_path / "bad.csv").read_text().splitlines()[1].startswith('3,NHS Number,"is no NHS')
    assert "line 3, column 'NHS Number': is no NHS, CHI or H&C number" in said[0].err
    assert "Digests of 1 record, each once: 1 number, 1 surname_birth" in said[0].err
    assert "number: 'NHS Number'; surname: 'Surname'" in said[0].err
    said.append(cli("register digest list.csv --key-file key2 --new-key --output out2"))
    said.append(cli("register load out --name pas --key-file key --system PAS"))
    assert "generation 1, 1 record," in said[-1].out
    said.append(cli("register list --json"))
    assert said[-1].document[0]["system"] == "PAS"
    said.append(cli("register list"))
    said.append(cli("register rotate pas out2 --key-file key2"))
    assert "generation 2" in said[-1].out
    said.append(cli("register stats pas --json"))
    assert said[-1].document["generations"][0]["counts"] == dict.fromkeys(FIELDS, 1)
    said.append(cli("register stats pas"))
    said.append(cli("register rotate pas --finish"))
    said.append(cli("register remove pas"))
    assert [each.code for each in said] == [0] * len(said)
    everything = "".join(each.out + each.err for each in said)
    assert not [cell for cell in LINE.split(",") if cell in everything]


@pytest.mark.parametrize(
    ("words", "told"),
    [
        ("load list.csv --name pas --key-file key", "holds no digests"),
        ("load out --name pas --key-file key --kind people", "no kind of register"),
        ("load out --name pas --key-file nokey", "register key nokey cannot be read"),
        ("rotate pas", "--finish alone"),
        ("stats pas", "no register 'pas'"),
        ("digest list.csv --key-file key --new-key --output new", "There is a file key already"),
        ("digest list.csv --key-file key --output out", "out exists already"),
        ("digest list.csv --key-file key --output new --report list.csv", "list.csv exists already"),
        ("digest list.csv --key-file key --output new --column name=x", "not PART=HEADER"),
        ("digest list.csv --key-file key --output new --max-bad 0", "More than 0 lines"),
    ],
)
def test_a_wrong_command_ends_in_one_sentence(cli: Cli, tmp_path: Path, words: str, told: str) -> None:
    """What cannot be done is said in one sentence, and nothing is written."""
    (tmp_path / "list.csv").write_text(f"{HEADER}\n{LINE}\n9990000019,,,,\n")
    cli("register digest list.csv --key-file key --new-key --output out")
    ended = cli(f"register {words}")
    assert (ended.code, told in ended.err.splitlines()[-1]) == (2, True), ended.err
    assert not (tmp_path / "new").exists()
