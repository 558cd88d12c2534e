"""`leakwatch post`: what was collected, and what could not be processed."""

from __future__ import annotations

from typing import Annotated, get_args
from uuid import UUID

import typer

from monitor.cli.access import operator
from monitor.cli.context import open_core
from monitor.cli.output import AsJson, out, print_json, print_table
from monitor.errors import InvalidInput

app = typer.Typer(help="Posts that were collected.", no_args_is_help=True)


@app.command("list")
def list_posts(
    stage: Annotated[str | None, typer.Option(help="acquire, examine, triage, act, done or failed.")] = None,
    limit: Annotated[int, typer.Option(min=1, max=1000, help="At most this many, newest first.")] = 50,
    as_json: AsJson = False,
) -> None:
    """List posts, newest first, and where the pipeline is with them.

    Example: leakwatch post list --stage failed
    """
    from monitor.storage.post import Stage, find_revisions

    if stage is not None and stage not in get_args(Stage):
        raise InvalidInput(f"{stage!r} is not a stage; choose one of {', '.join(get_args(Stage))}.")
    core = open_core()
    fields = ("revision", "platform", "external_id", "stage", "seen_at", "error")
    with core.database.read() as session:
        rows = [
            [str(row.id), row.post.platform, row.post.external_id, row.stage, row.seen_at, row.error]
            for row in find_revisions(session, stage=stage, limit=limit)
        ]
    if as_json:
        print_json([dict(zip(fields, row, strict=True)) for row in rows])
    else:
        print_table([field.replace("_", " ") for field in fields], rows)


@app.command("retry")
def retry(
    revision: Annotated[UUID, typer.Argument(help="The revision's id, as 'post list' shows it.")],
) -> None:
    """Process a failed post again from the start.

    Example: leakwatch post retry 0199c6f2-6a0b-7f3e-8d4c-2b1a09f8e7d6
    """
    from monitor import audit
    from monitor.storage.work import retry_failed

    core = open_core()
    with core.database.transaction() as session:
        if not retry_failed(session, revision, core.now()):
            raise InvalidInput(
                f"{revision} is not a failed post whose content is still here;"
                " 'leakwatch post list --stage failed' lists them."
            )
        audit.record(session, now=core.now(), actor=operator(), action="post.retry", item=str(revision))
    out.print("It is processed again when the monitor runs.")
