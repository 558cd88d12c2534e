"""`leakwatch source apply | diff | export`: sources kept in a file."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from monitor.cli.access import operator
from monitor.cli.context import open_core
from monitor.cli.output import AsJson, out, print_json

if TYPE_CHECKING:
    from collections.abc import Sequence

    from monitor.source_file import Change

File = Annotated[Path, typer.Argument(help="A YAML file of sources.")]
KeepOthers = Annotated[
    bool, typer.Option("--keep-others", help="Leave sources alone that are not in the file.")
]
DIFFERENT = 1
SIGNS = {"add": "+", "change": "~", "pause": "-"}


def apply_file(
    file: File,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Show what would change, and end.")] = False,
    yes: Annotated[bool, typer.Option("--yes", help="Do it without asking.")] = False,
    keep_others: KeepOthers = False,
) -> None:
    """Make the sources what a file says: add, change, and pause those that are not in it. Shows it first.

    Nothing is deleted. Without a terminal, say --yes or --dry-run.

    Example: leakwatch source apply sources.yaml --dry-run
    """
    from monitor.errors import InvalidInput
    from monitor.source_file import apply, changes, read_file

    core = open_core()
    entries = read_file(core.settings, file)
    with core.database.read() as session:
        wanted = changes(session, entries, keep_others=keep_others)
    _print_changes(wanted)
    if dry_run or not wanted:
        return
    if not yes and not sys.stdin.isatty():
        raise InvalidInput("Nobody can be asked here; say --yes to do this, or --dry-run to look only.")
    if not yes:
        typer.confirm("Do this?", abort=True)
    with core.database.transaction() as session:
        apply(
            session,
            core.settings,
            entries,
            wanted,
            actor=operator(),
            now=core.now(),
            keep_others=keep_others,
        )
    out.print("Done.", highlight=False)


def diff_file(file: File, keep_others: KeepOthers = False, as_json: AsJson = False) -> None:
    """Show how the sources differ from a file. Exit code 1 when they do.

    Example: leakwatch source diff sources.yaml
    """
    from monitor.source_file import changes, read_file

    core = open_core()
    entries = read_file(core.settings, file)
    with core.database.read() as session:
        wanted = changes(session, entries, keep_others=keep_others)
    if as_json:
        print_json(
            [
                {
                    "action": change.action,
                    "name": change.name,
                    "connector": change.connector,
                    "differences": [
                        {"what": one.what, "before": one.before, "after": one.after}
                        for one in change.differences
                    ],
                }
                for change in wanted
            ]
        )
    else:
        _print_changes(wanted)
    raise typer.Exit(DIFFERENT if wanted else 0)


def export_file() -> None:
    """Print the sources as a file that `source apply` takes.

    Example: leakwatch source export > sources.yaml
    """
    from monitor.source_file import export
    from monitor.storage.source import configured_sources

    core = open_core()
    with core.database.read() as session:
        typer.echo(export(configured_sources(session)), nl=False)


def _print_changes(wanted: Sequence[Change]) -> None:
    for change in wanted:
        out.print(f"{SIGNS[change.action]} {change.name} ({change.connector})", highlight=False)
        for difference in change.differences:
            out.print(f"    {difference}", highlight=False, soft_wrap=True)
    counts = {action: sum(change.action == action for change in wanted) for action in SIGNS}
    told = ", ".join(f"{count} to {action}" for action, count in counts.items() if count)
    out.print(f"{told}." if told else "The sources are as the file says.", highlight=False)
