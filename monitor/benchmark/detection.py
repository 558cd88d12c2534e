"""How often an alert is right, what is read, what it costs: the report of `leakwatch benchmark detection`."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from monitor.benchmark.measure import Measured, Run
from monitor.benchmark.statistics import Share, average_precision, brier, curve, quantile, recall_at

NATURAL = "natural_photo"
"""Category of photographs without text, whose cost is told apart: most of what is posted is of this kind."""
FALSE_ALERTS = 0.02
SLOWEST = 5
GROUPS: tuple[tuple[str, Callable[[Measured], str]], ...] = (
    ("category", lambda m: m.case.category),
    ("capture", lambda m: m.case.capture),
    ("difficulty", lambda m: m.case.difficulty),
)


@dataclass(frozen=True)
class Report:
    """What one system's run came to."""

    run: Run
    scored: tuple[tuple[float, bool], ...] = field(repr=False)

    @classmethod
    def of(cls, run: Run) -> Report:
        """The report of a run."""
        return cls(run, tuple((m.verdict.score, m.case.leak) for m in run.measured))

    def alerted(self, *, leak: bool, medium: str | None = None) -> Share:
        """How many leaks, or benign posts, alert; of pictures, of texts, or of both."""
        return _alerted(m for m in self._of(leak) if medium in (None, m.case.medium))

    def groups(self, *, leak: bool) -> Iterator[tuple[str, str, Share]]:
        """(kind of group, group, alerted) in the order of `GROUPS`; benign posts by category only."""
        for kind, name_of in GROUPS if leak else GROUPS[:1]:
            grouped: dict[str, list[Measured]] = defaultdict(list)
            for measured in self._of(leak):
                grouped[name_of(measured)].append(measured)
            for name in sorted(filter(None, grouped)):
                yield kind, name, _alerted(grouped[name])

    @property
    def whole_images(self) -> Share:
        """Leaked pictures with a readable number of which every readable number was read exactly."""
        shown = [m for m in self._of(True) if m.case.file and m.case.numbers]
        return Share(sum(m.verdict.numbers.issuperset(m.case.numbers) for m in shown), len(shown))

    def numbers(self, medium: str) -> Share:
        """The readable numbers of leaks that were read exactly."""
        shown = [m for m in self._of(True) if m.case.medium == medium]
        read = sum(len(m.verdict.numbers.intersection(m.case.numbers)) for m in shown)
        return Share(read, sum(len(set(m.case.numbers)) for m in shown))

    @property
    def number_precision(self) -> Share:
        """Reported numbers of leaks that are there; illegible ones count neither way."""
        reported = right = 0
        for m in self._of(True):
            counted = m.verdict.numbers - (set(m.case.illegible) - set(m.case.numbers))
            reported += len(counted)
            right += len(counted.intersection(m.case.numbers))
        return Share(right, reported)

    def seconds(self, group: str) -> tuple[float, float]:
        """CPU seconds a picture takes, median and 95th percentile, of a group of `COSTS`."""
        spent = [m.seconds for m in self.run.measured if m.case.file and COSTS[group](m)]
        return quantile(spent, 0.5), quantile(spent, 0.95)

    @property
    def slowest(self) -> list[Measured]:
        """The cases that took longest."""
        return sorted(self.run.measured, key=lambda m: -m.seconds)[:SLOWEST]

    @property
    def wrong(self) -> list[Measured]:
        """Missed leaks, then false alerts."""
        return sorted(
            (m for m in self.run.measured if m.verdict.alert != m.case.leak), key=lambda m: not m.case.leak
        )

    def summary(self) -> dict[str, Any]:
        """The figures for programs, shares as numbers."""
        points = curve(self.scored)
        return {
            "system": self.run.system,
            "recall": {m: self.alerted(leak=True, medium=m).value for m in ("picture", "text")},
            "false_alerts": {m: self.alerted(leak=False, medium=m).value for m in ("picture", "text")},
            "average_precision": average_precision(points),
            "recall_at_2_percent_false_alerts": recall_at(points, FALSE_ALERTS),
            "brier": brier(self.scored),
            "images_read": self.whole_images.value,
            "numbers_read": {m: self.numbers(m).value for m in ("picture", "text")},
            "number_precision": self.number_precision.value,
            "cpu_seconds": {group: self.seconds(group) for group in COSTS},
            "start_cpu_seconds": self.run.start,
            "megabytes": self.run.megabytes,
            "cases": len(self.run.measured),
            "failed": sum(m.verdict.error is not None for m in self.run.measured),
        }

    def _of(self, leak: bool) -> list[Measured]:
        return [m for m in self.run.measured if m.case.leak == leak]


COSTS: dict[str, Callable[[Measured], bool]] = {
    "natural photo": lambda m: m.case.category == NATURAL,
    "benign": lambda m: not m.case.leak and m.case.category != NATURAL,
    "leak": lambda m: m.case.leak,
}


def _alerted(cases: Iterable[Measured]) -> Share:
    answers = [m.verdict.alert for m in cases]
    return Share(sum(answers), len(answers))


def side_by_side(reports: Sequence[Report]) -> list[list[str]]:
    """A table with a column for each system."""
    rows: list[tuple[str, Callable[[Report], str]]] = [
        ("leaked pictures that alert", lambda r: str(r.alerted(leak=True, medium="picture"))),
        ("benign pictures that alert", lambda r: str(r.alerted(leak=False, medium="picture"))),
        ("leaks in text that alert", lambda r: str(r.alerted(leak=True, medium="text"))),
        ("benign texts that alert", lambda r: str(r.alerted(leak=False, medium="text"))),
        ("recall at 2 % false alerts", lambda r: f"{recall_at(curve(r.scored), FALSE_ALERTS):.3f}"),
        ("average precision", lambda r: f"{average_precision(curve(r.scored)):.3f}"),
        ("pictures read whole", lambda r: str(r.whole_images)),
        ("numbers read in pictures", lambda r: str(r.numbers("picture"))),
        ("numbers read in text", lambda r: str(r.numbers("text"))),
        ("reported numbers that are right", lambda r: str(r.number_precision)),
        *((f"CPU s, {group}: median / p95", _cost(group)) for group in COSTS),
        ("CPU s to start", lambda r: f"{r.run.start:.1f}"),
        ("memory of a process, MiB", lambda r: str(r.run.megabytes)),
    ]
    return [[name, *(tell(report).replace(" | ", ": ") for report in reports)] for name, tell in rows]


def _cost(group: str) -> Callable[[Report], str]:
    return lambda report: "{:.2f} / {:.2f}".format(*report.seconds(group))
