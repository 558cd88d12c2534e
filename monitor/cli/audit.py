"""`leakwatch audit`: the log of who did what."""

from __future__ import annotations

import typer

from monitor.cli.context import open_core
from monitor.cli.output import err, out

app = typer.Typer(help="The audit log.", no_args_is_help=True)


@app.callback()
def _group() -> None:
    pass


@app.command("verify")
def verify() -> None:
    """Check that no line of the audit log was changed, removed or moved. Exit code 1 if one was.

    Example: leakwatch audit verify
    """
    from monitor import audit

    core = open_core()
    with core.database.read() as session:
        altered = audit.first_altered(session)
    if altered is not None:
        err.print(f"The audit log is not as it was written from line {altered} on.")
        raise typer.Exit(1)
    out.print("The audit log is whole.")
