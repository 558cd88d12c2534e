"""Pictures of a report: precision over recall, and how far scores can be believed. Needs matplotlib."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from monitor.benchmark.statistics import calibration, curve
from monitor.errors import InvalidInput

Scored = Sequence[tuple[float, bool]]


def precision_recall(scored: Mapping[str, Scored], file: Path) -> None:
    """A line for each system, written as the file's ending says (PNG or SVG). Raises InvalidInput."""
    figure, axes = _figure("Recall: leaks that alert", "Precision: alerts that are leaks")
    for name, pairs in scored.items():
        points = curve(pairs)
        axes.plot([p.recall for p in points], [p.precision for p in points], marker=".", label=name)
    _save(figure, axes, file)


def calibrated(scored: Mapping[str, Scored], file: Path) -> None:
    """Mean score against share of leaks, with 95 % intervals. Raises InvalidInput."""
    figure, axes = _figure("Score", "Share of posts that are leaks")
    axes.plot([0, 1], [0, 1], color="grey", linewidth=0.8, linestyle="--", label="as sure as it is right")
    for name, pairs in scored.items():
        bins = calibration(pairs)
        centres = [b.leaks.value for b in bins]
        low = [max(0.0, b.leaks.value - b.leaks.interval[0]) for b in bins]
        high = [max(0.0, b.leaks.interval[1] - b.leaks.value) for b in bins]
        axes.errorbar([b.score for b in bins], centres, (low, high), marker="o", capsize=3, label=name)
    _save(figure, axes, file)


def _figure(across: str, up: str) -> tuple[Any, Any]:
    try:
        from matplotlib.figure import Figure  # noqa: PLC0415 - heavy, and an extra
    except ImportError as error:
        raise InvalidInput("Plots need matplotlib: pip install 'leakwatch[benchmark]'.") from error
    figure = Figure(figsize=(5.2, 4.4), layout="constrained")
    axes = figure.subplots()
    axes.set(xlabel=across, ylabel=up, xlim=(-0.02, 1.02), ylim=(-0.02, 1.02))
    axes.grid(alpha=0.3)
    return figure, axes


def _save(figure: Any, axes: Any, file: Path) -> None:
    axes.legend(loc="best", fontsize=8)
    file.parent.mkdir(parents=True, exist_ok=True)
    # A fixed date and salt: the same figures make the same bytes.
    import matplotlib  # noqa: PLC0415

    with matplotlib.rc_context({"svg.hashsalt": "leakwatch"}):
        figure.savefig(file, dpi=110, metadata={"Date": None} if file.suffix == ".svg" else None)
