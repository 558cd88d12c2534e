"""`leakwatch template`: registered document templates."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from monitor.cli.access import operator
from monitor.cli.context import open_core
from monitor.cli.output import AsJson, err, out, print_json, print_table, progress_bar
from monitor.errors import InvalidInput

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from monitor.core import Core
    from monitor.template_folder import TemplateFile
    from monitor.templates import Registration

app = typer.Typer(help="Registered document templates.", no_args_is_help=True)

Name = Annotated[str, typer.Argument(help="The template's name.")]
FIELDS = ("name", "organisation", "system", "kind", "enabled", "version", "created_at", "notes")


@app.command("add")
def add(
    *,
    path: Annotated[Path, typer.Argument(help="A picture or PDF, or a folder with templates.yaml.")],
    name: Annotated[str | None, typer.Option(help="Its name; default the file's stem.")] = None,
    organisation: Annotated[str | None, typer.Option(help="Whose template it is.")] = None,
    system: Annotated[str | None, typer.Option(help="The system or ward that prints it.")] = None,
    notes: Annotated[str | None, typer.Option(help="For people.")] = None,
    sample: Annotated[
        list[Path] | None, typer.Option(help="A further filled sample; may be repeated.")
    ] = None,
    filled: Annotated[bool, typer.Option("--filled", help="The picture is a filled sample.")] = False,
    benign: Annotated[
        bool, typer.Option("--benign", help="Public material: a match speaks against a leak.")
    ] = False,
    letterhead: Annotated[
        str | None, typer.Option(help="Its box as X,Y,WIDTH,HEIGHT in pixels; found when left out.")
    ] = None,
    page: Annotated[int, typer.Option(min=1, help="The page of a PDF.")] = 1,
) -> None:
    """Register a template, best from a blank page; workers use it from the next file on.

    Example: leakwatch template add clinic-letter.png --organisation "Example Hospitals NHS Trust"
    """
    from detectors.templates.base import TemplateSaid
    from monitor.template_folder import TemplateFile, templates_in

    core = open_core()
    if path.is_dir():
        if any((name, organisation, system, notes, sample, filled, benign, letterhead, page > 1)):
            raise InvalidInput(f"{path} is a folder: say more of its templates in templates.yaml in it.")
        files = list(templates_in(path))
    else:
        said = TemplateSaid(
            name=name or path.stem,
            organisation=organisation,
            kind="benign" if benign else "document",
            letterhead=_box(letterhead),
            filled=filled or bool(sample),
            page=page - 1,
        )
        files = [TemplateFile((path, *(sample or ())), said, notes, system)]
    _note(remark for file in files for remark in file.remarks)
    fresh = _unregistered(core, files)
    learned = _learn(core, fresh) if fresh else []
    _register(core, learned)
    _note(warning for each in learned for warning in each.learning.warnings)
    old = [file.said.name for file in files if file not in fresh]
    _say("Registered", [each.said.name for each in learned])
    _say("Registered before, and left as they are", old)
    if learned:
        out.print("Pages seen lately are compared in the background: leakwatch template earlier NAME.")


def _note(said: Iterable[str]) -> None:
    for each in said:
        err.print(f"Note: {each}", highlight=False)


def _say(what: str, names: list[str]) -> None:
    if names:
        out.print(f"{what}: {', '.join(names)}.", highlight=False)


def _unregistered(core: Core, files: list[TemplateFile]) -> list[TemplateFile]:
    """Those that are still to be registered. Raises Conflict when another has a name."""
    from monitor.templates import find_registered

    with core.database.read() as session:
        return [
            file
            for file in files
            if find_registered(session, file.said, file.read(), file.notes, file.system) is None
        ]


def _box(text: str | None) -> Any:
    from detectors.base import Box

    if text is None:
        return None
    parts = text.split(",")
    if len(parts) != 4 or not all(part.strip().isdigit() for part in parts):
        raise InvalidInput(f"The letterhead {text!r} is not a box; write X,Y,WIDTH,HEIGHT in pixels.")
    return Box(*map(int, parts))


def _learn(core: Core, files: list[TemplateFile]) -> list[Registration]:
    from monitor.pipeline.pool import ExaminePool
    from monitor.runtime import pool_limits
    from monitor.template_learning import learn_files, warn_of_each_other
    from monitor.templates import examiner_config

    learned = []
    workers, config = min(core.settings.worker_count, len(files)), examiner_config(core)
    with ExaminePool(pool_limits(core.settings, workers)) as pool, progress_bar() as progress:
        task = progress.add_task("Learning", total=len(files))
        for each in learn_files(files, pool, config, workers):
            learned.append(each)
            progress.advance(task)
        return warn_of_each_other(learned, pool, config, workers) if len(learned) > 1 else learned


def _register(core: Core, learned: list[Registration]) -> None:
    from monitor import audit, retro
    from monitor.templates import register_template

    now = core.now()  # one for all: so they are looked for in earlier pages together
    with core.database.transaction() as session:
        for each in learned:
            template = register_template(session, core.blobs, each, actor=operator(), now=now)
            retro.begin(core, session, template)
            name = each.said.name
            audit.record(session, now=now, actor=operator(), action="template.add", item=name)


@app.command("list")
def list_templates(as_json: AsJson = False) -> None:
    """List the registered templates.

    Example: leakwatch template list
    """
    from monitor.storage.template import all_templates

    core = open_core()
    with core.database.read() as session:
        rows = [[getattr(row, field) for field in FIELDS] for row in all_templates(session)]
    if as_json:
        print_json([dict(zip(FIELDS, row, strict=True)) for row in rows])
    else:
        print_table([field.replace("_", " ") for field in FIELDS], rows)


@app.command("show")
def show(name: Name, as_json: AsJson = False) -> None:
    """Show a template: its facts, what it was learned to be, and its history.

    Example: leakwatch template show clinic-letter
    """
    from monitor.templates import describe_template

    core = open_core()
    with core.database.read() as session:
        described = describe_template(session, name)
    if as_json:
        print_json(described)
        return
    history = described.pop("history")
    print_table(["", name], [[key.replace("_", " "), _shown(value)] for key, value in described.items()])
    rows = [
        [each["version"], each["changed_at"], each["actor"], ", ".join(each["changed"])] for each in history
    ]
    print_table(["version", "when", "by", "changed"], rows, title="History")


def _shown(value: Any) -> Any:
    if isinstance(value, list | tuple):
        return ", ".join(map(str, value)) or None
    if isinstance(value, dict):
        return ", ".join(f"{key} {each}" for key, each in value.items())
    return value


@app.command("test")
def try_picture(
    image: Annotated[Path, typer.Argument(help="The picture to compare.")],
    overlay: Annotated[
        Path | None, typer.Option(help="File for a PNG: what agrees, drawn on the template.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Compare a picture, or a first page, with every template in use. Exit code 1 when none matches.

    Example: leakwatch template test photo.jpg --overlay overlay.png
    """
    from monitor.pipeline.pool import ExaminePool
    from monitor.runtime import pool_limits
    from monitor.templates import examiner_config

    core = open_core()
    try:
        data = image.read_bytes()
    except OSError as error:
        raise InvalidInput(f"{image} cannot be read: {error.strerror}.") from None
    with ExaminePool(pool_limits(core.settings, workers=1)) as pool:
        compared = pool.compare_templates(data, examiner_config(core))
    if overlay:
        _draw(overlay, compared.overlay)
    if as_json:
        print_json(list(compared.matches))
    elif compared.matches:
        print_table(
            ["Template", "Level", "Inliers", "Tiles", "Letterhead", "Hashes"],
            [_row(match) for match in compared.matches],
        )
    else:
        out.print("It looks like no template in use.")
    raise typer.Exit(0 if any(match["level"] for match in compared.matches) else 1)


