"""`leakwatch doctor`: is everything here that leakwatch needs, and if not, what mends it."""

from __future__ import annotations

import typer

from monitor.cli.output import AsJson, print_json, print_table


def doctor(as_json: AsJson = False) -> None:
    """Check dependencies, settings, keys, database and credentials; each problem comes with its mend.

    Exit code 1 when something must be mended before leakwatch can work.

    Example: leakwatch doctor
    """
    from monitor.diagnosis import diagnose

    checks = diagnose()
    if as_json:
        print_json([{"name": c.name, "state": c.state, "detail": c.detail, "mend": c.mend} for c in checks])
    else:
        rows = [[c.state, c.name, c.detail, c.mend or ""] for c in checks]
        print_table(["", "What", "Found", "Mend"], rows)
    raise typer.Exit(1 if any(check.state == "failed" for check in checks) else 0)
