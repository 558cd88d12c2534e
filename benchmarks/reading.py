"""How well and at what cost the engines read: `python -m benchmarks.reading [--corpus DIR]`.

Each engine reads every picture in a process of its own, so that its memory is its own. Beside the two
engines stands plain pytesseract, as most programs use it: the picture as it is, default options.
"""

from __future__ import annotations

import argparse
import json
import multiprocessing
import os
import re
import resource
import sys
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

DEMO = Path(__file__).parents[1] / "monitor" / "demo"
ENGINES = ("rapidocr", "tesseract", "pytesseract")
Read = Callable[[Any], str]


@dataclass(frozen=True)
class Picture:
    """A picture of a corpus, the group it is counted in, and the numbers a careful person reads on it."""

    path: Path
    group: str
    numbers: tuple[str, ...]


@dataclass(frozen=True)
class Reading:
    """What came of one picture: which of its numbers were read, and the CPU seconds it took."""

    group: str
    read: tuple[bool, ...]
    seconds: float


@dataclass(frozen=True)
class Result:
    """One engine over a corpus; `start` is the CPU seconds until it could read."""

    engine: str
    readings: tuple[Reading, ...]
    start: float
    megabytes: int

    def row(self) -> list[str]:
        """The engine's row of the table."""
        shown = [reading.read for reading in self.readings if reading.read]
        whole, each = sum(map(all, shown)), [number for read in shown for number in read]
        cost = [_cost([r.seconds for r in self.readings if r.group == group]) for group in GROUPS]
        counts = [f"{whole} of {len(shown)}", f"{sum(each)} of {len(each)}"]
        return [self.engine, *counts, *cost, f"{self.start:.1f}", str(self.megabytes)]


GROUPS = ("leak", "benign", "natural photo")
HEADS = ("engine", "images", "numbers", *(f"{group}, CPU s" for group in GROUPS), "start, CPU s", "MB")


def demo_feed() -> list[Picture]:
    """The pictures of the sample feed that leakwatch ships."""
    expected = json.loads((DEMO / "expected.json").read_text("utf-8"))
    posts = [json.loads(line) for line in (DEMO / "feed/posts.jsonl").read_text("utf-8").splitlines()]
    return [
        _picture(DEMO / "feed" / file, "leak" if said["alert"] else "benign", said)
        for post in posts
        for file in post.get("files", ())
        for said in (expected[post["id"]],)
    ]


def corpus(folder: Path) -> list[Picture]:
    """The pictures of a folder's `manifest.jsonl`; rows without a file are posts of text."""
    lines = (folder / "manifest.jsonl").read_text("utf-8").splitlines()
    rows = [json.loads(line) for line in lines if line.strip()]
    return [_picture(folder / row["file"], row["label"], row) for row in rows if row.get("file")]


def _picture(path: Path, label: str, facts: Mapping[str, Any]) -> Picture:
    group = "natural photo" if facts.get("category") == "natural_photo" else label
    return Picture(path, group, tuple(facts.get("nhs_numbers", ())) if label == "leak" else ())


def is_read(number: str, text: str) -> bool:
    """Whether these digits stand in the text in this order, no more than two signs between them."""
    return re.search(r"(?<!\d)" + r"[^\d\n]{0,2}".join(number) + r"(?!\d)", text) is not None


def measure(engine: str, pictures: Sequence[Picture]) -> Result:
    """Read every picture with one engine. Raises EngineUnavailable."""
    from detectors.image import decode  # noqa: PLC0415 - part of the memory that is measured

    before = _cpu_seconds()
    read = _reader(engine)
    start = _cpu_seconds() - before
    readings = []
    for picture in pictures:
        before = _cpu_seconds()
        text = "\n".join(read(frame) for frame in decode(picture.path.read_bytes()).frames)
        found = tuple(is_read(number, text) for number in picture.numbers)
        readings.append(Reading(picture.group, found, _cpu_seconds() - before))
    return Result(engine, tuple(readings), start, _megabytes())


def _reader(engine: str) -> Read:
    if engine == "pytesseract":
        import pytesseract  # noqa: PLC0415 - part of what is measured

        os.environ["OMP_THREAD_LIMIT"] = "1"
        return lambda pixels: str(pytesseract.image_to_string(pixels))
    from detectors.ocr import reader_for  # noqa: PLC0415 - part of what is measured

    reader = reader_for("rapidocr" if engine == "rapidocr" else "tesseract")
    return lambda pixels: reader.read(pixels).text


def _cpu_seconds() -> float:
    """User and system time of this process and of the programs it ran."""
    used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(usage.ru_utime + usage.ru_stime for usage in used)


def _megabytes() -> int:
    """The most memory this process held, and the largest program it ran beside it."""
    unit = 1 if sys.platform == "darwin" else 1024
    used = [resource.getrusage(who).ru_maxrss for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return round(sum(used) * unit / 1024**2)


def _cost(seconds: Sequence[float]) -> str:
    if not seconds:
        return "-"
    return f"{np.median(seconds):.2f} / {np.percentile(seconds, 95):.2f}"


def table(results: Sequence[Result]) -> str:
    """The results as a Markdown table, times as median / 95th percentile."""
    rows = [list(HEADS), ["-"] * len(HEADS), *(result.row() for result in results)]
    return "\n".join(f"| {' | '.join(row)} |" for row in rows)


def main() -> None:
    """Parse the arguments, measure each engine in a fresh process, print the table."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.reading", description=__doc__)
    parser.add_argument("--corpus", type=Path, help="folder with a manifest.jsonl (default: the sample feed)")
    parser.add_argument("--engine", nargs="+", choices=ENGINES, default=ENGINES, help="default: all")
    parser.add_argument("--every", type=int, default=1, metavar="N", help="take every Nth picture")
    chosen = parser.parse_args()
    pictures = (corpus(chosen.corpus) if chosen.corpus else demo_feed())[:: chosen.every]
    counts: dict[str, int] = defaultdict(int)
    for picture in pictures:
        counts[picture.group] += 1
    print(", ".join(f"{counts[group]} {group}" for group in GROUPS), "pictures", flush=True)
    with multiprocessing.get_context("spawn").Pool(1, maxtasksperchild=1) as pool:
        jobs = [pool.apply_async(measure, (engine, pictures)) for engine in chosen.engine]
        print(table([job.get() for job in jobs]))


if __name__ == "__main__":
    os.environ.setdefault("OMP_NUM_THREADS", "1")
    main()
