"""Command line: `python -m benchmarks.synth --out monitor/demo --seed 7`."""

from __future__ import annotations

import argparse
from pathlib import Path

from benchmarks.synth.output import build


def main() -> None:
    """Parse the arguments and write the feed."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.synth", description="Draw the sample feed.")
    parser.add_argument(
        "--out", type=Path, required=True, help="folder to write feed/, templates/ and expected.json into"
    )
    parser.add_argument("--seed", type=int, default=7, help="same seed, same posts (default 7)")
    parser.add_argument("--only", nargs="*", default=(), metavar="ID", help="draw just these posts' pictures")
    chosen = parser.parse_args()
    posts = build(chosen.out, chosen.seed, chosen.only)
    print(f"{len(chosen.only) or len(posts)} posts of seed {chosen.seed} drawn into {chosen.out}")


if __name__ == "__main__":
    main()
