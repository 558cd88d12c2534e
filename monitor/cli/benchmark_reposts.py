"""`leakwatch benchmark reposts|index`: recognising what is known."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from monitor.cli.output import out, progress_bar

if TYPE_CHECKING:
    from monitor.benchmark.statistics import Share


def reposts(
    corpus: Annotated[
        Path, typer.Option(help="Folder whose manifest gives letters a template and a patient.")
    ],
    every: Annotated[int, typer.Option(min=1, help="Make copies of every Nth letter; all are known.")] = 1,
) -> None:
    """Whether copies of letters are found, and other patients' letters kept apart, by their pixels alone.

    "Found" is merged or asked about, with the 95 % interval.

    Example: leakwatch benchmark reposts --corpus templates
    """
    from monitor.benchmark.edits import EDITS
    from monitor.benchmark.reposts import measure, read_letters

    letters = read_letters(corpus)
    _row("", "n", "proposed", "merged", "asked", "found", "merged wrongly", "phash <= 4", "PDQ <= 31")
    _row(*["-"] * 9)
    with progress_bar() as progress:
        task = progress.add_task("copies", total=len(letters[::every]) * len(EDITS))
        for result in measure(letters, every, lambda: progress.advance(task)):
            found = result.share("merged", "asked")
            low, high = (f"{100 * each:.1f}" for each in found.interval)
            shares = [_percent(result.share(name)) for name in ("proposed", "merged", "asked")]
            plain = [_percent(result.share(name)) for name in ("phash", "pdq")]
            wrong = str(result.counts["merged wrongly"])
            told = f"{_percent(found)} [{low}, {high}]"
            _row(result.kind, str(result.total), *shares, told, wrong, *plain)


def _percent(share: Share) -> str:
    return f"{100 * share.value:.1f} %"


def index(
    size: Annotated[list[int] | None, typer.Option(min=1000, help="How many hashes. Repeatable.")] = None,
    queries: Annotated[int, typer.Option(min=10, help="How many searches of each way.")] = 200,
    postgres: Annotated[str | None, typer.Option(help="URL of a PostgreSQL to measure too.")] = None,
) -> None:
    """How fast a picture is found among known ones, beside plain ways; milliseconds a search, one core.

    "wall" is by the clock, "cpu" on the processor. Needs about 400 bytes of memory a hash.

    Example: leakwatch benchmark index --size 1000000 --size 10000000
    """
    from monitor.benchmark.index import measure

    times = ["wall p50 ms", "wall p99 ms", "cpu p50 ms", "cpu p99 ms"]
    _row("", "hashes", *times, "recall", "build s", "MB")
    _row(*["-"] * 9)
    for many in size or [1_000_000]:
        for timing in measure(many, queries, postgres):
            spent = [f"{each:.2f}" for each in timing.times.percentiles()]
            costs = [f"{each:.0f}" if each else "" for each in (timing.build_seconds, timing.megabytes)]
            _row(timing.name, f"{many:,}", *spent, f"{timing.recall:.4f}", *costs)


def _row(*cells: str) -> None:
    out.print(f"| {' | '.join(cells)} |", highlight=False, soft_wrap=True)
