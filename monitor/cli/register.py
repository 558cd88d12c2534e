"""`leakwatch register`: an organisation's own records, known by keyed digests alone."""

from __future__ import annotations

import re
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, BinaryIO

import typer

from monitor.cli.access import operator
from monitor.cli.context import open_core
from monitor.cli.output import AsJson, err, out, print_json, print_table
from monitor.errors import InvalidInput

if TYPE_CHECKING:
    from detectors.register.match import RegisterKind
    from detectors.register.table import Header
    from monitor.register_csv import BadLine, Digester
    from monitor.register_layout import Part
    from monitor.registers import NewDigests
    from monitor.storage.register import Register

app = typer.Typer(help="Registers: is this one of our own records?", no_args_is_help=True)

KEY = "register key"
SHOWN_BAD = 20
Name = Annotated[str, typer.Argument(help="The register's name.")]
KeyFile = Annotated[Path, typer.Option(help="File of the register's key: 32 bytes in base64, mode 0600.")]
Force = Annotated[
    bool, typer.Option("--force", help="Take it although it is much smaller than the one in use.")
]


@app.command("digest")
def digest_csv(
    csv: Annotated[Path, typer.Argument(metavar="CSV", help="A list of people with a header line.")],
    *,
    key_file: KeyFile,
    new_key: Annotated[
        bool, typer.Option("--new-key", help="Make the key first; refused if there is one.")
    ] = False,
    output: Annotated[
        Path | None, typer.Option("--output", "-o", help="Where to write; default standard output.")
    ] = None,
    column: Annotated[
        list[str] | None,
        typer.Option(
            metavar="PART=HEADER",
            help="Which column is the number, surname, birth, postcode or hospital_number.",
        ),
    ] = None,
    max_bad: Annotated[
        int, typer.Option(min=0, help="Lines that may be bad before nothing is written.")
    ] = 100,
    report: Annotated[
        Path | None, typer.Option(help="File for all that could not be used, as CSV: line, column, reason.")
    ] = None,
) -> None:
    """Turn a list of people into keyed digests, on your own machine and offline; the key stays where it is.

    Example: leakwatch register digest patients.csv --key-file register.key --new-key -o patients.digests
    """
    from monitor.register_csv import Digester
    from monitor.register_layout import find_layout
    from monitor.storage.base import utc_now

    _require_room(output, report)
    layout = find_layout(csv, _named_columns(column or []))
    err.print(layout.told(), highlight=False)
    key = _made_key(key_file) if new_key else key_in(key_file)
    digester = Digester(layout, key, utc_now().date(), max_bad)
    _digest(digester, csv, report)
    _tell_digested(digester, _write(digester, output))


@app.command("load")
def load(
    digests: Annotated[Path, typer.Argument(help="What 'leakwatch register digest' wrote.")],
    *,
    name: Annotated[str, typer.Option(help="The register's name; findings show it.")],
    key_file: KeyFile,
    kind: Annotated[
        str | None, typer.Option(help="patients (unless said), staff or canary; known of a register in use.")
    ] = None,
    organisation: Annotated[str | None, typer.Option(help="Whose records they are.")] = None,
    system: Annotated[str | None, typer.Option(help="Where the records stand; a canary needs it.")] = None,
    force: Force = False,
) -> None:
    """Load a register, or a fresh list in place of the one in use; never a list of people.

    Example: leakwatch register load patients.digests --name pas --key-file register.key --system "PAS"
    """
    from monitor.registers import About, load_register

    about = About(_name(name), register_kind(kind) if kind else None, organisation, system)
    _tell_loaded(load_register(open_core(), about, _new(digests, key_file, force=force), operator()))


@app.command("rotate")
def rotate(
    name: Name,
    digests: Annotated[Path | None, typer.Argument(help="Digests made with the new key.")] = None,
    key_file: Annotated[Path | None, typer.Option(help="File of the new key.")] = None,
    finish: Annotated[
        bool, typer.Option("--finish", help="Retire the old key now, complete or not.")
    ] = False,
    force: Force = False,
) -> None:
    """Change a register's key: the old digests stay in use until the new ones are complete.

    Example: leakwatch register rotate pas patients-2027.digests --key-file register-2027.key
    """
    from monitor.registers import finish_rotation, rotate_register

    if finish == (digests is not None) or (digests is None) != (key_file is None):
        raise InvalidInput("Give new digests and their --key-file, or --finish alone.")
    core = open_core()
    if digests is None or key_file is None:
        _tell_loaded(finish_rotation(core, name, operator()))
    else:
        _tell_loaded(rotate_register(core, name, _new(digests, key_file, force=force), operator()))


@app.command("list")
def list_registers(as_json: AsJson = False) -> None:
    """List the registers.

    Example: leakwatch register list
    """
    from monitor.register_stats import register_stats

    found = register_stats(open_core())
    if as_json:
        print_json([each.document() for each in found])
        return
    heads = ["Name", "Kind", "Organisation", "System", "Records", "Keys", "Loaded", "Matches"]
    print_table(heads, [each.row() for each in found])


@app.command("stats")
def stats(name: Name, as_json: AsJson = False) -> None:
    """Show a register's generations, what they hold by field, and what was matched.

    Example: leakwatch register stats pas
    """
    from monitor.register_stats import register_stats

    (found,) = register_stats(open_core(), name)
    if as_json:
        print_json(found.document())
    else:
        print_table(["", ""], found.lines(), title=name)


