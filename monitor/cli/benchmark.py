"""`leakwatch benchmark`: measure on posts whose truth is known."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from monitor.cli import benchmark_reposts
from monitor.cli.output import err, out, progress_bar
from monitor.errors import InvalidInput
from monitor.settings import load_settings

if TYPE_CHECKING:
    from collections.abc import Sequence

    from monitor.benchmark.detection import Report

app = typer.Typer(help="Measure leakwatch on posts whose truth is known.", no_args_is_help=True)
app.command("reposts")(benchmark_reposts.reposts)
app.command("index")(benchmark_reposts.index)

Corpus = Annotated[
    Path | None, typer.Option(help="Folder with a manifest.jsonl; the sample feed when left out.")
]
Every = Annotated[int, typer.Option(min=1, help="Take every Nth case.")]
Workers = Annotated[int | None, typer.Option(min=1, help="Processes; default one per core.")]


@app.command()
def detection(
    *,
    corpus: Corpus = None,
    every: Every = 1,
    workers: Workers = None,
    against: Annotated[
        list[str] | None, typer.Option(help="Compare with: pytesseract, presidio. May be repeated.")
    ] = None,
    plots: Annotated[Path | None, typer.Option(help="Folder for the plots (SVG).")] = None,
    json_file: Annotated[Path | None, typer.Option("--json", help="File for the figures as JSON.")] = None,
) -> None:
    """How many leaks alert, how many benign posts do, which numbers are read, and what it costs.

    Never-issued NHS numbers count as a person's here, since corpora hold no others.

    Example: leakwatch benchmark detection --corpus posts --against pytesseract --plots plots
    """
    import json
    from functools import partial

    from monitor.benchmark import measure
    from monitor.benchmark import plots as drawing
    from monitor.benchmark.corpus import read_corpus
    from monitor.benchmark.detection import Report
    from monitor.benchmark.systems import SYSTEMS

    names = ["leakwatch", *(against or ())]
    for name in names:
        if name not in SYSTEMS:
            raise InvalidInput(f"{name} is not a system to compare with; there are pytesseract and presidio.")
    settings = load_settings(accept_unissued_numbers=True, **({"workers": workers} if workers else {}))
    cases = read_corpus(corpus)[::every]
    reports = []
    for name in names:
        with progress_bar() as progress:
            tick = partial(progress.advance, progress.add_task(name, total=len(cases)))
            run = measure.run(name, cases, settings, workers=settings.worker_count, tick=tick)
            reports.append(Report.of(run))
    _print(reports)
    if plots:
        scored = {report.run.system: report.scored for report in reports}
        drawing.precision_recall(scored, plots / "precision-recall.svg")
        drawing.calibrated({"leakwatch": reports[0].scored}, plots / "calibration.svg")
        err.print(f"Plots: {plots}")
    if json_file:
        json_file.write_text(json.dumps([report.summary() for report in reports], indent=1), "utf-8")


@app.command()
def reading(
    *,
    corpus: Corpus = None,
    every: Every = 1,
    engine: Annotated[
        list[str] | None, typer.Option(help="cascade, rapidocr, tesserocr, tesseract or pytesseract; all.")
    ] = None,
    closely: Annotated[bool, typer.Option(help="Give leaks the second look that alerts get.")] = False,
    json_file: Annotated[Path | None, typer.Option("--json", help="File for the figures as JSON.")] = None,
) -> None:
    """How many numbers the engines read, and what a picture, a start and a process cost.

    pytesseract stands for reading as most programs do it: its default options on the picture as it is.

    Example: leakwatch benchmark reading --corpus posts --engine cascade --engine pytesseract
    """
    import json
    from dataclasses import asdict
    from functools import partial

    from detectors.base import EngineUnavailable
    from monitor.benchmark.corpus import read_corpus
    from monitor.benchmark.reading import HEADS, READERS, read_with

    cases = [case for case in read_corpus(corpus)[::every] if case.file]
    results = []
    for name in engine or READERS:
        with progress_bar() as progress:
            tick = partial(progress.advance, progress.add_task(name, total=len(cases)))
            try:
                results.append(read_with(name, cases, closely=closely, tick=tick))
            except EngineUnavailable as missing:
                err.print(str(missing))
    _table(HEADS, [result.row() for result in results])
    if json_file:
        json_file.write_text(json.dumps([asdict(result) for result in results], indent=1), "utf-8")


@app.command()
def register(
    records: Annotated[int, typer.Option(min=1000, help="People in the large register.")] = 10_000_000,
    json_file: Annotated[Path | None, typer.Option("--json", help="File for the figures as JSON.")] = None,
) -> None:
    """What a register costs: digesting, loading, looking up; and how often a misread number is a stranger's.

    Needs about 250 bytes of memory and 130 of disk a record, and a minute or two at the size given.

    Example: leakwatch benchmark register --records 1000000
    """
    import json
    import tempfile
    from dataclasses import asdict

    from monitor.benchmark.register import measure

    with tempfile.TemporaryDirectory(prefix="leakwatch-register-") as folder:
        lines = []
        for line in measure(records, Path(folder)):
            lines.append(line)
            err.print(f"{line.what}: {line.figure}", highlight=False)
    _table(["", "measured", "wanted"], [[line.what, line.figure, line.target] for line in lines])
    if json_file:
        json_file.write_text(json.dumps([asdict(line) for line in lines], indent=1), "utf-8")


@app.command()
def templates(
    *,
    corpus: Annotated[Path, typer.Option(help="Folder with templates.json, manifest.jsonl and pictures.")],
    half: Annotated[str, typer.Option(help="Of its templates: first, second or all.")] = "all",
    count: Annotated[int, typer.Option(min=1, help="Templates to match among; made-up ones fill up.")] = 1000,
    every: Every = 1,
    json_file: Annotated[Path | None, typer.Option("--json", help="File for the figures as JSON.")] = None,
) -> None:
    """How many captures of registered templates are recognised, what else matches, and what it costs.

    Beside imagehash's phash and PDQ alone, at their published radii, in the same run.

    Example: leakwatch benchmark templates --corpus templates --half second
    """
    import json

    from detectors.ocr import reader_for
    from monitor.benchmark.templates import Corpus as TemplateCorpus
    from monitor.benchmark.templates import measure

    if half not in ("first", "second", "all"):
        raise InvalidInput(f"There is no half {half!r}; say first, second or all.")
    read = TemplateCorpus.read(corpus, half)  # type: ignore[arg-type]
    with progress_bar() as progress:
        task = progress.add_task("Matching", total=len(read.captures[::every]))
        reader = reader_for(load_settings().ocr_engine)
        report = measure(read, reader, count=count, every=every, tick=lambda: progress.advance(task))
    heads = ["own template told", "trust_confirmed", "phash alone", "PDQ alone"]
    _table(["capture", *heads, "wanted"], list(report.recall()))
    _table(["not a registered template", "any match", *heads[1:]], list(report.false_matches()))
    median, slow = report.cost()
    spent = f"{median:.0f} ms median, {slow:.0f} ms 99th percentile"
    size = f"{report.nbytes / 1e6:.0f} MB, {report.nbytes / 1e3 / report.templates:.0f} kB each"
    out.print(
        f"{report.templates} templates ({size}): {spent} (CPU, a picture, without reading it)",
        highlight=False,
    )
    for line in report.wrong():
        out.print(line, highlight=False)
    if json_file:
        json_file.write_text(json.dumps(report.summary(), indent=1), "utf-8")


def _print(reports: Sequence[Report]) -> None:
    from monitor.benchmark.detection import side_by_side

    _table(["", *(report.run.system for report in reports)], side_by_side(reports))
    ours = reports[0]
    for leak in (True, False):
        label = "leak" if leak else "benign"
        rows = [[kind, name, *str(share).split(" | ")] for kind, name, share in ours.groups(leak=leak)]
        _table([label, "", "alerted", "share [95 %]"], rows)
    for measured in ours.wrong:
        what = "missed" if measured.case.leak else "false alert"
        out.print(f"{what}: {measured.case.identifier} ({measured.verdict.score:.2f})", highlight=False)
    slowest = ", ".join(f"{m.case.identifier} {m.seconds:.1f}" for m in ours.slowest)
    out.print(f"slowest, CPU s: {slowest}", highlight=False, soft_wrap=True)


def _table(heads: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    """A table in Markdown, so that it can be kept as it is."""
    for row in (heads, ["-"] * len(heads), *rows):
        out.print(f"| {' | '.join(row)} |", highlight=False, soft_wrap=True, markup=False)
    out.print()