def _draw(path: Path, overlay: bytes | None) -> None:
    if overlay is None:
        _note(["No template lies on the picture, so there is no overlay."])
        return
    try:
        path.write_bytes(overlay)
    except OSError as error:
        raise InvalidInput(f"{path} cannot be written: {error.strerror}.") from None


def _row(match: Mapping[str, Any]) -> list[Any]:
    read = match.get("letterhead", {}).get("words", [])
    hashes = ", ".join(f"{name} {distance}" for name, distance in match["hashes"].items())
    tiles = f"{match['tiles']} of {match['tiles_seen']}"
    return [match["name"], match["level"], match["inliers"], tiles, ", ".join(read) or None, hashes or None]


@app.command("enable")
def enable(name: Name) -> None:
    """Use a template again.

    Example: leakwatch template enable clinic-letter
    """
    _switch(name, enabled=True)


@app.command("disable")
def disable(name: Name) -> None:
    """Keep a template, but compare nothing with it.

    Example: leakwatch template disable clinic-letter
    """
    _switch(name, enabled=False)


def _switch(name: str, *, enabled: bool) -> None:
    _change(name, {"enabled": enabled}, "template.enable" if enabled else "template.disable")
    out.print(f"{name} is {'enabled' if enabled else 'disabled'}.", highlight=False)


