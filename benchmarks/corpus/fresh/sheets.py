"""The picture layouts of `fresh/`: the mechanics of the unseen ones, with content and pages of their own."""

from __future__ import annotations

from pathlib import Path

from benchmarks.corpus.unseen.sheets import sheets

LAYOUTS = sheets(Path(__file__).parent, "fresh")
