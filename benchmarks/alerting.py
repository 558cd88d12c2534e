"""How often an alert is right: recall on leaks and false alerts on benign posts, by kind of post.

Runs `leakwatch scan` over a corpus as a user would, and compares with what its manifest says.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from math import sqrt
from pathlib import Path
from typing import Any

DEMO = Path(__file__).parents[1] / "monitor" / "demo"
Z = 1.96
"""Standard deviations of a 95 % interval."""


@dataclass(frozen=True)
class Case:
    """One post of a corpus, and whether it must alert."""

    identifier: str
    text: str
    files: tuple[Path, ...]
    leak: bool
    category: str


@dataclass(frozen=True)
class Score:
    """How many of a group alerted."""

    group: str
    leak: bool
    alerted: int
    total: int

    def row(self) -> str:
        """A line of the Markdown table: share and 95 % interval."""
        low, high = wilson(self.alerted, self.total)
        label = "leak" if self.leak else "benign"
        share = f"{self.alerted / self.total:.3f} [{low:.2f}, {high:.2f}]"
        return f"| {self.group} | {label} | {self.alerted} of {self.total} | {share} |"


def wilson(hits: int, total: int) -> tuple[float, float]:
    """The 95 % score interval of a share (E. B. Wilson, JASA 22, 1927)."""
    share = hits / total
    centre = (share + Z * Z / (2 * total)) / (1 + Z * Z / total)
    half = Z * sqrt(share * (1 - share) / total + Z * Z / (4 * total * total)) / (1 + Z * Z / total)
    return max(0.0, centre - half), min(1.0, centre + half)


def demo_feed() -> list[Case]:
    """The sample feed that leakwatch ships."""
    expected = json.loads((DEMO / "expected.json").read_text("utf-8"))
    posts = map(json.loads, (DEMO / "feed" / "posts.jsonl").read_text("utf-8").splitlines())
    return [
        Case(
            post["id"],
            post["text"],
            tuple(DEMO / "feed" / file for file in post["files"]),
            expected[post["id"]]["alert"],
            expected[post["id"]]["category"],
        )
        for post in posts
    ]


def corpus(folder: Path) -> list[Case]:
    """A folder's `manifest.jsonl`: the fields of `benchmarks.reading`, `id`, and the post's `post_text`."""
    rows = map(json.loads, filter(str.strip, (folder / "manifest.jsonl").read_text("utf-8").splitlines()))
    return [
        Case(
            row["id"],
            row.get("post_text") or "",
            (folder / row["file"],) if row.get("file") else (),
            row["label"] == "leak",
            row.get("category", "unknown"),
        )
        for row in rows
    ]


def scan(cases: Sequence[Case], workers: int) -> dict[str, Mapping[str, Any]]:
    """What `leakwatch scan --jsonl` says of each case, by its identifier."""
    with tempfile.TemporaryDirectory() as name:
        feed = _feed(Path(name), cases)
        command = [sys.executable, "-c", "from monitor.cli import main; main()", "scan", "--jsonl"]
        environment = os.environ | {"LEAKWATCH_ACCEPT_UNISSUED_NUMBERS": "true"}
        workers_option = ["--workers", str(workers)]
        done = subprocess.run(  # noqa: S603 - our own command; its exit code tells whether anything alerts
            [*command, *workers_option, str(feed)],
            check=False,
            env=environment,
            stdout=subprocess.PIPE,
            text=True,
        )
    results = map(json.loads, done.stdout.splitlines())
    return {result["id"]: result for result in results}


def _feed(folder: Path, cases: Iterable[Case]) -> Path:
    """A feed of the cases, their files linked beside it."""
    feed = folder / "feed.jsonl"
    with feed.open("w", encoding="utf-8") as lines:
        for number, case in enumerate(cases):
            names = []
            for place, file in enumerate(case.files):
                names.append(f"{number}-{place}{file.suffix}")
                (folder / names[-1]).write_bytes(file.read_bytes())
            lines.write(json.dumps({"id": case.identifier, "text": case.text, "files": names}) + "\n")
    return feed


def scores(cases: Sequence[Case], results: Mapping[str, Mapping[str, Any]]) -> list[Score]:
    """By kind of post and as wholes: pictures and text posts apart, leaks and benign posts apart."""
    groups: dict[tuple[bool, str], list[bool]] = defaultdict(list)
    for case in cases:
        alert = bool(results[case.identifier]["alert"])
        for group in (f"all, {'picture' if case.files else 'text'}", case.category):
            groups[not case.leak, group].append(alert)
    return [
        Score(group, not benign, sum(seen), len(seen)) for (benign, group), seen in sorted(groups.items())
    ]


def main() -> None:
    """Parse the arguments, scan, print the table and the identifiers of what was wrong."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.alerting", description=__doc__)
    parser.add_argument("--corpus", type=Path, help="folder with a manifest.jsonl (default: the sample feed)")
    parser.add_argument("--every", type=int, default=1, metavar="N", help="take every Nth post")
    parser.add_argument("--workers", type=int, default=os.cpu_count() or 1, help="default: one per core")
    chosen = parser.parse_args()
    cases = (corpus(chosen.corpus) if chosen.corpus else demo_feed())[:: chosen.every]
    results = scan(cases, chosen.workers)
    print("| group | label | alerted | share [95 %] |\n|-|-|-|-|")
    for score in scores(cases, results):
        print(score.row())
    for case in cases:
        result = results[case.identifier]
        if result["alert"] != case.leak:
            print(f"{'missed' if case.leak else 'false alert'}: {case.identifier} ({result['score']:.2f})")


if __name__ == "__main__":
    main()
