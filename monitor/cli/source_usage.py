"""`leakwatch source usage`: what was asked of the platforms, and what is left of today's caps."""

from __future__ import annotations

from datetime import timedelta
from typing import Annotated

import typer

from monitor.cli.context import open_core
from monitor.cli.output import AsJson, print_json, print_table


def usage(
    days: Annotated[int, typer.Option(min=1, max=90, help="How many days back, today included.")] = 1,
    as_json: AsJson = False,
) -> None:
    """Show what each source spent: requests, and what its platform counts or bills. Days are UTC.

    Example: leakwatch source usage --days 7
    """
    from dataclasses import asdict

    from monitor.meters import spent_since

    core = open_core()
    with core.database.read() as session:
        since = core.now().date() - timedelta(days=days - 1)
        spent = spent_since(session, core.settings, since)
    if as_json:
        print_json([asdict(entry) for entry in spent])
        return
    columns = ["day", "connector", "source", "meter", "spent", "cap of all", "left of it", "cost"]
    print_table(columns, [list(asdict(entry).values()) for entry in spent])
