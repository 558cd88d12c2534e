"""Held-out posts of words alone, from the families of `content/texts.toml` and `content/texts_benign.toml`."""

from __future__ import annotations

from pathlib import Path

from benchmarks.corpus import written
from benchmarks.corpus.base import Layout
from benchmarks.corpus.heldout import who

_CONTENT = Path(__file__).parent / "content"

LAYOUTS: tuple[Layout, ...] = (
    *written.layouts(_CONTENT / "texts.toml", written.Writing("heldout", "leak", "ho_", who)),
    *written.layouts(_CONTENT / "texts_benign.toml", written.Writing("heldout", "benign", "ho_b_", who)),
)
