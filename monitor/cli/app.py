"""The tree of commands."""

from __future__ import annotations

from typing import Annotated

import typer

from monitor import __version__
from monitor.cli import (
    access,
    alert,
    audit,
    benchmark,
    bundle,
    database,
    demo,
    doctor,
    pack,
    post,
    register,
    report,
    scan,
    serve,
    source,
    template,
)

app = typer.Typer(
    name="leakwatch",
    help="Watches public social media for leaked medical records.\n\n"
    "Start with 'leakwatch demo', or try one picture: 'leakwatch scan photo.jpg'.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)


def _print_version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"leakwatch {__version__}")
        raise typer.Exit


@app.callback()
def _root(
    version: Annotated[
        bool, typer.Option("--version", callback=_print_version, is_eager=True, help="Print the version.")
    ] = False,
) -> None:
    pass


app.command("scan")(scan.scan)
app.command("report")(report.report)
app.command("up")(serve.up)
app.command("web")(serve.web)
app.command("schedule")(serve.schedule)
app.command("worker")(serve.worker)
app.command("demo")(demo.demo)
app.command("doctor")(doctor.doctor)
app.add_typer(source.app, name="source")
app.add_typer(pack.app, name="pack")
app.add_typer(template.app, name="template")
app.add_typer(register.app, name="register")
app.add_typer(alert.app, name="alert")
app.add_typer(post.app, name="post")
app.add_typer(bundle.app, name="bundle")
app.add_typer(access.users, name="user")
app.add_typer(access.keys, name="key")
app.add_typer(audit.app, name="audit")
app.add_typer(database.app, name="db")
app.add_typer(benchmark.app, name="benchmark")
