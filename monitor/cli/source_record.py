"""`leakwatch source record | recordings`: what a platform really answered, for debugging."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Annotated
from uuid import UUID

import typer

from monitor.cli.access import operator
from monitor.cli.context import open_core
from monitor.cli.output import AsJson, err, out, print_json, print_table

Name = Annotated[str, typer.Argument(help="The source's name.")]
UNITS = {"m": "minutes", "h": "hours"}


def record(
    name: Name,
    length: Annotated[str, typer.Option("--for", help="How long, such as 30m or 2h; a day at most.")] = "1h",
    stop: Annotated[
        bool, typer.Option("--stop", help="Stop recording; what there is stays until it expires.")
    ] = False,
) -> None:
    """Record what a source's platform answers, sealed and for a while, to debug its connector.

    Example: leakwatch source record nhs --for 2h
    """
    from monitor.recordings import record_for

    core = open_core()
    wanted = timedelta(0) if stop else _length(length)
    with core.database.transaction() as session:
        until = record_for(session, name, wanted, actor=operator(), now=core.now())
    told = f"{name} is recorded until {until:%Y-%m-%d %H:%M} UTC, from its next run on." if until else ""
    out.print(told or f"{name} is no longer recorded.", highlight=False)


def recordings(
    name: Name,
    read: Annotated[UUID | None, typer.Option(help="Print this one's body, in the clear.")] = None,
    reason: Annotated[str, typer.Option(help="Why you must read it, for the audit log.")] = "",
    as_json: AsJson = False,
) -> None:
    """List a source's recordings, or read one. It shows posts as they came: mind where the output goes.

    Example: leakwatch source recordings nhs
    """
    from monitor.recordings import open_recording
    from monitor.storage.recording import recordings_of
    from monitor.storage.source import source_named

    core = open_core()
    if read:
        opened = open_recording(core, name, read, reason=reason, actor=operator())
        err.print(f"{opened.method} {opened.url}: {opened.status}", highlight=False)
        typer.echo(opened.body, nl=False)
        return
    with core.database.read() as session:
        found = recordings_of(session, source_named(session, name).id, core.now())
    columns = ["id", "recorded_at", "expires_at", "host", "status", "size"]
    rows = [[getattr(each, column) for column in columns] for each in found]
    if as_json:
        print_json([dict(zip(columns, row, strict=True)) for row in rows])
    else:
        print_table(columns, rows)


def _length(text: str) -> timedelta:
    from monitor.errors import InvalidInput

    found = re.fullmatch(r"(\d{1,4})([mh])", text.strip())
    if found is None or not int(found[1]):
        raise InvalidInput(f"{text!r} is not a length of time; write it like 30m or 2h.")
    return timedelta(**{UNITS[found[2]]: int(found[1])})
