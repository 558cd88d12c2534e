"""Command line: `python -m benchmarks.templates --out DIR [--set second]`."""

from __future__ import annotations

import argparse
import json
from pathlib import Path

from benchmarks.synth.browser import browser
from benchmarks.templates.drawing import Drawing
from benchmarks.templates.first import FIRST
from benchmarks.templates.second import SECOND

SETS = {"first": FIRST, "second": SECOND}


def main() -> None:
    """Parse the arguments, then write the folder."""
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.templates", description="Draw forms and pictures of them."
    )
    parser.add_argument(
        "--out", type=Path, required=True, help="folder for templates/, images/ and the two lists"
    )
    parser.add_argument("--seed", type=int, default=5, help="same seed, same pictures (default 5)")
    parser.add_argument("--set", choices=sorted(SETS), default="first", help="which forms (default first)")
    chosen = parser.parse_args()
    for folder in ("templates", "images"):
        (chosen.out / folder).mkdir(parents=True, exist_ok=True)
    count = own = 0
    with browser() as chromium, (chosen.out / "manifest.jsonl").open("w", encoding="utf-8") as manifest:
        for row in Drawing(SETS[chosen.set], chromium, chosen.out, chosen.seed).everything():
            manifest.write(f"{json.dumps(row)}\n")
            count, own = count + 1, own + (row["template"] is not None)
    print(f"{chosen.out}: {count} pictures, {own} of registered forms")


if __name__ == "__main__":
    main()
