"""`leakwatch source`: what is watched."""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated, Any

import typer

from monitor.cli import source_file, source_record, source_usage
from monitor.cli.access import operator
from monitor.cli.context import open_core
from monitor.cli.output import AsJson, err, out, print_json, print_table
from monitor.errors import InvalidInput

if TYPE_CHECKING:
    from monitor.plan import SourcePlan
    from monitor.storage.source import Source, SourceRun

app = typer.Typer(help="Sources: what is watched.", no_args_is_help=True)

app.command("apply")(source_file.apply_file)
app.command("diff")(source_file.diff_file)
app.command("export")(source_file.export_file)
app.command("usage")(source_usage.usage)
app.command("record")(source_record.record)
app.command("recordings")(source_record.recordings)

Name = Annotated[str, typer.Argument(help="The source's name.")]
FAILED = 1


@app.command("add")
def add(  # noqa: PLR0917 - typer names each of them
    connector: Annotated[str, typer.Argument(help="One of those that docs/connectors/ tells of.")],
    name: Name,
    setting: Annotated[
        list[str] | None,
        typer.Option("--set", "-s", help="A setting, NAME=VALUE; VALUE may be JSON. Repeatable."),
    ] = None,
    packs: Annotated[
        list[str] | None, typer.Option("--pack", "-p", help="A query pack to look for. Repeatable.")
    ] = None,
    every: Annotated[
        int | None, typer.Option(min=1, help="Seconds between two readings; it adapts if unsaid.")
    ] = None,
    fastest: Annotated[int | None, typer.Option(min=1, help="Shortest wait that it adapts to.")] = None,
    slowest: Annotated[int | None, typer.Option(min=1, help="Longest wait that it adapts to.")] = None,
    alert_threshold: Annotated[
        float | None,
        typer.Option(min=0.01, max=0.99, help="Score from which its posts alert; the settings' if unsaid."),
    ] = None,
) -> None:
    """Add a source; it is read at once when the monitor runs.

    Example: leakwatch source add folder intake -s path=/srv/intake

    Example: leakwatch source add reddit nhs -s 'subreddits=["nhs","doctorsUK"]' --pack uk-leaks
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
            settings=core.settings,
            packs=packs or (),
            poll_seconds=every,
            poll_min_seconds=fastest,
            poll_max_seconds=slowest,
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
        columns = [
            "name",
            "connector",
            "enabled",
            "last ok",
            "next run",
            "pace",
            "why",
            "last",
            "new",
            "trouble",
        ]
        print_table(columns, [list(document.values()) for document in documents])


def _document(source: Source, run: SourceRun | None) -> dict[str, Any]:
    return {
        "name": source.name,
        "connector": source.connector,
        "enabled": source.enabled,
        "last_ok_at": source.last_ok_at,
        "next_run_at": source.next_run_at,
        "pace_seconds": source.pace_seconds and round(source.pace_seconds),
        "pace_reason": source.pace_reason,
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
    from monitor.storage import source as sources
    from monitor.traffic import open_connector

    core = open_core()
    with core.database.read() as session:
        source = sources.source_named(session, name)
    connector = open_connector(core, source)
    try:
        check = connector.check()
    finally:
        connector.close()
    out.print(f"{name}: {check.message}", highlight=False)
    for key, value in check.details.items():
        out.print(f"  {key}: {value}", highlight=False)
    raise typer.Exit(0 if check.ok else FAILED)


@app.command("plan")
def plan(
    name: Annotated[str | None, typer.Argument(help="One source, with its queries; all if unsaid.")] = None,
    as_json: AsJson = False,
) -> None:
    """Preview what is asked of the platforms: queries, waits, requests a day. Asks none of them.

    Example: leakwatch source plan nhs
    """
    from monitor.plan import plan_of
    from monitor.storage import source as sources

    core = open_core()
    with core.database.read() as session:
        chosen = [sources.source_named(session, name)] if name else sources.configured_sources(session)
        plans = [plan_of(core.settings, source) for source in chosen]
    if as_json:
        print_json([_plan_document(entry) for entry in plans])
        return
    columns = [
        "name",
        "connector",
        "queries",
        "left out",
        "requests a run",
        "every",
        "requests a day",
        "note",
    ]
    print_table(columns, [_plan_row(entry) for entry in plans])
    for entry in plans if name else ():
        for query in entry.queries:
            out.print(f"  asks for: {query}", highlight=False, soft_wrap=True)
        for term in entry.left_out:
            out.print(f"  left out: {term}", highlight=False, soft_wrap=True)


def _plan_document(plan: SourcePlan) -> dict[str, Any]:
    fewest, most = plan.requests_a_day
    return asdict(plan) | {"fewest_requests_a_day": fewest, "most_requests_a_day": most}


def _plan_row(plan: SourcePlan) -> list[Any]:
    fewest, most = plan.requests_a_day
    waits = (plan.bounds.least, plan.bounds.most)
    every = "it stays connected" if plan.streams else _span(*waits) + " s"
    a_day = None if plan.streams else _span(fewest, most)
    counts = [len(plan.queries), len(plan.left_out), plan.requests]
    return [plan.name, plan.connector, *counts, every, a_day, " ".join(plan.notes) or None]


def _span(low: float, high: float) -> str:
    return f"{low:g}" if low == high else f"{low:g}-{high:g}"


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
