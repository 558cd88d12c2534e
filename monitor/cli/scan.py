"""`leakwatch scan`: examine files without a database."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Annotated

import typer
from rich.text import Text

from monitor.cli.output import SEVERITY_STYLE, err, out, print_json, progress_bar
from monitor.errors import InvalidInput
from monitor.settings import Settings, load_settings

if TYPE_CHECKING:
    from detectors.register.match import Register
    from monitor.scan import ScanResult

CLEAN, ALERT, ERROR = 0, 1, 2


def scan(
    paths: Annotated[list[Path], typer.Argument(help="Images, folders, or .jsonl feeds of posts.")],
    *,
    jsonl: Annotated[bool, typer.Option("--jsonl", help="One JSON object per item, in order.")] = False,
    reveal: Annotated[bool, typer.Option("--reveal", help="Show identifiers in the clear.")] = False,
    templates: Annotated[
        Path | None, typer.Option(help="Folder of template images, with an optional templates.yaml.")
    ] = None,
    register: Annotated[
        list[Path] | None, typer.Option(help="Digests of a register, with its --key-file. Repeatable.")
    ] = None,
    key_file: Annotated[list[Path] | None, typer.Option(help="Key of a --register, in their order.")] = None,
    register_kind: Annotated[
        str, typer.Option(help="What the registers hold: patients, staff or canary.")
    ] = "patients",
    workers: Annotated[int | None, typer.Option(min=1, help="Processes; default one per core.")] = None,
) -> None:
    """Examine images, folders and feeds; nothing is stored.

    Exit code 0: clean. 1: something alerts. 2: nothing alerts, but something could not be examined.

    Example: leakwatch scan --jsonl posts.jsonl > findings.jsonl
    """
    from monitor import scan as scanning
    from monitor.pipeline.pool import ExaminePool
    from monitor.runtime import pool_limits
    from monitor.template_folder import templates_in
    from monitor.template_learning import scan_templates
    from monitor.templates import base_config

    settings = load_settings(**({"workers": workers} if workers else {}))
    registers = _registers(register or [], key_file or [], register_kind)
    items = scanning.collect_items(paths)
    if not items:
        raise InvalidInput("There is nothing to examine: no image and no .jsonl feed was found.")
    alerts = errors = 0
    results: list[ScanResult] = []
    with ExaminePool(pool_limits(settings)) as pool, TemporaryDirectory() as made, progress_bar() as progress:
        config = replace(base_config(settings), registers=registers)
        if templates:
            files = list(templates_in(templates))
            config = scan_templates(
                files, Path(made), pool, config, workers=settings.worker_count, tell=_note
            )
        task = progress.add_task("Examining", total=len(items))
        for result in scanning.Scanner(pool, config, settings).scan(items):
            alerts += result.assessment.alert
            errors += result.error is not None
            if jsonl:
                print_json(result.document(reveal=reveal))
            else:
                results.append(result)
            progress.advance(task)
    if not jsonl:
        _print_results(results, settings, reveal=reveal)
    raise typer.Exit(ALERT if alerts else ERROR if errors else CLEAN)


def _note(said: str) -> None:
    err.print(f"Note: {said}", highlight=False)


def _registers(digests: list[Path], key_files: list[Path], kind: str) -> tuple[Register, ...]:
    if not digests and not key_files:
        return ()
    from monitor.cli.register import key_in, register_kind
    from monitor.register_files import register_of_file

    if len(digests) != len(key_files):
        raise InvalidInput("Each --register needs its own --key-file; give as many of one as of the other.")
    named = register_kind(kind)
    return tuple(
        register_of_file(path, key_in(key), named) for path, key in zip(digests, key_files, strict=True)
    )


def _print_results(results: list[ScanResult], settings: Settings, *, reveal: bool) -> None:
    for result in results:
        _print_result(result, reveal=reveal)
    alerts = sum(result.assessment.alert for result in results)
    failed = sum(result.error is not None for result in results)
    note = "" if settings.accept_unissued_numbers else " Never-issued (test) numbers count as no patient."
    out.print(f"{len(results)} examined, {alerts} alert, {failed} could not be examined whole.{note}")


def _print_result(result: ScanResult, *, reveal: bool) -> None:
    judged = result.assessment
    style = SEVERITY_STYLE[judged.severity] if judged.alert else ""
    mark = Text(f"ALERT {judged.severity}" if judged.alert else "clean", style)
    facts = [f"{judged.score:.2f}", *([judged.doc_type.replace("_", " ")] if judged.doc_type else [])]
    heading = Text.assemble(f"{result.item.name}: ", mark, f" ({', '.join(facts)})")
    out.print(heading, highlight=False, soft_wrap=True)
    lines = [f"- {reason}" for reason in judged.reasons] if judged.alert else []
    if reveal:
        identifiers = result.document(reveal=True)["identifiers"]
        lines += [f"- {entry['kind']}: {entry['value']}" for entry in identifiers]
    if result.error:
        lines.append(f"- could not be examined whole: {result.error}")
    for line in lines:
        out.print(f"    {line}", highlight=False, soft_wrap=True)
