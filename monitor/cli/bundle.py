"""`leakwatch bundle`: evidence for others."""

from __future__ import annotations

from dataclasses import asdict
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from monitor.cli.access import operator
from monitor.cli.context import open_core
from monitor.cli.output import AsJson, out, print_json, print_table

app = typer.Typer(help="Evidence bundles.", no_args_is_help=True)


class Kind(StrEnum):
    """What a bundle may hold."""

    sealed = "sealed"
    shareable = "shareable"


@app.command("create")
def create(
    reference: Annotated[str, typer.Argument(help="The alert, such as LW-2026-000123.")],
    kind: Annotated[Kind, typer.Option(help="sealed: originals. shareable: redacted only.")] = Kind.sealed,
    output: Annotated[Path | None, typer.Option("--output", "-o", help="The file to write.")] = None,
) -> None:
    """Write an alert's evidence as a BagIt zip that anyone can check with sha512sum.

    Example: leakwatch bundle create LW-2026-000123 -o evidence.zip
    """
    from monitor.bundles import create_bundle

    core = open_core()
    made = create_bundle(core, reference, kind=kind.value, actor=operator(), output=output)
    out.print(
        f"{made.written.path}: {made.items} items, {made.written.size:,} bytes",
        soft_wrap=True,
        highlight=False,
    )
    out.print(f"SHA-512 {made.written.sha512}", soft_wrap=True, highlight=False)


@app.command("verify")
def verify(
    path: Annotated[Path, typer.Argument(help="The bundle's zip file.")], as_json: AsJson = False
) -> None:
    """Check a bundle: every file, every digest, the custody log. Needs no database and no network.

    Exit code 1 when anything is not as it was sealed.

    Example: leakwatch bundle verify evidence.zip
    """
    from monitor.evidence.verify import verify_bundle

    report = verify_bundle(path)
    if as_json:
        print_json(asdict(report) | {"ok": report.ok})
    else:
        rows = [["ok" if check.ok else "FAILED", check.name, check.detail] for check in report.checks]
        print_table(["", "Check", "Detail"], rows, title=str(path))
    raise typer.Exit(0 if report.ok else 1)
