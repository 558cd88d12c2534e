"""`leakwatch template`: registered document templates."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from monitor.cli.access import operator
from monitor.cli.context import open_core
from monitor.cli.output import AsJson, out, print_json, print_table
from monitor.errors import InvalidInput

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from detectors.templates import TemplateMatch
    from monitor.core import Core
    from monitor.template_folder import TemplateFile

app = typer.Typer(help="Registered document templates.", no_args_is_help=True)


@app.command("add")
def add(
    path: Annotated[Path, typer.Argument(help="A picture, or a folder of them with templates.yaml.")],
    name: Annotated[str | None, typer.Option(help="Its name; default the file's stem.")] = None,
    organisation: Annotated[str | None, typer.Option(help="Whose template it is.")] = None,
) -> None:
    """Register a template, best from a blank page; workers use it from the next file on.

    Example: leakwatch template add clinic-letter.png --organisation "Example Hospitals NHS Trust"
    """
    from monitor import audit
    from monitor.template_folder import TemplateFile, templates_in

    files = (
        list(templates_in(path))
        if path.is_dir()
        else [TemplateFile(path, name or path.stem, organisation, None)]
    )
    core = open_core()
    with core.database.transaction() as session:
        for file in files:
            _register(core, session, file)
            audit.record(session, now=core.now(), actor=operator(), action="template.add", item=file.name)
    out.print(f"Registered: {', '.join(file.name for file in files)}.", highlight=False)


def _register(core: Core, session: Session, file: TemplateFile) -> None:
    from monitor.templates import register_template

    data = _read(file.path)
    try:
        register_template(
            session,
            core.blobs,
            data,
            name=file.name,
            organisation=file.organisation,
            notes=file.notes,
            now=core.now(),
        )
    except InvalidInput as error:
        raise InvalidInput(f"{file.path}: {error}") from None


@app.command("list")
def list_templates(as_json: AsJson = False) -> None:
    """List the registered templates.

    Example: leakwatch template list
    """
    from monitor.storage.template import all_templates

    core = open_core()
    fields = ("name", "organisation", "enabled", "created_at", "notes")
    with core.database.read() as session:
        rows = [[getattr(row, field) for field in fields] for row in all_templates(session)]
    if as_json:
        print_json([dict(zip(fields, row, strict=True)) for row in rows])
    else:
        print_table([field.replace("_", " ") for field in fields], rows)


@app.command("test")
def try_picture(
    image: Annotated[Path, typer.Argument(help="The picture to compare.")], as_json: AsJson = False
) -> None:
    """Compare a picture with every registered template. Exit code 1 when none matches.

    Example: leakwatch template test photo.jpg
    """
    from detectors.image import decode
    from detectors.templates import match_report
    from monitor.templates import examiner_config

    config = examiner_config(open_core())
    frame = decode(_read(image), config.limits).frames[0]
    report = match_report(frame, config.templates)
    if as_json:
        print_json([_document(match) for match in report])
    else:
        rows = [
            [m.signal.name, "MATCH" if m.matched else "-", m.distance, m.threshold, f"{m.part}, {m.view}"]
            for m in report
        ]
        print_table(["Template", "", "Distance", "Threshold", "Compared"], rows)
    raise typer.Exit(0 if any(match.matched for match in report) else 1)


@app.command("remove")
def remove(name: Annotated[str, typer.Argument(help="The template's name.")]) -> None:
    """Forget a template; what it matched before stays as it is.

    Example: leakwatch template remove clinic-letter
    """
    from monitor import audit
    from monitor.storage.template import template_named

    core = open_core()
    with core.database.transaction() as session:
        session.delete(template_named(session, name))
        audit.record(session, now=core.now(), actor=operator(), action="template.remove", item=name)
    out.print(f"{name} is removed.", highlight=False)


def _document(match: TemplateMatch) -> dict[str, Any]:
    document = asdict(match) | {"name": match.signal.name, "matched": match.matched}
    del document["signal"]
    return document


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise InvalidInput(f"{path} cannot be read: {error.strerror}.") from None
