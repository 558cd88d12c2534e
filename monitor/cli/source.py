"""`leakwatch source`: what is watched."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Annotated, Any

import typer

from monitor.cli.access import operator
from monitor.cli.context import open_core
from monitor.cli.output import AsJson, err, out, print_json, print_table
from monitor.errors import InvalidInput

if TYPE_CHECKING:
    from monitor.storage.source import Source, SourceRun

app = typer.Typer(help="Sources: what is watched.", no_args_is_help=True)

Name = Annotated[str, typer.Argument(help="The source's name.")]
FAILED = 1


@app.command("add")
def add(
    connector: Annotated[str, typer.Argument(help="One of those that docs/connectors/ tells of.")],
    name: Name,
    setting: Annotated[
        list[str] | None,
        typer.Option("--set", "-s", help="A setting, NAME=VALUE; VALUE may be JSON. Repeatable."),
    ] = None,
    every: Annotated[int | None, typer.Option(min=1, help="Seconds between two readings.")] = None,
    alert_threshold: Annotated[
        float | None,
        typer.Option(min=0.01, max=0.99, help="Score from which its posts alert; the settings' if unsaid."),
    ] = None,
) -> None:
    """Add a source; it is read at once when the monitor runs.

    Example: leakwatch source add folder intake -s path=/srv/intake

    Example: leakwatch source add reddit nhs -s 'subreddits=["nhs","doctorsUK"]'
    """
    from monitor import audit, sources

    core = open_core()
    config = dict(_parse_setting(text) for text in setting or [])
    with core.database.transaction() as session:
        sources.create_source(
            session,
            name=name,
            connector=connector,
            config=config,
            poll_seconds=every,
            alert_threshold=alert_threshold,
            now=core.now(),
        )
        audit.record(session, now=core.now(), actor=operator(), action="source.add", item=name)
    out.print(f"Added. Try it with: leakwatch source test {name}", highlight=False)


def _parse_setting(text: str) -> tuple[str, Any]:
    name, separator, value = text.partition("=")
    if not separator or not name:
        raise InvalidInput(f"{text!r} is not a setting; write it as NAME=VALUE.")
    try:
        return name, json.loads(value)
    except json.JSONDecodeError:
        return name, value


@app.command("list")
def list_sources(as_json: AsJson = False) -> None:
    """List the sources and how their last run went.

    Example: leakwatch source list
    """
    from monitor.storage import source as sources

    core = open_core()
    with core.database.read() as session:
        rows = [(row, sources.last_run(session, row.id)) for row in sources.all_sources(session)]
    documents = [_document(source, run) for source, run in rows]
    if as_json:
        print_json(documents)
    else:
        columns = ["name", "connector", "enabled", "last ok", "next run", "last outcome", "new", "trouble"]
        print_table(columns, [list(document.values()) for document in documents])


def _document(source: Source, run: SourceRun | None) -> dict[str, Any]:
    return {
        "name": source.name,
        "connector": source.connector,
        "enabled": source.enabled,
        "last_ok_at": source.last_ok_at,
        "next_run_at": source.next_run_at,
        "last_outcome": run.outcome if run else None,
        "last_new": run.posts_new if run else None,
        "last_trouble": (run.error or run.gap) if run else None,
    }


@app.command("run")
def run(name: Name) -> None:
    """Read a source once, now, and store what is new. Exit code 1 when it could not be read.

    Example: leakwatch source run intake
    """
    from monitor.pipeline.collect import run_source
    from monitor.storage import source as sources

    core = open_core()
    with core.database.read() as session:
        source = sources.source_named(session, name)
    report = run_source(core, source)
    if report is None:
        raise InvalidInput(f"The source {name} is being read by another process; try again later.")
    if report.error:
        err.print(f"{name}: {report.error}", highlight=False)
        raise typer.Exit(FAILED)
    out.print(f"{name}: {report.posts_new} new, {report.posts_rejected} rejected.", highlight=False)
    if report.gap:
        err.print(f"{name}: {report.gap}", highlight=False)


@app.command("test")
def try_source(name: Name) -> None:
    """Try a source without storing anything. Exit code 1 when it does not answer.

    Example: leakwatch source test nhs
    """
    from monitor.sources import build_connector
    from monitor.storage import source as sources

    core = open_core()
    with core.database.read() as session:
        source = sources.source_named(session, name)
    connector = build_connector(core.settings, source)
    try:
        check = connector.check()
    finally:
        connector.close()
    out.print(f"{name}: {check.message}", highlight=False)
    for key, value in check.details.items():
        out.print(f"  {key}: {value}", highlight=False)
    raise typer.Exit(0 if check.ok else FAILED)


@app.command("pause")
def pause(name: Name) -> None:
    """Stop reading a source until it is resumed.

    Example: leakwatch source pause nhs
    """
    _enable(name, wanted=False)


@app.command("resume")
def resume(name: Name) -> None:
    """Read a paused source again, from where it was.

    Example: leakwatch source resume nhs
    """
    _enable(name, wanted=True)


def _enable(name: str, *, wanted: bool) -> None:
    from monitor import audit
    from monitor.storage import source as sources

    core = open_core()
    action = "source.resume" if wanted else "source.pause"
    with core.database.transaction() as session:
        sources.source_named(session, name).enabled = wanted
        audit.record(session, now=core.now(), actor=operator(), action=action, item=name)
    out.print(f"{name} is {'read again' if wanted else 'paused'}.", highlight=False)