@app.command("remove")
def remove(name: Name) -> None:
    """Forget a register, its keys and its digests; what it matched before stays as it is.

    Example: leakwatch register remove pas
    """
    from monitor.registers import remove_register

    remove_register(open_core(), name, operator())
    out.print(f"{name} is removed.", highlight=False)


def _require_room(output: Path | None, report: Path | None) -> None:
    if output is None and sys.stdout.isatty():
        raise InvalidInput("The digests are not text: write them to a file, with --output or '>'.")
    for path in (output, report):
        if path is not None and path.exists():
            raise InvalidInput(f"{path} exists already; give another name, or remove it first.")


def _named_columns(said: Sequence[str]) -> dict[Part, list[str]]:
    from monitor.register_layout import PARTS

    named: dict[Part, list[str]] = {}
    for each in said:
        part, _, header = each.partition("=")
        known = next((one for one in PARTS if one == part), None)
        if known is None or not header:
            raise InvalidInput(f"--column {each} is not PART=HEADER with one of {', '.join(PARTS)}.")
        named.setdefault(known, []).append(header)
    return named


def key_in(path: Path) -> bytes:
    """A register's key. Raises ConfigurationError."""
    from monitor.vault import load_key

    return load_key(path, KEY)


def _made_key(path: Path) -> bytes:
    from monitor.vault import create_key

    if not create_key(path, KEY):
        raise InvalidInput(f"There is a file {path} already; leave --new-key out to use the key in it.")
    err.print(f"Made the key {path}; keep a copy of it where you keep secrets.", highlight=False)
    return key_in(path)


def _digest(digester: Digester, csv: Path, report: Path | None) -> None:
    """Read the list under a progress bar; tell the bad lines whatever comes of it."""
    from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn, TimeRemainingColumn

    from monitor.register_csv import write_report

    columns = (TextColumn("Digesting"), BarColumn(), DownloadColumn(), TimeRemainingColumn())
    try:
        with Progress(*columns, console=err, transient=True, disable=not err.is_terminal) as bar:
            task = bar.add_task("", total=csv.stat().st_size)
            digester.read(csv, lambda done: bar.update(task, completed=done))
    finally:
        _tell_bad(digester.bad, digester.bad_lines)
        if report is not None:
            write_report(digester.bad, report)


def _write(digester: Digester, output: Path | None) -> Header:
    from detectors.register.fields import key_id
    from detectors.register.table import write_table
    from monitor.writeonce import new_file

    if not digester.digests:
        raise InvalidInput("The list holds nobody that can be looked up; nothing was written.")

    def write(file: BinaryIO) -> Header:
        return write_table(
            file, key_id=key_id(digester.key), records=digester.records, digests=digester.digests
        )

    if output is None:
        return write(sys.stdout.buffer)
    try:
        with new_file(output) as file:
            return write(file)
    except OSError as error:
        raise InvalidInput(f"{output} cannot be written: {error.strerror}.") from None


def _tell_bad(bad: Sequence[BadLine], lines: int) -> None:
    for each in bad[:SHOWN_BAD]:
        where = f", column {each.column!r}" if each.column else ""
        err.print(f"line {each.line}{where}: {each.reason}", highlight=False)
    if len(bad) > SHOWN_BAD:
        err.print(f"... and {len(bad) - SHOWN_BAD} more", highlight=False)
    if lines:
        err.print(f"Lines that could not be used, or not whole: {lines:,}.", highlight=False)


def _tell_digested(digester: Digester, header: Header) -> None:
    counts = ", ".join(f"{count:,} {field}" for field, count in header.counts.items() if count)
    err.print(
        f"Digests of {_records(header.records)}, each once: {counts};"
        f" placeholders left out: {digester.placeholders:,}; key {header.key_id}.",
        highlight=False,
    )


def _records(count: int) -> str:
    return f"{count:,} record{'' if count == 1 else 's'}"


def _new(digests: Path, key_file: Path, *, force: bool) -> NewDigests:
    from monitor.registers import NewDigests

    return NewDigests(digests, key_in(key_file), force)


def _name(name: str) -> str:
    if len(name) > 100 or not re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9._ -]*", name):
        raise InvalidInput(
            "A register's name is up to 100 letters, digits, spaces, dots, hyphens, underscores."
        )
    return name


def register_kind(said: str) -> RegisterKind:
    """A kind that there is. Raises InvalidInput."""
    from typing import get_args

    from detectors.register import match

    for kind in get_args(match.RegisterKind):
        if kind == said:
            return kind  # type: ignore[no-any-return]
    raise InvalidInput(f"{said!r} is no kind of register; use {', '.join(get_args(match.RegisterKind))}.")


def _tell_loaded(register: Register) -> None:
    for each in register.generations:
        told = f"generation {each.number}, {_records(each.records)}, key {each.key_id}"
        out.print(f"{register.name} ({register.kind}): {told}.", highlight=False)
    if len(register.generations) > 1:
        out.print(
            "Both keys are in use until the new digests are complete: rotate again with more of them,"
            f" or end it with 'leakwatch register rotate {register.name} --finish'.",
            highlight=False,
        )
