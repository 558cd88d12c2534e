"""Command line: `python -m benchmarks.corpus --out DIR --split train`."""

from __future__ import annotations

import argparse
import os
from collections import Counter
from pathlib import Path
from typing import get_args

from benchmarks.corpus.base import LayoutsUnusable, Split, layouts
from benchmarks.corpus.output import NumberNotMarked, plan, write
from benchmarks.corpus.pages import write_pages
from benchmarks.synth.numbers import IssuedNumberShown


def main() -> None:
    """Parse the arguments, then write the corpus or name its layouts."""
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.corpus", description="Draw a labelled corpus."
    )
    parser.add_argument("--out", type=Path, help="folder to write images/ and manifest.jsonl into")
    parser.add_argument(
        "--split", choices=get_args(Split), default="train", help="which layouts (default train)"
    )
    parser.add_argument(
        "--per-layout", type=int, default=4, metavar="N", help="posts of each layout (default 4)"
    )
    parser.add_argument("--seed", type=int, default=11, help="same seed, same posts (default 11)")
    parser.add_argument(
        "--only", nargs="*", default=(), metavar="NAME", help="just these layouts, or texts, or pictures"
    )
    parser.add_argument("--workers", type=int, default=os.cpu_count() or 1, help="default: one per core")
    parser.add_argument(
        "--pages", action="store_true", help="leaking pages as they are, for `leakwatch benchmark reposts`"
    )
    parser.add_argument("--list", action="store_true", help="name the layouts and write nothing")
    chosen = parser.parse_args()
    if not chosen.list and chosen.out is None:
        parser.error("name the folder to write with --out")
    try:
        _list(chosen.split) if chosen.list else _write(chosen)
    except (LayoutsUnusable, NumberNotMarked, IssuedNumberShown) as refused:
        parser.exit(2, f"{refused}\n")


def _list(split: Split) -> None:
    for layout in layouts(split):
        print(f"{layout.name:32} {layout.label:7} {layout.category:24} {layout.leak_class}")


def _write(chosen: argparse.Namespace) -> None:
    if chosen.pages:
        count = write_pages(chosen.split, chosen.per_layout, chosen.seed, chosen.only, chosen.out)
        print(f"{chosen.out}: {count} pages")
        return
    tasks = plan(chosen.split, chosen.per_layout, chosen.seed, chosen.only)
    rows = write(tasks, chosen.out, chosen.workers)
    counts = Counter((row["label"], "picture" if row["file"] else "text") for row in rows)
    told = ", ".join(f"{count} {label} {kind}s" for (label, kind), count in sorted(counts.items()))
    print(f"{chosen.out}: {len(rows)} posts ({told})")


if __name__ == "__main__":
    main()