@app.command("change")
def change(
    *,
    name: Name,
    organisation: Annotated[str | None, typer.Option(help="Whose template it is.")] = None,
    system: Annotated[str | None, typer.Option(help="The system or ward that prints it.")] = None,
    notes: Annotated[str | None, typer.Option(help="For people.")] = None,
    benign: Annotated[
        bool | None, typer.Option("--benign/--document", help="Whether it is public material.")
    ] = None,
    threshold: Annotated[
        list[str] | None,
        typer.Option(help="NAME=NUMBER, such as tiles=20, or NAME=default; may be repeated."),
    ] = None,
) -> None:
    """Change what is said of a template, or its thresholds; an empty text takes what was said away.

    Example: leakwatch template change clinic-letter --threshold tiles=20 --threshold inliers=30
    """
    given = {"organisation": organisation, "system": system, "notes": notes}
    changes: dict[str, Any] = {key: value for key, value in given.items() if value is not None}
    if benign is not None:
        changes["kind"] = "benign" if benign else "document"
    if threshold:
        changes["thresholds"] = dict(_threshold(each) for each in threshold)
    if not changes:
        raise InvalidInput("There is nothing to change; give an option (see --help).")
    _change(name, changes, "template.change")
    out.print(f"{name} is changed.", highlight=False)


def _threshold(text: str) -> tuple[str, int | None]:
    name, _, number = text.partition("=")
    if number == "default":
        return name, None
    if not re.fullmatch("[0-9]{1,9}", number):
        raise InvalidInput(f"The threshold {text!r} is not NAME=NUMBER, such as tiles=20, or NAME=default.")
    return name, int(number)


def _change(name: str, changes: dict[str, Any], action: str) -> None:
    from monitor import audit
    from monitor.templates import change_template

    core = open_core()
    with core.database.transaction() as session:
        change_template(session, name, changes, actor=operator(), now=core.now())
        audit.record(session, now=core.now(), actor=operator(), action=action, item=name)


@app.command("learn")
def learn(
    name: Annotated[str | None, typer.Argument(help="One template; all when left out.")] = None,
) -> None:
    """Learn templates anew from their own pictures. Exit code 1 when one could not be.

    Example: leakwatch template learn
    """
    from monitor.pipeline.pool import ExaminePool
    from monitor.runtime import pool_limits
    from monitor.template_learning import learn_again

    core = open_core()
    with ExaminePool(pool_limits(core.settings, workers=1)) as pool:
        learned = list(learn_again(core, pool, name, actor=operator()))
    _note(f"{each.name} was not learned: {each.problem}" for each in learned if each.problem)
    done = [each.name for each in learned if not each.problem]
    out.print(f"Learned: {', '.join(done) or 'nothing'}.", highlight=False)
    raise typer.Exit(1 if any(each.problem for each in learned) else 0)


@app.command("earlier")
def earlier(name: Name, as_json: AsJson = False) -> None:
    """Posts of the last days that seem to show a template registered after them, and how far the search is.

    Those that had not alerted are judged again, with the template.

    Example: leakwatch template earlier clinic-letter
    """
    from monitor import retro
    from monitor.storage.template import template_named

    core = open_core()
    with core.database.read() as session:
        described = retro.describe(session, template_named(session, name))
    if as_json:
        print_json(described)
        return
    rows = [
        [post["platform"], post["url"], post["inliers"], post["alert"] or ""] for post in described["posts"]
    ]
    print_table(["Platform", "Post", "Features that agree", "Alert"], rows)
    out.print(f"{described['done']} of {described['total']} pages compared.", highlight=False)


@app.command("remove")
def remove(name: Name) -> None:
    """Forget a template and its pictures; what it matched before stays as it is.

    Example: leakwatch template remove clinic-letter
    """
    from monitor import audit
    from monitor.templates import remove_template

    core = open_core()
    with core.database.transaction() as session:
        gone = remove_template(session, core.blobs, name, core.now())
        audit.record(session, now=core.now(), actor=operator(), action="template.remove", item=name)
    for each in gone:
        core.blobs.remove(each)
    out.print(f"{name} is removed.", highlight=False)
