"""The arithmetic of the reports: intervals, precision and recall, calibration."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import sqrt

Z = 1.96
"""Standard deviations of a 95 % interval."""


@dataclass(frozen=True, slots=True)
class Share:
    """Hits of a total."""

    hits: int
    total: int

    @property
    def value(self) -> float:
        """The share, 0 of nothing."""
        return self.hits / self.total if self.total else 0.0

    @property
    def interval(self) -> tuple[float, float]:
        """The 95 % score interval (E. B. Wilson, JASA 22, 1927); everything, of nothing."""
        if not self.total:
            return 0.0, 1.0
        n = self.total
        centre = (self.value + Z * Z / (2 * n)) / (1 + Z * Z / n)
        half = Z * sqrt(self.value * (1 - self.value) / n + Z * Z / (4 * n * n)) / (1 + Z * Z / n)
        return max(0.0, centre - half), min(1.0, centre + half)

    def __str__(self) -> str:
        low, high = self.interval
        return f"{self.hits} of {self.total} | {self.value:.3f} [{low:.2f}, {high:.2f}]"


@dataclass(frozen=True, slots=True)
class Point:
    """What an alert threshold gives: precision, recall, and the share of benign posts that alert."""

    threshold: float
    precision: float
    recall: float
    false_alerts: float


def curve(scored: Sequence[tuple[float, bool]]) -> list[Point]:
    """A point for each score that occurs, the highest threshold first; pairs are (score, is a leak)."""
    leaks = sum(leak for _, leak in scored)
    benign = len(scored) - leaks
    points = []
    for threshold in sorted({score for score, _ in scored}, reverse=True):
        hits = sum(leak for score, leak in scored if score >= threshold)
        false = sum(not leak for score, leak in scored if score >= threshold)
        points.append(
            Point(threshold, hits / (hits + false), hits / leaks if leaks else 0.0, false / max(benign, 1))
        )
    return points


def average_precision(points: Sequence[Point]) -> float:
    """The area under precision over recall, by steps."""
    area = reached = 0.0
    for point in points:
        area += point.precision * (point.recall - reached)
        reached = point.recall
    return area


def recall_at(points: Sequence[Point], false_alerts: float) -> float:
    """The best recall of a threshold at which at most this share of benign posts alerts."""
    return max((point.recall for point in points if point.false_alerts <= false_alerts), default=0.0)


@dataclass(frozen=True, slots=True)
class Bin:
    """Posts of similar score: their mean score, and how many of them are leaks."""

    score: float
    leaks: Share


def calibration(scored: Sequence[tuple[float, bool]], bins: int = 10) -> list[Bin]:
    """Scores in equal steps from 0 to 1; empty bins are left out."""
    grouped: list[list[tuple[float, bool]]] = [[] for _ in range(bins)]
    for score, leak in scored:
        grouped[min(int(score * bins), bins - 1)].append((score, leak))
    return [
        Bin(sum(s for s, _ in group) / len(group), Share(sum(leak for _, leak in group), len(group)))
        for group in grouped
        if group
    ]


def brier(scored: Sequence[tuple[float, bool]]) -> float:
    """The mean squared distance of score and truth (G. W. Brier, 1950): 0 is perfect, 0.25 says nothing."""
    return sum((score - leak) ** 2 for score, leak in scored) / max(len(scored), 1)


def quantile(values: Sequence[float], share: float) -> float:
    """The value below which this share lies; 0 of none."""
    ordered = sorted(values)
    return ordered[min(int(share * len(ordered)), len(ordered) - 1)] if ordered else 0.0
