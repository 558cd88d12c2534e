"""The fresh posts of words alone: the mechanics of the unseen ones, with families and people of their own."""

from __future__ import annotations

from pathlib import Path

from benchmarks.corpus.unseen.texts import families

LAYOUTS = families(Path(__file__).parent, "fresh", "fr_")
